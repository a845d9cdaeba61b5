"""Pages of families: whatever an edition has of a family is there; the network, events, submissions and rules."""

from __future__ import annotations

import csv
import importlib
import io
import json
import math
import pkgutil
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dashboards import families, graphs, pages
from dashboards.app import create_app, find_pages, warm
from dashboards.cells import SHAPES, cell
from dashboards.editions import Editions
from dashboards.families import Part
from dashboards.graphs import Arrow, graph
from dashboards.pages import network, quality, training
from dashboards.texts import LANGUAGES, text
from indicators.definitions import definitions
from indicators.labels import labels
from reports.edition import FILE_NAME, SHOWN, SUPPRESSED, UNDEFINED
from tests.dashboard_answers import of_type, page_json, said, with_classes
from tests.rich_edition import make_rich_edition
from tests.sample_edition import OFFICES, PLACES, make_edition

OWN = [importlib.import_module(f"dashboards.pages.{info.name}") for info in pkgutil.iter_modules(pages.__path__)]
GROUPED = [module for module in OWN if isinstance(getattr(module, "PARTS", None), tuple)]
VIEW = "?lang={lang}&calendar=quarter&period=2010-Q4&place={place}"
SERVICES = ("shelter", "medical", "legal")
# place, region, service, members: a gap, one member only, more; and a quarter whose directory is another.
COVERAGE = [
    ("2010-Q4", "UZ", "UZ-TK", "shelter", 0), ("2010-Q4", "UZ", "UZ-TK", "medical", 1),
    ("2010-Q4", "UZ", "UZ-TK", "legal", 7), ("2010-Q4", "UZ", "UZ-AN", "shelter", 12),
    ("2010-Q4", "UZ", "UZ-AN", "medical", 0), ("2010-Q4", "UZ", "UZ-AN", "legal", 1),
    ("2010-Q4", "KZ", "KZ-ALA", "shelter", 3), ("2010-Q3", "UZ", "UZ-TK", "shelter", 99),
]  # fmt: skip
RULES = [
    ("kgz", "2010-Q4", "cases", "a.rule", "quarantine", "What A says", "Правило А", True),
    ("uzb", "2010-Q4", "cases", "a.rule", "quarantine", "What A says", "Правило А", True),
    ("kgz", "2010-Q4", "cases", "b.rule", "refuse", "What B says", "Правило Б", True),
    ("kgz", "2010-Q4", "cases", "c.rule", "warn", "What C says", "Правило В", False),
    ("kgz", "2010-Q3", "cases", "c.rule", "warn", "What C says", "Правило В", True),
]
DAYS = {"kaz": ("2011-01-30", "2011-01-15", "2011-01-15"), "kgz": ("2011-01-30", "2011-02-03", "2011-02-03"),
        "uzb": ("2011-01-30", "2011-01-30", "2011-03-01")}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every indicator and breakdown, a directory, days of submissions, broken rules."""
    made = tmp_path_factory.mktemp("families")
    with duckdb.connect(str(make_rich_edition(made) / FILE_NAME)) as con:
        con.executemany("INSERT INTO service_coverage VALUES (?, ?, ?, ?, ?)", COVERAGE)
        con.execute("DELETE FROM checks")
        con.executemany("INSERT INTO checks VALUES (?, ?, ?, ?, ?, ?, ?, ?)", RULES)
        for office, days in DAYS.items():
            con.execute(
                "UPDATE completeness SET due_on = ?, first_on = ?, received_on = ? WHERE office = ?", [*days, office]
            )
    return made


@pytest.fixture(scope="module")
def client(folder: Path) -> Any:
    return warm(create_app(folder)).test_client()


@pytest.fixture(scope="module")
def published(folder: Path) -> Any:
    return Editions(folder).current()


def drawn(client: Any, path: str, lang: str = "en", place: str = "CA") -> Any:
    return json.loads(page_json(client, VIEW.format(lang=lang, place=place), path))["response"]["_pages_content"]


def rows_of(client: Any, page: str, table: str, lang: str = "en", place: str = "CA") -> list[dict[str, str]]:
    answer = client.get(f"/export/{page}/{table}.csv{VIEW.format(lang=lang, place=place)}")
    assert answer.status_code == 200, table
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True), newline="")))


# The folder of pages and the catalogue


def test_every_family_of_the_catalogue_has_a_page():
    shown = {family for module in OWN for family in getattr(module, "FAMILIES", ())}
    assert {definition.family for definition in definitions().values()} == shown


@pytest.mark.parametrize("module", GROUPED, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_part_names_what_the_catalogue_has(module):
    known = definitions()
    for part in module.PARTS:
        for code in part.indicators:
            assert code in known, code
        for code, breakdowns in part.drawn.items():
            assert code in part.indicators
            assert set(breakdowns) <= set(known[code].by), code
        assert {f"{part.ident}_title", f"{part.ident}_lead"} <= set(module.WORDS)


@pytest.mark.parametrize("module", GROUPED, ids=lambda module: module.__name__.rpartition(".")[2])
def test_every_indicator_and_breakdown_of_the_family_is_on_its_page(client, published, module):
    """Drawn or in a table below; as often in the tables to download as on the page."""
    page = drawn(client, module.PAGE.path)
    words = said(page)
    files = {link["href"].partition("?")[0] for link in of_type(page, "A")}
    for code, about in published.indicators.items():
        if about["family"] in module.FAMILIES:
            assert about["title_en"] in words, code
            for breakdown in published.breakdowns[code]:
                heading = f"{about['title_en']}: {published.label('breakdown', breakdown, 'en')}"
                hidden = not any(f"/{code.lower().replace('_', '-')}-by-" in name for name in files)
                assert heading in words or hidden, heading


def test_a_breakdown_stands_once(published):
    """Drawn by one part, or below the first part of its indicator; never both."""

    class At:
        def __init__(self) -> None:
            self.published = published

    view: Any = At()
    for module in GROUPED:
        shown = families.held(module.FAMILIES, module.PARTS, view)
        found = [pair for part in shown for pair in families.drawn_of(part, view)]
        found += [pair for part in shown for pair in families.others_of(part, shown, view)]
        assert len(set(found)) == len(found), module.__name__
        codes = {code for part in shown for code in part.indicators}
        assert set(found) == {(code, name) for code in codes for name in published.breakdowns[code]}


def test_parts_are_told_apart_by_their_names():
    for module in GROUPED:
        idents = [part.ident for part in module.PARTS]
        assert len(set(idents)) == len(idents) and all(isinstance(part, Part) for part in module.PARTS)


# Who refers to whom


def figure(status: str, value: int = 0) -> Any:
    numbers = {
        "value": Decimal(value),
        "numerator": Decimal(value),
        "denominator": None,
        "target": None,
        "baseline": None,
    }
    row = {"status": status, "reason": None, **numbers, "offices_expected": 1, "offices_reported": 1}
    return cell(row, {"unit": "referrals", "direction": "up"}, "en")


def arrow(sender: str, receiver: str, status: str = SHOWN, value: int = 5) -> Arrow:
    one = figure(status, value)
    return Arrow(sender, receiver, one, one.value or SHAPES[one.state])


def lines_of(drawing: dict[str, Any]) -> list[dict[str, Any]]:
    return list(drawing["layout"]["shapes"])


def tips_of(drawing: dict[str, Any]) -> list[dict[str, Any]]:
    return [note for note in drawing["layout"]["annotations"] if note["showarrow"]]


# Names in the order of the circle, arrows, and what is expected: whole lines, dashed lines, words at arrows.
VECTORS = [
    ("nobody sends", "AB", [], 0, 0, []),
    ("one sends to one", "AB", [arrow("A", "B", value=7)], 1, 0, ["<b>7</b>"]),
    ("both ways: two arrows that do not lie on each other", "AB",
     [arrow("A", "B", value=7), arrow("B", "A", value=9)], 2, 0, ["<b>7</b>", "<b>9</b>"]),
    ("a hidden pair is dashed, with its mark", "ABC", [arrow("A", "B", SUPPRESSED)], 0, 1, ["▨"]),
    ("nobody was sent: no arrow", "ABC", [arrow("A", "B", value=0)], 0, 0, []),
    ("within a kind: words, no line", "ABC", [arrow("A", "A", value=8)], 0, 0, ["↻ <b>8</b>"]),
    ("within a kind, hidden", "ABC", [arrow("B", "B", SUPPRESSED)], 0, 0, ["↻ ▨"]),
    ("an end that has no name is not drawn", "AB", [arrow("A", "Z", value=8)], 0, 0, []),
]  # fmt: skip


@pytest.mark.parametrize(("names", "arrows", "whole", "dashed", "words"), [v[1:] for v in VECTORS],
                         ids=[v[0] for v in VECTORS])  # fmt: skip
def test_networks_drawn_by_hand(names, arrows, whole, dashed, words):
    drawing = graph({name: name for name in names}, arrows)
    dashes = [line["line"]["dash"] for line in lines_of(drawing)]
    assert (dashes.count("solid"), dashes.count("dot")) == (whole, dashed)
    assert len(tips_of(drawing)) == whole + dashed
    boxes = {f"<b>{name}</b>" for name in names}
    notes = [note["text"] for note in drawing["layout"]["annotations"] if not note["showarrow"]]
    assert sorted(note for note in notes if note not in boxes) == sorted(words)
    assert boxes <= set(notes)


def test_an_arrow_leads_from_the_sender_to_the_receiver_and_keeps_clear_of_the_one_that_comes_back():
    drawing = graph({name: name for name in "ABCDE"}, [arrow("A", "C"), arrow("C", "A")])
    places = dict(zip("ABCDE", zip(drawing["data"][0]["x"], drawing["data"][0]["y"], strict=True), strict=True))
    assert all(abs(math.hypot(*place) - 1) < 0.01 for place in places.values())
    there, back = lines_of(drawing)
    near = lambda line, end, name: math.dist((line[f"x{end}"], line[f"y{end}"]), places[name])  # noqa: E731
    assert near(there, 0, "A") < near(there, 1, "A") and near(there, 1, "C") < near(there, 0, "C")
    assert near(back, 0, "C") < near(back, 1, "C")
    middle = lambda line: ((line["x0"] + line["x1"]) / 2, (line["y0"] + line["y1"]) / 2)  # noqa: E731
    assert math.dist(middle(there), middle(back)) > graphs._ASIDE
    tip = tips_of(drawing)[0]
    assert math.dist((tip["x"], tip["y"]), (there["x1"], there["y1"])) < 0.01
    assert graph({name: name for name in "ABCDE"}, [arrow("A", "C"), arrow("C", "A")]) == drawing


def test_every_kind_of_pair_has_both_ends_or_is_in_the_table_alone():
    words = labels(definitions().values(), PLACES, {office: place for place, office in OFFICES.items()})
    kinds = {row[1] for row in words if row[0] == network.PAIRS}
    assert kinds == {*network.ENDS, "other", "U"}
    assert {end for ends in network.ENDS.values() for end in ends} == {"ngo", "authority", "service"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_drawing_and_its_table_say_the_same(client, published, lang):
    """Every pair and figure of the edition, as it is published; a hidden one is a mark in both."""
    page = drawn(client, "/network", lang)
    graphs_of = {props["id"]: props["figure"] for props in of_type(page, "Graph")}
    first = published.indicators[network.OF_PAIRS[0]]
    found = published.by_category("P09", network.PAIRS, "quarter", "2010-Q4", "CA")
    words = [note["text"].replace("<br>", " ") for note in graphs_of["chart-pairs"]["layout"]["annotations"]]
    statuses = set()
    for pair, row in found.items():
        if pair in network.ENDS and row["status"] != UNDEFINED:
            statuses.add(row["status"])
            shown = cell(row, first, lang)
            expected = f"{shown.value} ({shown.parts})" if shown.is_shown else SHAPES[shown.state]
            assert any(expected in word for word in words), pair
    assert SHOWN in statuses and len(statuses) > 1, "the edition has both"
    rows = rows_of(client, "network", "pairs", lang)
    assert [row[text("pair", lang, network.WORDS)] for row in rows] == [
        published.label(network.PAIRS, pair, lang) for pair in found
    ]
    assert len(rows_of(client, "network", "countries", lang)) == len(published.countries)


# Services by region


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_matrix_of_services_is_the_table_of_the_edition(client, published, lang):
    for place in ("UZ", "KZ"):
        rows = rows_of(client, "network", f"coverage-{place.lower()}", lang, place)
        got = {
            (row[text("unit", lang, network.WORDS)], service): row.get(
                published.label("assistance_type", service, lang)
            )
            for row in rows
            for service in SERVICES
        }
        expected = {
            (published.label("region", region, lang), service): str(members)
            for period, where, region, service, members in COVERAGE
            if (period, where) == ("2010-Q4", place)
        }
        assert {key: got[key] for key in expected} == expected


def test_a_gap_and_a_single_member_are_words_and_a_place_without_directory_says_so(client):
    page = drawn(client, "/network", place="UZ")
    (matrix,) = with_classes(page, "coverage")
    states = [said(state).split(" ", 1) for state in with_classes(matrix, "state")]
    assert sorted(words for _, words in states) == sorted(["none", "one only", "7", "12", "none", "one only"])
    assert {words: shape for shape, words in states}["none"] != {words: shape for shape, words in states}["one only"]
    assert with_classes(drawn(client, "/network", place="TJ"), "coverage") == []
    assert text("coverage_none", "en", network.WORDS) in said(drawn(client, "/network", place="TJ"))
    region = drawn(client, "/network")
    assert with_classes(region, "coverage") == []
    links = {link["href"] for link in of_type(region, "Link") if link["href"].startswith("/network?")}
    assert {place for place in PLACES if any(f"place={place}" in link for link in links)} == {"UZ", "KZ"}


# Events


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_events_of_the_window_and_place_are_listed_with_what_is_recorded(client, published, lang):
    events = published.edition.rows("SELECT * FROM training_events WHERE period = '2010-Q4' ORDER BY event")
    assert any(event["hours"] is None for event in events) and any(event["hours"] for event in events)
    rows = {row[text("event", lang, training.WORDS)]: row for row in rows_of(client, "training", "list", lang)}
    assert set(rows) == {event["event"] for event in events}
    for event in events:
        hours = rows[event["event"]][text("hours", lang, training.WORDS)]
        assert hours == (text("status_unknown", lang) if event["hours"] is None else str(event["hours"].normalize()))
    place = events[0]["place"]
    here = rows_of(client, "training", "list", lang, place)
    assert len(here) == sum(event["place"] == place for event in events)


# Quality


def test_what_did_not_come_is_named_and_leads_to_its_checks(client):
    page = drawn(client, "/quality")
    (listed,) = with_classes(page, "missing")
    (link,) = of_type(listed, "Link")
    assert "office=tjk" in link["href"] and link["href"].startswith("/checks?")
    assert text("report_missing", "en") in said(listed)


TIMES = [("kaz", "in time"), ("kgz", "late"), ("uzb", "in time, corrected since"), ("tkm", "not known")]


@pytest.mark.parametrize(("office", "said_of_it"), TIMES)
def test_in_time_late_corrected_or_not_known(client, published, office, said_of_it):
    name = published.label("office", office, "en")
    rows = [row for row in rows_of(client, "quality", "submissions") if row["Office"] == name]
    assert rows and {row["In time"] for row in rows} == {said_of_it}
    if office in DAYS:
        due = f"{date.fromisoformat(DAYS[office][0]):%d %B %Y}".lstrip("0").replace(" ", "\u00a0")
        assert {row["Due"] for row in rows} == {due}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_broken_rules_stand_once_with_their_offices_the_gravest_first(client, published, lang):
    rows = rows_of(client, "quality", "rules", lang)
    named = [row[text("rule", lang, quality.WORDS)] for row in rows]
    assert [name.rpartition(" (")[2].rstrip(")") for name in named] == ["b.rule", "a.rule"]
    offices = rows[1][text("where", lang, quality.WORDS)]
    assert offices == ", ".join(published.label("office", office, lang) for office in ("kgz", "uzb"))
    counts = {"broken": "2", "checked": "3"}
    assert text("rules_some", lang, quality.WORDS, **counts) in said(drawn(client, "/quality", lang))


# Other editions. They stand last: Dash keeps its pages for the whole process, so a server that is made replaces those
# of the server before it.


def test_a_new_indicator_shows_without_an_edit(tmp_path):
    with duckdb.connect(str(make_edition(tmp_path) / FILE_NAME)) as con:
        con.execute("INSERT INTO indicators SELECT * REPLACE ('T99' AS indicator, 'Something new' AS title_en,"
                    " ['sex'] AS breakdowns) FROM indicators WHERE indicator = 'T01'")  # fmt: skip
        for breakdown, category in (("total", "total"), ("sex", "F")):
            con.execute("INSERT INTO figures SELECT * REPLACE ('T99' AS indicator, ? AS breakdown, ? AS category)"
                        " FROM figures WHERE indicator = 'T01'", [breakdown, category])  # fmt: skip
    client = warm(create_app(tmp_path)).test_client()
    page = drawn(client, "/training")
    words = said(page)
    assert text("rest_title", "en") in words
    assert "Something new" in words and "Something new: Sex as recorded" in words
    assert rows_of(client, "training", "t99-by-sex")


def test_a_page_of_a_family_that_the_edition_does_not_have_stands(tmp_path):
    """The small edition counts no network, no recommendations and nothing of quality."""
    make_edition(tmp_path)
    client = warm(create_app(tmp_path)).test_client()
    for page in find_pages(pages).values():
        for lang in LANGUAGES if page.order else ():
            assert len(of_type(drawn(client, page.path, lang), "H1")) == 1, page.path


def test_an_edition_without_the_table_has_a_page_of_the_network(tmp_path):
    with duckdb.connect(str(make_edition(tmp_path) / FILE_NAME)) as con:
        con.execute("DROP TABLE service_coverage")
        con.execute("DROP TABLE training_events")
    client = warm(create_app(tmp_path)).test_client()
    assert text("list_none", "ru", training.WORDS) in said(drawn(client, "/training", "ru"))
    assert len(of_type(drawn(client, "/network"), "H1")) == 1
