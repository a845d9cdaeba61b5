"""The night: what is complete is taken in, what is being copied is left, what is refused comes back with remarks."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pipelines.cycle import take_in_night
from pipelines.demo import write_demo
from pipelines.flows.notes import intake_rows

LONG_AGO = (0, 1_300_000_000)
QUIET = 600.0


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sent")
    write_demo(folder)
    return folder


def put(sent: Path, raw: Path, office: str, name: str, is_old: bool = True) -> Path:
    (raw / office).mkdir(parents=True, exist_ok=True)
    path = Path(shutil.copy(sent / office / name, raw / office))
    if is_old:
        os.utime(path, LONG_AGO)
    return path


def test_what_is_complete_is_taken_in_and_the_rest_is_left_without_waiting(sent, tmp_path):
    raw, curated = tmp_path / "raw", tmp_path / "curated"
    said: list[str] = []
    put(sent, raw, "kaz", "KAZ_cases_2010-Q3.csv")
    put(sent, raw, "kaz", "KAZ_cases_2010-Q4.csv", is_old=False)
    spoiled = put(sent, raw, "kaz", "KAZ_activities_2010-Q4.csv")
    spoiled.write_text("Surname;Passport\nX;Y\n", encoding="utf-8")
    os.utime(spoiled, LONG_AGO)
    (raw / "kaz" / "KAZ_hotline_2010-Q4.csv.part").write_text("x")
    being_written = put(sent, raw, "kaz", "KAZ_assistance_2010-Q4.csv")
    put(sent, raw, "kgz", next(p.name for p in sorted((sent / "kgz").iterdir())))
    with being_written.open("ab"):
        os.utime(being_written, LONG_AGO)
        receipts, fresh = take_in_night(raw, curated, "kaz", said.append, QUIET)
    became = {row["form"] or "?": row["what"] for row in intake_rows(receipts) if row["quarter"] != "2010-Q3"}
    assert became["cases"] == became["assistance"] == "still being copied"
    assert {one.file_name for one in receipts if one.status == "accepted"} == {"KAZ_cases_2010-Q3.csv"}
    assert {one.office for one in receipts} == {"kaz"}  # the other office has a night of its own
    assert (became["activities"], fresh) == ("refused", 1)
    assert sum(one.is_under_way for one in receipts) == 3
    assert any("KAZ_cases_2010-Q4.csv: still being copied" in line for line in said)
    # The next night: what was left is complete, and the refusal is no news.
    for path in (raw / "kaz").iterdir():
        os.utime(path, LONG_AGO)
    (raw / "kaz" / "KAZ_hotline_2010-Q4.csv.part").unlink()
    receipts, fresh = take_in_night(raw, curated, "kaz", said.append, QUIET)
    assert {one.file_name: one.status for one in receipts} == {
        "KAZ_cases_2010-Q3.csv": "unchanged", "KAZ_cases_2010-Q4.csv": "accepted",
        "KAZ_assistance_2010-Q4.csv": "accepted", "KAZ_activities_2010-Q4.csv": "refused",
    }  # fmt: skip
    assert fresh == 0


def test_all_offices_at_once_and_what_lies_beside_them(sent, tmp_path):
    raw = tmp_path / "raw"
    put(sent, raw, "kaz", "KAZ_cases_2010-Q4.csv")
    (raw / "kazz").mkdir()
    receipts, fresh = take_in_night(raw, tmp_path / "curated", None, lambda _: None, QUIET)
    assert sorted((one.office, one.status) for one in receipts) == [("", "refused"), ("kaz", "accepted")]
    assert fresh == 1
