"""The dashboard without a browser: what leaves the server, and what never does."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import string
import sys
from collections.abc import Iterator
from dataclasses import asdict
from decimal import Decimal
from itertools import cycle
from pathlib import Path
from typing import Any

import duckdb
import pytest

import dashboards
from dashboards import pages, serve
from dashboards.app import create_app, find_pages, warm
from dashboards.cells import SHAPES, cell, word
from dashboards.editions import Editions
from dashboards.protected import policy
from dashboards.settings import Settings
from dashboards.state import parse, select
from dashboards.texts import LANGUAGES, TEXTS, text
from dashboards.view import View
from indicators.progress import NO_DATA, STATES
from reports import format as fmt
from reports.edition import FILE_NAME, SHOWN, STATUSES
from tests.dashboard_answers import frame_json, of_type, page_json, said, walk, with_classes, words_in
from tests.sample_edition import EDITION_ID, PLACES, make_edition, sample_rows

PAGES = find_pages(pages)
MODULES = [importlib.import_module(info.name) for info in pkgutil.walk_packages(dashboards.__path__, "dashboards.")
           if info.name not in ("dashboards.wsgi", "dashboards.__main__")]  # fmt: skip
# Words stand beside what says them.
OWN_WORDS = [item for module in MODULES for item in getattr(module, "WORDS", {}).items()]
NAMES = [(page.path, words) for page in PAGES.values() for words in (page.name, page.title) if isinstance(words, tuple)]
FORMATS = {"CSV", "XLSX"}  # what a file is called in Russian too
SOURCES = sorted((Path(__file__).parent.parent / "dashboards").rglob("*.py"))
HOSTILE = ("<script>alert(1)</script>", "2010-Q4'; DROP TABLE figures; --", "../../etc/passwd", "", "KZ,KG", "\x00")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("editions")
    make_edition(made)
    return made


@pytest.fixture(scope="module")
def published(folder):
    return Editions(folder).current()


@pytest.fixture(scope="module")
def client(folder):
    return warm(create_app(folder)).test_client()


def views(published: Any) -> Iterator[str]:
    """Views with every indicator, calendar and period of the edition in one of them or another, languages by turns."""
    languages, indicators = cycle(LANGUAGES), cycle(published.indicators)
    for calendar in published.periods:
        for period in published.periods[calendar]:
            indicator = next(indicators)
            place = {"P01": "UZ", "R09": "KG", "T02": "TM"}.get(indicator, "CA")
            wanted = {"calendar": calendar, "period": period, "indicator": indicator, "place": place}
            yield select({"lang": next(languages), **wanted}, published).query
        next(languages)  # so that no period has always the same language


# Words


def test_every_word_is_there_in_both_languages_with_the_same_blanks():
    for key, (en, ru) in [*TEXTS.items(), *OWN_WORDS, *NAMES]:
        assert en.strip() and ru.strip(), key
        blanks = [{name for _, name, _, _ in string.Formatter().parse(words) if name} for words in (en, ru)]
        assert blanks[0] == blanks[1], key
        plain = re.sub(r"\{\w+\}|make run", "", ru)
        assert not re.search("[A-Za-z]", plain), f"{key}: Latin letters in the Russian text"


def test_no_word_is_missing_and_none_is_left_over():
    code = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES if path.name != "texts.py")
    asked = set(re.findall(r'(?:say|text)\(\s*(?:view, )?"(\w+)"', code))
    known = {*TEXTS, *(key for key, _ in OWN_WORDS)}
    assert asked - known == set()
    families = ("export_", "report_", "filter_", "state_", "status_", "why_", "direction_", "fresh_", "rule_",
                "policy_", "certificate_", "group_", "end_")  # fmt: skip
    quoted = set(re.findall(r'"(\w+)"(?!: \()', code))
    quoted |= {f"{part}_{kind}" for part in re.findall(r'Part\(\s*"(\w+)"', code) for kind in ("title", "lead")}
    assert {key for key in known if key not in quoted and not key.startswith(families)} == set()


def test_every_status_and_state_has_a_shape_and_words_of_its_own():
    assert set(SHAPES) >= (set(STATUSES) - {SHOWN}) | (set(STATES) - {NO_DATA})
    for lang in LANGUAGES:
        assert len({word(state, lang) for state in SHAPES}) == len(SHAPES)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("status", [status for status in STATUSES if status != SHOWN])
def test_every_status_renders_in_words_and_without_a_number(published, status, lang):
    """Even a row in which a publisher left the number says the word only."""
    row = {"status": status, "reason": None, "value": Decimal(3), "numerator": Decimal(3), "denominator": Decimal(9),
           "target": Decimal(50), "baseline": None, "offices_expected": 1, "offices_reported": 0}  # fmt: skip
    shown = cell(row, published.indicators["P01"], lang)
    assert shown.word == text(f"status_{status}", lang)
    assert shown.why
    assert (shown.value, shown.parts, shown.percent, shown.number, shown.share) == ("", "", "", None, None)
    assert not shown.is_judged


@pytest.mark.parametrize(("lang", "parts"), [("en", "values: 21"), ("ru", "значений: 21")])
def test_a_mean_says_of_how_many_values_it_is(published, lang, parts):
    row = {"status": SHOWN, "reason": None, "value": Decimal("27.5"), "numerator": None, "denominator": Decimal(21),
           "target": None, "baseline": None, "offices_expected": 1, "offices_reported": 1}  # fmt: skip
    shown = cell(row, {**published.indicators["P01"], "unit": "days"}, lang)
    assert (shown.number, shown.parts) == (Decimal("27.5"), parts)
    assert shown.value == {"en": "27.5", "ru": "27,5"}[lang]


# Figures


def test_the_table_shows_the_edition_cell_by_cell(client, published):
    rows = {(r["indicator"], r["place"]): r for r in sample_rows()["figures"]
            if (r["calendar"], r["period"], r["breakdown"]) == ("quarter", "2010-Q4", "total")}  # fmt: skip
    for code in published.indicators:
        page = json.loads(page_json(client, f"?lang=en&calendar=quarter&period=2010-Q4&indicator={code}"))
        (table,) = with_classes(page, "figures")
        (drawn,) = [row for row in of_type(table, "Tr") if of_type(row, "Td") and f" {code} " in f" {said(row)} "]
        cells = of_type(drawn, "Td")
        for place, td in zip(("CA", *PLACES), cells, strict=True):
            row = rows[code, place]
            values = [n["props"]["children"] for n in with_classes(td, "value")]
            unit = published.indicators[code]["unit"]
            expected = (
                fmt.exact(row["value"], row["numerator"], row.get("denominator")) if row["status"] == SHOWN else None
            )
            assert values == ([] if expected is None else [fmt.figure(expected, unit, "en")]), (code, place)
            assert expected is not None or text(f"status_{row['status']}", "en") in said(td), (code, place)


@pytest.mark.parametrize(("lang", "hidden", "missing"), [("en", "Suppressed", "Not reported"),
                                                        ("ru", "Скрыто", "Нет отчёта")])  # fmt: skip
def test_what_changed_since_the_last_edition(client, published, lang, hidden, missing):
    """This edition's own changes, wholes of the chosen calendar: number or mark, cause, what the officer says."""
    page = json.loads(page_json(client, f"?lang={lang}&calendar=quarter"))
    (table,) = with_classes(page, "changes")
    rows = [said(n) for n in walk(table) if isinstance(n, dict) and n.get("type") == "Tr"][1:]
    assert len(rows) == len(published.changes("quarter")) == 3
    corrected, late, protected = rows
    note = published.label("officer_reason", "office_correction", lang) + ": Пять случаев не были учтены."
    assert " 41 " in corrected and " 46 " in corrected and note in corrected
    assert published.label("cause", "correction", lang) in corrected
    assert missing in late and " 9 " in late and published.label("cause", "late_data", lang) in late
    assert " 8 " in protected and hidden in protected
    none = said(json.loads(page_json(client, f"?lang={lang}&calendar=fiscal_year_to_date")))
    assert text("changes_none", lang, calendar=published.label("calendar", "fiscal_year_to_date", lang)) in none


