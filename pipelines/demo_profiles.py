"""How much of what each office's generated part holds: made, loosely after what is known of the region.

Sizes are those of scale 1 over both quarters. Nothing here is a published figure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Forms = tuple[str, ...]


@dataclass(frozen=True)
class Profile:
    """The sizes and leanings of one office. Weights are whole numbers, larger is more likely."""

    office: str
    country: str
    cases: int
    contacts: int
    activities: int
    trainings: Mapping[str, int]
    forms: Mapping[Forms, int]
    destinations: Mapping[str, int]
    foreigners: Mapping[str, int]


# One country, many returned labour migrants: the shape of most of the five.
LABOUR_FIRST: dict[Forms, int] = {
    ("labour",): 56, ("sexual",): 24, ("labour", "sexual"): 3, ("begging",): 4, ("domestic_servitude",): 4,
    ("forced_marriage",): 2, ("child_labour",): 3, (): 4,
}  # fmt: skip
SEXUAL_FIRST: dict[Forms, int] = {
    ("labour",): 38, ("sexual",): 44, ("labour", "sexual"): 3, ("begging",): 5, ("domestic_servitude",): 4,
    ("forced_marriage",): 1, ("child_labour",): 2, (): 3,
}  # fmt: skip

PROFILES = (
    Profile(
        "kaz", "KZ", cases=52, contacts=120, activities=18, trainings={}, forms=SEXUAL_FIRST,
        destinations={"KZ": 55, "RU": 15, "TR": 12, "AE": 12, "BH": 3, "KR": 3}, foreigners={"UZ": 5, "KG": 4, "TJ": 2},
    ),
    Profile(
        "kgz", "KG", cases=44, contacts=108, activities=18, trainings={"2010-Q3": 2}, forms=LABOUR_FIRST,
        destinations={"RU": 45, "KZ": 30, "TR": 12, "AE": 10, "KG": 3}, foreigners={"UZ": 1},
    ),
    Profile(
        "tjk", "TJ", cases=36, contacts=80, activities=16, trainings={"2010-Q3": 2, "2010-Q4": 2}, forms=LABOUR_FIRST,
        destinations={"RU": 70, "AE": 18, "KZ": 8, "TJ": 4}, foreigners={"AF": 1},
    ),
    Profile(
        "tkm", "TM", cases=26, contacts=50, activities=10, trainings={"2010-Q3": 1}, forms=LABOUR_FIRST,
        destinations={"TR": 75, "AE": 15, "RU": 10}, foreigners={},
    ),
    Profile(
        "uzb", "UZ", cases=56, contacts=140, activities=22, trainings={"2010-Q3": 1}, forms=LABOUR_FIRST,
        destinations={"RU": 50, "KZ": 28, "AE": 12, "TR": 6, "KR": 4}, foreigners={},
    ),
)  # fmt: skip

# About a person, whatever the office. Empty keys stand for what was not recorded.
STATUS = {"actual": 82, "possible": 12, "not_vot": 6}
SEX_BY_FORM: dict[str, dict[str, int]] = {
    "sexual": {"F": 93, "M": 5, "O": 2},
    "labour": {"M": 64, "F": 34, "U": 2},
    "domestic_servitude": {"F": 85, "M": 15},
    "forced_marriage": {"F": 100},
    "other": {"F": 50, "M": 46, "U": 4},
}
EDUCATION = {"lower_secondary": 26, "upper_secondary": 48, "post_secondary": 14, "tertiary": 6, "primary": 3, None: 3}
MARITAL = {"single": 34, "married": 38, "divorced": 14, "separated": 8, "widowed": 4, None: 2}
CHILDREN = {0: 40, 1: 22, 2: 18, 3: 12, 4: 5, None: 3}
SECTORS = {"F": 42, "A01": 24, "G": 10, "C": 8, "I": 7, "H": 4, "T": 3, "other": 2}
SEXUAL_FORMS = {"prostitution": 88, "private_sexual": 8, "pornography": 4}
MEANS = {
    "labour": (
        "takes_earnings", "withholds_documents", "excessive_hours", "false_promises", "restricts_movement",
        "withholds_necessities", "debt_bondage", "law_enforcement_threat", "physical_abuse",
    ),
    "sexual": (
        "debt_bondage", "threats", "physical_abuse", "sexual_abuse", "psychological_abuse", "restricts_movement",
        "withholds_documents", "false_promises", "psychoactive_substances",
    ),
}  # fmt: skip
RECRUITERS = {"friend_acquaintance": 46, "other": 30, "family": 12, "intimate_partner": 7, None: 5}
METHODS = {
    "friends": 44, "work": 16, "newspaper": 12, "family": 10, "social_networks": 5,
    "business": 5, "other": 5, None: 3,
}  # fmt: skip
DURATIONS = {"0-12": 66, "13-24": 20, "25-60": 9, "61+": 2, None: 3}
IDENTIFIERS = {
    "ngo": 34, "hotline": 24, "police": 16, "self": 10, "family": 6, "embassy": 5, "other_gov": 3, "other_mission": 2,
}  # fmt: skip
WORK = {"employed": 40, "self_employed": 18, "studying": 10, "not_working": 24, "U": 8}
