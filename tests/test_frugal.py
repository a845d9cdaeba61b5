"""What need not be hidden is shown again: no small count loses its room by it, and nothing more could be shown."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.disclosure.attacker import Bounds, Reader, attack
from indicators.disclosure.frugal import needless
from indicators.disclosure.unknowns import Relation, Unknown

WIDTH, SMALL = 3, Bounds(1, 4)


def _cell(*names: str) -> Unknown:
    return Unknown("table", names, ("2010-Q4",), "KZ")


def _sum(whole: Unknown, parts: list[Unknown]) -> Relation:
    return Relation(((whole, 1), *((part, -1) for part in parts)), True)


T, A, B, C, D = (_cell(letter) for letter in "TABCD")


def test_one_partner_is_enough_and_the_dearer_of_two_is_shown() -> None:
    reader = Reader([_sum(T, [A, B, C, D])])
    values = {T: Decimal(42), A: Decimal(10), B: Decimal(2), C: Decimal(18), D: Decimal(12)}
    known = {T: values[T], A: values[A]}
    assert needless(reader, values, known, {B: SMALL}, {B: WIDTH}, [C, D]) == {C}
    assert needless(reader, values, known, {B: SMALL}, {B: WIDTH}, [D, C]) == {D}


def test_a_partner_that_is_needed_stays_hidden() -> None:
    reader = Reader([_sum(T, [A, B, C])])
    values = {T: Decimal(30), A: Decimal(10), B: Decimal(2), C: Decimal(18)}
    known = {T: values[T], A: values[A]}
    assert needless(reader, values, known, {B: SMALL}, {B: WIDTH}, [C]) == set()


def test_what_is_part_of_nothing_or_of_no_relation_is_shown() -> None:
    reader = Reader([_sum(T, [A, B])])
    values = {T: Decimal(0), A: Decimal(0), B: Decimal(0), C: Decimal(7)}
    assert needless(reader, values, {T: Decimal(0)}, {}, {}, [A, C]) == {A, C}


@st.composite
def _tables(draw: st.DrawFn) -> tuple[Reader, dict[Unknown, Decimal]]:
    """A table of two ways with its margins, some of its cells small."""
    rows, columns = draw(st.integers(2, 4)), draw(st.integers(2, 4))
    counts = {(i, j): draw(st.sampled_from([0, 1, 2, 3, 7, 12, 30, 55])) for i in range(rows) for j in range(columns)}
    values = {_cell(str(i), str(j)): Decimal(n) for (i, j), n in counts.items()}
    relations = []
    for way, size, other in ((0, rows, columns), (1, columns, rows)):
        for k in range(size):
            line = [_cell(*((str(k), str(m)) if way == 0 else (str(m), str(k)))) for m in range(other)]
            whole = _cell(f"margin {way}", str(k))
            values[whole] = sum((values[cell] for cell in line), Decimal(0))
            relations.append(_sum(whole, line))
        margins = [_cell(f"margin {way}", str(k)) for k in range(size)]
        values[T] = sum((values[margin] for margin in margins), Decimal(0))
        relations.append(_sum(T, margins))
    return Reader(relations), values


@settings(max_examples=40)
@given(_tables())
def test_every_small_count_keeps_its_room_and_nothing_more_could_be_shown(
    table: tuple[Reader, dict[Unknown, Decimal]],
) -> None:
    reader, values = table
    small = {unknown for unknown, value in values.items() if 0 < value < 5}
    bounds, widths = dict.fromkeys(small, SMALL), dict.fromkeys(small, WIDTH)
    if attack(reader, {}, bounds, widths):
        return  # even with everything hidden the small counts bound each other
    dearest = sorted(values.keys() - small, key=lambda u: (-values[u], u))
    shown = needless(reader, values, {}, bounds, widths, dearest)
    known = {unknown: values[unknown] for unknown in shown}
    assert attack(reader, known, bounds, widths) == {}
    for unknown in set(dearest) - shown:
        assert attack(reader, {**known, unknown: values[unknown]}, bounds, widths), "it could have been shown"
