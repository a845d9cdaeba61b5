"""What is another country's never reaches a reader: not by address, forged callback, download or older edition."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import duckdb
import pytest

from dashboards import pages
from dashboards.app import find_pages
from dashboards.roles import OFFICER, RESTRICTED, VIEWER, may_open
from reports.edition import FILE_NAME, REGION, TABLES, NoEdition, open_edition
from reports.scope import ROWS, WHOLE, Scope, open_scoped
from tests.logins import UPDATE, callbacks, forged, make_users, reader, server_of
from tests.sample_edition import EDITION_ID, PLACES, make_edition

OLDER = "2010-Q4-0b5d2c66"
SECRET = re.compile(r"[3-8]1337|KGSECRET")
# Everything of Kyrgyzstan, and what of the region is for those who answer for the region, is marked.
TRAPS = (
    "UPDATE figures SET value = 31337, numerator = 31337, status = 'shown' WHERE place = 'KG'",
    "INSERT INTO figures SELECT * REPLACE ('CA' AS place, 41337 AS value, 41337 AS numerator, 'shown' AS status) "
    "FROM figures WHERE place = 'KG' AND breakdown <> 'total'",
    "UPDATE figures SET target = 51337 WHERE place = 'KG'",
    "UPDATE targets SET target = 51337, baseline = 51337 WHERE place = 'KG'",
    "INSERT INTO restatements SELECT * REPLACE ('KG' AS place, 61337 AS new_value, 61337 AS new_numerator, "
    "'shown' AS new_status, 'KGSECRET' AS officer_note) FROM restatements",
    "UPDATE training_events SET cost = 71337, event = 'KGSECRET' || event WHERE place = 'KG'",
    "INSERT INTO service_coverage VALUES ('2010-Q4', 'KG', 'KGSECRET', 'shelter', 81337)",
    "UPDATE inputs SET file_name = 'KGSECRET.csv' WHERE office = 'kgz'",
    "UPDATE checks SET message_en = 'KGSECRET', message_ru = 'KGSECRET', rule = 'KGSECRET' WHERE office = 'kgz'",
    "UPDATE completeness SET export = 'KGSECRET' WHERE office = 'kgz' AND export = 'cases'",
)
FORGED: tuple[dict[str, Any], ...] = (
    {"place": "KG"},
    {"place": REGION, "office": "kgz"},
    {"place": ["KG"], "office": ["kgz"]},
    {"place": "KG' OR '1'='1", "office": "kgz' OR '1'='1", "indicator": "P01"},
    {"place": "KG", "edition": OLDER},
    {"place": "KG", "edition": f"../{OLDER}"},
    {"place": "KZ,KG", "breakdown": "sex", "indicator": "P01"},
)


@pytest.fixture(scope="module")
def editions(tmp_path_factory):
    """Two editions with the traps set; the current one was made last."""
    folder = tmp_path_factory.mktemp("editions")
    for edition_id in (OLDER, EDITION_ID):
        with duckdb.connect(str(make_edition(folder, edition_id) / FILE_NAME)) as con:
            for trap in TRAPS:
                con.execute(trap)
    return folder


@pytest.fixture(scope="module")
def server(editions, tmp_path_factory):
    return server_of(editions, make_users(tmp_path_factory.mktemp("login")))


@pytest.fixture(scope="module")
def addresses(server):
    """Every address that a page offers to somebody who sees everything, and every page itself."""
    by_path: dict[str, str] = {}
    for address in found(reader(server, "officer")):
        by_path.setdefault(address.partition("?")[0], address)
    return sorted(by_path.values())


def found(client: Any) -> Iterator[str]:
    for page in find_pages(pages).values():
        yield page.path
        for query in ("?lang=en", "?lang=ru&place=KG&office=kgz&indicator=P01", f"?lang=en&edition={OLDER}"):
            sent = json.dumps(client.post(UPDATE, json=content_of(client, page.path, query)).json)
            yield from re.findall(r'"href": "(/[^"]*)"', sent)


def content_of(client: Any, path: str, query: str) -> dict[str, Any]:
    (entry,) = [entry for entry in callbacks(client) if "_pages_content.children" in entry["output"]]
    return forged(entry, {"pathname": path, "search": query})


def opened(answer: Any) -> str:
    """An answer as text without what parts thousands: workbooks and archives unpacked, to any depth."""
    return re.sub(r"[,\u00a0\u202f]|\\u00a0|\\u202f", "", "\n".join(_texts(answer.get_data())))


def _texts(data: bytes) -> Iterator[str]:
    if data[:2] != b"PK":
        yield data.decode("utf-8", "replace")
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            yield name
            yield from _texts(archive.read(name))


def everything(client: Any, addresses: list[str]) -> Iterator[tuple[str, Any]]:
    """The answers to every address and callback, as offered and with whatever a reader may forge into them."""
    for address in addresses:
        path, _, query = address.partition("?")
        yield address, client.get(address)
        # A workbook has the tables that are also given as CSV, and takes its time.
        for values in FORGED if path.endswith(".csv") else FORGED[4:5]:
            again = f"{path}?{urlencode(values, doseq=True)}&{query}"
            if path.startswith(("/export", "/files")):
                yield again, client.get(again)
    for entry in callbacks(client):
        for page in find_pages(pages).values():
            for values in FORGED:
                search = "?" + urlencode({"lang": "en", **values}, doseq=True)
                said = forged(entry, {"pathname": page.path, "search": search, **values})
                yield f"{entry['output']} {page.path} {values}", client.post(UPDATE, json=said)


def test_the_traps_are_set(server, addresses):
    """Somebody who sees the region meets each kind of mark, so that their absence elsewhere says something."""
    met = set()
    client = reader(server, "officer")
    for address in addresses:
        met |= set(SECRET.findall(opened(client.get(address))))
    for page in find_pages(pages).values():
        answer = client.post(UPDATE, json=content_of(client, page.path, "?lang=en&place=KG&office=kgz&indicator=P01"))
        met |= set(SECRET.findall(opened(answer)))
    assert {"31337", "51337", "61337", "KGSECRET"} <= met
    assert any(address.startswith("/export/") for address in addresses)


def test_a_reader_of_one_country_gets_nothing_of_another(server, addresses):
    answered = 0
    for asked, answer in everything(reader(server, "kz.viewer"), addresses):
        assert SECRET.findall(opened(answer)) == [], asked
        assert answer.status_code in (200, 204, 302, 304, 403, 404), asked
        answered += answer.status_code == 200
    assert answered > len(addresses), "there was something to look at"


def test_nobody_gets_anything(server, addresses):
    """Addresses and callbacks of the whole dashboard, asked without a login, and with an input called pathname."""
    nobody = server.test_client()
    for address in addresses:
        answer = nobody.get(address)
        assert answer.status_code in (303, 401) and not SECRET.search(opened(answer)), address
    entries = callbacks(reader(server, "officer"))
    for entry in entries:
        for pathname in (None, "/login", "/_dash-layout", "/healthz"):
            answer = nobody.post(UPDATE, json=forged(entry, {"pathname": "/", "search": "?place=KG"}, pathname))
            assert answer.status_code == 401


def test_each_country_sees_its_own_figures_and_the_totals_of_the_region(server, editions):
    for name, own, foreign in (("kz.viewer", "KZ", "KG"), ("kg.viewer", "KG", "KZ")):
        client = reader(server, name)
        sent = json.dumps(client.post(UPDATE, json=content_of(client, "/", "?lang=en")).json, ensure_ascii=False)
        names = {"KZ": "Kazakhstan", "KG": "Kyrgyzstan"}
        assert names[own] in sent and names[foreign] not in sent
        assert "Central Asia" in sent
        assert ("31,337" in sent) == (own == "KG")


def test_what_is_handed_to_donors_is_for_officers_of_the_region(server):
    """By address, and by a callback that names the page."""
    for name, is_open in (("officer", True), ("admin", True), ("region.viewer", False), ("kz.officer", False)):
        client = reader(server, name)
        for path in RESTRICTED:
            for way in (path, path + "/", path + "/x", path + "/usaid/iptt_en.xlsx", path + "/everything.zip"):
                if way.strip("/") != "reports":
                    answer = client.get(way)
                    assert (answer.status_code == 403) == (not is_open and _is_route(server, way)), (name, way)
        closed = "Not open to your role"
        for page in find_pages(pages).values():
            sent = client.post(UPDATE, json=content_of(client, page.path, "?lang=en")).get_data(as_text=True)
            assert (closed in sent) == (page.path in RESTRICTED and not is_open), (name, page.path)


def _is_route(server: Any, path: str) -> bool:
    """Whether an address is more than a document that shows whatever page its callback gives."""
    rule, _ = server.url_map.bind("localhost").match(path, return_rule=True)
    return rule.rule not in ("/", "/<path:path>")


@pytest.mark.parametrize("path", ["/files", "/files/", "//files", "/files/usaid/x", "/reports"])
def test_a_closed_path_is_closed_with_all_below_it(path):
    assert not may_open(VIEWER, WHOLE, path)
    assert not may_open(OFFICER, Scope(frozenset({"KZ"})), path)
    assert may_open(OFFICER, WHOLE, path)
    assert may_open(VIEWER, Scope(frozenset({"KZ"})), "/filesystem")


# The edition as its reader sees it


def test_every_table_says_who_sees_its_rows():
    assert set(ROWS) == set(TABLES)
    for table, columns in TABLES.items():
        if "place" in columns or "office" in columns:
            assert ROWS[table] != "true", f"{table} names places, and its rows are open to every one of them"


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("places", [{"KZ"}, {"KG", "UZ"}])
def test_a_table_holds_the_rows_of_its_reader_alone(editions, table, places):
    seen, whole = open_scoped(editions / EDITION_ID, Scope(frozenset(places))), open_edition(editions / EDITION_ID)
    rows, every = seen.rows(f"FROM {table}"), whole.rows(f"FROM {table}")
    assert all(row in every for row in rows[:50])
    if "place" in TABLES[table]:
        assert {row["place"] for row in rows} <= places | {REGION}
        own = [row for row in every if row["place"] in places]
        assert len([row for row in rows if row["place"] in places]) == len(own), "nothing of one's own is missing"
        assert {row.get("breakdown", "total") for row in rows if row["place"] == REGION} <= {"total"}
    elif "office" in TABLES[table]:
        offices = {row["office"] for row in whole.rows("FROM completeness") if row["place"] in places}
        assert rows == [row for row in every if row["office"] in offices]
    else:
        assert rows == every
    assert seen.rows("SELECT value FROM certificate") == whole.rows("SELECT value FROM certificate")
    for edition in (seen, whole):
        edition.connection.close()


def test_a_scoped_edition_reaches_no_file_and_names_none(editions):
    seen = open_scoped(editions / EDITION_ID, Scope(frozenset({"KZ"})))
    for statement in (
        f"ATTACH '{editions / OLDER / FILE_NAME}' AS again (READ_ONLY)",
        f"FROM read_text('{editions}/*')",
        f"COPY figures TO '{editions}/x.csv'",
        "SET enable_external_access = true",
        "DELETE FROM published.figures",
    ):
        with pytest.raises(duckdb.Error):
            seen.rows(statement)
    assert not seen.path.exists(), "whoever opened the file again would see everything"
    assert seen.tables() == set(TABLES)
    seen.connection.close()


def test_a_table_that_nobody_has_thought_of_is_empty(editions, tmp_path):
    folder = make_edition(tmp_path)
    with duckdb.connect(str(folder / FILE_NAME)) as con:
        con.execute("DROP TABLE restatements")
        con.execute("CREATE TABLE novelty AS SELECT 'KG' AS place")
    seen = open_scoped(folder, Scope(frozenset({"KZ"})))
    with pytest.raises(duckdb.CatalogException):
        seen.rows("FROM novelty")
    assert "restatements" not in seen.tables()
    seen.connection.close()


def test_scopes(tmp_path):
    assert Scope(frozenset({"KZ"})) == Scope(frozenset({"KZ"}))
    for wrong in (frozenset(), frozenset({"CA"}), frozenset({"kz"}), frozenset({"KZ'"})):
        with pytest.raises(ValueError, match="ISO codes"):
            Scope(wrong)
    with pytest.raises(NoEdition):
        open_scoped(tmp_path, Scope(frozenset({"KZ"})))
    assert set(PLACES) > {"KZ", "KG"}


def test_an_answer_that_is_kept_is_for_readers_of_the_same_scope_and_role(server, editions):
    """The same question, word for word, by readers who may see more, then less, then more again."""
    question = content_of(reader(server, "officer"), "/", "?lang=en&indicator=P01")
    sent = {
        name: [reader(server, name).post(UPDATE, json=question) for _ in range(2)]
        for name in ("officer", "kg.viewer", "kz.viewer", "region.viewer")
    }
    for name, (first, second) in sent.items():
        assert first.data == second.data, name
        assert second.headers["Cache-Control"] == "no-store" and second.headers["Content-Security-Policy"]
        assert bool(SECRET.search(opened(second))) == (name != "kz.viewer"), name
    assert sent["officer"][0].data == sent["region.viewer"][0].data != sent["kg.viewer"][0].data
    packed = reader(server, "kz.viewer").post(UPDATE, json=question, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in sent["kz.viewer"][1].headers
    assert server.test_client().post(UPDATE, json=question).status_code == 401


def test_an_answer_is_kept_no_longer_than_its_edition(tmp_path):
    from dashboards.app import create_app, warm

    make_edition(tmp_path)
    client = warm(create_app(tmp_path)).test_client()
    question = content_of(client, "/", "?lang=en")
    before = [client.post(UPDATE, json=question).data for _ in range(2)]
    make_edition(tmp_path, "2010-Q4-00000002")
    assert before[0] == before[1] != client.post(UPDATE, json=question).data
