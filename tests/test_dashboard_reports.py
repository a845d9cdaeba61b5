"""The page of reports: every link gives the file it names, of the edition that is shown, and nothing else."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from dashboards.app import create_app, warm
from dashboards.downloads import EVERYTHING, FOLDER, SUMS
from dashboards.pages import reports as page
from dashboards.texts import LANGUAGES, text
from pipelines.exports import export_donor, write_newsletter
from reports.donors import profiles
from reports.downloads import DRAFT, Download, shelves
from reports.edition import FILE_NAME
from reports.iptt_blocks import reporting_quarter
from tests.dashboard_answers import page_json, said, walk
from tests.donor_files import edition_with
from tests.sample_edition import EDITION_ID
from tests.test_dashboard import HOSTILE
from tests.test_exports import GAP

OLDER = "2010-Q3-0000aaaa"
TABLES = f"{FOLDER}/tables/"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("editions")
    edition_with(made).connection.close()
    return made


@pytest.fixture(scope="module")
def client(folder: Path) -> Any:
    return warm(create_app(folder)).test_client()


@pytest.fixture(scope="module")
def offered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Download]:
    """Every file by its address, from an edition of the same rows."""
    edition = edition_with(tmp_path_factory.mktemp("same"))
    return {f"{FOLDER}/{shelf.code}/{file.key}": file for shelf in shelves(edition) for file in shelf.files}


def drawn(client: Any, search: str) -> Any:
    return json.loads(page_json(client, search, "/reports"))["response"]["_pages_content"]


def links(node: Any) -> dict[str, dict[str, Any]]:
    anchors = [n["props"] for n in walk(node) if isinstance(n, dict) and n.get("type") == "A"]
    return {props["href"]: props for props in anchors}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_offers_every_file_once_with_a_name_of_its_own(client, offered, lang):
    found = links(drawn(client, f"?lang={lang}"))
    assert set(found) == {*offered, f"{FOLDER}/{EVERYTHING}"}
    assert all("download" in props for props in found.values())
    names = [found[address]["title"] for address in offered]
    assert len(set(names)) == len(names), "a screen reader lists links without what stands around them"


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """What `esep export` and `esep newsletter` write of the same rows, without texts of offices."""
    edition, out = edition_with(tmp_path_factory.mktemp("again")), tmp_path_factory.mktemp("out")
    paths = [one.path for donor in profiles().values() for one in export_donor(edition, donor, out).written]
    paths += write_newsletter(edition, out, reporting_quarter(edition), list(LANGUAGES), ())[0]
    return {path.name: path.read_bytes() for path in paths}


def test_every_link_gives_the_file_that_the_export_writes(client, offered, exported):
    """Byte for byte, and with an answer of a few bytes to whoever has it already."""
    names = {file.name.replace(f"_{DRAFT}", "") for address, file in offered.items() if not address.startswith(TABLES)}
    assert names == set(exported)
    for address, file in offered.items():
        assert file.is_draft == (f"_{DRAFT}" in file.name)
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{file.name}"'
        assert EDITION_ID in file.name
        if not address.startswith(TABLES):
            assert answer.data == exported[file.name.replace(f"_{DRAFT}", "")], address
        assert "no-cache" in answer.headers["Cache-Control"] and "private" in answer.headers["Cache-Control"]
        assert hashlib.sha256(answer.data).hexdigest() == answer.get_etag()[0]
        again = client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), address


def test_the_zip_of_everything_holds_every_file_and_its_sum(client, offered):
    answer = client.get(f"{FOLDER}/{EVERYTHING}")
    assert EDITION_ID in answer.headers["Content-Disposition"]
    files = zipfile.ZipFile(io.BytesIO(answer.data))
    sums = dict(line.split("  ")[::-1] for line in files.read(SUMS).decode().splitlines())
    assert set(sums) == set(files.namelist()) - {SUMS}
    assert {path.rpartition("/")[2] for path in sums} == {file.name for file in offered.values()}
    assert all(hashlib.sha256(files.read(path)).hexdigest() == digest for path, digest in sums.items())


def test_what_is_not_offered_is_not_there(client):
    for bad in (*HOSTILE, "%2e%2e%2fedition.duckdb", "edition.duckdb", "manifest.json"):
        for address in (f"{FOLDER}/usaid/{bad}", f"{FOLDER}/{bad}/iptt_en.xlsx"):
            answer = client.get(address)
            assert answer.status_code == 404 or "html" in answer.mimetype, unquote(address)
            assert b"SQLite" not in answer.data and b"DUCK" not in answer.data[:64]


def test_an_older_edition_gives_its_own_files(tmp_path):
    edition_with(tmp_path).connection.close()
    older = tmp_path / OLDER
    (tmp_path / EDITION_ID).rename(older)
    edition_with(tmp_path).connection.close()
    client = warm(create_app(tmp_path)).test_client()
    address = f"{FOLDER}/tables/tables.zip"
    assert EDITION_ID in client.get(address).headers["Content-Disposition"]
    found = links(drawn(client, f"?lang=en&edition={OLDER}"))
    assert all(href.endswith(f"?edition={OLDER}") for href in found)
    assert client.get(f"{address}?edition={OLDER}").status_code == 200


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_damaged_edition_gives_nothing_and_says_so(tmp_path, lang):
    edition_with(tmp_path).connection.close()
    client = warm(create_app(tmp_path)).test_client()
    with (tmp_path / EDITION_ID / FILE_NAME).open("ab") as file:
        file.write(b"more")
    fresh = create_app(tmp_path).test_client()
    shown = drawn(fresh, f"?lang={lang}")
    assert text("damaged", lang, page.WORDS) in said(shown)
    assert links(shown) == {}
    for address in (f"{FOLDER}/tables/tables.zip", f"{FOLDER}/{EVERYTHING}"):
        answer = fresh.get(address)
        assert (answer.status_code, answer.mimetype) == (409, "text/plain")
    del client


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_donor_whose_files_cannot_be_made_is_named_with_what_to_do(tmp_path, lang):
    edition_with(tmp_path, GAP).connection.close()
    shown = drawn(warm(create_app(tmp_path)).test_client(), f"?lang={lang}")
    assert text("fault", lang, page.WORDS) in said(shown)
    assert "esep export usaid" in said(shown)
    assert not any(href.startswith(f"{FOLDER}/usaid/") for href in links(shown))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_source_without_quarters_offers_its_tables(tmp_path, lang):
    whole = "SET calendar = 'whole_source', period = 'all' WHERE calendar = 'quarter' AND period = '2010-Q4'"
    statements = (
        f"UPDATE figures {whole}", f"UPDATE periods {whole}", "DELETE FROM figures WHERE calendar <> 'whole_source'",
        "DELETE FROM periods WHERE calendar <> 'whole_source'", "UPDATE edition SET period = 'all', data_until = NULL",
    )  # fmt: skip
    edition_with(tmp_path, *statements).connection.close()
    shown = drawn(create_app(tmp_path).test_client(), f"?lang={lang}")
    assert text("no_donors", lang, page.WORDS) in said(shown)
    assert set(links(shown)) == {f"{FOLDER}/tables/tables.zip", f"{FOLDER}/{EVERYTHING}"}
