"""The directory of the sample quarters: the network's members, the bodies that receive referrals, the hotlines.

How many members Turkmenistan and Kazakhstan have, and that Kyrgyzstan's sit in every region, is printed
in the newsletter; so are the seven numbers. Seats, services and all the rest are made (docs/sample-data.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from indicators.facts import codelists
from pipelines.demo_rows import PERIODS, Chance, Row, row

# Seats of the members, one for each. Printed: 12 partners in Kazakhstan, 15 organisations in five velayats
# of Turkmenistan, members in all nine regions of Kyrgyzstan. Which seat, and how many elsewhere, is made.
SEATS = {
    "KZ": ("ALA", "ALA", "AST", "AKM", "ALM", "ZHA", "KAR", "KUS", "PAV", "VOS", "YUZ", "YUZ"),
    "KG": ("GB", "GB", "C", "O", "GO", "J", "B", "N", "T", "Y", "Y"),
    "TJ": ("DU", "DU", "SU", "KT", "KT", "GB"),
    "TM": ("A", "A", "A", "B", "B", "B", "D", "D", "D", "L", "L", "L", "M", "M", "M"),
    "UZ": ("TK", "TK", "SA", "BU", "FA", "AN", "QR", "SU", "XO"),
}
CAPITALS = {"KZ": "AST", "KG": "GB", "TJ": "DU", "TM": "S", "UZ": "TK"}

# An NGO or a public organisation: the newsletter gives the sum of the two alone.
UNSPLIT = "TM"
# The criteria were drawn up in October 2010. Members the newsletter itself counts carry no made assessment.
ASSESSED = ("KG", "TJ", "UZ")
# Kyrgyzstan's sit in every region as is printed: none of them may fail what makes an active member (N01, N03).
ALL_ACTIVE = "KG"
MANDATORY = ("registered", "protection_policy", "referral_protocol")
# One member joins between the two lists, so that they are not the same.
JOINS_LATER = ("UZ-O9", date(2010, 10, 15))

RECEIVERS = {
    "law_enforcement": ("documents",),
    "health": ("medical", "psychosocial"),
    "legal": ("legal", "documents"),
    "immigration": ("documents", "return_travel"),
    "education": ("education_vocational",),
}
# What most members offer; the rest of the services are spread among them.
COMMON_SERVICES = ("psychosocial", "legal")
OTHER_SERVICES = (
    "shelter", "medical", "education_vocational", "livelihood_equipment", "in_kind", "return_travel",
    "documents", "family_mediation", "follow_up",
)  # fmt: skip


def directory(period: str) -> dict[str, list[Row]]:
    """Organisations and hotlines as the region's directory lists them for a period."""
    listed = [organisation for country in SEATS for organisation in _of_country(country)]
    if period == PERIODS[0]:
        listed = [_unassessed(o) for o in listed if o["organisation_ref"] != JOINS_LATER[0]]
    return {"organisations": listed, "hotlines": hotlines()}


def _unassessed(organisation: Row) -> Row:
    return {**organisation, "criteria_met": []}


def _of_country(country: str) -> Iterator[Row]:
    for number, seat in enumerate(SEATS[country], start=1):
        yield _member(country, number, f"{country}-{seat}")
    for number, org_type in enumerate(RECEIVERS, start=len(SEATS[country]) + 1):
        yield _receiver(country, number, org_type)


def _member(country: str, number: int, seat: str) -> Row:
    organisation_ref = f"{country}-O{number}"
    chance = Chance("member", organisation_ref)
    services = [s for s in COMMON_SERVICES if chance.happens(0.8)] + chance.some(OTHER_SERVICES, chance.whole(2, 4))
    return row(
        "organisations",
        organisation_ref=organisation_ref,
        country=country,
        org_type="U" if country == UNSPLIT else "ngo",
        region=seat,
        regions_covered=[seat, *_neighbours(chance, country, seat)],
        services=services,
        criteria_met=_criteria(chance, country) if country in ASSESSED else [],
        member_from=JOINS_LATER[1] if organisation_ref == JOINS_LATER[0] else None,
        is_member=True,
    )


def _neighbours(chance: Chance, country: str, seat: str) -> list[str]:
    # Turkmen members stay within their velayats: the network is "from five velayats", the city is not one.
    if country == UNSPLIT:
        return []
    others = sorted({f"{country}-{s}" for s in SEATS[country]} - {seat})
    return chance.some(others, chance.whole(0, 1))


def _criteria(chance: Chance, country: str) -> list[str]:
    met = [code for code in codelists()["criterion"].codes if chance.happens(_likely(code, country))]
    return met or ["registered"]


def _likely(criterion: str, country: str) -> float:
    """Most members meet what is mandatory; the rest is met less often."""
    if criterion not in MANDATORY:
        return 0.8
    return 1.0 if country == ALL_ACTIVE else 0.95


def _receiver(country: str, number: int, org_type: str) -> Row:
    seat = f"{country}-{CAPITALS[country]}"
    return row(
        "organisations",
        organisation_ref=f"{country}-O{number}",
        country=country,
        org_type=org_type,
        region=seat,
        regions_covered=[seat],
        services=RECEIVERS[org_type],
        is_member=False,
    )


def hotlines() -> list[Row]:
    """The seven numbers of the newsletter, spaced as printed, with country codes put right.

    Printed for Tajikistan: `+ 918 85 34 34`, without 992; for Turkmenistan `+ 99 312 463514`. From
    which phones a number answers is printed for Kazakhstan's two and for 189 only.
    """
    numbers = (
        ("KZ-L1", "8000 8000 15", "landline"),
        ("KZ-L2", "11616", "mobile"),
        ("KG-L1", "+996 312 641334", "U"),
        ("KG-L2", "189", "national"),
        ("TJ-L1", "+992 918 85 34 34", "U"),
        ("TM-L1", "+993 12 463514", "U"),
        ("UZ-L1", "+998 71 276 94 44", "U"),
    )
    return [
        row("hotlines", hotline_ref=ref, country=ref[:2], number=number, access=access)
        for ref, number, access in numbers
    ]
