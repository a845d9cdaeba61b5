"""A backup is the store: brought back elsewhere it is the same to the byte; one that is not whole is refused."""

from __future__ import annotations

import io
import json
import os
import shutil
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from dashboards import accounts, kept, sessions, throttle
from pipelines.backup import LIST_NAME, BackupError, backup, prune
from pipelines.cli import main
from pipelines.cli_parts import UNEXPECTED
from pipelines.lock import LOCK_NAME, WarehouseBusyError, locked
from pipelines.publish import Published
from pipelines.restore import restore
from pipelines.verify import Verified, verify
from pipelines.warehouse import FILE_NAME, LANDING_NAME
from reports.edition import open_current
from tests.edition_story import CATALOGUE, Story
from tests.logins import make_users, reader, server_of
from tests.sample_edition import make_edition

NOW = datetime(2011, 1, 31, 12, 0, tzinfo=UTC)
# A store for what does not look into its files; the names and sizes are those of one.
COPY = "2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae"  # of b"foo"
SMALL = {
    FILE_NAME: b"rows" * 300, f"{LANDING_NAME}/{COPY}": b"foo", "store.key": b"k" * 32, "editions/CURRENT": b"e1\n",
    "editions/e1/manifest.json": b"{}", "sources/ctdc/warehouse.duckdb": b"more rows",
}  # fmt: skip


def small(folder: Path) -> Path:
    for name, content in SMALL.items():
        path = folder / "curated" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder / "curated"


def contents(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, Published]:
    """A store with an edition that a donor has."""
    story = Story(tmp_path_factory.mktemp("backup"))
    story.send("cases")
    published = story.publish()
    story.hand_over(published)
    return story, published


def test_a_store_brought_back_elsewhere_is_the_same_and_its_edition_can_be_made_again(story, tmp_path):
    curated, published = story[0].curated, story[1]
    reader = open_current(curated / "editions")  # a dashboard that serves meanwhile
    made = backup(curated, tmp_path / "b.tar", NOW)
    assert reader.about()["edition_id"] == published.edition_id
    reader.connection.close()
    there = tmp_path / "elsewhere" / "curated"
    assert restore(made.path, there).files == made.files
    expected = {name: content for name, content in contents(curated).items() if name != LOCK_NAME}
    assert contents(there) == expected
    modes = {name: stat.S_IMODE((there / name).stat().st_mode) for name in expected}
    assert modes == {name: stat.S_IMODE((curated / name).stat().st_mode) for name in expected}
    assert verify(there, published.edition_id, CATALOGUE) == Verified(published.edition_id)


def test_the_same_store_gives_the_same_bytes_for_its_owner_alone(tmp_path):
    curated = small(tmp_path)
    before = os.umask(0)
    try:
        made = [backup(curated, tmp_path / name, NOW) for name in ("a.tar", "b.tar")]
    finally:
        os.umask(before)
    assert made[0].path.read_bytes() == made[1].path.read_bytes()
    assert [stat.S_IMODE(one.path.stat().st_mode) for one in made] == [0o600, 0o600]


def test_half_made_files_and_the_lock_stay_out(tmp_path):
    curated = small(tmp_path)
    for name in (
        ".aside.new",
        "editions/.e2.new/edition.duckdb",
        f"{FILE_NAME}.tmp/spill",
        "prefect/db",
        LOCK_NAME,
        "warehouse.before-0006-2c26b46b68ff.duckdb",
    ):
        (curated / name).parent.mkdir(parents=True, exist_ok=True)
        (curated / name).write_bytes(b"x")
    restore(backup(curated, tmp_path / "b.tar", NOW).path, tmp_path / "back")
    assert contents(tmp_path / "back") == SMALL


