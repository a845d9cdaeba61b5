"""The dashboard's page of checks: every rule of an office and quarter in words, and no count of rows anywhere."""

from __future__ import annotations

import json
import re
from itertools import product
from pathlib import Path

import duckdb
import pytest

from dashboards.app import create_app, warm
from dashboards.editions import Editions
from dashboards.protected import policy
from dashboards.state import parse, select
from dashboards.texts import LANGUAGES, text
from dashboards.view import View
from reports.edition import FILE_NAME
from tests.browser import arrived, cut_off, running, watching
from tests.dashboard_answers import page_json, said, walk, with_classes
from tests.sample_edition import OFFICES, QUARTERS, make_edition
from tests.test_dashboard import HOSTILE

PERIODS = [str(quarter) for quarter in QUARTERS]
WIDTHS = (320, 360, 768, 1121, 1280)
GROUPS = list(product(OFFICES.values(), PERIODS))
SEVERITIES = {"cases.key.unique": "quarantine", "cases.case_ref.office": "refuse", "cases.age_and_group": "warn"}
RULES = [  # office, period, rule, severity, whether a row broke it
    (office, period, rule, severity, (office, period, severity) == ("kgz", "2010-Q4", "quarantine"))
    for office, period in GROUPS
    for rule, severity in SEVERITIES.items()
    if office != "tkm"
]


def fill(edition: Path) -> None:
    """Rules of every severity for every office but one, whose files were not accepted."""
    with duckdb.connect(str(edition / FILE_NAME)) as con:
        con.execute("DELETE FROM checks")
        con.executemany(
            "INSERT INTO checks VALUES (?, ?, 'cases', ?, ?, ?, ?, ?)",
            [(o, p, rule, severity, f"What {severity} says of {o}", f"Правило: {severity} {o}", broken)
             for o, p, rule, severity, broken in RULES],
        )  # fmt: skip
        con.execute("UPDATE completeness SET status = 'refused' WHERE office = 'tkm'")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("editions")
    fill(make_edition(made))
    return made


@pytest.fixture(scope="module")
def client(folder):
    return warm(create_app(folder)).test_client()


@pytest.fixture(scope="module")
def published(folder):
    return Editions(folder).current()


def drawn(client, search):
    return json.loads(page_json(client, search, "/checks"))["response"]["_pages_content"]


