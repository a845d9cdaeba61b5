"""A warehouse encrypted at rest: the same figures, nothing readable on the disk, a key that is nowhere to be seen."""

from __future__ import annotations

import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.backup import backup
from pipelines.cli import main
from pipelines.cli_parts import UNEXPECTED
from pipelines.edition_files import table_hashes
from pipelines.encrypt import rewrite
from pipelines.identity import KEY_NAME
from pipelines.restore import restore
from pipelines.sealed import (
    KEY_FILE_VARIABLE,
    KEY_VARIABLE,
    WarehouseKeyError,
    connect,
    is_encrypted,
    warehouse_key,
)
from pipelines.verify import Verified, verify
from pipelines.warehouse import FILE_NAME, open_warehouse
from tests.edition_story import CATALOGUE, Story
from tests.frozen_store import dump

pytest.importorskip("duckdb_extension_httpfs", reason="needs the extra `encryption`")

SECRET = "correct-horse-battery-staple-" + secrets.token_hex(8)
PLANTED = "CASE-LEVEL-WORDS-NOBODY-MAY-READ"


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with a key, named in the environment."""
    path = tmp_path / "warehouse.key"
    path.write_text(SECRET + "\n")
    path.chmod(0o600)
    monkeypatch.setenv(KEY_FILE_VARIABLE, str(path))
    return path


@pytest.fixture
def plant(tmp_path: Path, key_file: Path) -> Iterator[Path]:
    """An encrypted store with words that would be found if they lay open."""
    with open_warehouse(tmp_path / "curated") as con:
        con.execute("INSERT INTO cases (entry, case_ref) VALUES (1, ?)", [PLANTED])
    yield tmp_path / "curated"


def holds(path: Path, words: str = PLANTED) -> bool:
    return words.encode() in path.read_bytes()


def test_the_same_files_make_the_same_edition_with_encryption_and_without(tmp_path, monkeypatch):
    made = {}
    for name in ("plain", "encrypted"):
        story = Story(tmp_path / name)
        story.curated.mkdir(parents=True)
        (story.curated / KEY_NAME).write_bytes(b"the same key of both stores here")
        if name == "encrypted":
            monkeypatch.setenv(KEY_VARIABLE, SECRET)
        story.send("cases")
        published = story.publish()
        assert is_encrypted(story.curated / FILE_NAME) == (name == "encrypted")
        assert verify(story.curated, published.edition_id, CATALOGUE) == Verified(published.edition_id)
        made[name] = (published.edition_id, table_hashes(published.folder))
    assert made["plain"] == made["encrypted"]


def test_nothing_of_it_can_be_read_on_the_disk(plant):
    assert is_encrypted(plant / FILE_NAME)
    assert not holds(plant / FILE_NAME)
    with pytest.raises(duckdb.Error, match="without a key"):
        duckdb.connect(str(plant / FILE_NAME))


@pytest.mark.parametrize("is_sealed", [True, False], ids=["encrypted", "plain"])
def test_what_is_written_ahead_and_what_is_spilled_is_encrypted_too(tmp_path, request, is_sealed):
    """The plain store is the control: the same search finds the words there."""
    if is_sealed:
        request.getfixturevalue("key_file")
    path, done = tmp_path / "curated" / FILE_NAME, threading.Event()
    found: set[bool] = set()
    with open_warehouse(path.parent) as con:
        con.execute("INSERT INTO cases (entry, case_ref) VALUES (1, ?)", [PLANTED])
        assert holds(path.with_name(FILE_NAME + ".wal")) != is_sealed
        con.execute("SET memory_limit = '60MB'")
        watcher = threading.Thread(target=_watch, args=(path.with_name(FILE_NAME + ".tmp"), found, done))
        watcher.start()
        con.execute(
            f"CREATE TEMP TABLE large AS SELECT '{PLANTED}' || repeat(md5(range::VARCHAR), 9) AS w FROM range(300000)"
        )
        done.set()
        watcher.join()
    assert found == ({False} if is_sealed else {True}), "whether words were seen in what was spilled"


def _watch(folder: Path, found: set[bool], done: threading.Event) -> None:
    seen = spilled = is_last = False
    while not is_last:
        is_last = done.is_set()  # what was spilled lies there still: whoever came too late sees it now
        for path in folder.glob("*"):
            try:
                spilled, seen = True, seen or holds(path, PLANTED[:12])
            except FileNotFoundError:
                continue
        time.sleep(0.01)
    if spilled:
        found.add(seen)


def test_a_store_in_use_is_encrypted_gets_another_key_and_is_opened_again(tmp_path, key_file, monkeypatch):
    curated, key = tmp_path / "curated", warehouse_key()
    monkeypatch.delenv(KEY_FILE_VARIABLE)
    with open_warehouse(curated) as con:
        con.execute(
            "INSERT INTO ledger (entry, file_name, exports) VALUES (1, ?, ['cases']), (2, NULL, NULL)", [PLANTED]
        )
        before = dump(con)
    assert holds(curated / FILE_NAME)
    assert rewrite(curated, None, key).rows == 3
    assert not holds(curated / FILE_NAME)
    other = tmp_path / "other.key"
    other.write_text(secrets.token_hex(32))
    other.chmod(0o600)
    monkeypatch.setenv(KEY_FILE_VARIABLE, str(key_file))
    run = CliRunner().invoke(main, ["encrypt", "--curated", str(curated), "--new-key-file", str(other)])
    assert run.exit_code == 0, run.output
    with pytest.raises(WarehouseKeyError, match="was encrypted with another key"), open_warehouse(curated):
        pass
    monkeypatch.setenv(KEY_FILE_VARIABLE, str(other))
    assert CliRunner().invoke(main, ["encrypt", "--curated", str(curated), "--off"]).exit_code == 0
    monkeypatch.delenv(KEY_FILE_VARIABLE)
    with open_warehouse(curated) as con:
        assert dump(con) == before
    assert sorted(path.name for path in curated.iterdir()) == ["LOCK", FILE_NAME]


def test_encrypting_that_fails_leaves_the_old_file(tmp_path, key_file, monkeypatch):
    curated = tmp_path / "curated"
    monkeypatch.delenv(KEY_FILE_VARIABLE)
    with open_warehouse(curated):
        pass
    before = (curated / FILE_NAME).read_bytes()
    monkeypatch.setenv(KEY_FILE_VARIABLE, str(key_file))
    small_disk = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (5_000, 5_000))"
    done = subprocess.run(
        [sys.executable, "-c", f"{small_disk}; from pipelines.cli import main; main()",
         "encrypt", "--curated", str(curated)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, SECRET in done.stdout + done.stderr) == (UNEXPECTED, False), done.stderr
    assert (curated / FILE_NAME).read_bytes() == before
    assert sorted(path.name for path in curated.iterdir()) == ["LOCK", FILE_NAME]


def test_a_backup_needs_no_key_and_stays_encrypted(plant, tmp_path, key_file, monkeypatch):
    monkeypatch.delenv(KEY_FILE_VARIABLE)
    written = backup(plant, tmp_path / "b.tar", datetime.now(UTC)).path
    assert not holds(written)
    assert not holds(written, SECRET)
    restore(written, tmp_path / "back")
    monkeypatch.setenv(KEY_FILE_VARIABLE, str(key_file))
    with open_warehouse(tmp_path / "back") as con:
        assert con.execute("SELECT case_ref FROM cases").fetchall() == [(PLANTED,)]


def test_a_damaged_block_is_found(plant):
    """GCM seals each block: what was altered is not decrypted to something else."""
    path = plant / FILE_NAME
    content = bytearray(path.read_bytes())
    for at in range(4096 * 4, len(content), 4096):
        content[at] ^= 1
    path.write_bytes(content)
    with pytest.raises((duckdb.Error, WarehouseKeyError)), open_warehouse(plant) as con:
        con.execute("SELECT * FROM cases").fetchall()


WRONG: dict[str, tuple[dict[str, str], str]] = {
    "both": ({KEY_VARIABLE: SECRET, KEY_FILE_VARIABLE: "k"}, "which one is meant"),
    "short": ({KEY_VARIABLE: SECRET[:20]}, "could be guessed"),
    "no file": ({KEY_FILE_VARIABLE: "no/such/file"}, "cannot be read: No such file"),
    "a folder": ({KEY_FILE_VARIABLE: "."}, "is no key file"),
}


@pytest.mark.parametrize(("environment", "said"), WRONG.values(), ids=WRONG)
def test_a_key_that_is_no_secret_is_refused(environment, said):
    with pytest.raises(WarehouseKeyError, match=said) as error:
        warehouse_key(environment)
    assert SECRET[:20] not in str(error.value)


@pytest.mark.parametrize(("mode", "content", "said"), [
    (0o644, SECRET.encode(), "can be read by others: chmod 600"), (0o600, b"\xff" * 40, "is no text"),
    (0o600, b"", "could be guessed"),
], ids=["open to others", "no text", "empty"])  # fmt: skip
def test_a_key_file_is_for_its_owner_and_holds_a_line(tmp_path, mode, content, said):
    path = tmp_path / "k"
    path.write_bytes(content)
    path.chmod(mode)
    with pytest.raises(WarehouseKeyError, match=said):
        warehouse_key({KEY_FILE_VARIABLE: str(path)})


def test_a_key_beside_a_plain_warehouse_and_an_encrypted_one_without_a_key_are_refused(tmp_path, key_file, monkeypatch):
    sealed, plain = tmp_path / "sealed", tmp_path / "plain"
    with open_warehouse(sealed):
        pass
    monkeypatch.delenv(KEY_FILE_VARIABLE)
    with open_warehouse(plain):
        pass
    with pytest.raises(WarehouseKeyError, match=f"is encrypted. Name the file of its key in {KEY_FILE_VARIABLE}"):
        connect(sealed / FILE_NAME)
    monkeypatch.setenv(KEY_FILE_VARIABLE, str(key_file))
    with pytest.raises(
        WarehouseKeyError, match=r"there is a key, but .* is not encrypted. Encrypt it with `esep encrypt`"
    ):
        connect(plain / FILE_NAME)
    monkeypatch.setenv(KEY_FILE_VARIABLE, str(tmp_path / "gone"))
    done = CliRunner().invoke(main, ["status", "--curated", str(sealed)])
    assert (done.exit_code, "cannot be read" in done.output) == (UNEXPECTED, True)


def test_the_key_does_not_show_itself(plant, key_file):
    key = warehouse_key()
    assert key is not None
    assert key.told not in repr(key)
    with open_warehouse(plant) as con:
        for shown in ("duckdb_databases()", "duckdb_settings()"):
            assert key.told not in str(con.execute(f"SELECT * FROM {shown}").fetchall())
    key_file.write_text(SECRET + "another")
    with pytest.raises(WarehouseKeyError) as error, open_warehouse(plant):
        pass
    said = f"{error.value!r} {error.getrepr(showlocals=False)}"
    other = warehouse_key()
    assert other is not None
    assert not [secret for secret in (SECRET, key.told, other.told) if secret in said]


# The wall, with a key and without


@pytest.mark.parametrize("is_sealed", [True, False], ids=["encrypted", "plain"])
@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')", "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/etc/*')",
        "COPY ledger TO '/var/stolen.csv'", "ATTACH '/var/other.duckdb'", "INSTALL spatial", "LOAD spatial",
        "SELECT * FROM read_csv('http://127.0.0.1:9/x.csv')", "SELECT * FROM read_csv('{curated}/../outside.csv')",
        "SET enable_external_access = true", "SET allowed_directories = ['/']", "SET allow_unsigned_extensions = true",
        "SELECT * FROM read_csv('{curated}/link.csv')",
    ],
)  # fmt: skip
def test_what_runs_over_a_store_gets_out_of_it_nowhere(walled, is_sealed, sql):
    con, curated = walled[is_sealed]
    with pytest.raises(duckdb.Error):
        con.execute(sql.format(curated=curated)).fetchall()


@pytest.fixture(scope="module")
def walled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[bool, tuple[duckdb.DuckDBPyConnection, Path]]]:
    """An encrypted store and a plain one, open, each with a link out of its folder."""
    found = {}
    with pytest.MonkeyPatch.context() as environment:
        environment.setattr("tempfile.tempdir", str(tmp_path_factory.mktemp("temporary")))
        for is_sealed in (False, True):
            curated = tmp_path_factory.mktemp("walled") / "curated"
            curated.mkdir()
            (curated.parent / "outside.csv").write_text("a\n1\n")
            (curated / "link.csv").symlink_to(curated.parent / "outside.csv")
            if is_sealed:
                environment.setenv(KEY_VARIABLE, SECRET)
            found[is_sealed] = (connect(curated / FILE_NAME), curated)
            found[is_sealed][0].execute("CREATE TABLE ledger (entry INTEGER)")
    yield found
    for con, _ in found.values():
        con.close()