def test_an_edition_that_follows_none_says_so(tmp_path):
    folder = make_edition(tmp_path)
    with duckdb.connect(str(folder / FILE_NAME)) as con:
        con.execute("DROP TABLE restatements")
        con.execute("ALTER TABLE edition DROP COLUMN follows")
    shown = said(json.loads(page_json(warm(create_app(tmp_path)).test_client(), "?lang=en")))
    assert text("changes_first", "en") in shown


def test_known_sentences(client):
    page = said(json.loads(page_json(client, "?lang=en&calendar=quarter&period=2010-Q4&indicator=P01&place=UZ")))
    for words in (
        "Uzbekistan: 3 of the 4 indicators that can be judged are on track or ahead.",
        "Offices counted: 4 of 5",
        "Offices counted: 0 of 1",
        "Hidden to protect people: this number, or one it would give away, is too small to publish. It is not zero.",
        "A count of people from 1 up to, but not including, 5 is not published.",
    ):
        assert words in page, words
    page = said(
        json.loads(page_json(client, "?lang=en&calendar=quarter&period=2010-Q4&indicator=P01&place=UZ", "/indicator"))
    )
    assert (
        "Victims of trafficking identified, Uzbekistan. Quarter. "
        "Q3 2010 (FY2010 Q4): Actual 62, Target 60, % of target 103%, Status On track; "
        "Q4 2010 (FY2011 Q1): Actual Suppressed, Target 60, % of target –, Status Suppressed."
    ) in page
    assert "Not reported" in said(with_classes(json.loads(page_json(client, "?lang=en")), "offices"))


