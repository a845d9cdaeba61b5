"""The published CTDC file of the region is one more source: one contract, and its known numbers come out."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from indicators.facts import facts
from pipelines.contracts import contracts, recognise
from pipelines.parse import Parsed, parse, records
from pipelines.render import render

CONTRACT = contracts()["ctdc"]
# By citizenship: persons, and those with any known form of exploitation.
KNOWN = {"KG": (2260, 1003), "UZ": (2040, 211), "KZ": (690, 73), "TJ": (610, 7), "TM": (520, 137)}


@pytest.fixture(scope="module")
def published(real: Path) -> Path:
    files = list((real / "ctdc").glob("*.csv"))
    if not files:
        pytest.skip("needs the published CTDC file, which is not on this machine")
    return files[0]


@pytest.fixture(scope="module")
def read(published: Path) -> tuple[duckdb.DuckDBPyConnection, Parsed]:
    con = duckdb.connect()
    recognised = recognise(CONTRACT, published.name)
    assert recognised is not None
    slot, period = recognised
    assert period == "all"
    return con, parse(CONTRACT, slot, period, published, con)


def test_every_row_is_read_and_nothing_is_wrong(read):
    con, parsed = read
    assert parsed.findings == ()
    assert con.execute("SELECT count(*), count(DISTINCT case_ref) FROM stage_cases").fetchall() == [(6729, 6729)]


@pytest.mark.parametrize("country", KNOWN)
def test_the_known_numbers_come_out(read, country):
    con, _ = read
    counted = con.execute(
        "SELECT count(*), count(*) FILTER (len(exploitation) > 0) FROM stage_cases WHERE place = ?", [country]
    ).fetchall()
    assert counted == [KNOWN[country]]


@pytest.mark.parametrize(
    ("country", "labour", "sexual"),
    [("KG", 0.926, 0.078), ("UZ", 0.844, 0.156), ("TM", 0.993, 0.007), ("KZ", 0.151, 0.849)],
)
def test_the_known_shares_come_out(read, country, labour, sexual):
    """Of the persons with any known form (standards 1.3)."""
    con, _ = read
    shares = con.execute(
        "SELECT avg(CAST(list_contains(exploitation, 'labour') AS INT)), "
        "avg(CAST(list_contains(exploitation, 'sexual') AS INT)) "
        "FROM stage_cases WHERE place = ? AND len(exploitation) > 0",
        [country],
    ).fetchall()[0]
    assert shares == pytest.approx((labour, sexual), abs=0.0005)


def test_generated_codes_keep_the_agreed_patterns(read):
    con, _ = read
    for name in ("case_ref", "person_ref"):
        pattern = facts()["cases"].columns[name].pattern
        assert con.execute(
            f"SELECT count(*) FROM stage_cases WHERE NOT regexp_full_match({name}, ?)", [pattern]
        ).fetchall() == [(0,)]


def test_an_age_band_is_the_same_with_and_without_a_leading_zero(read):
    con, _ = read
    bands = dict(con.execute("SELECT age_band_given, count(*) FROM stage_cases GROUP BY ALL").fetchall())
    assert bands["9-17"] == 43
    assert set(bands) - {None} <= {"0-8", "9-17", "18-20", "21-23", "24-26", "27-29", "30-38", "39-47", "48+"}
    words = CONTRACT.slots["cases"].form.words["age_band"]["9-17"]
    assert {"09--17", "9--17"} <= set(words)


def test_the_file_is_written_again_as_it_was_read(read, published, tmp_path):
    """Other column order, same records."""
    con, parsed = read
    sent = records(con, "cases")
    path = tmp_path / "again.csv"
    path.write_bytes(render(CONTRACT, parsed.slot, parsed.period, {"cases": sent}))
    other = duckdb.connect()
    assert parse(CONTRACT, parsed.slot, parsed.period, path, other).findings == ()
    assert records(other, "cases") == sent
    assert path.stat().st_size == pytest.approx(published.stat().st_size, rel=0.1)


def test_columns_without_days_are_not_collected():
    sent = CONTRACT.collected("cases")
    assert "identified_on" not in sent
    assert {"case_ref", "person_ref", "vot_status", "sex", "citizenship", "exploitation"} <= sent
    assert CONTRACT.disclosure_profile == "ctdc"