def links_in(node):
    return [n["props"]["href"] for n in walk(node) if isinstance(n, dict) and n.get("type") == "Link"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_index_leads_to_every_office_and_quarter(client, lang):
    queries = [parse(link.split("?")[1]) for link in links_in(drawn(client, f"?lang={lang}"))]
    asked = {(query.get("office"), query["period"]) for query in queries}
    assert asked == set(GROUPS)
    words = said(with_classes(drawn(client, f"?lang={lang}"), "checks"))
    outcomes = {"checks_broken": 1, "checks_nothing": 2, "checks_partly": 1, "checks_kept": 6}
    assert {key: words.count(text(key, lang)) for key in outcomes} == outcomes


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(("office", "period"), GROUPS)
def test_every_rule_of_an_office_and_quarter_is_said(client, lang, office, period):
    page = drawn(client, f"?lang={lang}&office={office}&period={period}")
    own = [(rule, severity, broken) for o, p, rule, severity, broken in RULES if (o, p) == (office, period)]
    rows = [said(n) for n in walk(with_classes(page, "rules")) if isinstance(n, dict) and n.get("type") == "Tr"][1:]
    assert len(rows) == len(own)
    for rule, severity, broken in own:
        (row,) = [row for row in rows if rule in row]
        message = {"en": f"What {severity} says of {office}", "ru": f"Правило: {severity} {office}"}[lang]
        for words in (
            message,
            text(f"severity_{severity}", lang),
            text("rule_broken" if broken else "rule_kept", lang),
        ):
            assert words in row
    if any(broken for _, _, broken in own):
        assert text("rule_broken", lang) in rows[0], "what was broken stands first"
    assert bool(own) != (text("checks_no_rules", lang) in said(page))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_number_but_quarters_names_and_the_edition_is_on_the_page(client, published, lang):
    """An edition has no count of rows, and the page makes none up."""
    known = [
        *published.about.values(),
        *policy(View(published, select({"lang": lang}, published))),
        published.about["figures_hash"][:12],
    ]
    known += [published.quarter_label(period, lang) for period in PERIODS]
    known += [row["file_name"] for o, p in GROUPS for row in published.files(o, p)]
    allowed = {n for words in known for n in re.findall(r"\d+", str(words))} | {"31"}
    for office, period in GROUPS:
        page = drawn(client, f"?lang={lang}&office={office}&period={period}")
        assert set(re.findall(r"\d+", said(page))) <= allowed


def test_staff_are_told_where_the_counts_are(client):
    for lang in LANGUAGES:
        page = said(drawn(client, f"?lang={lang}"))
        assert text("checks_where", lang) in page
        assert "data/curated/checks/" in page


@pytest.mark.parametrize("value", HOSTILE)
def test_an_office_that_the_edition_does_not_know_is_none(client, published, value):
    assert select({"office": value}, published) == select({}, published)
    assert page_json(client, f"?lang=en&office={value}", "/checks") == page_json(client, "?lang=en", "/checks")


def test_the_address_names_the_office_only_where_one_is_chosen(client, published):
    whole = client.get("/checks?office=kgz&period=2010-Q4").location
    assert (parse(whole.split("?")[1])["office"], parse(whole.split("?")[1])["period"]) == ("kgz", "2010-Q4")
    assert client.get(whole).status_code == 200
    assert "office" not in client.get("/checks?office=nowhere").location
    chosen = select({"office": "kgz"}, published)
    assert select(parse(chosen.query), published) == chosen


def test_the_overview_leads_to_the_checks(client):
    links = links_in(json.loads(page_json(client, "?lang=en&period=2010-Q4")))
    checks = [parse(link.split("?")[1]) for link in links if link.startswith("/checks?")]
    assert {query.get("office") for query in checks} == {None, *OFFICES.values()}
    assert {query["period"] for query in checks} == {"2010-Q4"}


def test_a_source_without_quarters_has_its_page_too(tmp_path):
    whole = "SET calendar = 'whole_source', period = 'all' WHERE calendar = 'quarter' AND period = '2010-Q4'"
    edition = make_edition(tmp_path)
    with duckdb.connect(str(edition / FILE_NAME)) as con:
        for statement in (
            f"UPDATE figures {whole}", f"UPDATE periods {whole}", "DELETE FROM completeness", "DELETE FROM inputs",
            "DELETE FROM figures WHERE calendar <> 'whole_source'",
            "DELETE FROM periods WHERE calendar <> 'whole_source'", "UPDATE checks SET office = 'ctdc', period = 'all'",
        ):  # fmt: skip
            con.execute(statement)
    page = said(drawn(create_app(tmp_path).test_client(), "?lang=en&office=ctdc"))
    assert "The same case is given twice" in page


# In a browser


@pytest.fixture(scope="module")
def address(folder, tmp_path_factory):
    with running(folder, tmp_path_factory.mktemp("log") / "server.log") as served:
        yield served


@pytest.fixture
def reader(browser, address):
    with watching(browser, address) as one:
        yield one


def read(reader, search):
    page = reader.open(f"/checks{search}")
    page.wait_for_selector(".checks")
    return page


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_is_cut_off_at_any_width(reader, lang):
    page = read(reader, f"?lang={lang}&office=kgz&period=2010-Q4")
    assert not page.locator("#filters").is_visible(), "the filters would change nothing here"
    for width in WIDTHS:
        assert cut_off(page, width) == [], width


def test_the_keyboard_chooses_an_office_and_quarter(reader):
    page = read(reader, "?lang=en&period=2010-Q3")
    assert page.locator("#office-quarter").count() == 0
    page.locator(".checks a", has_text="Rules broken").focus()
    page.keyboard.press("Enter")
    arrived(page, "office=kgz")
    page.wait_for_selector(".rules")
    assert page.locator("#office-quarter").inner_text().endswith("Q4 2010 (FY2011 Q1)")
    assert page.locator(".rules .state").first.inner_text() == "▲Broken"


def test_the_overview_is_reached_and_left_by_the_menu(reader):
    from playwright.sync_api import expect

    page = reader.open("/?lang=en")
    page.click(".menu a >> text=Checks")
    page.wait_for_selector(".checks")
    expect(page).to_have_title(re.compile("^Checks of the files"))
    page.click(".menu a >> text=Overview")
    reader.drawn()
