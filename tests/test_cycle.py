"""One quarter end to end, from the offices' files to the edition: what is printed must come out of it."""

from __future__ import annotations

import hmac
import json
import shutil
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner

from dashboards import pages
from dashboards.app import create_app, find_pages, warm
from dashboards.editions import Editions
from indicators import disclosure
from indicators.definitions import definitions
from indicators.facts import kept_facts
from indicators.figures import Figure
from pipelines import cycle, publish
from pipelines.cli import main
from pipelines.contracts import contracts
from pipelines.demo import write_demo
from pipelines.explained_inputs import needed_files
from pipelines.identity import KEY_NAME, store_key
from pipelines.inputs import of_programme
from pipelines.warehouse import open_warehouse
from reports.document import texts
from reports.edition import FILE_NAME, TABLES, manifest, open_current, open_edition
from reports.newsletter import newsletter_document
from reports.outputs import trainet
from tests.dashboard_answers import of_type, page_json, said
from tests.killed_output import few

Row = dict[str, Any]


def quiet(_: str) -> None:
    """Tests look at what was done, not at what is said on the way."""


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cycle") / "raw"
    write_demo(folder)
    return folder


@pytest.fixture(scope="module")
def ran(raw: Path) -> cycle.Cycle:
    return cycle.run_programme(raw, raw.parent / "curated", raw.parent / "out", say=quiet)


@pytest.fixture(scope="module")
def figure(ran: cycle.Cycle) -> Callable[..., Row]:
    edition = open_edition(ran.published.folder)

    def find(indicator: str, period: str, place: str, cell: str = "total=total", calendar: str = "quarter") -> Row:
        asked = [indicator, calendar, period, place, *cell.split("=")]
        (row,) = edition.rows(
            "SELECT * FROM figures WHERE indicator = ? AND calendar = ? AND period = ? AND place = ? "
            "AND breakdown = ? AND category = ?",
            asked,
        )
        return row

    return find


def test_every_sample_file_is_accepted_whole(ran: cycle.Cycle) -> None:
    assert [(r.file_name, r.status, r.rows_quarantined) for r in ran.receipts if r.status != "accepted"] == []
    assert not any(receipt.rows_quarantined for receipt in ran.receipts)
    assert {receipt.office for receipt in ran.receipts} == {n for n, c in contracts().items() if c.first_period}


# -- what the newsletter prints --


def test_twelve_events_trained_167_prosecutors_and_205_judges(figure: Callable[..., Row]) -> None:
    assert figure("T01", "2010-Q3", "KZ")["value"] == 12
    assert figure("T02", "2010-Q3", "KZ")["value"] == 372
    assert figure("T03", "2010-Q3", "KZ")["value"] == 372
    assert figure("T02", "2010-Q3", "KZ", "profession=prosecutor")["value"] == 167
    assert figure("T02", "2010-Q3", "KZ", "profession=judge")["value"] == 205


def test_twelve_of_sixteen_first_level_units(figure: Callable[..., Row]) -> None:
    row = figure("T09", "2010-Q3", "KZ")
    assert (row["numerator"], row["denominator"], row["value"]) == (12, 16, Decimal("0.75"))


def test_nine_of_fourteen_regions_and_an_unknown_number_of_volunteers(figure: Callable[..., Row]) -> None:
    row = figure("T09", "2010-Q4", "UZ")
    assert (row["numerator"], row["denominator"]) == (9, 14)
    for indicator in ("T02", "T03"):
        assert (figure(indicator, "2010-Q4", "UZ")["status"], figure(indicator, "2010-Q4", "UZ")["value"]) == (
            "unknown",
            None,
        )


def test_fifteen_members_in_five_velayats(figure: Callable[..., Row]) -> None:
    assert figure("N01", "2010-Q4", "TM")["value"] == 15
    assert (figure("N03", "2010-Q4", "TM")["numerator"], figure("N03", "2010-Q4", "TM")["denominator"]) == (5, 6)
    assert figure("N01", "2010-Q3", "KZ")["value"] == 12
    assert figure("N03", "2010-Q4", "KG")["value"] == 1


