"""The one door out of case level: counted figures in, publishable figures out, with a certificate.

Nothing else may hand a figure to an edition. `release` hides what is small and what would give it
away; `examine` is the independent look at what is about to be published, from the published rows alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from indicators.calendars import Window
from indicators.definitions import Definition
from indicators.disclosure.attacker import Reader, attack
from indicators.disclosure.completion import completed
from indicators.disclosure.earlier import Earlier, Joined, Values, holds, joined
from indicators.disclosure.intervals import InconsistentSystem, Interval
from indicators.disclosure.policy import Policy, policies
from indicators.disclosure.protection import Unprotectable
from indicators.disclosure.remainders import Pair, small_remainders, with_remainders
from indicators.disclosure.suppress import Pattern, suppress
from indicators.disclosure.system import build
from indicators.disclosure.unknowns import Row, System, Unknown
from indicators.fact_views import counted_facts
from indicators.figures import SHOWN, SUPPRESSED, TOTAL, UNDEFINED, Figure

__all__ = [
    "Earlier", "InconsistentSystem", "Policy", "Released", "Unprotectable", "Unsafe", "examine", "policies", "release",
]  # fmt: skip

SMALL, COARSE = "small_numbers", "too_fine"


class Unsafe(RuntimeError):
    """The attacker worked out hidden figures from what was about to be published; nothing is published."""


@dataclass(frozen=True)
class Released:
    """Figures fit to publish, and what was done to them (`certificate`: text by key)."""

    figures: tuple[Figure, ...]
    certificate: Mapping[str, str]


def release(
    figures: Sequence[Figure],
    catalogue: Mapping[str, Definition],
    windows: Sequence[Window],
    policy: Policy,
    earlier: Sequence[Earlier] = (),
) -> Released:
    """Hide what must be hidden. Raises Unprotectable or InconsistentSystem rather than let a figure through.

    What `earlier` editions showed is taken to be known, so that no count follows from two editions side by side.

    Whoever writes the figures down calls `examine` on what was written, before anybody can read it.
    """
    system = _protected_system(figures, catalogue, windows, policy)
    values = _values(system)
    _check_relations(system, values)
    beside = joined(system, values, _read(earlier, catalogue, policy))
    remainders, told = _remainders(system, values, policy, beside.known)
    every, counts = with_remainders(System(system.rows, beside.relations), values, remainders)
    asked_for = {code for code, definition in catalogue.items() if definition.donor_codes}
    pattern = suppress(every, counts, policy, asked_for, beside.known, remainders.values())
    coarse = _left_out(system.rows, pattern)
    # A table has one reason, also where some of its means are hidden for other causes: two would tell which is which.
    tables = {row.figure.key[:5] for row in system.rows if pattern.hides(row)}
    hidden = {
        row.figure.key: _hidden(row, coarse)
        for row in system.rows
        if pattern.hides(row) or (row.figure.status == SUPPRESSED and row.figure.key[:5] in tables)
    }
    released = tuple(hidden.get(figure.key, _without_numbers(figure)) for figure in figures)
    said = _summary(system.rows, pattern, hidden.values())
    said |= {"remainders_given_away_by_earlier_editions": str(len(told))}
    return Released(released, said)


def _remainders(
    system: System, values: Values, policy: Policy, known: Values
) -> tuple[dict[Pair, Unknown], dict[Pair, Unknown]]:
    """Small remainders, and those of two counts that earlier editions have shown: nothing can hide these any more."""
    found = small_remainders(system, values, policy)
    told = {pair: left for pair, left in found.items() if known.keys() >= set(pair)}
    return {pair: left for pair, left in found.items() if pair not in told}, told


def is_protected(definition: Definition, policy: Policy) -> bool:
    """Whether the indicator counts people the policy protects, or rows about them.

    Distinct regions, say, are no people, whatever fact they are counted from.
    """
    counted = definition.numerator.argument if definition.numerator and not definition.is_average else None
    column = counted_facts()[definition.fact].counted_columns().get(counted or "")
    counts_codes = column is not None and column.values is not None
    return not counts_codes and any(counted_facts()[name].about in policy.protects for name in definition.facts)


def _protected_system(
    figures: Iterable[Figure], catalogue: Mapping[str, Definition], windows: Sequence[Window], policy: Policy
) -> System:
    protected = {code for code, definition in catalogue.items() if is_protected(definition, policy)}
    return build([figure for figure in figures if figure.indicator in protected], catalogue, windows)


def _read(
    earlier: Iterable[Earlier], catalogue: Mapping[str, Definition], policy: Policy
) -> list[tuple[str, System, Mapping[Unknown, Decimal]]]:
    """Earlier editions as systems, with the numbers they show. What is no longer counted is left out."""
    found: list[tuple[str, System, Mapping[Unknown, Decimal]]] = []
    for edition in earlier:
        figures = [f for f in edition.figures if f.indicator in catalogue]
        figures = [f for f in figures if f.breakdown in (TOTAL, *catalogue[f.indicator].by)]
        system = _protected_system(figures, catalogue, edition.windows, policy)
        shown = tuple(row for row in system.rows if row.figure.status != SUPPRESSED)
        found.append((edition.name, system, _values(System(shown, ()))))
    return found


def examine(
    published: Iterable[Figure],
    catalogue: Mapping[str, Definition],
    windows: Sequence[Window],
    policy: Policy,
    earlier: Sequence[Earlier] = (),
    lost: int = 0,
    counted: Sequence[Figure] = (),
) -> dict[str, str]:
    """Attack the published rows, alone and beside earlier editions. Raises Unsafe when a hidden figure is worked out.

    If earlier editions have given counts away (`lost`), what follows beside them is counted and stops nothing. A hidden
    number that has changed since is not known to have: whoever takes the earlier one for it draws false conclusions.
    Where the figures as they were `counted` are given, conclusions that they contradict are no disclosure, and the
    attack sets out from them; what it finds in a hidden figure is the same without them.

    He does not know which of the hidden counts are the small ones: beside them zeros are hidden too. What
    is shown is looked at without any system, too: no count of people may be small, nor what two of them leave.
    """
    published = list(published)
    _refuse_small(published, catalogue, policy)
    system = _protected_system(published, catalogue, windows, policy)
    known = _values(System(tuple(row for row in system.rows if row.figure.status != SUPPRESSED), ()))
    hidden = [row for row in system.rows if row.figure.status == SUPPRESSED]
    truth = _values(_protected_system(counted, catalogue, windows, policy)) if counted else {}
    alone = Joined(system.relations, {})
    if found := _worked_out(alone, known, hidden, policy, fitting=_fitting(alone, known, truth)):
        raise Unsafe(f"{len(found)} hidden figures can be worked out, the first of {found[0].figure.key}")
    beside = joined(system, known, _read(earlier, catalogue, policy))
    _refuse_small_remainders(system, known, policy, beside)
    said = {"figures_attacked": str(len(hidden)), "figures_worked_out": "0"}
    if earlier:
        still = [row for row in hidden if not any(unknown in beside.known for unknown in row.unknowns)]
        fitting = _fitting(beside, known, truth)
        found = _worked_out(beside, known, still, policy, fitting=fitting)
        if found and counted:
            found = _worked_out(beside, known, found, policy, truth, fitting)
        if found and not lost:
            key = found[0].figure.key
            raise Unsafe(f"{len(found)} hidden figures follow from this and earlier editions, the first of {key}")
        said |= {"earlier_editions": str(len(earlier)), "figures_worked_out_beside_them": str(len(found))}
    return said


def _fitting(beside: Joined, shown: Values, truth: Values) -> Values | None:
    """The true counts as a table that fits what is shown, if they are given and it does.

    What a reader can work out does not depend on the table from which he sets out; to find one takes him much longer.
    """
    if not truth:
        return None
    try:
        table = completed(beside.relations, {**truth, **shown, **beside.known})
    except InconsistentSystem:
        return None
    return table if all(holds(relation, table) for relation in beside.relations) else None


def _worked_out(
    beside: Joined,
    shown: Values,
    hidden: Sequence[Row],
    policy: Policy,
    truth: Values | None = None,
    fitting: Values | None = None,
) -> list[Row]:
    """The rows of which every count is found; with the `truth`, only where it is among what was found."""
    known = {**shown, **beside.known}
    targets = {u: policy.interval_width for row in hidden for u in row.unknowns if u not in known}
    narrow = attack(Reader(beside.relations), known, {}, targets, fitting)

    def is_true(unknown: Unknown) -> bool:
        interval, value = narrow.get(unknown), (truth or {}).get(unknown)
        if interval is None or value is None:
            return True
        return interval.low <= value and (interval.high is None or value <= interval.high)

    return [
        row for row in hidden
        if all(_is_found(u, row, known, narrow, policy) and is_true(u) for u in row.unknowns)
    ]  # fmt: skip


def _refuse_small(published: Iterable[Figure], catalogue: Mapping[str, Definition], policy: Policy) -> None:
    for figure in published:
        definition = catalogue[figure.indicator]
        number = figure.denominator if definition.is_average else figure.numerator
        if figure.status != SHOWN or number is None or not is_protected(definition, policy):
            continue
        counts = [number]
        if figure.denominator is not None and definition.has_own_denominator:
            counts.append(figure.denominator)
        elif figure.denominator is not None and figure.numerator is not None and not definition.function:
            rest = figure.denominator - figure.numerator
            counts += [figure.denominator] if definition.denominator_by == "whole" else [figure.denominator, rest]
        if any(policy.is_small(count) for count in counts):
            raise Unsafe(f"a small count is shown: {figure.key}")


def _refuse_small_remainders(system: System, shown: Values, policy: Policy, beside: Joined) -> None:
    for pair in _remainders(system, shown, policy, beside.known)[0]:
        whole, part = (next(row.figure.key for row in system.rows if unknown in row.unknowns) for unknown in pair)
        raise Unsafe(f"a small count is what is left of {whole} without {part}")


def _is_found(
    unknown: Unknown, row: Row, known: Mapping[Unknown, Decimal], narrow: Mapping[Unknown, Interval], policy: Policy
) -> bool:
    """Known outright, worked out exactly, or narrowed too far while surely small.

    Of how many values a mean of too few is, is no secret as long as they are not few people.
    """
    interval = Interval(int(known[unknown]), int(known[unknown])) if unknown in known else narrow.get(unknown)
    if interval is None:
        return False
    surely_small = interval.low > 0 and interval.high is not None and interval.high < policy.threshold
    return surely_small or (interval.low == interval.high and not row.counts_values)


def _values(system: System) -> dict[Unknown, Decimal]:
    """The count behind every unknown of the rows; a share of nothing is nothing over nothing."""
    values: dict[Unknown, Decimal] = {}
    for row in system.rows:
        figure = row.figure
        numerator = Decimal(0) if figure.status == UNDEFINED else row.number
        denominator = Decimal(0) if figure.status == UNDEFINED else figure.denominator
        if numerator is None:
            continue
        for unknown, value in ((row.numerator, numerator), (row.denominator, denominator)):
            if unknown is not None and value is not None and values.setdefault(unknown, value) != value:
                raise InconsistentSystem(f"{figure.key} counts {unknown} differently from another figure")
        if row.rest is not None and denominator is not None:
            values[row.rest] = denominator - numerator
    return values


def _check_relations(system: System, values: Mapping[Unknown, Decimal]) -> None:
    """Every relation must hold for the true counts, or the attacker would reason from falsehoods."""
    for relation in system.relations:
        if not holds(relation, values):
            raise InconsistentSystem(f"a relation does not hold: {relation}")


def _left_out(rows: Iterable[Row], pattern: Pattern) -> set[tuple[str, ...]]:
    """Breakdowns of which nothing is hidden but as a whole.

    The reason is one for a table: two reasons in one table would tell its zeros from its small counts.
    """
    hidden = [row for row in rows if pattern.hides(row)]
    mixed: set[tuple[str, ...]] = {row.figure.key[:5] for row in hidden if row.numerator not in pattern.blank}
    return {tuple(row.figure.key[:5]) for row in hidden} - mixed


def _without_numbers(figure: Figure) -> Figure:
    """A mean of too few values, where their number is no secret, keeps its reason and nothing else."""
    return replace(figure, numerator=None, denominator=None) if figure.status == SUPPRESSED else figure


def _hidden(row: Row, coarse: set[tuple[str, ...]]) -> Figure:
    reason = COARSE if row.figure.key[:5] in coarse else SMALL
    return replace(row.figure, numerator=None, denominator=None, average=None, status=SUPPRESSED, reason=reason)


def _summary(protected: Sequence[Row], pattern: Pattern, hidden: Iterable[Figure]) -> dict[str, str]:
    figures = list(hidden)
    counted = [row for row in protected if row.figure.status == SHOWN]
    small = [row for row in counted if any(u in pattern.small for u in (*row.unknowns, row.rest) if u)]
    return {
        "figures_protected": str(len(counted)),
        "figures_small": str(len(small)),
        "figures_hidden": str(len(figures)),
        "figures_hidden_as_too_fine": str(sum(1 for figure in figures if figure.reason == COARSE)),
        "other_tables": str(pattern.tables),
        "counts_given_away_by_earlier_editions": str(pattern.lost),
        "counts_left_out_for_want_of_another_table": str(pattern.coarser),
    }