def test_every_number_sent_is_one_of_the_edition(client, published):
    """Figures, targets, per cent of target, offices, counts of indicators: nothing else may look like a number."""
    for query in views(published):
        chosen = parse(query)
        page = json.loads(page_json(client, query))["response"]["_pages_content"]
        allowed = set(numbers_of(published, chosen))
        found = {n for words in words_in(page) for n in re.findall(r"\d[\d,.\u00a0]*(?<=\d)", words)}
        assert found <= allowed, (query, found - allowed)


def numbers_of(published: Any, chosen: dict[str, str]) -> Iterator[str]:
    lang = chosen["lang"]
    rows = [*published.totals(chosen["calendar"], chosen["period"]).values(),
            *published.series(chosen["indicator"], chosen["calendar"], chosen["place"]).values()]  # fmt: skip
    texts = [str(n) for n in range(len(published.indicators) + 1)]  # tallies
    texts += [words for pair in TEXTS.values() for words in pair] + [
        "75",
        "89",
        "90",
        "110",
        *protected_words(published, lang),
    ]
    texts += [published.period_label(c, p, lang) for c in published.periods for p in published.periods[c]]
    texts += [str(v) for row in published.indicators.values() for v in row.values() if v is not None]
    texts += [fmt.day(row["reviewed_on"], lang) for row in published.indicators.values()]
    texts += [fmt.day(published.about["data_until"], lang), *map(str, published.about.values())]
    texts += [published.about["figures_hash"][:12]]
    for row in rows:
        drawn = asdict(cell(row, published.indicators[row["indicator"]], lang))
        texts += [str(drawn[name]) for name in ("value", "parts", "target", "percent", "offices")]
    for row in published.changes(chosen["calendar"]):
        known = published.indicators[row["indicator"]]
        texts += [fmt.figure(row[side], known["unit"], lang) for side in ("old_value", "new_value") if row[side]]
    for words in texts:
        yield from re.findall(r"\d[\d,.\u00a0]*(?<=\d)", words)


def protected_words(published: Any, lang: str) -> list[str]:
    return policy(View(published, select({"lang": lang}, published)))


def test_an_edition_of_before_remainders_were_protected_is_not_said_to_protect_them(published):
    said_of = published.certificate()
    assert "remainders_given_away_by_earlier_editions" not in said_of
    assert not any(sentence.startswith("Two counts") for sentence in protected_words(published, "en"))


