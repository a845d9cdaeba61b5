"""The dated rules of the network: each version changes figures from its day on, and a fault is named."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from indicators.facts import DeclarationError
from indicators.network import FUNCTIONS, Network, active
from indicators.network_rules import SHIPPED, rules
from tests.network_rows import member, sent

LAST = date(2010, 12, 31)
LATER = """
[[tie]]
valid_from = 2011-01-01
referrals = 2
decided_by = "a test"

[[criteria]]
valid_from = 2011-01-01
applicable = ["registered", "trained_staff"]
mandatory = ["registered"]
decided_by = "a test"

[[dormancy]]
valid_from = 2011-01-01
silent_without = "reports_quarterly"
quarters = 3
decided_by = "a test"

[[services]]
valid_from = 2011-01-01
required = ["shelter"]
decided_by = "a test"
"""
SAFE = ("registered", "protection_policy", "referral_protocol")
LISTED = [
    member("TM-O1", met=[*SAFE, "reports_quarterly"], region="TM-A", services=["legal"]),
    member("TM-O2", met=[*SAFE, "reports_quarterly", "trained_staff"], region="TM-B", services=["shelter"]),
    member("TM-O3", met=SAFE, region="TM-M"),
    member("TM-O4", met=["registered", "trained_staff", "reports_quarterly"], region="TM-L"),
]
SENT = [sent("TM-O1", "TM-O2"), sent("TM-O2", "TM-O3"), sent("TM-O2", "TM-O3")]


def on(day: date, file: Path = SHIPPED) -> dict[str, Fraction | None]:
    """What every measure says of one network on a day, by the rules of a file."""
    silent = [member("TM-O3", met=SAFE)]
    seen = Network(day, LISTED, SENT, ("TM",), [silent, []], rules(file))
    found = {name: function(seen) for name, function in FUNCTIONS.items()}
    return {name: Fraction(a) / Fraction(b) if b else None for name, (a, b) in found.items()}


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """The shipped rules, and another version of each from 2011 on."""
    path = tmp_path / "network.toml"
    path.write_text(SHIPPED.read_text(encoding="utf-8") + LATER, encoding="utf-8")
    return path


@pytest.mark.parametrize("day", [date(2010, 9, 30), date(2010, 12, 31)])
def test_a_new_version_changes_no_figure_of_a_day_before_it(later: Path, day: date) -> None:
    assert on(day, later) == on(day)


def test_a_new_version_holds_from_its_day_on(later: Path) -> None:
    before, after = on(date(2010, 12, 31), later), on(date(2011, 1, 1), later)
    # O1 and O2; O3 is silent twice, O4 lacks two mandatory criteria. Then all: three silent quarters are needed.
    assert (before["active_members"], after["active_members"]) == (Fraction(2, 4), Fraction(4, 4))
    # (4/5 + 5/5 + 3/5 + 3/5) / 4, then (1/2 + 2/2 + 1/2 + 2/2) / 4.
    assert (before["criteria_compliance"], after["criteria_compliance"]) == (Fraction(15, 20), Fraction(3, 4))
    # Two ties of twelve; then only the one on which two referrals were sent.
    assert (before["density"], after["density"]) == (Fraction(2, 12), Fraction(1, 12))
    # Two of six units times five services; then one of six units.
    assert (before["service_coverage"], after["service_coverage"]) == (Fraction(2, 30), Fraction(1, 6))


def test_before_the_criteria_were_drawn_up_every_member_counts() -> None:
    before, after = on(date(2010, 10, 1)), on(date(2010, 10, 2))
    assert (before["active_members"], after["active_members"]) == (Fraction(4, 4), Fraction(2, 4))
    assert (before["criteria_compliance"], after["criteria_compliance"]) == (None, Fraction(15, 20))


REPORTING, SILENT, UNASSESSED = [*SAFE, "reports_quarterly"], list(SAFE), list[str]()


@pytest.mark.parametrize(
    ("now", "before", "is_active"),
    [
        (SILENT, [SILENT], False),
        (SILENT, [REPORTING], True),
        (REPORTING, [SILENT], True),
        (SILENT, [UNASSESSED], True),
        (UNASSESSED, [SILENT], True),
        (SILENT, [], True),
    ],
)
def test_two_silent_quarters_in_a_row_make_a_member_dormant(
    now: list[str], before: list[list[str]], is_active: bool
) -> None:
    earlier = [[member("KZ-O1", met=met)] for met in before] or [[]]
    seen = Network(LAST, [member("KZ-O1", met=now)], countries=("KZ",), earlier=earlier)
    assert bool(active(seen)) == is_active


FAULTY = {
    "no such list": ("[[tie]]", "[[ties]]", "there is no version of it"),
    "an unknown criterion": ('mandatory = ["registered"', 'mandatory = ["founded"', "'founded' is not in the list"),
    "mandatory, not applicable": ('applicable = ["registered", ', "applicable = [", "that is not applicable"),
    "an unknown service": ('required = ["shelter"', 'required = ["tent"', "'tent' is not in the list assistance_type"),
    "no number": ("referrals = 1", "referrals = 0", "expected a whole number from 1, got 0"),
    "nobody decided": ('decided_by = "indicator registry N05: the default"', "", "tie 1: expected decided_by"),
    "no day": ("valid_from = 2010-10-02", 'valid_from = "soon"', "valid_from: expected a date"),
    "no TOML": ("[[tie]]", "[[tie]", "not TOML"),
}


@pytest.mark.parametrize(("good", "bad", "message"), FAULTY.values(), ids=FAULTY)
def test_a_fault_in_the_rules_is_named(tmp_path: Path, good: str, bad: str, message: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert good in text
    path = tmp_path / "network.toml"
    path.write_text(text.replace(good, bad, 1), encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        rules(path)
    assert any(message in fault for fault in caught.value.faults), caught.value.faults


def test_versions_stand_in_the_order_of_their_days(tmp_path: Path) -> None:
    path = tmp_path / "network.toml"
    path.write_text(SHIPPED.read_text(encoding="utf-8") + LATER.replace("2011-01-01", "2000-01-01"), encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        rules(path)
    assert len(caught.value.faults) == 4
    assert all("valid_from must be later" in fault for fault in caught.value.faults)