def test_the_table_of_services_by_region_is_behind_its_two_shares(ran: cycle.Cycle, figure: Callable[..., Row]) -> None:
    rows = _rows(ran, "service_coverage")
    for period in ("2010-Q3", "2010-Q4"):
        for place in ("KZ", "KG", "TJ", "TM", "UZ"):
            members = [row["members"] for row in rows if (row["period"], row["place"]) == (period, place)]
            offered, single = sum(n > 0 for n in members), sum(n == 1 for n in members)
            covered, alone = figure("N04", period, place), figure("N15", period, place)
            assert (covered["numerator"], covered["denominator"]) == (offered, len(members)), (period, place)
            assert (alone["numerator"], alone["denominator"]) == (single, offered), (period, place)


def test_the_list_of_training_events_is_behind_their_figures(ran: cycle.Cycle, figure: Callable[..., Row]) -> None:
    rows, known = _rows(ran, "training_events"), 0
    for period in ("2010-Q3", "2010-Q4"):
        for place in ("KZ", "KG", "TJ", "TM", "UZ"):
            held = [r for r in rows if (r["period"], r["place"], r["event_status"]) == (period, place, "completed")]
            assert figure("T01", period, place)["value"] == len(held), (period, place)
            wanted = [trainet.duty(row["days"], row["hours"]) for row in held]
            reported = figure("T11", period, place)
            if reported["status"] == "shown":
                assert reported["value"] == wanted.count(trainet.REQUIRED), (period, place)
                known += 1
    assert known > 5


def test_the_newsletter_of_the_sample_says_what_the_printed_one_says(ran: cycle.Cycle) -> None:
    """205 judges and 167 prosecutors from 12 of 16 units; three recommendations to three bodies; 15 NGOs."""
    edition = open_edition(ran.published.folder)
    said = [text.replace("\u00a0", " ") for text in texts(newsletter_document(edition, "en"))]
    edition.connection.close()
    kazakhstan = said[said.index("Kazakhstan", said.index("In this edition") + 50) :]
    begins = {
        "Training events held: 0; since January: 12.",
        "Who was trained (since January): Judge — 205; Prosecutor — 167.",
        "First-level regions covered by training (since January): 75.0% (12 of 16).",
        "Recommendations issued: 0; since January: 3.",
        "To whom (since January): General Prosecutor's Office — 3; Ministry of Interior — 3; Supreme Court — 3.",
    }
    assert begins - set(kazakhstan) == set()
    turkmenistan = said[len(said) - said[::-1].index("Turkmenistan") :]
    assert "Active members of the NGO network: 15; since January: 15." in turkmenistan


def test_every_donor_is_handed_its_files_of_its_latest_quarter(ran: cycle.Cycle) -> None:
    names = [path.name for path in ran.reports]
    assert len(set(names)) == len(names)
    for stem, donor in (("usaid_FY2011-Q1_", "usaid"), ("inl_FY2010-Q4_", "inl"), ("norway_2010-Q4_", "norway")):
        own = [name for name in names if name.startswith(f"{donor}_")]
        assert own and all(name.startswith(stem + ran.published.edition_id) for name in own)
        assert len([name for name in own if name.endswith(".xlsx") and "_iptt_" in name]) == 2
    assert {name.rpartition(".")[2] for name in names} >= {"xlsx", "xml", "zip", "json", "csv"}


def test_three_and_six_recommendations(figure: Callable[..., Row]) -> None:
    assert figure("L01", "2010-Q3", "KZ")["value"] == 3
    assert figure("L01", "2010-Q3", "KZ", "addressees=interior")["value"] == 3
    assert figure("L01", "2010-Q4", "KG")["value"] == 6