def test_who_may_sign_in_comes_back_and_who_is_signed_in_does_not(tmp_path):
    """The password of the backup lets in; a session of then, an ended one too, does not."""
    curated = small(tmp_path)
    make_edition(curated / "editions")
    make_users(curated / "dashboard")
    server = server_of(curated / "editions", curated / "dashboard")
    then = reader(server, "kz.viewer")
    cookie = then.get_cookie("esep").value
    ended = reader(server, "officer")
    with ended.session_transaction() as said:
        word = said["form"]
    assert ended.post("/logout", data={"form": word}).status_code == 303
    there = {path.name for path in (curated / "dashboard").iterdir() if path.name[0] != "."}
    assert there == {accounts.FILE, kept.SECRET_FILE, sessions.FILE, throttle.FILE}
    back = tmp_path / "back"
    restore(backup(curated, tmp_path / "b.tar", NOW).path, back)
    assert {path.name for path in (back / "dashboard").iterdir()} == {accounts.FILE}
    modes = [stat.S_IMODE((back / "dashboard" / name).stat().st_mode) for name in ("", accounts.FILE)]
    assert modes == [0o700, 0o600]
    restored = server_of(back / "editions", back / "dashboard")
    assert reader(restored, "kz.viewer").get("/_dash-layout").status_code == 200
    old = restored.test_client()
    old.set_cookie("esep", cookie)
    assert old.get("/_dash-layout").status_code == 401
    assert then.get("/_dash-layout").status_code == 200, "it holds where it was made"