# Addresses


@pytest.mark.parametrize("name", ["lang", "period", "calendar", "indicator", "place"])
@pytest.mark.parametrize("value", HOSTILE)
def test_what_the_edition_does_not_hold_becomes_the_default(published, name, value):
    assert select({name: value}, published) == select({}, published)
    assert select({name: [value]}, published) == select({}, published)


def test_an_address_is_made_whole(client, published):
    answer = client.get("/?period=2010-Q3&lang=ru&utm=spy")
    assert answer.status_code == 302
    assert parse(answer.location.split("?")[1]) == {
        "lang": "ru", "period": "2010-Q3", "calendar": "quarter", "indicator": "P01", "place": "CA",
    }  # fmt: skip
    assert client.get(answer.location).status_code == 200
    assert "lang=ru" in client.get("/", headers={"Accept-Language": "ru-RU,ru;q=0.9"}).location


def test_every_selection_is_read_back_from_its_address(published):
    for query in views(published):
        assert select(parse(query), published).query == query


def test_forged_requests_get_the_default_view(client):
    usual = page_json(client, "?lang=en")
    for value in HOSTILE:
        assert page_json(client, f"?lang=en&indicator={value}&place={value}&calendar={value}&period={value}") == usual


def test_an_unknown_page_says_so_in_the_reader_s_language(client):
    page = page_json(client, "?lang=ru", "/nowhere")
    assert "Страница не найдена" in said(json.loads(page))


def test_the_document_is_in_the_reader_s_language(client):
    for lang, title in (("en", "Are we on target?"), ("ru", "Выполняется ли план?")):
        document = client.get("/", query_string={"lang": lang}, follow_redirects=True).get_data(as_text=True)
        assert f'<html lang="{lang}">' in document
        assert f"<title>{title}" in document


# Pages