def test_what_nobody_counted_is_unknown_and_never_zero(figure: Callable[..., Row]) -> None:
    for place in ("TM", "KG"):
        row = figure("T03", "2010-Q4", place)
        assert (row["status"], row["value"], row["reason"]) == ("unknown", None, "not_recorded")


# -- what every edition keeps --


def test_the_region_says_how_many_countries_are_in_it(figure: Callable[..., Row]) -> None:
    row = figure("T03", "2010-Q4", "CA")
    assert row["offices_expected"] == 5
    assert row["offices_reported"] < 5


def test_a_second_run_changes_nothing(raw: Path, ran: cycle.Cycle) -> None:
    before = (ran.published.folder / FILE_NAME).read_bytes()
    again = cycle.run_programme(raw, raw.parent / "curated", raw.parent / "out", say=quiet)
    assert {receipt.status for receipt in again.receipts} == {"unchanged"}
    assert not again.published.is_new
    assert again.published.folder == ran.published.folder
    assert (ran.published.folder / FILE_NAME).read_bytes() == before


@pytest.fixture(scope="module")
def one_office(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, cycle.Cycle]:
    """Kazakhstan alone, without the cases of its earlier quarter."""
    folder = tmp_path_factory.mktemp("one_office")
    others = shutil.ignore_patterns("kgz", "tjk", "tkm", "uzb", "KAZ_cases_2010-Q3*")
    shutil.copytree(raw, folder / "raw", ignore=others)
    return folder, cycle.run_programme(folder / "raw", folder / "curated", folder / "out", say=quiet)


def test_another_store_with_the_same_key_makes_the_same_edition(
    one_office: tuple[Path, cycle.Cycle], tmp_path: Path
) -> None:
    folder, done = one_office
    (tmp_path / "curated").mkdir()
    shutil.copy2(folder / "curated" / KEY_NAME, tmp_path / "curated")
    other = cycle.run_programme(folder / "raw", tmp_path / "curated", tmp_path / "out", say=quiet)
    assert other.published.edition_id == done.published.edition_id
    for mine, theirs in zip(done.reports, other.reports, strict=True):
        assert mine.read_bytes() == theirs.read_bytes(), mine.name
    for table in TABLES:
        assert _rows(done, table) == _rows(other, table), table


def _rows(ran: cycle.Cycle, table: str) -> list[Row]:
    edition = open_edition(ran.published.folder)
    try:
        return edition.rows(f"SELECT * FROM {table} ORDER BY ALL")
    finally:
        edition.connection.close()


def test_the_edition_is_what_its_page_says(ran: cycle.Cycle, repository: Path) -> None:
    page = (repository / "docs" / "edition.md").read_text(encoding="utf-8")
    for table, columns in TABLES.items():
        assert f"`{table}`" in page
        assert [name for name in columns if f"| `{name}` |" not in page] == [], table
        with duckdb.connect(str(ran.published.folder / FILE_NAME), read_only=True) as con:
            found = con.execute(f"SELECT column_name FROM (DESCRIBE {table})").fetchall()
        assert [name for (name,) in found] == list(columns)


def test_every_code_of_a_figure_has_words_in_both_languages(ran: cycle.Cycle) -> None:
    edition = open_edition(ran.published.folder)
    known = set(edition.labels("en")) & {key for key, word in edition.labels("ru").items() if word}
    lists = {"place": "place", "status": "status", "calendar": "calendar", "breakdown": "breakdown"}
    for column, name in lists.items():
        assert {(name, row[column]) for row in edition.rows(f"SELECT DISTINCT {column} FROM figures")} <= known
    rows = edition.rows("SELECT DISTINCT breakdown, category FROM figures WHERE breakdown <> 'total'")
    assert {(row["breakdown"], row["category"]) for row in rows} <= known
    edition.connection.close()


