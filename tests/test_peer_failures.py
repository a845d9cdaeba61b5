"""Where counting went wrong in systems like ours: each failure is tested here, or elsewhere and named here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indicators.calendars import Quarter, Window, window, windows
from indicators.counted import create_example_tables
from indicators.definitions import definitions
from indicators.engine import measure
from indicators.fact_views import counted_facts
from indicators.figures import REGION_TOTAL, SHOWN, TOTAL, UNDEFINED, Figure, Reporting
from indicators.funding import life_start
from tests.counting import all_windows, full_reporting
from tests.random_facts import PLACES, Rows, random_rows

TESTS = Path(__file__).parent

VECTORS = "../indicators/progress_vectors.toml"
# What failed, where it was seen, and the test or vector of ours that would fail again.
ELSEWHERE = [
    ("nothing done of fifty", "TolaData 2eee2b8", "test_iptt.py", "test_nought_of_fifty_is_nought_per_cent"),
    ("a fall is no progress", "PRP", VECTORS, "rising instead of falling"),
    ("falling to 0 of a target of 0", "TolaData", VECTORS, "ceiling of 0 kept"),
    ("a target of several results", "hikaya 646", "test_projects.py", "test_a_target_is_not_multiplied_by_the_results"),
    ("8000 % for 80 %", "PRP 2b5025c", VECTORS, "80 % is never 8000 %"),
    (
        "two offices, three quarters",
        "Lightdash 5540",
        "test_counting.py",
        "test_a_person_of_two_offices_and_three_quarters",
    ),
    ("a subtotal of persons", "Metabase 54497", "test_iptt.py", "test_every_figure_of_the_edition_is_in_the_table"),
    (
        "the last half hour of a year",
        "DHIS2 14976",
        "test_times.py",
        "test_half_past_eleven_on_the_last_day_of_the_year",
    ),
    ("edges of fiscal years", "Primero 6a62c0d", "test_counting.py", "test_the_first_and_last_day_of_a_window_belong"),
    ("an empty programme", "Primero e972d3d", "test_counting.py", "test_an_empty_programme_counts_nothing"),
    ("nothing but noughts", "Primero 1dcae09", "test_iptt.py", "test_an_edition_of_noughts_shows_noughts"),
    ("nought is not blank", "Akvo", "test_cycle.py", "test_what_nobody_counted_is_unknown_and_never_zero"),
    (
        "a hidden count found out",
        "own trial",
        "test_disclosure.py",
        "test_the_attacker_finds_nothing_in_what_is_released",
    ),
]


@pytest.mark.parametrize(("what", "origin", "file", "name"), ELSEWHERE, ids=[what for what, *_ in ELSEWHERE])
def test_the_failure_has_its_test(what: str, origin: str, file: str, name: str) -> None:
    assert name in Path(TESTS, file).read_text(encoding="utf-8"), f"{what} ({origin}): where has its test gone?"


def _figures(
    rows: Mapping[str, Any], spans: Sequence[Window], reporting: Reporting | None = None, code: str = ""
) -> list[Figure]:
    chosen = {code: definitions()[code]} if code else definitions()
    with duckdb.connect() as con:
        create_example_tables(con, rows)
        return measure(con, chosen, spans, reporting or full_reporting())


def _totals(figures: Sequence[Figure]) -> dict[tuple[str, ...], Figure]:
    return {figure.key[:4]: figure for figure in figures if figure.breakdown == TOTAL}


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_rows_without_a_disaggregation_count_in_the_whole_and_in_a_row_of_their_own(seed: int) -> None:
    """TolaActivity 665: what lacked a category was missing from the total."""
    figures = _figures(random_rows(seed, 20), all_windows())
    wholes, parts = _totals(figures), defaultdict(list)
    for figure in figures:
        if figure.breakdown in definitions()[figure.indicator].adds_up:
            parts[(*figure.key[:4], figure.breakdown)].append(figure.numerator)
    compared = {key: numbers for key, numbers in parts.items() if wholes[key[:4]].status == SHOWN}
    assert {key[4] for key in compared} >= {"sex", "region", "identified_by", "client_history"}
    for key, numbers in compared.items():
        assert sum(number for number in numbers if number is not None) == wholes[key[:4]].numerator, key


@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_a_cumulative_number_never_falls(seed: int) -> None:
    """Akvo 5212: a running number fell from one quarter to the next though nothing had been corrected."""
    spans = windows([Quarter(2010, 3), Quarter(2010, 4), Quarter(2011, 1)], life_start())
    quarters = {str(quarter) for quarter in (Quarter(2010, 3), Quarter(2010, 4), Quarter(2011, 1))}
    names = {name for definition in definitions().values() for name in definition.facts}
    owed = frozenset((place, name, quarter) for place in PLACES for name in names for quarter in quarters)
    starts = {(span.calendar, span.period): span.start for span in spans}
    series: dict[tuple[Any, ...], list[tuple[str, Decimal]]] = defaultdict(list)
    for figure in _figures(random_rows(seed, 20), spans, Reporting(owed, owed)):
        definition = definitions()[figure.indicator]
        is_running = counted_facts()[definition.fact].kind == "event" and not definition.is_average
        if is_running and definition.function is None and figure.numerator is not None:
            start = starts[figure.calendar, figure.period]
            series[figure.indicator, start, *figure.key[3:]].append((figure.period, figure.numerator))
    longer = [[number for _, number in sorted(points)] for points in series.values() if len(points) > 1]
    assert any(numbers[0] < numbers[-1] for numbers in longer)
    assert all(numbers == sorted(numbers) for numbers in longer)


def test_a_share_of_nothing_is_no_number_and_never_nought_or_infinite() -> None:
    """Kobo a820435 and others: a division by nothing went on as NaN, infinity or 0 %."""
    shares = [figure for figure in _figures({}, all_windows()) if definitions()[figure.indicator].is_share]
    counted = [f for f in shares if definitions()[f.indicator].function is None and f.status != SHOWN]
    assert {figure.indicator for figure in counted} >= {"P09", "P11", "R02", "R03", "H05", "L02", "T07"}
    assert {(figure.status, figure.value, figure.average) for figure in counted} == {(UNDEFINED, None, None)}


# Nothing is known of the answer: the row changes neither number.
UNKNOWN_ANSWERS: dict[str, tuple[str, dict[str, Any]]] = {
    "P11": ("cases", {"age": None, "age_band_given": None, "age_group_given": None}),
    "P14": ("cases", {"exploitation": []}),
    "R03": ("follow_ups", {"work_status": "U", "wave": "m6"}),
    "R04": ("assistance", {"certificate": None, "assistance_type": "education_vocational"}),
    "H06": ("hotline_contacts", {"answered": None, "contact_channel": "call"}),
    "T05": ("participants", {"post_test": None}),
    "T05_SHARE": ("participants", {"pre_test": None}),
}


@pytest.mark.parametrize("code", UNKNOWN_ANSWERS)
def test_not_known_is_not_no(code: str) -> None:
    """Answers that nobody gave were counted as no, and shares fell with every gap."""
    fact, unknown = UNKNOWN_ANSWERS[code]
    before = random_rows(17, 25)
    sent = (before, *({**before, fact: [*before[fact], *_silent(before, fact, said)]} for said in (unknown, {})))
    first, silent, answered = (_all_numbers(code, rows) for rows in sent)
    assert silent == first
    assert answered != first, "with their answers the same rows count"


def _all_numbers(code: str, rows: Rows) -> dict[tuple[str, ...], tuple[Any, ...]]:
    found = _totals(_figures(rows, all_windows(), code=code))
    return {key: (f.status, f.numerator, f.denominator, f.average) for key, f in found.items()}


def _silent(rows: Rows, fact: str, unknown: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every row once more, under other codes, with what is not known."""
    copies = []
    for number, row in enumerate(rows[fact]):
        other = {name: f"{row[name]}-again" for name in ("case_ref", "person_ref", "contact_ref") if row.get(name)}
        copies.append({**row, **other, **({"line": 1000 + number} if fact == "participants" else {}), **unknown})
    return copies


