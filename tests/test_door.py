"""The door: names that are paths, links, pipes, files too large or not finished, disks that are full."""

from __future__ import annotations

import errno
import hashlib
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines import guards, limits
from pipelines.contracts import contracts
from pipelines.cycle import take_in, take_in_files, write_checks
from pipelines.files import (
    AlteredCopyError,
    ChangedWhileReadError,
    DiskFullError,
    NoPlainFileError,
    altered,
    copy_by_hash,
    is_disk_full,
    open_plain,
    sha256_of_settled,
    wait_until_settled,
)  # fmt: skip
from pipelines.intake import receive
from pipelines.intake_folder import receive_folder
from pipelines.parse import parse
from pipelines.receipts import Receipt
from pipelines.render import render
from pipelines.warehouse import FILE_NAME, LANDING_NAME, open_warehouse
from tests.office_books import PERIOD, records

KAZ = contracts()["kaz"]
SLOT = KAZ.slots["cases"]
NAME = SLOT.file_name(PERIOD)
GOOD = render(KAZ, SLOT, PERIOD, records("kaz", "cases"))
DIGEST = hashlib.sha256(GOOD).hexdigest()


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """The landing folder of an office."""
    folder = tmp_path / "raw" / "kaz"
    folder.mkdir(parents=True)
    return folder


def taken(office: Path) -> list[Receipt]:
    curated = office.parent.parent / "curated"
    with open_warehouse(curated) as con:
        return receive_folder(con, office.parent, {"kaz": KAZ}, curated)


def rules(receipts: list[Receipt]) -> list[list[str]]:
    return [[finding.rule for finding in receipt.findings] for receipt in receipts]


# Names


NAMES = {
    "a sign that turns the direction": "KAZ_cases_2010-Q4\u202ecsv.csv",
    "a sign that takes no room": "KAZ_cases_2010\u200b-Q4.csv",
    "a line": "KAZ_cases_2010-Q4\n.csv",
    "a terminal's command": "KAZ\x1b[2J_2010-Q4.csv",
    "bytes that are no letters": os.fsdecode(b"KAZ_\xff\xfe.csv"),
    "a path of another system": "x\\..\\KAZ_cases_2010-Q4.csv",
}


@pytest.mark.parametrize("case", NAMES)
def test_a_name_with_hidden_signs_is_refused_and_shown_without_them(case, office):
    (office / NAMES[case]).write_bytes(GOOD)
    (receipt,) = taken(office)
    assert (receipt.status, rules([receipt])) == ("refused", [["name_not_plain"]])
    said = repr(receipt) + receipt.file_name + str(receipt.findings[0])
    said.encode("utf-8")
    assert guards.shown(receipt.file_name) == receipt.file_name
    assert guards.shown(receipt.findings[0].file) == receipt.findings[0].file
    assert "\u202e" not in said
    assert "\x1b" not in said


@pytest.mark.parametrize(
    "name", ["CON", "CON.csv", "nul.xlsx", "aux", "x" * 250, "-rf", "$(id).csv", "'; DROP TABLE x"]
)
def test_a_strange_name_is_a_name_that_no_form_has(name, office):
    (office / name).write_bytes(GOOD)
    before = sorted(path for path in office.parent.parent.rglob("*"))
    (receipt,) = taken(office)
    assert rules([receipt]) == [["unknown_file_name"]]
    new = {path.name for path in office.parent.parent.rglob("*") if path not in before}
    assert not any(name in one for one in new), "a file name never becomes a path"


def test_a_name_too_long_for_the_disk_is_a_finding(tmp_path):
    (receipt,) = take_in_files([tmp_path / ("KAZ" + "x" * 4096 + ".csv")], tmp_path / "curated")
    assert receipt.status == "refused"
    assert len(str(receipt.findings[0])) < 1500


@pytest.mark.parametrize("suffix", guards.UNFINISHED)
def test_a_copy_on_its_way_is_passed_over_with_a_word(suffix, office):
    (office / NAME).write_bytes(GOOD)
    (office / f"{NAME}{suffix}").write_bytes(GOOD[:100])
    found = {receipt.file_name: receipt for receipt in taken(office)}
    assert found[NAME].status == "accepted", "the finished one beside it is taken in"
    assert rules([found[f"{NAME}{suffix}"]]) == [["unfinished_copy"]]


def test_a_path_from_the_command_line_is_a_file_of_its_name_alone(office, tmp_path):
    (office / NAME).write_bytes(GOOD)
    (tmp_path / "other").mkdir()
    (receipt,) = take_in_files([tmp_path / "other" / ".." / "raw" / "kaz" / NAME], tmp_path / "curated")
    assert (receipt.status, receipt.file_name) == ("accepted", NAME)


