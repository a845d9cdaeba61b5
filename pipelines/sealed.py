"""Opening a DuckDB file of the store: behind a wall, and with a key where the warehouse is encrypted at rest.

The wall: what runs over a store reaches its own folder, the folder for temporary files, and nothing else: no other
file, no network, no extension that is not already loaded. DuckDB lets nobody take it down again.

The key comes from a file or the environment, is told to DuckDB as a hash of itself, and is in no message: whatever
DuckDB says while it is told the key is replaced by our own words.
"""

from __future__ import annotations

import hashlib
import os
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import duckdb
from duckdb import DuckDBPyConnection

from pipelines.files import DiskFullError, is_disk_full

KEY_VARIABLE = "ESEP_WAREHOUSE_KEY"
KEY_FILE_VARIABLE = "ESEP_WAREHOUSE_KEY_FILE"
SHORTEST_KEY = 32  # characters; `openssl rand -base64 32` gives 44
_LONGEST_KEY_FILE = 4096

# Nothing is ever fetched from outside: what DuckDB does not bring along is an error. Beyond its memory it writes to
# a folder beside the store, as closed to others as the store is, and takes it away again.
SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "enable_external_access": "false",
    "memory_limit": "1GB",
}
# The wall is put up as soon as it is said which folders lie within.
_OPEN = {**SETTINGS, "enable_external_access": "true"}
_NAME = "warehouse"  # of the encrypted file within its connection
# Where a file of DuckDB says what it is: after a sum of eight bytes and the word DUCK, a version and flags.
_MAGIC, _FLAGS = slice(8, 12), 20
_EXTENSION = "duckdb_extension_httpfs"


class WarehouseKeyError(RuntimeError):
    """The key of an encrypted warehouse is missing, wrong, not kept as a secret is, or of no use here."""


@dataclass(frozen=True)
class Key:
    """The key as DuckDB is told it; it does not show itself."""

    told: str = field(repr=False)


def warehouse_key(environment: Mapping[str, str] | None = None) -> Key | None:
    """The key that the environment names, or None. Raises WarehouseKeyError for one that is no secret."""
    said = os.environ if environment is None else environment
    text, file = said.get(KEY_VARIABLE, ""), said.get(KEY_FILE_VARIABLE, "")
    if text and file:
        raise WarehouseKeyError(f"both {KEY_VARIABLE} and {KEY_FILE_VARIABLE} are set: which one is meant? Unset one")
    if file:
        text = _read(Path(file))
    if not text and not file:
        return None
    if len(text) < SHORTEST_KEY:
        where = file or KEY_VARIABLE
        raise WarehouseKeyError(
            f"the key in {where} is shorter than {SHORTEST_KEY} characters, and could be guessed. Make one with "
            "`openssl rand -base64 32`"
        )
    return Key(hashlib.sha256(b"esep warehouse\0" + text.encode()).hexdigest())


