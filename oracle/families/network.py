"""Oracles of the network family, from the registry's text: own search and counting, without a graph library.

Criteria, services and dormancy are written here a second time, as the registry and the working lists of
November 2026 have them: that `network.toml` says the same is part of what is compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import combinations

from indicators.calendars import Window
from oracle.counting import Numbers, Oracle, Record, units

CRITERIA = ("registered", "protection_policy", "referral_protocol", "reports_quarterly", "trained_staff")
MANDATORY = {"registered", "protection_policy", "referral_protocol"}
DRAWN_UP_ON = date(2010, 10, 2)
REQUIRED = ("shelter", "medical", "psychosocial", "legal", "education_vocational")

Tie = tuple[str, str]


@dataclass(frozen=True)
class Seen:
    """What can be seen at a place on a day: members, ties, the directory of the quarter before, units."""

    day: date
    members: list[Record]
    ties: set[Tie]
    before: dict[str, Record]
    units: set[str]

    @property
    def names(self) -> set[str]:
        """The references of the members."""
        return {row["organisation_ref"] for row in self.members}

    @property
    def has_criteria(self) -> bool:
        """Whether the criteria of membership had been drawn up by that day."""
        return self.day >= DRAWN_UP_ON


def _seen(
    tables: Mapping[str, Sequence[Record]], window: Window, places: Sequence[str], keep: Callable[[Record], bool]
) -> Seen:
    assert window.end is not None
    day = window.end
    listed = tables["organisations"]
    latest = max((row["snapshot"] for row in listed if row["snapshot"] <= window.period), default=None)
    here = [row for row in listed if row["place"] in places and row["is_member"]]
    members = [row for row in here if row["snapshot"] == latest and _belongs(row, day) and keep(row)]
    names = {row["organisation_ref"] for row in members}
    year_before = date(day.year - 1, day.month, day.day)
    ties = {
        (row["from_organisation"], row["to_organisation"])
        for row in tables["referrals"]
        if row["place"] in places and year_before < row["sent_on"] <= day
    }
    inside = {(a, b) for a, b in ties if a != b and a in names and b in names}
    before = {row["organisation_ref"]: row for row in here if row["snapshot"] == _quarter_before(day)}
    return Seen(day, members, inside, before, units(places, day))


def _belongs(row: Record, day: date) -> bool:
    return (row["member_from"] or date.min) <= day <= (row["member_to"] or date.max)


def _quarter_before(day: date) -> str:
    number = (day.month - 1) // 3
    return f"{day.year}-Q{number}" if number else f"{day.year - 1}-Q4"


def _active(seen: Seen) -> list[Record]:
    if not seen.has_criteria:
        return seen.members
    good = [row for row in seen.members if not row["criteria_met"] or set(row["criteria_met"]) >= MANDATORY]
    return [row for row in good if not (_silent(row) and _silent(seen.before.get(row["organisation_ref"], {})))]


def _silent(row: Record) -> bool:
    met = row.get("criteria_met") or []
    return len(met) > 0 and "reports_quarterly" not in met


def _active_members(seen: Seen) -> Numbers:
    return len(_active(seen)), None


def _seats(seen: Seen) -> Numbers:
    return len({row["region"] for row in _active(seen)} - {None, "U"}), len(seen.units)


def _compliance(seen: Seen) -> Numbers:
    assessed = [row["criteria_met"] for row in seen.members if row["criteria_met"]] if seen.has_criteria else []
    return sum((Decimal(len(set(met) & set(CRITERIA))) / len(CRITERIA) for met in assessed), Decimal(0)), len(assessed)


def _density(seen: Seen) -> Numbers:
    return len(seen.ties), sum(1 for a in seen.names for b in seen.names if a != b)


def _mutual(seen: Seen) -> Numbers:
    pairs = [(a, b) for a, b in combinations(sorted(seen.names), 2) if {(a, b), (b, a)} & seen.ties]
    return sum({(a, b), (b, a)} <= seen.ties for a, b in pairs), len(pairs)


def _centralisation(end: int, seen: Seen) -> Numbers:
    if len(seen.names) < 3:
        return 0, 0
    degrees = [sum(tie[end] == name for tie in seen.ties) for name in seen.names]
    return max(degrees) * len(degrees) - sum(degrees), (len(degrees) - 1) ** 2


def _without_ties(seen: Seen) -> Numbers:
    return len(seen.names - {name for tie in seen.ties for name in tie}), None


def _groups(names: Iterable[str], ties: Iterable[Tie]) -> list[set[str]]:
    """The groups that hang together, by letting two groups run into one at every tie."""
    groups = [{name} for name in names]
    for a, b in ties:
        touched = [group for group in groups if a in group or b in group]
        groups = [group for group in groups if group not in touched] + [set().union(*touched)]
    return groups


def _largest(seen: Seen) -> Numbers:
    return max((len(group) for group in _groups(seen.names, seen.ties)), default=0), len(seen.names)


def _cut_members(seen: Seen) -> Numbers:
    """Take each away and look whether there are more groups than before."""
    whole = len(_groups(seen.names, seen.ties))
    found = 0
    for name in seen.names:
        others = {tie for tie in seen.ties if name not in tie}
        found += len(_groups(seen.names - {name}, others)) > whole
    return found, None


def _providers(seen: Seen) -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    for row in seen.members:
        for unit in row["regions_covered"] or [row["region"]]:
            for service in set(row["services"] or []) & set(REQUIRED) if unit in seen.units else ():
                found.setdefault((unit, service), set()).add(row["organisation_ref"])
    return found


def _offered(seen: Seen) -> Numbers:
    return len(_providers(seen)), len(seen.units) * len(REQUIRED)


def _hang_on_one(seen: Seen) -> Numbers:
    providers = _providers(seen)
    return sum(len(names) == 1 for names in providers.values()), len(providers)


def _network(measure: Callable[[Seen], Numbers]) -> Oracle:
    def measured(
        tables: Mapping[str, Sequence[Record]], window: Window, places: Sequence[str], keep: Callable[[Record], bool]
    ) -> Numbers:
        return measure(_seen(tables, window, places, keep))

    return Oracle("organisations", lambda frame: frame, lambda frame: (len(frame), None), network=measured)


ORACLES: dict[str, Oracle] = {
    "N01": _network(_active_members),
    "N02": _network(_compliance),
    "N03": _network(_seats),
    "N04": _network(_offered),
    "N05": _network(_density),
    "N06": _network(_mutual),
    "N07_IN": _network(partial(_centralisation, 1)),
    "N07_OUT": _network(partial(_centralisation, 0)),
    "N08": _network(_without_ties),
    "N11": _network(_largest),
    "N14": _network(_cut_members),
    "N15": _network(_hang_on_one),
}