# What is no plain file


@pytest.fixture
def bound(office: Path) -> Iterator[Path]:
    """A socket in place of the file."""
    path = office / NAME
    before = Path.cwd()
    os.chdir(office)  # the address of a socket is short
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind(NAME)
        os.chdir(before)
        yield path


def link(path: Path) -> None:
    target = path.parent.parent.parent / "elsewhere.csv"
    target.write_bytes(GOOD)
    path.symlink_to(target)


def dangling(path: Path) -> None:
    path.symlink_to("/nowhere/at/all")


def circle(path: Path) -> None:
    path.symlink_to(path)


def zeros(path: Path) -> None:
    path.symlink_to("/dev/zero")


MADE: dict[str, Callable[[Path], object]] = {
    "a link": link, "a link to nothing": dangling, "a link to itself": circle, "a link to a device": zeros,
    "a pipe": os.mkfifo, "a folder": Path.mkdir,
}  # fmt: skip


@pytest.mark.parametrize("case", MADE)
def test_only_plain_files_are_opened(case, office):
    MADE[case](office / NAME)
    (receipt,) = taken(office)
    assert (receipt.status, rules([receipt])) == ("refused", [["no_plain_file"]])
    assert (receipt.slot, receipt.period) == ("cases", PERIOD), "the office is shown as refused, not as silent"
    with pytest.raises((NoPlainFileError, IsADirectoryError)):
        open_plain(office / NAME)


def test_a_socket_and_a_device_are_not_opened(bound, office):
    assert rules(taken(office)) == [["no_plain_file"]]
    assert [one.rule for one in guards.by_kind(Path("/dev/null"))] == ["no_plain_file"]


def test_a_link_in_place_of_an_offices_folder_is_not_followed(tmp_path):
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / NAME).write_bytes(GOOD)
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "kaz").symlink_to(tmp_path / "secret")
    with open_warehouse(tmp_path / "curated") as con:
        (receipt,) = receive_folder(con, tmp_path / "raw", {"kaz": KAZ}, tmp_path / "curated")
    assert (receipt.office, rules([receipt])) == ("kaz", [["no_plain_file"]])


def test_a_hard_link_is_a_file_like_others_and_its_copy_is_our_own(office, tmp_path):
    (tmp_path / "elsewhere.csv").write_bytes(GOOD)
    (office / NAME).hardlink_to(tmp_path / "elsewhere.csv")
    (receipt,) = taken(office)
    assert receipt.status == "accepted"
    (landed,) = (tmp_path / "curated" / LANDING_NAME).iterdir()
    assert landed.stat().st_ino != (office / NAME).stat().st_ino
    assert landed.stat().st_nlink == 1


# Sizes


def bytes_read() -> int:
    """What this process has read so far, from files and all else."""
    return int(Path("/proc/self/io").read_text().splitlines()[0].removeprefix("rchar:"))


@pytest.mark.parametrize(
    ("suffix", "most"),
    [(".csv", limits.MOST_BYTES_CSV), (".xlsx", limits.MOST_BYTES_XLSX), (".xls", limits.MOST_BYTES_XLS)],
)
def test_a_file_too_large_is_refused_before_a_byte_of_it_is_read(suffix, most, office):
    path = (office / NAME).with_suffix(suffix)
    with path.open("wb") as file:
        file.truncate(most + 1)  # takes no room on the disk
    before = bytes_read()
    (receipt,) = taken(office)
    assert bytes_read() - before < most, "it was read"
    assert (rules([receipt]), receipt.submission) == ([["file_too_large"]], "")
    with path.open("wb") as file:
        file.truncate(most)
    assert guards.by_kind(path) == [], "the limit itself is allowed"


def test_a_line_without_an_end_is_refused_in_little_memory(tmp_path):
    path = tmp_path / NAME
    with path.open("wb") as file:
        file.write(GOOD.splitlines(keepends=True)[0])
        for _ in range(300):
            file.write(b"x" * (1 << 20))
        file.write(b"\r\n")
    child = (
        "import sys\nfrom pathlib import Path\nfrom pipelines.contracts import contracts\n"
        "from pipelines.readers import reading\n"
        "with reading(contracts()['kaz'].slots['cases'], Path(sys.argv[1])) as found:\n"
        "    print(*[one.rule for one in found.findings])\n"
        "print(next(line for line in open('/proc/self/status') if line.startswith('VmHWM')).split()[1])\n"
    )
    done = subprocess.run([sys.executable, "-c", child, str(path)], capture_output=True, text=True, check=True)
    rule, most = done.stdout.split()
    assert rule == "line_too_long"
    assert int(most) >> 10 < 200, "MB"


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize("length", [10, limits.MOST_BYTES_LINE - 10, limits.MOST_BYTES_LINE + 10])
def test_lines_are_measured_whatever_their_ends_and_wherever_pieces_are_cut(end, length, tmp_path):
    path = tmp_path / "lines.csv"
    path.write_bytes(b"a;b" + end + b"x" * length + end + b"c;d" + end)
    found = [(one.rule, one.row) for one in guards.by_lines(path)]
    assert found == ([("line_too_long", 2)] if length > limits.MOST_BYTES_LINE else [])