def _read(path: Path) -> str:
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > _LONGEST_KEY_FILE:
            raise WarehouseKeyError(f"{path} ({KEY_FILE_VARIABLE}) is no key file: one line of text is expected")
        if status.st_mode & 0o077:
            raise WarehouseKeyError(f"{path} ({KEY_FILE_VARIABLE}) can be read by others: chmod 600 {path}")
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise WarehouseKeyError(f"{path} ({KEY_FILE_VARIABLE}) cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise WarehouseKeyError(f"{path} ({KEY_FILE_VARIABLE}) is no text: one line of text is expected") from None


def is_encrypted(path: Path) -> bool:
    """Whether a DuckDB file is encrypted, as its first bytes say."""
    with path.open("rb") as file:
        start = file.read(_FLAGS + 1)
    return len(start) > _FLAGS and start[_MAGIC] == b"DUCK" and bool(start[_FLAGS] & 1)


def connect(path: Path, *, read_only: bool = False) -> DuckDBPyConnection:
    """Open a warehouse file behind the wall; it is made, encrypted where there is a key, when it is not there.

    Raises WarehouseKeyError when the file needs a key that is not there or is another one, and when there is a key
    and the file is not encrypted: whoever set it believes that it is.
    """
    key = warehouse_key()
    sealed = is_encrypted(path) if path.exists() else key is not None
    if sealed and key is None:
        raise WarehouseKeyError(
            f"{path} is encrypted. Name the file of its key in {KEY_FILE_VARIABLE}, or give it in {KEY_VARIABLE}"
        )
    if key is not None and not sealed:
        raise WarehouseKeyError(
            f"there is a key, but {path} is not encrypted. Encrypt it with `esep encrypt`, or unset "
            f"{KEY_FILE_VARIABLE} and {KEY_VARIABLE}"
        )
    if key is None:
        return plain(path, read_only=read_only)
    return unlocked(path, key, read_only=read_only)


def plain(path: Path, *, read_only: bool = False) -> DuckDBPyConnection:
    """Open a file that is not encrypted, behind the wall."""
    con = duckdb.connect(str(path), read_only=read_only, config=_OPEN)
    _wall(con, path)
    return con


def unlocked(path: Path, key: Key, *, read_only: bool = False) -> DuckDBPyConnection:
    """Open an encrypted file with its key, whatever the environment says; what it spills is encrypted as well."""
    con = _empty(path)
    try:
        attach(con, path, _NAME, key, read_only=read_only)
        con.execute(f"USE {_NAME}")
        _wall(con, path)
    except BaseException:
        con.close()
        raise
    return con


def both(source: Path, old: Key | None, target: Path, new: Key | None) -> DuckDBPyConnection:
    """Two files in one connection, as `source` and `target`, each with its key; the second is the one in use."""
    con = _empty(target)
    try:
        attach(con, source, "source", old, read_only=True)
        attach(con, target, "target", new)
        con.execute("USE target")
        _wall(con, target)
    except BaseException:
        con.close()
        raise
    return con


def attach(con: DuckDBPyConnection, path: Path, name: str, key: Key | None, *, read_only: bool = False) -> None:
    """Give a connection one more file. Raises WarehouseKeyError when its key is another one."""
    said = [*([f"ENCRYPTION_KEY '{key.told}'"] if key else []), *(["READ_ONLY"] if read_only else [])]
    extension = _extension() if key else None
    try:
        if extension:
            con.execute(f"LOAD '{_quoted(extension)}'")
        con.execute(f"ATTACH '{_quoted(path)}' AS {name}" + (f" ({', '.join(said)})" if said else ""))
    except duckdb.Error as error:
        if is_disk_full(error):
            raise DiskFullError(
                f"there is no room left on the disk of {path}. Free some space and run this again"
            ) from None
        # Its words may hold the statement, and the statement holds the key.
        wrong = "Wrong encryption key" in str(error)
        what = "was encrypted with another key" if wrong else f"cannot be opened with the key ({type(error).__name__})"
        raise WarehouseKeyError(
            f"{path} {what}. Nothing was changed; put the key back that it was encrypted with"
        ) from None


def _empty(path: Path) -> DuckDBPyConnection:
    """A connection without a file, whose spill lies beside one and is encrypted."""
    config = {**_OPEN, "temp_directory": f"{path}.tmp", "temp_file_encryption": "true"}
    return duckdb.connect(config=config)


def _wall(con: DuckDBPyConnection, path: Path) -> None:
    folders = ", ".join(f"'{_quoted(folder)}'" for folder in (path.parent, Path(tempfile.gettempdir())))
    con.execute(f"SET allowed_directories = [{folders}]")
    con.execute("SET enable_external_access = false")


def _quoted(path: Path) -> str:
    return str(path.resolve()).replace("'", "''")


def _extension() -> Path:
    """OpenSSL for DuckDB: it brings a cipher of its own, which it calls unsafe to write with, and refuses to."""
    found = find_spec(_EXTENSION)
    places = found.submodule_search_locations if found else None
    for place in places or ():
        path = Path(place) / "extensions" / f"v{duckdb.__version__}" / "httpfs.duckdb_extension"
        if path.exists():
            return path
    raise WarehouseKeyError(
        f"an encrypted warehouse needs the package duckdb-extension-httpfs of version {duckdb.__version__}: "
        f"pip install duckdb-extension-httpfs=={duckdb.__version__}, or `make run` on Linux, which has it in its lock"
    )
