"""Every page of the folder over an edition with every indicator: what leaves the server, and what never does."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import openpyxl
import pytest

from dashboards import pages
from dashboards.app import create_app, find_pages, warm
from dashboards.editions import Editions
from dashboards.freshness import DUE, FRESH, OVERDUE, WORDS, freshness
from dashboards.state import FILTERED, parse, select
from dashboards.texts import LANGUAGES, text
from reports.edition import REGION
from tests.dashboard_answers import frame_json, of_type, page_json, said, with_classes, words_in
from tests.rich_edition import OLDER_ID, RICH_ID, SECRET, SMALLEST, make_rich_editions, shown_numbers

PAGES = {page.path: page for page in find_pages(pages).values() if page.order is not None}
HOME = "overview"
# What is written with Latin letters in Russian too: file formats, and the donors' and the programme's own codes.
LATIN_WORD = r"[\w./-]*[A-Za-z][\w./-]*"
LATIN = {"CSV", "XLSX", "PDF", "DOCX", "HTML", "JSON", "XML", "ZIP", "IATI", "DHIS2", "SDMX-CSV", "TraiNet", "Word",
         "Data", "Package", "USAID", "INL", "English"}  # fmt: skip
VIEWS = (
    "lang={lang}&calendar=quarter&period=2010-Q4&indicator=P03&place=CA",
    "lang={lang}&calendar=quarter&period=2010-Q4&indicator=P01&place=UZ&region=UZ-AN&by=region",
    "lang={lang}&calendar=project_life&period=2010-Q3&indicator=R02&place=TJ",
)
_DRAWN: dict[tuple[str, str], str] = {}
EVERY = [(path, view.format(lang=lang)) for path in PAGES for lang in LANGUAGES for view in VIEWS]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make_rich_editions(tmp_path_factory.mktemp("rich"))


@pytest.fixture(scope="module")
def client(folder):
    return warm(create_app(folder)).test_client()


@pytest.fixture(scope="module")
def published(folder):
    return Editions(folder).current()


@pytest.fixture(scope="module")
def numbers(folder):
    return shown_numbers(folder / RICH_ID)


def drawn(client: Any, search: str, path: str) -> Any:
    """What a page sends; each view is asked for once."""
    asked = (search, path)
    if asked not in _DRAWN:
        _DRAWN[asked] = page_json(client, "?" + search, path)
    return json.loads(_DRAWN[asked])["response"]["_pages_content"]


def large(words: str) -> set[str]:
    """The large numbers in a text, without what parts their thousands and without decimals."""
    plain = re.sub(r"\d{4}-Q\d-[0-9a-f]+|[0-9a-f]{12,}", "", words)
    found = re.findall(r"\d+(?:[.,]\d+)*", re.sub(r"(?<=\d)[,\u00a0](?=\d{3}(?!\d))", "", plain))
    return {whole for number in found if int(whole := re.split("[.,]", number)[0]) >= SMALLEST}


def files_of(page: Any) -> list[str]:
    return [link["href"] for link in of_type(page, "A") if link["href"].startswith("/export")]


# Figures


@pytest.mark.parametrize(("path", "view"), EVERY)
def test_no_number_is_shown_that_the_edition_does_not_publish(client, numbers, path, view):
    """Figures of this edition are large: a sum of them, or a hidden one, cannot be mistaken for another number."""
    page = drawn(client, view, path)
    assert large(said(page)) <= numbers, path
    for graph in of_type(page, "Graph"):
        heights = {str(int(n)) for n in positions(graph["figure"]) if n >= SMALLEST}
        assert heights <= numbers, path


def positions(figure: Any) -> Iterator[float]:
    """Every number that a chart is drawn from, save the ends of its axes."""
    for trace in figure["data"]:
        yield from (n for axis in ("x", "y") for n in trace.get(axis, []) if isinstance(n, int | float))
    for mark in figure["layout"].get("shapes", []):
        yield from (mark[end] for end in ("x0", "x1", "y0", "y1"))


@pytest.mark.parametrize("path", PAGES)
def test_no_hidden_number_is_in_any_answer_or_file(client, folder, path):
    """Every row that is not shown keeps a number in this edition; none of them leaves the server."""
    for view in VIEWS:
        search = view.format(lang="en")
        page = drawn(client, search, path)
        sent = json.dumps(page) + frame_json(client, "?" + search, path)
        sent += client.get(f"{path}?{search}").get_data(as_text=True)
        for found in files_of(page):
            if re.search(r"^/export/[\w-]+\.xlsx", found):
                sent += everything_in(client.get(found).get_data())
            elif ".csv?" in found and view == VIEWS[0]:
                sent += client.get(found).get_data(as_text=True)
        assert str(SECRET) not in re.sub(r"[,\u00a0]|\\u00a0", "", sent)


def everything_in(workbook: bytes) -> str:
    book = openpyxl.load_workbook(io.BytesIO(workbook))
    return " ".join(str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_of_a_country_without_a_report_says_so(client, path):
    """The office of Tajikistan has not reported its cases: never 0, never empty."""
    page = drawn(client, "lang=en&calendar=quarter&period=2010-Q4&indicator=P01&place=TJ", path)
    if path in ("/", "/indicator", "/protection"):
        assert "Not reported" in said(page)


def test_no_filter_offers_a_group_of_people(client, published):
    """Places, periods, calendars, indicators, editions; and breakdowns by name, never a category to filter by."""
    for path, page in PAGES.items():
        assert set(page.filters) <= set(FILTERED), path
    sent = json.loads(frame_json(client, "?lang=en"))["response"]
    offered = {name: json.dumps(sent[f"filter-{name}"]["data"]) for name in FILTERED}
    values = {name: set(re.findall(r'"value": ?"([^"]+)"', found)) for name, found in offered.items()}
    assert values["place"] == set(published.places)
    assert values["indicator"] == set(published.indicators)
    assert values["calendar"] == set(published.periods)
    assert values["period"] == set(published.periods["quarter"])
    assert values["edition"] == {"current", OLDER_ID}


# Words


@pytest.mark.parametrize("path", PAGES)
def test_the_russian_page_is_russian(client, published, path):
    for view in VIEWS:
        page = json.loads(page_json(client, "?" + view.format(lang="ru"), path))
        commands = {code["children"] for code in of_type(page, "Code")}  # typed as they are in every language
        words = " ".join(said for said in words_in(page) if said not in commands)
        own = {*published.indicators, *LATIN, RICH_ID, OLDER_ID, "ffffffffffff"}
        # A definition may name a formula's n or a donor's system.
        told = " ".join(
            about[f"{name}_ru"] for about in published.indicators.values() for name in ("title", "definition", "why")
        )
        own |= {word.strip(".-") for word in re.findall(LATIN_WORD, told)}
        own |= {row["rule"] for office in published.offices for row in published.rules(office, "2010-Q4")}
        own |= {row["file_name"] for office in published.offices for row in published.files(office, "2010-Q4")}
        latin = {word.strip(".-") for word in re.findall(LATIN_WORD, words)} - own
        assert {word for word in latin if "/" not in word and not re.fullmatch(r"[A-Z]{1,3}[\d.-]+\S*", word)} == set()
        header = said(json.loads(frame_json(client, "?" + view.format(lang="ru"), path)))
        assert set(re.findall("[A-Za-z]{2,}", header)) <= LATIN


@pytest.mark.parametrize("path", PAGES)
def test_every_page_says_its_name_its_edition_and_the_last_day_of_the_data(client, path):
    for lang, day in (("en", "31\u00a0December\u00a02010"), ("ru", "31\u00a0декабря\u00a02010\u00a0г.")):
        page = drawn(client, VIEWS[0].format(lang=lang), path)
        assert len(of_type(page, "H1")) == 1
        assert RICH_ID in said(page)
        assert day in said(page)


# Charts, their tables and their files


def test_charts_survive_the_library_and_never_send_themselves_away(client):
    """A plain string where the library wants an object is dropped by the browser without a word."""
    import plotly.graph_objects as go

    seen = 0
    for path, view in EVERY:
        for graph in of_type(drawn(client, view, path), "Graph"):
            seen += 1
            assert graph["config"]["showSendToCloud"] is False
            assert graph["config"]["plotlyServerURL"] == ""
            assert graph["config"]["modeBarButtons"] == [["toImage"]]
            assert json.loads(go.Figure(graph["figure"]).to_json(engine="json")) == graph["figure"]
    assert seen > len(PAGES)


@pytest.mark.parametrize(("path", "view"), EVERY)
def test_every_chart_stands_beside_its_table_and_its_files(client, path, view):
    page = drawn(client, view, path)
    graphs = of_type(page, "Graph")
    assert len({graph["id"] for graph in graphs}) == len(graphs)
    for block in with_classes(page, "beside"):
        (graph,) = of_type(block, "Graph")
        assert of_type(block, "Table"), graph["id"]
        (csv_link, xlsx_link) = files_of(block)
        assert (".csv?" in csv_link, ".xlsx?" in xlsx_link) == (True, True)
    assert len(graphs) == len(with_classes(page, "beside"))


@pytest.mark.parametrize(("path", "view"), EVERY)
def test_a_file_says_what_the_screen_says(client, numbers, path, view):
    """Every table that offers a CSV: the same rows and words in the file as on the page."""
    page = drawn(client, view, path)
    for block in with_classes(page, "tabled"):
        found = files_of(block)
        assert found
        answer = client.get(found[0])
        assert answer.status_code == 200, found[0]
        rows = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
        body = [row for row in of_type(block, "Tr") if of_type(row, "Td")]
        assert len(rows) == len(body), found[0]
        for row, line in zip(rows, body, strict=True):
            heard = said(line)
            values = list(row.values())
            assert re.sub(r" \([\w]+\)$", "", values[0].lstrip("'")) in heard, found[0]
            assert large(",".join(values)) <= numbers, found[0]
            assert [*row][-3:] == [text(key, parse(view)["lang"]) for key in ("edition", "data_until", "filters")]


@pytest.mark.parametrize(("path", "view"), EVERY)
def test_the_workbook_of_a_page_has_a_sheet_for_each_table_and_one_about_itself(client, published, path, view):
    lang = parse(view)["lang"]
    found = [link for link in files_of(drawn(client, view, path)) if re.search(r"^/export/[\w-]+\.xlsx\?", link)]
    if not found:
        return
    answer = client.get(found[0])
    assert answer.status_code == 200
    book = openpyxl.load_workbook(io.BytesIO(answer.get_data()))
    assert len(book.sheetnames) >= 2
    about = " ".join(str(cell.value) for row in book.worksheets[-1].iter_rows() for cell in row)
    chosen = select(parse(view), published)
    period = published.period_label(chosen.calendar, chosen.period, lang)
    day = {"en": "31\u00a0December\u00a02010", "ru": "31\u00a0декабря\u00a02010\u00a0г."}[lang]
    place = published.label("place", chosen.place, lang)
    for words in (RICH_ID, day, period, place, published.label("calendar", chosen.calendar, lang), path + "?"):
        assert words in about
    assert text("why_suppressed", lang) in about
    formulas = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert formulas == []


def test_a_file_is_the_same_each_time_and_is_not_sent_twice(client):
    link = "/export/overview/indicators.csv?lang=en&indicator=P01"
    first = client.get(link)
    again = client.get(link, headers={"If-None-Match": first.headers["ETag"]})
    assert (first.status_code, again.status_code, again.get_data()) == (200, 304, b"")
    assert first.headers["Cache-Control"] == "private, no-cache"
    workbook = "/export/overview.xlsx?lang=ru"
    assert client.get(workbook).get_data() == client.get(workbook).get_data()


@pytest.mark.parametrize(
    "link",
    ["/export/nowhere/x.csv", "/export/overview/nothing.csv", "/export/overview/indicators.pdf", "/export/overview.csv",
     "/export/../../etc/passwd.csv", "/export/overview/..%2f..%2fx.csv"],
)  # fmt: skip
def test_what_no_page_offers_is_no_file(client, link):
    assert client.get(link).status_code in (302, 404)


def test_a_table_without_rows_and_a_word_that_looks_like_a_formula(published):
    from dashboards.export import as_csv, as_workbook
    from dashboards.tables import Table
    from dashboards.view import View

    view = View(published, select({}, published))
    table = Table("x", "=HYPERLINK()", "+context", ("@a", "-b"), (("=1+1", "@SUM(A1)"),))
    plain = as_csv(table, view).decode()
    assert "'=1+1" in plain and "'@SUM(A1)" in plain and "'@a" in plain
    assert as_workbook([table, Table("y", "T", "c", ("a", "b"), ())], view, "/?lang=en")


# Where one is, and how it goes on


def test_from_the_region_to_a_country_to_its_region_to_an_indicator(client):
    """Each step is a link of the page before it, and the way back stands on every page."""
    top = drawn(client, "lang=en&calendar=quarter&period=2010-Q4&indicator=P01&place=CA", "/")
    (country,) = [link for link in of_type(with_classes(top, "tile"), "Link") if "place=UZ" in link["href"]]
    there = drawn(client, country["href"].partition("?")[2], "/")
    regions = of_type(with_classes(there, "regions"), "Link")
    assert len(regions) > 3
    region = drawn(client, regions[0]["href"].partition("?")[2], "/")
    assert parse(regions[0]["href"].partition("?")[2])["region"]
    onward = [link["href"] for link in of_type(region, "Link") if "by=region" in link["href"]]
    assert onward
    path, _, query = onward[0].partition("?")
    last = drawn(client, query, path)
    crumbs = said(with_classes(last, "crumbs"))
    assert crumbs.startswith("Where you are Central Asia Uzbekistan ")
    assert parse(query)["place"] == "UZ"


def test_links_carry_everything_that_is_chosen(client):
    search = "lang=ru&period=2010-Q3&calendar=quarter&indicator=R02&place=UZ"
    header = json.loads(frame_json(client, "?" + search, "/"))
    menu = with_classes(header, "menu")
    for link in of_type(menu, "Link"):
        assert parse(link["href"].partition("?")[2]) == parse(search)
    assert {link["href"].partition("?")[0] for link in of_type(menu, "Link")} == set(PAGES)


# Editions


def test_an_older_edition_is_shown_and_said_and_the_current_one_is_not_named(client, folder):
    older = shown_numbers(folder / OLDER_ID)
    page = drawn(client, f"lang=en&indicator=P03&edition={OLDER_ID}", "/indicator")
    assert large(said(page)) and large(said(page)) <= older
    frame = json.loads(frame_json(client, f"?lang=en&edition={OLDER_ID}"))
    assert text("edition_older", "en") in said(frame)
    assert OLDER_ID in said(page)
    assert client.get(f"/?edition={OLDER_ID}").location.endswith(f"edition={OLDER_ID}")
    for asked in (RICH_ID, "nonsense", "../" + OLDER_ID, ""):
        assert "edition" not in client.get(f"/?edition={asked}").location
    assert text("edition_older", "en") not in said(json.loads(frame_json(client, "?lang=en")))


@pytest.mark.parametrize(
    ("today", "state"),
    [(date(2011, 1, 1), FRESH), (date(2011, 4, 30), FRESH), (date(2011, 5, 1), DUE), (date(2011, 5, 30), DUE),
     (date(2011, 5, 31), OVERDUE), (date(2026, 1, 1), OVERDUE)],
)  # fmt: skip
def test_figures_are_fresh_until_the_next_quarter_is_due(today, state):
    assert freshness(date(2010, 12, 31), 30, today) == state


def test_the_badge_says_the_state_by_shape_and_word(client):
    for lang in LANGUAGES:
        (badge,) = with_classes(json.loads(frame_json(client, f"?lang={lang}")), "freshness")
        why, word = (text(f"fresh_{key}", lang, WORDS) for key in ("why_overdue", "overdue"))
        assert said(badge).startswith(f"{why} ▼ {word}")


# What a manager asks first


def test_the_region_is_judged_by_objective_and_what_is_behind_is_listed(client, published):
    page = drawn(client, "lang=en&calendar=quarter&period=2010-Q4&place=CA", "/")
    cards = [said(card) for card in with_classes(page, "objective")]
    assert len(cards) == 2 and "People are protected" in cards[0]
    (behind,) = with_classes(page, "attention")
    states = [said(state) for state in with_classes(behind, "state")]
    assert states == sorted(states, key=lambda words: "Off track" not in words), "off track first"
    assert {words.split(" ", 1)[1] for words in states} <= {"Off track", "Watch"}
    assert len(states) == len(of_type(behind, "Link"))


def test_a_definition_is_one_key_away_from_every_indicator_that_is_listed(client, published):
    page = drawn(client, VIEWS[0].format(lang="en"), "/indicator")
    (sheet,) = with_classes(page, "sheet")
    about = published.indicators["P03"]
    for words in (about["definition_en"], about["why"], "persons", "Form of exploitation"):
        assert words in said(sheet)
    (sheet,) = with_classes(drawn(client, VIEWS[0].format(lang="ru"), "/indicator"), "sheet")
    assert about["why_ru"] in said(sheet) and about["why"] not in said(sheet)
    listed = drawn(client, VIEWS[0].format(lang="en"), "/")
    family = [code for code, one in published.indicators.items() if one["family"] == about["family"]]
    (table,) = with_classes(listed, "figures")
    assert len(with_classes(table, "definition")) == len(family)
    others = of_type(with_classes(listed, "folded"), "Link")
    assert len(others) == len({one["family"] for one in published.indicators.values()}) - 1


def test_the_policy_and_the_certificate_are_in_words(client):
    page = said(drawn(client, "lang=ru", "/about"))
    assert "обратившиеся на горячие линии, обученные специалисты, пострадавшие от торговли людьми" in page
    assert "Нули публикуются как нули." in page
    assert "Два числа, одно из которых входит в другое, не публикуются вместе, если их разность так же мала." in page
    assert "Малых разностей двух чисел, которые выдают прежние выпуски" in page
    assert re.search(r"Эти правила приняты \d+.\w+.\d{4}.г\.(?!\.)", page)
    assert "Выпуск" in page and REGION not in page


def test_a_ratio_stands_with_its_parts(client):
    page = drawn(client, "lang=en&calendar=quarter&period=2010-Q4&place=CA", "/protection")
    shares = [cell for cell in of_type(page, "Td") if re.search(r"\d%", said(cell)) and " of " in said(cell)]
    assert shares


def test_every_expectation_of_a_reader_has_tests_that_exist(repository):
    """docs/dashboard.md lists what readers expect; each names the tests that hold the pages to it."""
    page = (repository / "docs" / "dashboard.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| .+ \| (.+) \|$", page, re.M)
    assert [int(number) for number, _ in rows] == list(range(1, 31))
    sources = "".join(path.read_text(encoding="utf-8") for path in (repository / "tests").glob("test_dashboard*.py"))
    known = set(re.findall(r"^def (test_\w+)", sources, re.M))
    named = set(re.findall(r"`(test_\w+)`", page))
    assert named and named - known == set()
    assert all("`test_" in tests for _, tests in rows)