def test_no_case_row_is_in_the_edition(ran: cycle.Cycle, raw: Path) -> None:
    """Neither a code of a person or case, nor how many rows an office sent."""
    text = (ran.published.folder / FILE_NAME).read_bytes()
    with duckdb.connect(str(raw.parent / "curated" / "warehouse.duckdb"), read_only=True) as con:
        codes = con.execute("SELECT case_ref FROM cases UNION SELECT person_ref FROM participants").fetchall()
    assert not [code for (code,) in codes if code and len(code) > 6 and code.encode() in text]
    assert not [name for columns in TABLES.values() for name in columns if name.startswith("rows_")]


def test_the_manifest_names_every_input(ran: cycle.Cycle) -> None:
    said = manifest(ran.published.folder)
    key = store_key(ran.checks_index.parent.parent)
    named = {hmac.new(key, receipt.submission.encode(), "sha256").hexdigest() for receipt in ran.receipts}
    assert set(said["inputs"]) == named
    assert {row["submission"] for row in _rows(ran, "inputs")} == named
    assert said["policy"] == disclosure.policies()["default"].digest


def test_an_unsafe_edition_is_not_published(raw: Path, ran: cycle.Cycle, tmp_path: Path) -> None:
    """Should the suppressor fail, the attacker on the written file stands in the way, and nothing is left behind."""
    curated = tmp_path / "curated"
    shutil.copytree(raw.parent / "curated", curated, ignore=shutil.ignore_patterns("editions", "LOCK"))

    def small_counts_only(
        figures: Any, catalogue: Any, windows: Any, policy: disclosure.Policy, earlier: Any
    ) -> disclosure.Released:
        hidden = tuple(_hide_if_small(figure, policy) for figure in figures)
        return disclosure.Released(hidden, {})

    with open_warehouse(curated) as con, pytest.raises(disclosure.Unsafe):
        inputs = of_programme(con, contracts(), None, key=store_key(curated))
        publish.publish(con, curated, inputs, few(), protect=small_counts_only)
    assert not list((curated / "editions").iterdir())


def _hide_if_small(figure: Figure, policy: disclosure.Policy) -> Figure:
    if not disclosure.is_protected(definitions()[figure.indicator], policy) or not policy.is_small(
        figure.numerator or Decimal(0)
    ):
        return figure
    return Figure(*figure.key, None, None, "suppressed", "small_numbers", 1, 1)


def test_one_table_gives_one_reason(ran: cycle.Cycle) -> None:
    """Two reasons in one table would tell its hidden zeros from its small counts."""
    edition = open_edition(ran.published.folder)
    rows = edition.rows(
        "SELECT indicator, calendar, period, place, breakdown FROM figures WHERE status = 'suppressed' "
        "GROUP BY ALL HAVING count(DISTINCT reason) > 1"
    )
    edition.connection.close()
    assert rows == []


def test_no_table_escapes_because_its_whole_is_unknown(ran: cycle.Cycle) -> None:
    edition = open_edition(ran.published.folder)
    protected = [
        code for code, d in definitions().items() if disclosure.is_protected(d, disclosure.policies()["default"])
    ]
    small = edition.rows(
        "SELECT * FROM figures WHERE status = 'shown' AND numerator BETWEEN 1 AND 4 AND list_contains(?, indicator)",
        [protected],
    )
    unknown = edition.rows(
        "SELECT * FROM figures WHERE status = 'unknown' AND breakdown = 'total' AND indicator = 'T02'"
    )
    edition.connection.close()
    assert unknown
    assert small == []


# -- one office fails --


@pytest.fixture(scope="module")
def broken(raw: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, cycle.Cycle]:
    """The same quarters, but Tajikistan's and one file of Kazakhstan's of the last quarter cannot be read."""
    folder = tmp_path_factory.mktemp("broken")
    shutil.copytree(raw, folder / "raw")
    for path in (folder / "raw" / "tjk").glob("*2010-Q4*"):
        path.write_bytes(b"")
    (folder / "raw" / "kaz" / "KAZ_hotline_2010-Q4.csv").write_bytes(b"\xef\xbb\xbf" + "ФИО;Телефон\r\n".encode())
    return folder, cycle.run_programme(folder / "raw", folder / "curated", folder / "out", say=quiet)