# Files that are still growing


def test_a_file_that_somebody_writes_is_left_alone(office):
    path = office / NAME
    with path.open("wb") as writer:
        writer.write(GOOD)
        writer.flush()
        assert rules(taken(office)) == [["still_being_written"]]
    assert taken(office)[0].status == "accepted"


def test_files_written_a_moment_ago_are_waited_for_and_older_ones_are_not(tmp_path):
    path, waited = tmp_path / NAME, 0.4
    path.write_bytes(GOOD)
    wait_until_settled([path, tmp_path / "gone.csv"], waited)
    assert time.time() - path.stat().st_mtime >= waited
    # The wait is long, so that one that is not needed shows on the slowest machine.
    for age in (3600, -9999):  # long ago, and by a clock that was put back
        os.utime(path, (time.time() - age, time.time() - age))
        start = time.monotonic()
        wait_until_settled([path], 300)
        assert time.monotonic() - start < 100


def test_a_run_takes_a_file_that_was_still_growing_when_it_began(office, tmp_path):
    path = office / NAME
    half = len(GOOD) // 2
    path.write_bytes(GOOD[:half])

    def copy_on() -> None:
        time.sleep(0.3)
        with path.open("ab") as file:
            file.write(GOOD[half:])

    copier = threading.Thread(target=copy_on)
    copier.start()
    receipts = take_in(office.parent, tmp_path / "curated", say=lambda _: None, settle_seconds=5.0)
    copier.join()
    assert [r.status for r in receipts] == ["accepted"]


def test_bytes_put_there_between_hashing_and_reading_are_not_taken_for_those_hashed(office, tmp_path, monkeypatch):
    """The same size and the same times: only the file system's own mark tells."""
    path = office / NAME
    path.write_bytes(GOOD)

    def swap_then_read(*arguments):  # a stranger's act at the worst moment, not a stand-in for code of ours
        status = path.stat()
        path.write_bytes(GOOD)
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
        return parse(*arguments)

    monkeypatch.setattr("pipelines.intake.parse", swap_then_read)
    with open_warehouse(tmp_path / "curated") as con:
        receipt = receive(con, KAZ, path, tmp_path / "curated")
    assert rules([receipt]) == [["still_being_written"]]


def test_a_file_that_shrinks_while_it_is_copied_leaves_nothing(tmp_path):
    path = tmp_path / NAME
    path.write_bytes(GOOD)
    digest = sha256_of_settled(path)
    path.write_bytes(GOOD[:-10])
    with pytest.raises(ChangedWhileReadError):
        copy_by_hash(path, tmp_path / LANDING_NAME, digest)
    assert list((tmp_path / LANDING_NAME).iterdir()) == []


# Copies


def test_a_copy_is_read_only_and_one_that_was_changed_is_found_out(office, tmp_path):
    (office / NAME).write_bytes(GOOD)
    taken(office)
    landing = tmp_path / "curated" / LANDING_NAME
    (landed,) = landing.iterdir()
    assert landed.stat().st_mode & 0o777 == 0o400
    assert altered(landing) == []
    assert not copy_by_hash(office / NAME, landing, DIGEST)
    landed.chmod(0o600)
    landed.write_bytes(GOOD.replace(b"1", b"2", 1))
    assert altered(landing) == [DIGEST]
    with pytest.raises(AlteredCopyError, match="does not hold the bytes of its name"):
        copy_by_hash(office / NAME, landing, DIGEST)
    landed.unlink()
    assert copy_by_hash(office / NAME, landing, DIGEST), "moved away, it is made anew"
    assert altered(landing) == []


# A full disk


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of a few megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)], capture_output=True)
    if done.returncode:
        pytest.skip("needs the right to mount a small disk")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def fill(disk: Path, left: int) -> Path:
    """Leave so many bytes free."""
    status = os.statvfs(disk)
    filler = disk / "filler"
    filler.write_bytes(b"\1" * (status.f_bavail * status.f_frsize - left))
    return filler