LAST = date(2010, 12, 31)
# Of what has just begun nothing can be said yet: it is in neither number, done or not.
NOT_YET_DUE: dict[str, dict[str, list[dict[str, Any]]]] = {
    "P09": {"referrals": [{"sent_on": LAST, "received_on": LAST, "vot_status": "actual"}]},
    "N17": {"referrals": [{"sent_on": date(2010, 12, 2), "declined": True, "vot_status": "actual"}]},
    "R02": {"cases": [{"plan_started_on": date(2010, 10, 1), "identified_on": LAST, "vot_status": "actual"}]},
    "R07": {
        "cases": [{"plan_started_on": date(2010, 1, 1), "identified_on": LAST, "vot_status": "actual"}],
        "follow_ups": [
            {
                "wave": "m12",
                "followed_up_on": LAST,
                **dict.fromkeys(("has_income", "has_housing"), True),
                "retrafficked": False,
            }
        ],
    },
    "L02": {"recommendations": [{"referred_on": date(2010, 1, 1), "issued_on": LAST, "state": "implemented"}]},
    "T07": {
        "training_events": [
            {"event_ref": "KZ-T1", "event_type": "tot", "event_status": "completed", "end_on": date(2010, 7, 1)}
        ],
        "participants": [{"event_ref": "KZ-T1", "line": 1, "person_ref": "K1", "completed": True}],
    },
}