def test_a_refused_file_leaves_the_others_as_they_are(broken: tuple[Path, cycle.Cycle]) -> None:
    _, done = broken
    refused = {(receipt.office, receipt.period) for receipt in done.refused}
    assert refused == {("tjk", "2010-Q4"), ("kaz", "2010-Q4")}
    assert all(receipt.findings for receipt in done.refused)


def test_a_refused_office_is_not_reported_and_never_zero(broken: tuple[Path, cycle.Cycle]) -> None:
    _, done = broken
    edition = open_edition(done.published.folder)
    rows = edition.rows(
        "SELECT * FROM figures WHERE place = 'TJ' AND period = '2010-Q4' "
        "AND indicator NOT LIKE 'N%' AND indicator NOT LIKE 'Q%'"
    )
    assert rows
    assert {(row["status"], row["value"]) for row in rows} == {("not_reported", None)}
    region = edition.rows(
        "SELECT offices_expected, offices_reported FROM figures WHERE place = 'CA' AND indicator = 'H01' "
        "AND calendar = 'quarter' AND period = '2010-Q4' AND breakdown = 'total'"
    )
    assert region == [{"offices_expected": 5, "offices_reported": 3}]
    came = {
        (r["office"], r["export"]): r["status"]
        for r in edition.rows("SELECT * FROM completeness WHERE period = '2010-Q4'")
    }
    assert came["tjk", "cases"] == "refused"
    assert came["kaz", "campaigns"] == "refused"
    assert came["kaz", "cases"] == "accepted"
    edition.connection.close()


def test_what_never_came_is_owed_and_not_on_time(broken: tuple[Path, cycle.Cycle]) -> None:
    """Figures about the files are there for an office that sent nothing, and count its files with the rest."""
    _, done = broken
    edition = open_edition(done.published.folder)
    found = {
        (row["indicator"], row["place"]): (row["status"], row["numerator"], row["denominator"])
        for row in edition.rows(
            "SELECT * FROM figures WHERE indicator IN ('Q01', 'Q02', 'Q02_HELD') AND calendar = 'quarter' "
            "AND period = '2010-Q4' AND breakdown = 'total'"
        )
    }
    owed = {c.place: len(c.slots_at("2010-Q4")) for c in contracts().values() if c.first_period and c.place != "CA"}
    edition.connection.close()
    assert {place: found["Q01", place] for place in owed} == {at: ("shown", 0, files) for at, files in owed.items()}
    assert found["Q01", "CA"] == ("shown", 0, sum(owed.values())), "the files of the sample come years after their time"
    assert found["Q02", "TJ"] == ("undefined", None, None), "of what did not come there is no share"
    assert found["Q02", "KZ"] == ("shown", owed["KZ"] - 1, owed["KZ"] - 1)
    assert found["Q02_HELD", "CA"][:2] == ("shown", 0)


def test_what_joins_a_missing_file_is_not_reported(one_office: tuple[Path, cycle.Cycle]) -> None:
    """Services of this quarter to people registered in the last one cannot be counted without its cases."""
    _, done = one_office
    edition = open_edition(done.published.folder)
    rows = edition.rows(
        "SELECT indicator, status FROM figures WHERE place = 'KZ' AND calendar = 'quarter' AND period = '2010-Q4' "
        "AND breakdown = 'total' AND indicator IN ('P01', 'P03', 'P08', 'H01') ORDER BY indicator"
    )
    edition.connection.close()
    found = {row["indicator"]: row["status"] for row in rows}
    assert found["H01"] == "shown"
    assert (found["P03"], found["P08"]) == ("not_reported", "not_reported")