@pytest.mark.parametrize("left", [0, 64 << 10, 512 << 10], ids=lambda left: f"{left >> 10} KB left")
def test_a_full_disk_stores_nothing_and_says_so(left, small_disk, office):
    """On the copy or on the warehouse itself, whichever comes first; when there is room again it goes on."""
    (row,) = records("kaz", "cases")["cases"][:1]
    many = [{**row, "case_ref": f"KZ-2010-{n:06}"} for n in range(10_000)]
    path = office / NAME
    path.write_bytes(render(KAZ, SLOT, PERIOD, {"cases": many}))
    curated = small_disk / "curated"
    with open_warehouse(curated):
        pass
    filler = fill(small_disk, left)
    with pytest.raises((DiskFullError, OSError)) as full, open_warehouse(curated) as con:
        receive(con, KAZ, path, curated)
    # With nothing left not even the lock can be written.
    assert is_disk_full(full.value) if left == 0 else "no room left" in str(full.value)
    landing = curated / LANDING_NAME
    assert not landing.exists() or list(landing.iterdir()) == []
    filler.unlink()
    path.write_bytes(GOOD)
    with open_warehouse(curated) as con:
        assert con.execute("SELECT count(*) FROM ledger").fetchall() == [(0,)]
        assert con.execute("SELECT count(*) FROM cases").fetchall() == [(0,)]
        assert receive(con, KAZ, path, curated).status == "accepted"


def test_a_full_disk_for_the_rows_put_aside_stores_nothing_and_says_so(small_disk, office, tmp_path, monkeypatch):
    (office / NAME).write_bytes(GOOD)
    fill(small_disk, 0)
    monkeypatch.setattr("tempfile.tempdir", str(small_disk))
    with pytest.raises(DiskFullError, match=NAME), open_warehouse(tmp_path / "curated") as con:
        receive(con, KAZ, office / NAME, tmp_path / "curated")
    assert [path.name for path in small_disk.iterdir()] == ["filler"]
    assert not (tmp_path / "curated" / LANDING_NAME).exists()


def test_a_limit_on_the_size_of_files_is_a_full_disk_too(office, tmp_path):
    """Tried in a process of its own: the copy may not be longer than a hundred bytes."""
    (office / NAME).write_bytes(GOOD)
    child = (
        "import resource, signal, sys\nfrom pathlib import Path\n"
        "from pipelines.files import copy_by_hash, is_disk_full\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nresource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "try:\n    copy_by_hash(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])\n"
        "except OSError as error:\n    print(is_disk_full(error))\n"
    )
    arguments = [str(office / NAME), str(tmp_path / "landing"), DIGEST]
    done = subprocess.run([sys.executable, "-c", child, *arguments], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
    assert list((tmp_path / "landing").iterdir()) == []


def test_what_is_no_full_disk_is_not_called_one():
    assert is_disk_full(OSError(errno.ENOSPC, "x"))
    assert not is_disk_full(OSError(errno.EIO, "x"))
    assert not is_disk_full(ValueError("No space left on device"))


def test_the_command_says_it_in_a_sentence(small_disk, office):
    (office / NAME).write_bytes(GOOD)
    curated = small_disk / "curated"
    with open_warehouse(curated):
        pass
    fill(small_disk, 0)
    command = [sys.executable, "-m", "pipelines.cli", "ingest", "--curated", str(curated), str(office / NAME)]
    done = subprocess.run([*command[:1], "-c", "from pipelines.cli import main; main()", *command[3:]],
                          capture_output=True, text=True)  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "no room left on the disk" in done.stderr
    assert "Traceback" not in done.stderr
    assert (curated / FILE_NAME).exists()


@pytest.mark.parametrize("where", ["kaz", "."])
def test_a_name_with_personal_data_is_on_no_page_and_in_no_receipt(where, tmp_path):
    raw, curated = tmp_path / "raw", tmp_path / "curated"
    (raw / "kaz").mkdir(parents=True)
    for name in ("Садыкова Айгуль 87011234567.csv", "KAZ_cases_2010-Q4 Aigul Sadykova.csv"):
        (raw / where / name).write_bytes(b"x\r\n")
    said: list[str] = []
    receipts = take_in(raw, curated, said.append)
    write_checks(receipts, curated, is_whole=True)
    assert [one.status for one in receipts] == ["refused"] * 2
    pages = [page.read_text(encoding="utf-8") for page in (curated / "checks").glob("*.html")]
    assert any("[personal data in the name" in page for page in pages)
    for text in (*said, *pages, *(f"{one} {one.findings}" for one in receipts)):
        assert not [part for part in ("Садыкова", "8701123", "Sadykova") if part in text]


def test_names_of_forms_are_shown_whole():
    names = [slot.file_name("2010-Q4") for one in contracts().values() for slot in one.slots.values()]
    assert [guards.shown(name) for name in names] == names
