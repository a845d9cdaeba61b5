"""What is wrong with a project whose keys are right: against the catalogue, the code lists and itself."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from indicators.calendars import QUARTER, Quarter, quarters_between
from indicators.definition_faults import SHARES
from indicators.definitions import definitions
from indicators.facts import codelists
from indicators.figures import REGION_TOTAL
from indicators.funding import LEVELS, Change, NoTarget, Project, Target

# What is counted one by one, so that no target can be a part of one.
_WHOLE = (
    "persons", "contacts", "events", "organisations", "regions", "recommendations", "copies", "cases", "referrals",
    "instruments", "services",
)  # fmt: skip
Key = tuple[str, str, str, str]


def faults_of(stem: str, project: Project) -> Iterator[str]:
    """Every fault of one project, read from `<stem>.toml`."""
    if stem != project.code.lower().replace("-", "_"):
        yield f"code {project.code}: the file is named by its code, {project.code.lower().replace('-', '_')}.toml"
    if project.end_on < project.start_on:
        yield f"end_on {project.end_on} lies before start_on {project.start_on}"
        return
    yield from _donor_faults(project)
    yield from _result_faults(project)
    yield from _baseline_faults(project)
    for target in project.targets:
        yield from _window_faults(f"target of {_said(target)}", target, project)
        yield from _amount_faults(f"target of {_said(target)}", target.indicator, target.target)
    for entry in project.no_targets:
        yield from _window_faults(f"no_target of {_said(entry)}", entry, project)
    yield from _repeated("target", map(_key, project.targets))
    yield from _gap_faults(project)
    yield from _change_faults(project)


def _donor_faults(project: Project) -> Iterator[str]:
    for share in project.donor_shares:
        known = codelists()["donor"].codes
        if share.donor not in known:
            yield f"donor {share.donor}: there is none; there are {', '.join(known)}"
        if not project.start_on <= share.from_on <= share.until_on <= project.end_on:
            yield f"donor {share.donor}: from {share.from_on} until {share.until_on} is not within the project"
        if share.share is not None and not 0 < share.share <= 1:
            yield f"donor {share.donor}: share must be above 0 and at most 1, not {share.share}"
    yield from _shares_of_days(project)


def _shares_of_days(project: Project) -> Iterator[str]:
    """On every day somebody pays, nobody twice, and the shares are the whole, unless one of them is not known."""
    shares = project.donor_shares
    days = {project.start_on, *(s.from_on for s in shares), *(s.until_on + timedelta(days=1) for s in shares)}
    for day in sorted(day for day in days if project.start_on <= day <= project.end_on):
        paying = [s for s in shares if s.from_on <= day <= s.until_on]
        yield from _repeated(f"donor on {day}", ((s.donor,) for s in paying))
        known = [s.share for s in paying if s.share is not None]
        total = sum(known, Decimal(0))
        if not paying:
            yield f"donor: nobody pays from {day} on"
        elif len(known) == len(paying) and total != 1:
            yield f"donor: the shares from {day} on are {total} together, not 1"
        elif len(known) < len(paying) and total >= 1:
            yield f"donor: the known shares from {day} on are {total} together; nothing is left for the others"


def _result_faults(project: Project) -> Iterator[str]:
    levels = {result.code: result.level for result in project.results}
    yield from _repeated("result", ((result.code,) for result in project.results))
    for result in project.results:
        where = f"result {result.code}"
        if result.level not in LEVELS:
            yield f"{where}: level must be one of {', '.join(LEVELS)}, not {result.level}"
            continue
        yield from (f"{where}: there is no indicator {i}" for i in result.indicators if i not in definitions())
        yield from _repeated(f"{where}: indicator", ((i,) for i in result.indicators))
        above = LEVELS[: LEVELS.index(result.level)]
        if result.parent is None and above:
            yield f"{where}: parent is missing; it names the result above that this one serves"
        if result.parent is not None and levels.get(result.parent) not in above:
            yield f"{where}: parent {result.parent} must be a result of a level above {result.level}"
    measured = {indicator for result in project.results for indicator in result.indicators}
    promised = dict.fromkeys(target.indicator for target in project.targets)
    yield from (f"target of {i}: no result is measured by it" for i in promised if i not in measured)


def _baseline_faults(project: Project) -> Iterator[str]:
    yield from _repeated("baseline", ((b.indicator, b.place) for b in project.baselines))
    for baseline in project.baselines:
        where = f"baseline of {baseline.indicator} {baseline.place}"
        yield from _known(where, baseline.indicator, baseline.place)
        if (baseline.value is None) == (baseline.not_applicable is None):
            yield f"{where}: give either value or not_applicable with the reason"
        if baseline.value is not None:
            yield from _amount_faults(where, baseline.indicator, baseline.value)
            if baseline.on is None:
                yield f"{where}: on is missing, the day on which the value held"
    for indicator, place in dict.fromkeys((t.indicator, t.place) for t in project.targets):
        if project.baseline(indicator, place) is None:
            yield f"target of {indicator} {place}: a baseline is missing: its value, or not_applicable with the reason"


def _window_faults(where: str, entry: Target | NoTarget | Change, project: Project) -> Iterator[str]:
    yield from _known(where, entry.indicator, entry.place)
    if not project.first_quarter <= Quarter.parse(entry.period) <= project.last_quarter:
        yield f"{where}: the period lies outside the project, {project.first_quarter} to {project.last_quarter}"


def _known(where: str, indicator: str, place: str) -> Iterator[str]:
    if indicator not in definitions():
        yield f"{where}: there is no indicator {indicator}"
    if place not in (REGION_TOTAL, *codelists()["country"].codes):
        yield f"{where}: {place} is neither a country code nor {REGION_TOTAL}"


def _amount_faults(where: str, indicator: str, amount: Decimal) -> Iterator[str]:
    unit = definitions()[indicator].unit if indicator in definitions() else ""
    if amount < 0:
        yield f"{where}: {amount} is less than 0"
    if unit in SHARES and amount > 1:
        yield f"{where}: {amount} is more than the whole; a {unit} is written as a fraction, 80 % as 0.8"
    if unit in _WHOLE and amount % 1:
        yield f"{where}: {amount} is no whole number of {unit}"


def _gap_faults(project: Project) -> Iterator[str]:
    """Between the first and the last quarter with a target each has one, or a reason for having none."""
    promised: dict[tuple[str, str], set[Quarter]] = defaultdict(set)
    for target in project.targets:
        if target.calendar == QUARTER:
            promised[target.indicator, target.place].add(Quarter.parse(target.period))
    excused = set(map(_key, project.no_targets))
    for (indicator, place), quarters in promised.items():
        for quarter in quarters_between(min(quarters), max(quarters)):
            key = (indicator, QUARTER, str(quarter), place)
            if quarter not in quarters and key not in excused:
                yield f"target of {' '.join(key)} is missing between others; set it, or say why not in no_target"
    yield from (f"no_target of {' '.join(key)}: there is a target" for key in excused & set(map(_key, project.targets)))


def _change_faults(project: Project) -> Iterator[str]:
    """The changes of a target follow each other, and the last leads to the target in force."""
    in_force = {_key(target): target.target for target in project.targets}
    by_target: dict[Key, list[Change]] = defaultdict(list)
    for change in project.changes:
        yield from _amount_faults(f"change of {_said(change)}: from", change.indicator, change.before)
        if change.before == change.after:
            yield f"change of {_said(change)} on {change.on}: from and to are the same"
        by_target[_key(change)].append(change)
    for key, changes in by_target.items():
        where = f"change of {' '.join(key)}"
        yield from _repeated(where, ((str(change.on),) for change in changes))
        ordered = sorted(changes, key=lambda change: change.on)
        for earlier, later in pairwise(ordered):
            if earlier.after != later.before:
                yield f"{where} on {later.on}: from is {later.before}, but the change before led to {earlier.after}"
        if key not in in_force:
            yield f"{where}: there is no such target"
        elif ordered[-1].after != in_force[key]:
            yield f"{where} on {ordered[-1].on}: to is {ordered[-1].after}, but the target is {in_force[key]}"


def _repeated(what: str, keys: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield from (f"{what} {' '.join(key)} stands there {n} times" for key, n in Counter(keys).items() if n > 1)


def _key(entry: Target | NoTarget | Change) -> Key:
    return entry.indicator, entry.calendar, entry.period, entry.place


def _said(entry: Target | NoTarget | Change) -> str:
    return " ".join(_key(entry))