@pytest.mark.parametrize("code", NOT_YET_DUE)
def test_what_is_not_yet_due_is_in_neither_number(code: str) -> None:
    """The newest rows were judged before their time, so the last quarter always looked worst."""
    facts = NOT_YET_DUE[code]
    origin = {"place": "KZ", "office": "kz"}
    keys = {"case_ref": "KZ-2010-1", "person_ref": "K1", "recommendation_ref": "KZ-R1"}
    names = {name: set(counted_facts()[name].counted_columns()) for name in facts}
    rows = {
        name: [{**origin, **{k: v for k, v in keys.items() if k in names[name]}, **row} for row in given]
        for name, given in facts.items()
    }
    now, later = (window("quarter", Quarter.parse(period), life_start()) for period in ("2010-Q4", "2011-Q1"))
    owed = frozenset(("KZ", name, q) for name in definitions()[code].facts for q in ("2010-Q4", "2011-Q1"))
    found = _totals(_figures(rows, [now, later], Reporting(owed, owed), code))
    early, due = (found[code, span.calendar, span.period, "KZ"] for span in (now, later))
    if definitions()[code].is_share:
        assert (early.status, due.status, due.denominator) == (UNDEFINED, SHOWN, Decimal(1))
    else:
        assert (early.numerator, due.numerator) == (Decimal(0), Decimal(1))


def test_where_one_office_alone_sends_anything_the_region_is_that_office() -> None:
    """Primero 1dcae09: with one office the totals failed, or the others were added as noughts."""
    rows = {name: [row for row in made if row["place"] == "TM"] for name, made in random_rows(23, 20).items()}
    assert all(rows.values())
    names = {name for definition in definitions().values() for name in definition.facts}
    owed = frozenset((place, name, q) for place in PLACES for name in names for q in ("2010-Q3", "2010-Q4"))
    sent = frozenset(cell for cell in owed if cell[0] == "TM")
    found = {figure.key: figure for figure in _figures(rows, all_windows(), Reporting(owed, sent))}
    own = [key for key in found if key[3] == "TM" and found[key].numerator and definitions()[key[0]].function is None]
    assert len(own) > 100
    for key in own:
        region = found.get((*key[:3], REGION_TOTAL, *key[4:]))
        assert region is None or region.numerator == found[key].numerator, key