def test_a_page_is_one_file(folder, tmp_path, monkeypatch):
    package = tmp_path / "more_pages"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "donors.py").write_text(
        "from dash import html\n"
        "from dashboards.view import Page\n"
        "PAGE = Page(path='/donors', order=2, name=('Donors', 'Доноры'), title=('Donors', 'Доноры'),\n"
        "            body=lambda view: html.H1(view.label('donor', 'usaid')))\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    client = warm(create_app(folder, importlib.import_module("more_pages"))).test_client()
    assert "ЮСАИД" in page_json(client, "?lang=ru", "/donors")
    assert "Доноры" in frame_json(client, "?lang=ru")
    assert client.get("/donors").status_code == 302
    (package / "empty.py").write_text("")
    importlib.invalidate_caches()
    with pytest.raises(TypeError, match=r"more_pages\.empty: a page module says PAGE"):
        create_app(folder, sys.modules["more_pages"])


# Editions


def test_a_new_edition_shows_without_a_restart_and_is_opened_once(tmp_path):
    make_edition(tmp_path)
    client = warm(create_app(tmp_path)).test_client()
    editions = Editions(tmp_path)
    first = editions.current()
    assert editions.current() is first
    make_edition(tmp_path, "2010-Q4-00000002")
    assert client.get("/healthz").json == {"edition": "2010-Q4-00000002"}
    assert "2010-Q4-00000002" in page_json(client, "?lang=en")
    assert first.about["edition_id"] == EDITION_ID, "whoever still reads the old edition finishes on it"
    assert editions.current().edition.edition_id == "2010-Q4-00000002"


def test_without_an_edition_the_server_says_what_to_do(tmp_path):
    answer = create_app(tmp_path).test_client().get("/")
    assert answer.status_code == 503
    assert "make run" in answer.get_data(as_text=True)


def altered(folder: Path, *statements: str) -> Any:
    """A client over the sample edition after some changes to it."""
    with duckdb.connect(str(make_edition(folder) / FILE_NAME)) as con:
        for statement in statements:
            con.execute(statement)
    return create_app(folder).test_client()


def test_a_source_without_quarters_targets_or_region(tmp_path):
    """Such as a published data set that says its year only: the page stands, and judges nothing."""
    whole = "SET calendar = 'whole_source', period = 'all' WHERE calendar = 'quarter' AND period = '2010-Q4'"
    client = altered(
        tmp_path,
        f"UPDATE figures {whole}", f"UPDATE periods {whole}", "UPDATE figures SET target = NULL",
        "DELETE FROM figures WHERE calendar <> 'whole_source' OR place = 'CA'",
        "DELETE FROM periods WHERE calendar <> 'whole_source'",
        "DELETE FROM completeness", "DELETE FROM targets", "UPDATE edition SET period = 'all', data_until = NULL",
    )  # fmt: skip
    page = said(json.loads(page_json(client, "?lang=en")))
    assert "Kazakhstan: no indicator with a target has a figure to judge." in page
    assert "This source names no reports by quarter." in page


@pytest.mark.parametrize(
    ("status", "words"),
    [("accepted", "Reported"), ("refused", "Refused, so not reported"), ("missing", "Not reported")],
)
def test_what_became_of_a_report_is_said_in_words(tmp_path, status, words):
    client = altered(tmp_path, f"UPDATE completeness SET status = '{status}'")
    table = with_classes(json.loads(page_json(client, "?lang=en")), "offices")
    states = {said(found) for found in with_classes(table, "state")}
    assert {state.lstrip("●– ") for state in states} == {words}


def test_an_office_that_counted_only_zeros(tmp_path):
    client = altered(tmp_path, "UPDATE figures SET value = 0, numerator = 0, denominator = NULL WHERE status = 'shown'")
    page = said(json.loads(page_json(client, "?lang=en&indicator=T02")))
    assert "0% of target" in page
    assert "Central Asia: 1 of the 5 indicators" in page, "nobody lost to follow-up is as good as it gets"


def test_an_edition_without_a_figure_is_none(tmp_path):
    assert altered(tmp_path, "DELETE FROM figures").get("/").status_code == 503


def test_no_other_module_reaches_the_files():
    """Pages ask `data`; only `editions` (and the check before the start) may open one; `kept` has users and tries."""
    opening = re.compile(r"\bopen\(|open_current|open_edition|open_scoped|read_text|read_bytes|\.connect\(")
    opened = {path.name for path in SOURCES if opening.search(path.read_text(encoding="utf-8"))}
    assert opened == {"editions.py", "serve.py", "kept.py"}


# Server


def test_headers_and_policy(client):
    answer = client.get("/", follow_redirects=True)
    policy = answer.headers["Content-Security-Policy"]
    scripts = re.findall(r"<script(?![^>]*(?:src=|/json))", answer.get_data(as_text=True))
    assert policy.count("'sha256-") == len(scripts), "every inline script is named, none is free"
    assert "unsafe-eval" not in policy
    assert "'unsafe-inline'" not in policy.split("style-src")[0]
    assert "frame-ancestors 'none'" in policy
    for name in ("X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Opener-Policy", "X-Frame-Options"):
        assert answer.headers[name]
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_request_must_name_this_machine(client):
    for host in ("evil.example", "192.0.2.1:8050"):
        assert client.get("/", headers={"Host": host}).status_code == 400
    for host in ("127.0.0.1:8050", "localhost:1234", "[::1]:8050"):
        assert client.get("/healthz", headers={"Host": host}).status_code == 200


def test_no_tools_for_machines_are_offered(client):
    for path in ("/mcp", "/_mcp", "/_dash-mcp"):
        assert "html" in client.get(path).mimetype, "an unknown page, not an interface"


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org", "10.0.0.1", ""])
def test_other_machines_are_not_served(host, folder, capsys):
    assert serve.serve(Settings(editions=folder), host) == serve.WRONG_USE
    assert "no login is configured" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.2"])
def test_this_machine_is_served(host):
    assert serve.check_host(host, Settings()) == host
    assert "--no-control-socket" in serve.command(host, 8050)


def test_nothing_to_serve(tmp_path, capsys):
    assert serve.serve(Settings(editions=tmp_path)) == serve.NO_EDITION
    assert "make run" in capsys.readouterr().err
