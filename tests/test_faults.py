"""Faults that are made for real: what each leaves is the state before or the one after, and a sentence says what to do.

What is killed is in `test_kill.py` and `test_kill_output.py`, a disk that is full during intake in `test_door.py`.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines import limits
from pipelines.cli import main
from pipelines.cycle import publish_edition, take_in, take_in_files
from pipelines.history import history
from pipelines.publish import EDITIONS
from pipelines.render import render
from pipelines.warehouse import FILE_NAME, open_warehouse
from tests.fault_store import copied, esep, has_editions, make_store, seen, start
from tests.killed_intake import CASES, KAZ, PERIOD, SLOT, write
from tests.killed_output import editions


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("store"))


@pytest.fixture(scope="module")
def old(store: Path) -> dict[str, object]:
    return seen(store / "curated")


@pytest.fixture
def curated(store: Path, tmp_path: Path) -> Path:
    return copied(store, tmp_path / "copy")


def says(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """One sentence for whoever must act, and no traceback."""
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    assert all(word in done.stderr for word in words), done.stderr


# A disk that is full, or fails


LIMIT = "import resource, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"


@pytest.mark.parametrize("most", [pytest.param(100, marks=pytest.mark.soak), 300_000])
def test_no_room_for_an_edition_leaves_the_editions_as_they_were(most, curated, old):
    """At its first file and in the middle of it; with room again, the same command ends."""
    limit = f"{LIMIT}resource.setrlimit(resource.RLIMIT_FSIZE, ({most}, {most}))"
    says(esep("publish", "--curated", curated, setup=limit), "no room left on the disk")
    assert seen(curated) == {**old, "editions": {**old["editions"], "aside": editions(curated)["aside"]}}
    assert publish_edition(curated).is_new
    assert (has_editions(curated), editions(curated)["aside"]) == (2, [])


def test_no_room_for_donors_files_leaves_those_before(curated, old):
    out = curated / "out"
    limit = f"{LIMIT}resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))"
    says(esep("export", "--curated", curated, "--to", out, setup=limit), "no room left on the disk")
    assert seen(curated) == old


@pytest.fixture
def read_only(curated: Path) -> Iterator[Path]:
    """The store on a disk that has become read-only, as a system does with one that fails."""
    done = subprocess.run(["mount", "--bind", str(curated), str(curated)], capture_output=True)
    if done.returncode:
        pytest.skip("needs the right to mount")
    try:
        subprocess.run(["mount", "-o", "remount,ro,bind", str(curated)], check=True)
        yield curated
    finally:
        subprocess.run(["umount", "-l", str(curated)], check=True)


def test_a_disk_that_may_only_be_read_stops_every_writer_with_a_sentence(read_only, store):
    raw = store / "raw" / "kaz"
    for arguments in (["ingest", "--yes", *raw.iterdir()], ["publish"], ["export", "--to", read_only / "out"]):
        says(esep(*arguments, "--curated", read_only), "disk")


IO_ERRORS = [("fsync", 1), ("fsync", 3), ("pwrite64", 2), ("pwrite64", 40), ("rename", 1)]


@pytest.mark.parametrize(("call", "when"), [pytest.param(*one, marks=[] if one in (("fsync", 1), ("pwrite64", 40))
                                                         else pytest.mark.soak) for one in IO_ERRORS])  # fmt: skip
def test_an_error_of_the_disk_while_publishing_leaves_the_old_or_the_new(call, when, curated):
    """The system call itself fails, and all of its kind after it."""
    if shutil.which("strace") is None:
        pytest.skip("needs strace")
    before = editions(curated)
    inject = [
        "strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-e",
        f"trace={call}",
        "-e",
        f"inject={call}:error=EIO:when={when}+",
    ]
    done = esep("publish", "--curated", curated, before=inject)
    assert done.returncode in (0, 1) and "Traceback" not in done.stderr, done.stderr
    after = editions(curated)
    assert {**after, "aside": []} == {**before, "aside": []} or len(after["editions"]) == 2
    assert done.returncode == 1 or len(after["editions"]) == 2
    publish_edition(curated)
    assert (has_editions(curated), editions(curated)["aside"]) == (2, [])


# Two at once


def ended(both: list[tuple[list[str | Path], subprocess.Popen[str]]]) -> list[str]:
    """What processes said that began together. One that was told to wait and run again, as on a slow machine, does."""
    said = []
    told = [one.communicate() for _, one in both]  # first both: to run again beside the other could be to wait again
    for (arguments, one), (text, error) in zip(both, told, strict=True):
        if one.returncode == 1 and "is in use by" in error:
            again = esep(*arguments)
            text, error = again.stdout, again.stderr
            assert again.returncode == 0, error
        else:
            assert one.returncode == 0, error
        said.append(text)
    return said


def test_two_runs_at_once_end_as_one(store, tmp_path):
    """Both are given the whole cycle; one waits for the other, and nothing is stored or published twice."""
    curated = tmp_path / "curated"
    runs: list[list[str | Path]] = [
        ["run", "--raw", store / "raw", "--curated", curated, "--out", tmp_path / name] for name in ("one", "two")
    ]
    ended([(arguments, start(*arguments)) for arguments in runs])
    with open_warehouse(curated) as con:
        assert con.execute("SELECT count(*), count(DISTINCT submission) FROM ledger").fetchall() == [(2, 2)]
        assert con.execute("SELECT count(*), count(DISTINCT case_ref) FROM in_force_cases").fetchall() == [(12, 12)]
    assert (has_editions(curated), editions(curated)["aside"]) == (1, [])
    files = [{path.name: path.read_bytes() for path in (tmp_path / name).iterdir()} for name in ("one", "two")]
    assert files[0] == files[1]


def test_the_same_file_twice_at_the_same_time_is_one_file(curated):
    write(curated.parent / "raw", CASES[:7])
    path = curated.parent / "raw" / "kaz" / SLOT.file_name(PERIOD)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    arguments: list[str | Path] = ["ingest", "--yes", "--curated", curated, path]
    said = ended([(arguments, start(*arguments)) for _ in range(2)])
    assert sorted(word for text in said for word in ("accepted", "unchanged") if f": {word}" in text) == [
        "accepted", "unchanged",
    ]  # fmt: skip
    with open_warehouse(curated) as con:
        assert con.execute("SELECT count(*), count(DISTINCT submission) FROM ledger").fetchall() == [(3, 3)]
        assert con.execute("SELECT count(*) FROM in_force_cases").fetchall() == [(7,)]


# A clock that goes back


def test_a_clock_that_went_back_changes_no_order(curated):
    """Everything so far was stored by a clock ten years ahead; what comes after it is later all the same."""
    ahead = datetime(2040, 1, 1, tzinfo=UTC)
    with open_warehouse(curated) as con:
        for table in ("ledger", "attempts"):
            con.execute(f"UPDATE {table} SET received_at = ?", [ahead.replace(tzinfo=None)])
    for path in [*(curated.parent / "raw").rglob("*"), *(curated / EDITIONS).rglob("*")]:
        os.utime(path, (ahead.timestamp(), ahead.timestamp()))
    first = history(curated / EDITIONS)[0].edition_id
    raw = curated.parent / "raw"
    write(raw, CASES[:5])
    assert sorted(r.status for r in take_in(raw, curated, say=lambda _: None)) == ["accepted", "unchanged"]
    with open_warehouse(curated) as con:
        assert con.execute("SELECT count(*) FROM in_force_cases").fetchall() == [(5,)], "the correction is in force"
        assert con.execute("SELECT entry FROM ledger ORDER BY received_at, entry").fetchall() == [(3,), (1,), (2,)]
    second = publish_edition(curated)
    found = history(curated / EDITIONS)
    assert [one.edition_id for one in found] == [first, second.edition_id]
    assert found[1].follows == first
    assert editions(curated)["current"] == second.edition_id


# A warehouse that is damaged


DAMAGES = 12


def test_a_damaged_warehouse_is_told_and_nothing_is_made_from_it(curated, old, tmp_path):
    """One bit of any block that is used, or a file that breaks off: the commands say so, and the editions stay."""
    path, chance = curated / FILE_NAME, random.Random(7)
    whole = path.read_bytes()
    backup = shutil.copytree(curated, tmp_path / "backup")
    told = 0
    for number in range(DAMAGES):
        bad = bytearray(whole)
        if number % 4 == 3:
            del bad[chance.randrange(len(bad)) :]
        else:
            bad[chance.randrange(len(bad))] ^= 1 << chance.randrange(8)
        path.write_bytes(bad)
        told += _is_told(curated)
        assert editions(curated) == old["editions"]
    assert told >= DAMAGES * 2 // 3, "bits of blocks that hold nothing do no harm; most do"
    path.write_bytes(whole[: len(whole) // 2])
    says(esep("publish", "--curated", curated), "the warehouse is damaged", "away", "backup")
    # The way back: the backup in its place, and all is as it was.
    shutil.copy2(backup / FILE_NAME, path)
    assert seen(curated) == old


def _is_told(curated: Path) -> bool:
    """Whether reading every row of a damaged store is refused; what is read otherwise must be what was stored."""
    import duckdb

    from pipelines.files import is_damaged

    try:
        with open_warehouse(curated) as con:
            names = con.execute("SELECT table_name FROM duckdb_tables() ORDER BY ALL").fetchall()
            for (name,) in names:
                con.execute(f"SELECT * FROM {name}").fetchall()
    except duckdb.Error as error:
        assert is_damaged(error), error
        return True
    return False


def test_without_a_backup_the_files_make_the_warehouse_anew(curated, old):
    for name in (FILE_NAME, f"{FILE_NAME}.wal"):
        (curated / name).unlink(missing_ok=True)
    assert {r.status for r in take_in(curated.parent / "raw", curated, say=lambda _: None)} == {"accepted"}
    assert seen(curated)["rows"] == old["rows"]


@pytest.mark.skipif("restore" not in main.commands, reason="there is no command to restore yet")
def test_a_damaged_warehouse_is_restored_from_a_backup(curated, old, tmp_path):
    backup, again = tmp_path / "backup.tar", tmp_path / "again"
    done = esep("backup", "--curated", curated, "--to", backup)
    assert done.returncode == 0, done.stderr
    (curated / FILE_NAME).write_bytes(b"damaged")
    done = esep("restore", backup, "--to", again)
    assert done.returncode == 0, done.stderr
    (again / "out").mkdir(exist_ok=True)
    assert {**seen(again), "files": None} == {**old, "files": None}


# A very large file


LARGE = {"8 MB": (8, 1400), "480 MB": (480, 2400), "2 GB": (2048, 2400)}


@pytest.mark.parametrize(
    ("megabytes", "most_memory"),
    [pytest.param(*sizes, id=name, marks=[pytest.mark.soak] if sizes[0] > 8 else []) for name, sizes in LARGE.items()],
)
def test_a_large_file_is_taken_in_under_a_cap_of_memory(megabytes, most_memory, tmp_path):
    """The cap is of the address space, which a process that reads the file whole would burst.

    2 GB are beyond the limits of size, which are raised for it.
    """
    path = tmp_path / "raw" / "kaz" / SLOT.file_name(PERIOD)
    path.parent.mkdir(parents=True)
    one = render(KAZ, SLOT, PERIOD, {"cases": CASES[:1]})
    header, row = one.split(b"\r\n")[:2]
    reference = str(CASES[0]["case_ref"]).encode()
    assert row.startswith(reference) or reference in row
    with path.open("wb") as file:
        file.write(header + b"\r\n")
        rows = (megabytes << 20) // (len(row) + 2)
        for number in range(rows):
            file.write(row.replace(reference, b"KZ-2010-%07d" % number) + b"\r\n")
    cap = f"import resource\nresource.setrlimit(resource.RLIMIT_AS, ({most_memory} << 20, {most_memory} << 20))"
    raised = "from pipelines import limits\nlimits.MOST_BYTES_CSV, limits.MOST_ROWS_CSV = 3 << 30, 20_000_000"
    setup = f"{cap}\n{raised}" if path.stat().st_size > limits.MOST_BYTES_CSV else cap
    done = esep("ingest", "--yes", "--curated", tmp_path / "curated", path, setup=setup)
    assert done.returncode == 0, done.stderr[-2000:]
    with open_warehouse(tmp_path / "curated") as con:
        assert con.execute("SELECT count(DISTINCT case_ref) FROM in_force_cases").fetchall() == [(rows,)]


def test_two_gigabytes_are_refused_before_a_byte_is_read(tmp_path):
    path = tmp_path / "raw" / "kaz" / SLOT.file_name(PERIOD)
    path.parent.mkdir(parents=True)
    with path.open("wb") as file:
        file.truncate(2 << 30)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    (receipt,) = take_in_files([path], tmp_path / "curated")
    assert [finding.rule for finding in receipt.findings] == ["file_too_large"]
