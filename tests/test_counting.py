"""All indicators counted together say what each says alone, whatever else is counted, and on any number of threads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.atoms import line
from indicators.calendars import CALENDARS, Quarter, Window, whole_source, window, windows
from indicators.counted import create_example_tables, create_windows
from indicators.counting import create_counts
from indicators.definitions import Definition, definitions
from indicators.engine import measure
from indicators.fact_views import views
from indicators.facts import all_facts, facts
from indicators.figures import SHOWN, Figure, Reporting
from indicators.funding import life_start
from indicators.histograms import histograms
from indicators.quantiles import quantile_of
from indicators.queries import Tally, count_sql, tallies
from tests.counting import all_windows, full_reporting
from tests.random_facts import PLACES, random_rows

COUNTED = {code: d for code, d in definitions().items() if d.numerator is not None}
TALLIES = [tally for definition in COUNTED.values() for tally in tallies(definition)]
COLUMNS = "calendar, period, place, breakdown, category, numerator, denominator, is_unknown, candidates, value"
# A cell that counts nothing, lacks nothing and leaves nothing out says what no cell says.
SAYS = "(numerator <> 0 OR denominator <> 0 OR is_unknown OR candidates <> 0)"


def _together(
    rows: Mapping[str, Sequence[Mapping[str, object]]],
    spans: Sequence[Window],
    counted: Sequence[Tally],
    threads: int = 2,
) -> list[set[tuple[Any, ...]]]:
    with duckdb.connect(config={"threads": threads}) as con:
        create_example_tables(con, rows)
        create_counts(con, counted, spans)
        values = histograms(con, counted, spans)
        found = [
            con.execute(f"SELECT {COLUMNS} FROM counts WHERE tally = {n} AND {SAYS}").fetchall()
            for n in range(len(counted))
        ]
        return [_said(rows, {at[1:]: v for at, v in values.items() if at[0] == n}) for n, rows in enumerate(found)]


def _alone(rows: Mapping[str, Sequence[Mapping[str, object]]], spans: Sequence[Window], tally: Tally) -> set[Any]:
    with duckdb.connect() as con:
        create_example_tables(con, rows)
        create_windows(con, spans)
        return _said(con.execute(f"SELECT {COLUMNS} FROM ({count_sql(tally)}) WHERE {SAYS}").fetchall(), {})


def _said(rows: Sequence[tuple[Any, ...]], values: Mapping[Any, Mapping[Decimal, int]]) -> set[tuple[Any, ...]]:
    """What is said of each cell: numbers as numbers; of candidates, whether there are any, which is all that is asked.

    The values of a quantile are given, or each stands in a row of its own with how often it is there.
    """
    cells: dict[Any, list[tuple[Any, ...]]] = {}
    for row in rows:
        cells.setdefault(row[:5], []).append(row[5:])
    said = set()
    for cell, found in cells.items():
        own = values.get(cell) or {value: int(times) for times, *_, value in found if value is not None and times}
        sums = (sum(Decimal(row[number]) for row in found) for number in (0, 1))
        said.add((*cell, *sums, any(row[2] for row in found), any(row[3] for row in found), frozenset(own.items())))
    return said


@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 10**6), size=st.sampled_from((3, 25)))
def test_all_together_say_what_each_says_alone(seed: int, size: int) -> None:
    rows = random_rows(seed, size)
    for tally, found in zip(TALLIES, _together(rows, all_windows(), TALLIES), strict=True):
        assert found == _alone(rows, all_windows(), tally), tally


def test_a_source_without_days_is_counted_whole() -> None:
    rows = random_rows(3, 20)
    spans = [whole_source(), *all_windows()]
    dated = [tally for tally in TALLIES if tally.fact != "organisations"]
    for tally, found in zip(dated, _together(rows, spans, dated), strict=True):
        assert found == _alone(rows, spans, tally), tally


def test_one_thread_and_two_count_the_same() -> None:
    rows = random_rows(5, 40)
    assert _together(rows, all_windows(), TALLIES, 1) == _together(rows, all_windows(), TALLIES, 2)


@pytest.mark.parametrize("code", COUNTED)
def test_another_indicator_changes_no_figure(code: str) -> None:
    mine = list(tallies(COUNTED[code]))
    first = next(n for n in range(len(TALLIES)) if TALLIES[n : n + len(mine)] == mine)
    assert _together(random_rows(7, 12), all_windows(), mine) == _catalogue()[first : first + len(mine)]


@cache
def _catalogue() -> list[set[tuple[Any, ...]]]:
    return _together(random_rows(7, 12), all_windows(), TALLIES)


def _figures(code: str, rows: Mapping[str, Any], spans: Sequence[Window], places: Sequence[str]) -> list[Figure]:
    definition: Definition = definitions()[code]
    quarters = {f"{year}-Q{number}" for year in (2010, 2011) for number in (1, 2, 3, 4)}
    owed = frozenset((place, fact, q) for place in places for fact in definition.facts for q in quarters)
    with duckdb.connect() as con:
        create_example_tables(con, rows)
        return measure(con, {code: definition}, spans, Reporting(owed, owed))


def _not_waited_for(definition: Definition) -> set[str]:
    """The facts that its own is joined to and for which it does not wait."""
    joins = [] if definition.fact in views() else all_facts()[definition.fact].joins
    return {join.fact for join in joins} - set(definition.facts)


@pytest.mark.parametrize("code", [code for code, one in COUNTED.items() if _not_waited_for(one)])
def test_an_indicator_waits_for_every_fact_that_changes_its_figures(code: str) -> None:
    rows = random_rows(11, 25)
    for join in (join for join in facts()[COUNTED[code].fact].joins if join.fact in _not_waited_for(COUNTED[code])):
        there = {(row["place"], row[join.on]) for row in rows[join.fact]}
        assert any((row["place"], row[join.on]) in there for row in rows[COUNTED[code].fact])
    without = {**rows, **{fact: [] for fact in _not_waited_for(COUNTED[code])}}
    assert _figures(code, without, all_windows(), PLACES) == _figures(code, rows, all_windows(), PLACES)


def test_a_missing_case_keeps_no_count_of_calls_back() -> None:
    assert [set(COUNTED[code].facts) for code in ("H01", "H04")] == [
        {"hotline_contacts"},
        {"hotline_contacts", "cases"},
    ]
    assert COUNTED["H01"].facts_of_any_time == frozenset()
    assert "cases" in COUNTED["H04"].facts_of_any_time
    assert "training_events" in COUNTED["T10"].facts_of_any_time, "joined by its denominator alone"


def _service(place: str, person: str, on: date) -> dict[str, object]:
    return {
        "place": place, "office": place.lower(), "person_ref": person, "vot_status": "actual", "sex": "F",
        "assistance_type": "medical", "delivered_on": on,
    }  # fmt: skip


def test_a_person_of_two_offices_and_three_quarters_is_counted_once_in_each() -> None:
    days = [date(2010, 11, 1), date(2011, 2, 1), date(2011, 4, 1)]
    rows = {"assistance": [_service(place, "A1", day) for place in ("KZ", "KG") for day in days]}
    spans = windows([Quarter(2010, 4), Quarter(2011, 1), Quarter(2011, 2)], date(2010, 1, 1))
    figures = _figures("P03", rows, spans, ("KZ", "KG"))
    numbers = {(f.calendar, f.period, f.place): f.numerator for f in figures if f.breakdown == "total"}
    assert {n for (_, _, place), n in numbers.items() if place != "CA"} == {1}
    assert {n for (_, _, place), n in numbers.items() if place == "CA"} == {2}


@pytest.mark.parametrize(
    ("day", "calendar", "period", "number"),
    [
        (date(2010, 9, 30), "quarter", "2010-Q3", 1),
        (date(2010, 9, 30), "fiscal_year_to_date", "2010-Q4", 0),
        (date(2010, 10, 1), "fiscal_year_to_date", "2010-Q4", 1),
        (date(2010, 10, 1), "fiscal_year_to_date", "2011-Q3", 1),
        (date(2010, 12, 31), "quarter", "2010-Q4", 1),
        (date(2010, 12, 31), "quarter", "2011-Q1", 0),
        (date(2010, 12, 31), "calendar_year_to_date", "2011-Q1", 0),
    ],
)
def test_the_first_and_last_day_of_a_window_belong_to_it(day: date, calendar: str, period: str, number: int) -> None:
    span = window(calendar, Quarter.parse(period), life_start())
    (total, *_) = _figures("P03", {"assistance": [_service("TJ", "A1", day)]}, [span], ("TJ",))
    assert (total.status, total.numerator) == (SHOWN, Decimal(number))


def test_an_empty_programme_counts_nothing_without_fault() -> None:
    with duckdb.connect() as con:
        create_example_tables(con, {})
        figures = measure(con, definitions(), all_windows(), full_reporting())
    assert {figure.indicator for figure in figures} == set(definitions())
    assert {figure.numerator for figure in figures if figure.status == SHOWN} == {0}


def _brute(values: Mapping[Decimal, int], quantile: Decimal) -> Iterator[Decimal]:
    listed = sorted(value for value, times in values.items() for _ in range(times))
    with duckdb.connect() as con:
        (found,) = con.execute(
            "SELECT quantile_cont(v::DOUBLE, ?) FROM unnest(?) t(v)", [quantile, listed]
        ).fetchone() or (0,)
    yield Decimal(str(round(found, 6)))


@settings(max_examples=25, deadline=None)
@given(
    values=st.dictionaries(st.integers(0, 90).map(Decimal), st.integers(1, 4), min_size=1, max_size=8),
    quantile=st.sampled_from((Decimal("0.5"), Decimal("0.9"), Decimal("0.25"))),
)
def test_a_quantile_of_counted_values_is_that_of_the_values(values: dict[Decimal, int], quantile: Decimal) -> None:
    assert round(quantile_of(values, quantile), 6) in list(_brute(values, quantile))


def test_the_day_line_is_cut_at_every_edge_and_windows_are_runs_of_atoms() -> None:
    cut = line(all_windows())
    assert all(after > before for before, after in cut.atoms)
    for span, begins, first, last in cut.windows:
        assert (cut.atoms[first][0], cut.atoms[last][1]) == (span.start, span.end)
        assert begins == first
    assert {span.calendar for span, *_ in cut.windows} == set(CALENDARS)