def test_the_command_says_what_to_do_and_ends_with_3(broken: tuple[Path, cycle.Cycle]) -> None:
    folder, done = broken
    places = ["--raw", str(folder / "raw"), "--curated", str(folder / "curated"), "--out", str(folder / "out")]
    result = CliRunner().invoke(main, ["run", *places])
    assert result.exit_code == 3
    assert "KAZ_hotline_2010-Q4.csv" in result.stderr
    assert "personal_data_header" in result.stderr
    assert str(done.published.folder) in result.stdout


def test_nothing_to_publish_ends_with_4(tmp_path: Path) -> None:
    (tmp_path / "raw").mkdir()
    result = CliRunner().invoke(main, ["run", "--raw", str(tmp_path / "raw"), "--curated", str(tmp_path / "curated")])
    assert result.exit_code == 4
    assert "no file of any quarter has been accepted" in result.stderr


def test_a_landing_zone_that_is_not_there_is_a_wrong_command_line(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["run", "--raw", str(tmp_path / "no"), "--curated", str(tmp_path / "curated")])
    assert result.exit_code == 2
    assert "--raw" in result.stderr
    assert not (tmp_path / "curated").exists()


# -- a published source is one file --


def test_the_published_numbers_of_the_region_come_out(real: Path, tmp_path: Path) -> None:
    file = next((real / "ctdc").glob("*.csv"))
    done = cycle.run_source("ctdc", file, tmp_path / "curated", tmp_path / "out", say=quiet)
    edition = open_current(tmp_path / "curated" / "sources" / "ctdc" / "editions")
    rows = edition.rows("SELECT * FROM figures WHERE breakdown IN ('total', 'exploitation')")
    found = {(r["indicator"], r["place"], r["category"]): r for r in rows}
    people = {"KG": 2260, "UZ": 2040, "KZ": 690, "TJ": 610, "TM": 520}
    assert {place: found["P01", place, "total"]["value"] for place in people} == people
    known = {"KG": 1003, "UZ": 211, "TM": 137, "KZ": 73}
    assert {place: found["P14", place, "total"]["denominator"] for place in known} == known
    shares = {("KG", "labour"): "0.926", ("KG", "sexual"): "0.078", ("UZ", "labour"): "0.844",
              ("UZ", "sexual"): "0.156", ("KZ", "labour"): "0.151", ("KZ", "sexual"): "0.849"}  # fmt: skip
    for (place, form), share in shares.items():
        assert round(found["P14", place, form]["value"], 3) == Decimal(share)
    # Seven persons of Tajikistan, and one of the 137 of Turkmenistan, are too few to say how they were exploited.
    for place, form in (("TJ", "total"), ("TJ", "labour"), ("TM", "sexual"), ("TM", "labour")):
        assert found["P14", place, form]["status"] == "suppressed"
    assert done.published.certificate["figures_worked_out"] == "0"
    edition.connection.close()


# -- what is read from the edition --


def test_the_dashboard_draws_every_indicator_of_the_catalogue(ran: cycle.Cycle) -> None:
    """Whatever is counted can be looked at: counts, shares, means and measures of the network, in both languages."""
    client = warm(create_app(ran.published.folder.parent)).test_client()
    shown = Editions(ran.published.folder.parent).current()
    assert set(shown.indicators) == set(definitions())
    for number, code in enumerate(shown.indicators):
        language = ("en", "ru")[number % 2]
        page = page_json(client, f"?lang={language}&indicator={code}")
        assert shown.indicators[code][f"title_{language}"] in json.loads(page)["response"].__repr__(), code


def test_every_page_is_drawn_of_the_sample_in_both_languages(ran: cycle.Cycle) -> None:
    """With the edition as it is published: hidden, missing and undefined figures, and every table beside them."""
    client = warm(create_app(ran.published.folder.parent)).test_client()
    for page in find_pages(pages).values():
        for search in ("?lang=en", "?lang=ru&period=2010-Q3&place=TM"):
            sent = json.loads(page_json(client, search, page.path))["response"]["_pages_content"]
            assert len(of_type(sent, "H1")) == 1, (page.path, search)
            assert ran.published.edition_id in said(sent) or page.order is None, page.path