@pytest.mark.parametrize("held", ["", "sources/ctdc"], ids=["the store", "a store within it"])
def test_nothing_is_backed_up_while_somebody_writes(tmp_path, held):
    curated = small(tmp_path)
    with locked(curated / held), pytest.raises(WarehouseBusyError, match="in use by process"):
        backup(curated, tmp_path / "b.tar", NOW, wait_seconds=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["curated"]
    assert backup(curated, tmp_path / "b.tar", NOW, wait_seconds=0).files == len(SMALL)


@given(st.data())
def test_whatever_bit_is_flipped_the_store_comes_back_whole_or_not_at_all(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("flip")
    written = backup(small(folder), folder / "b.tar", NOW).path
    content = bytearray(written.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    content[at] ^= 1 << data.draw(st.integers(0, 7))
    written.write_bytes(content)
    _whole_or_not_at_all(written, folder)


@given(st.data())
def test_wherever_a_backup_is_cut_short_the_store_comes_back_whole_or_not_at_all(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("cut")
    written = backup(small(folder), folder / "b.tar", NOW).path
    content = written.read_bytes()
    written.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    _whole_or_not_at_all(written, folder)


def _whole_or_not_at_all(written: Path, folder: Path) -> None:
    try:
        restore(written, folder / "back")
    except BackupError as error:
        assert str(written) in str(error)
        assert sorted(path.name for path in folder.iterdir()) == ["b.tar", "curated"]
    else:
        assert contents(folder / "back") == SMALL


@pytest.mark.parametrize("name", SMALL)
def test_the_damaged_file_is_named(tmp_path, name):
    written = backup(small(tmp_path), tmp_path / "b.tar", NOW).path
    with tarfile.open(written) as archive:
        at = archive.getmember(name).offset_data
    content = bytearray(written.read_bytes())
    content[at] ^= 1
    written.write_bytes(content)
    with pytest.raises(BackupError, match=f"'{name}' is damaged. Nothing was restored"):
        restore(written, tmp_path / "back")


def _member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, target, 1 if kind == tarfile.REGTYPE else 0
    return info


@pytest.mark.parametrize(
    "member",
    [
        _member("../outside"), _member("/outside"), _member("editions/../../outside"), _member(""), _member("."),
        _member("link", tarfile.SYMTYPE, "/etc/passwd"), _member("link", tarfile.LNKTYPE, "../outside"),
        _member("device", tarfile.CHRTYPE), _member("pipe", tarfile.FIFOTYPE), _member(FILE_NAME), _member("more"),
    ],
    ids=lambda member: f"{member.name or 'no name'} {member.type.decode()}",
)  # fmt: skip
def test_what_esep_would_not_write_is_not_unpacked(tmp_path, member):
    written = tmp_path / "b.tar"
    with tarfile.open(written, "w") as archive:
        archive.addfile(_member(FILE_NAME), io.BytesIO(b"x"))
        archive.addfile(member, io.BytesIO(b"x"))
        text = json.dumps({"format": 1, "files": {FILE_NAME: "2d" * 32}}).encode()
        info = tarfile.TarInfo(LIST_NAME)
        info.size = len(text)
        archive.addfile(info, io.BytesIO(text))
    with pytest.raises(BackupError):
        restore(written, tmp_path / "there" / "back")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["b.tar", "there"]


def test_no_store_and_no_backup_is_ever_overwritten(tmp_path):
    curated = small(tmp_path)
    written = backup(curated, tmp_path / "b.tar", NOW).path
    with pytest.raises(BackupError, match="exists and is not empty"):
        restore(written, curated)
    with pytest.raises(BackupError, match="exists, and no backup is written over another"):
        backup(curated, written, NOW)
    with pytest.raises(BackupError, match="lies inside the store"):
        backup(curated, curated / "b.tar", NOW)
    assert contents(curated).keys() - {LOCK_NAME, f"sources/ctdc/{LOCK_NAME}"} == SMALL.keys()
    (tmp_path / "empty").mkdir()
    assert restore(written, tmp_path / "empty").files == len(SMALL)


def test_where_the_disk_is_full_no_half_backup_stays(tmp_path):
    """A limit on the size of files is what a full disk is to the one who writes."""
    curated = small(tmp_path)
    (curated / FILE_NAME).write_bytes(b"rows" * 300_000)
    small_disk = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))"
    done = subprocess.run(
        [sys.executable, "-c", f"{small_disk}; from pipelines.cli import main; main()",
         "backup", "--curated", str(curated), "--to", str(tmp_path / "b.tar")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, "no room left" in done.stderr) == (UNEXPECTED, True), done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["curated"]


def _spoil(curated: Path) -> None:
    (curated / LANDING_NAME / COPY).write_bytes(b"fou")


COMMANDS: dict[str, tuple[Callable[[Path], None], int, str]] = {
    "a whole store": (lambda _: None, 0, f"{len(SMALL)} files"),
    "an altered copy": (_spoil, UNEXPECTED, "does not hold the bytes of its name; the backup has it as it is"),
    "no store": (shutil.rmtree, UNEXPECTED, "there is nothing to back up"),
}


@pytest.mark.parametrize(("spoil", "code", "said"), COMMANDS.values(), ids=COMMANDS)
def test_the_command_says_what_became_of_it(tmp_path, spoil, code, said):
    curated = small(tmp_path)
    spoil(curated)
    (tmp_path / "backups").mkdir()
    done = CliRunner().invoke(main, ["backup", "--curated", str(curated), "--to", str(tmp_path / "backups")])
    assert (done.exit_code, said in done.output) == (code, True), done.output


def test_only_the_newest_backups_are_kept_and_other_files_stay(tmp_path):
    for name in ("esep-20110131T120000Z.tar", "esep-20110201T120000Z.tar", "esep-20110202T120000Z.tar", "mine.tar"):
        (tmp_path / name).write_bytes(b"x")
    assert [path.name for path in prune(tmp_path, 2)] == ["esep-20110131T120000Z.tar"]
    assert len(list(tmp_path.iterdir())) == 3


def test_backups_of_a_folder_are_pruned_by_the_command_and_come_back_by_the_other(tmp_path):
    curated, folder = small(tmp_path), tmp_path / "backups"
    folder.mkdir()
    (folder / "esep-20110131T120000Z.tar").write_bytes(b"x")
    run = CliRunner().invoke
    assert run(main, ["backup", "--curated", str(curated), "--to", str(folder), "--keep", "1"]).exit_code == 0
    (written,) = folder.iterdir()
    back = run(main, ["restore", str(written), "--to", str(tmp_path / "back")])
    assert (back.exit_code, contents(tmp_path / "back")) == (0, SMALL), back.output
    again = run(main, ["restore", str(written), "--to", str(tmp_path / "back")])
    assert (again.exit_code, "not empty" in again.output) == (UNEXPECTED, True)
