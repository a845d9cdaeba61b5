"""The counts that stand in relations only: no figure shows them, yet a whole table needs them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from indicators.disclosure.intervals import InconsistentSystem
from indicators.disclosure.quiet import quiet
from indicators.disclosure.unknowns import Relation, Unknown


def completed(relations: Iterable[Relation], values: Mapping[Unknown, Decimal]) -> dict[Unknown, Decimal]:
    """The values and, for every other count of the relations, one that fits them: what follows, and where nothing
    follows, any. Raises InconsistentSystem when none fits.
    """
    relations = list(relations)
    found = _followed(relations, values)
    if any(value < 0 for value in found.values()):
        raise InconsistentSystem("a count that follows from what is shown would be below nothing")
    missing = sorted({unknown for relation in relations for unknown in relation.unknowns} - found.keys())
    return found | _any_fitting(relations, found, missing) if missing else found


def _followed(relations: Iterable[Relation], values: Mapping[Unknown, Decimal]) -> dict[Unknown, Decimal]:
    """The values and those that follow from them, one equation after the other."""
    found = dict(values)
    equations = [relation for relation in relations if relation.is_equality]
    missing = [sum(unknown not in found for unknown in relation.unknowns) for relation in equations]
    holders: dict[Unknown, list[int]] = defaultdict(list)
    for i, relation in enumerate(equations):
        for unknown in relation.unknowns:
            if unknown not in found:
                holders[unknown].append(i)
    ready = [i for i, count in enumerate(missing) if count == 1]
    while ready:
        terms = equations[ready.pop()].terms
        last = [(unknown, factor) for unknown, factor in terms if unknown not in found]
        if not last:
            continue
        ((unknown, factor),) = last
        found[unknown] = -sum((found[u] * f for u, f in terms if u != unknown), Decimal(0)) / factor
        for i in holders[unknown]:
            missing[i] -= 1
            if missing[i] == 1:
                ready.append(i)
    return found


def _any_fitting(
    relations: Iterable[Relation], found: Mapping[Unknown, Decimal], missing: Sequence[Unknown]
) -> dict[Unknown, Decimal]:
    """Whole numbers for the missing counts that fit the others."""
    import highspy

    place = {unknown: i for i, unknown in enumerate(missing)}
    with quiet():
        model: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    model.silent()
    model.setOptionValue("threads", 1)
    for _ in missing:
        model.addVar(0.0, highspy.kHighsInf)
        model.changeColIntegrality(model.numVariables - 1, highspy.HighsVarType.kInteger)
    for relation in relations:
        terms = {place[unknown]: float(factor) for unknown, factor in relation.terms if unknown in place}
        if terms:
            fixed = float(sum(found[unknown] * factor for unknown, factor in relation.terms if unknown in found))
            high = -fixed if relation.is_equality else highspy.kHighsInf
            model.addRow(-fixed, high, len(terms), list(terms), list(terms.values()))
    model.run()
    if model.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        raise InconsistentSystem("no counts fit the relations of what is shown")
    solution = model.getSolution().col_value
    return {unknown: Decimal(round(solution[i])) for unknown, i in place.items()}