# -- what a figure was made of, from the edition alone --


def test_every_table_that_hides_something_says_how_safe_it_is(ran: cycle.Cycle) -> None:
    edition = open_edition(ran.published.folder)
    try:
        counted = edition.rows("""
            SELECT indicator, calendar, period, place, breakdown, count(*) AS figures,
              count(*) FILTER (WHERE status = 'suppressed') AS figures_hidden
            FROM figures GROUP BY ALL HAVING figures_hidden > 0""")
        said = edition.rows("SELECT * FROM protected_tables")
    finally:
        edition.connection.close()
    assert said
    unsaid = [{name: row[name] for name in row if name != "smallest_interval"} for row in said]
    assert sorted(unsaid, key=str) == sorted(counted, key=str)
    narrowest = min(row["smallest_interval"] for row in said)
    assert str(narrowest) == ran.published.certificate["smallest_interval"]
    assert narrowest >= 1, "a hidden count has one value left"


def test_a_figure_is_explained_with_the_files_it_was_made_of(ran: cycle.Cycle, figure: Callable[..., Row]) -> None:
    found = explained(ran, "P04", "KZ")
    assert found["published"]["value"] == str(figure("P04", "2010-Q4", "KZ")["value"].normalize())
    assert found["published"]["definition_changed"] is False
    assert {file["status"] for file in found["files"]} == {"accepted"}
    assert {file["file_name"] for file in found["files"]} == {
        "KAZ_cases_2010-Q3.csv", "KAZ_cases_2010-Q4.csv", "KAZ_assistance_2010-Q4.csv",
    }  # fmt: skip


def test_what_protection_hid_is_explained_without_a_number(ran: cycle.Cycle) -> None:
    edition = open_edition(ran.published.folder)
    hidden = edition.rows(
        "SELECT DISTINCT ON (reason) * FROM figures WHERE status = 'suppressed' AND breakdown = 'total'"
        " AND calendar = 'quarter' AND period = '2010-Q4' ORDER BY reason, indicator, place"
    )
    edition.connection.close()
    assert hidden, "nothing is hidden: this tests nothing"
    for row in hidden:
        published = explained(ran, row["indicator"], row["place"])["published"]
        assert (published["value"], published["numerator"], published["denominator"]) == (None, None, None)
        assert published["reason"].endswith("."), "in words"


@pytest.mark.parametrize("calendar", ["quarter", "project_life"])
def test_a_figure_is_reported_exactly_when_every_file_it_is_said_to_need_came(
    ran: cycle.Cycle, broken: tuple[Path, cycle.Cycle], calendar: str
) -> None:
    """What `esep explain` names as needed is what counting needed, in an edition with gaps and in one without."""
    seen = set()
    for done in (ran, broken[1]):
        edition = open_edition(done.published.folder)
        for row in edition.rows(
            "SELECT * FROM figures WHERE calendar = ? AND period = '2010-Q4' AND breakdown = 'total' AND place <> 'CA'",
            [calendar],
        ):
            definition = definitions()[row["indicator"]]
            files = needed_files(definition, calendar, row["period"], row["place"], edition, contracts())
            # What the programme keeps itself is there whatever came.
            came = set(definition.facts) <= set(kept_facts()) or all(file.status == "accepted" for file in files)
            assert files, row
            assert (row["status"] == "not_reported") == (not came), (row, files)
            seen.add((done is ran, came))
        edition.connection.close()
    assert seen == {(True, True), (False, True), (False, False)}


def explained(ran: cycle.Cycle, code: str, place: str) -> dict[str, Any]:
    curated = str(ran.published.folder.parents[1])
    asked = ["explain", code, "--period", "2010-Q4", "--place", place, "--curated", curated, "--json"]
    done = CliRunner().invoke(main, asked)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.output)
    return found
