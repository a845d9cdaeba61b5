"""What the doctor looks at in a store: permissions, its key, who holds it, the warehouse, copies, editions."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb

from indicators.calendars import Quarter
from pipelines.doctor import Line, Look, bad, good, note, permissions
from pipelines.engine_facts import PREFIX
from pipelines.files import altered
from pipelines.identity import KEY_NAME
from pipelines.lock import LOCK_NAME, holder
from pipelines.migrate import WarehouseOutdatedError, latest, pending
from pipelines.sealed import WarehouseKeyError, connect, is_encrypted
from pipelines.warehouse import FILE_NAME, LANDING_NAME
from reports.edition import POINTER_NAME, manifest
from reports.intact import DamagedEdition, check_intact

EDITIONS = "editions"
_KEY_BYTES = 32
# Donors are due thirty days after a quarter; two weeks later nobody can still be about to publish it.
_PUBLISHED_BY = timedelta(days=45)
# What is for the owner alone, as the store makes it.
MODES = {"": 0o700, FILE_NAME: 0o600, KEY_NAME: 0o600, LOCK_NAME: 0o600, LANDING_NAME: 0o700}


def store(curated: Path, _: date) -> Iterator[Line]:
    """Whether there is one."""
    if (curated / FILE_NAME).exists():
        yield good("store", str(curated))
    else:
        yield note("store", f"{curated} has no warehouse yet", "Run `esep run`, or name a store with --curated")


def who_may_read(curated: Path, _: date) -> Iterator[Line]:
    """Whether others on this machine are kept out of case-level data."""
    if not curated.is_dir():
        return
    paths = {curated / name if name else curated: mode for name, mode in MODES.items()}
    there = {path: mode for path, mode in paths.items() if path.exists()}
    if list(there) == [curated]:
        return  # nothing of a store is in it yet, as in a fresh clone; whoever makes one closes the folder
    loose = [path for path, mode in there.items() if permissions(path) & ~mode]
    others = [path for path in there if path.stat().st_uid != os.geteuid()]
    for path in loose:
        said = f"{path} is {permissions(path):04o}, not {there[path]:04o}: others on this machine may read it"
        yield bad("permissions", said, f"chmod {there[path]:o} {path}")
    for path in others:
        todo = "Run esep as the user who owns the store; a unit of systemd names it in User="
        yield bad("permissions", f"{path} belongs to another user", todo)
    if not loose and not others:
        yield good("permissions", "the store is closed to others")


def key(curated: Path, _: date) -> Iterator[Line]:
    """The store's own key, under which editions name their files."""
    path = curated / KEY_NAME
    if path.exists() and path.stat().st_size == _KEY_BYTES:
        yield good("store key", KEY_NAME)
    elif path.exists() or (curated / EDITIONS / POINTER_NAME).exists():
        todo = f"Put {KEY_NAME} back from a backup: with another key no edition can be verified or made again"
        yield bad("store key", f"{path} is missing or damaged", todo)


def lock(curated: Path, _: date) -> Iterator[Line]:
    """Who writes at this moment."""
    held = holder(curated) if curated.is_dir() else ""
    if held:
        yield note("writer", f"{held} writes to the store now", "Wait for it; if it hangs, end it: nothing is lost")
    else:
        yield good("writer", "nobody writes to the store")


def warehouse(curated: Path, _: date) -> Iterator[Line]:
    """Whether the warehouse opens and every block of it can be read: DuckDB checks each block's sum."""
    path = curated / FILE_NAME
    if not path.exists() or holder(curated):
        return
    try:
        with connect(path, read_only=True) as con:
            names = [name for (name,) in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
            for name in names:
                con.execute(f"SELECT bit_xor(hash(own)) FROM {name} AS own").fetchall()
            version = _version(con, path)
    except WarehouseKeyError as error:
        yield bad("encryption", "the warehouse cannot be opened", str(error))
        return
    except duckdb.Error as error:
        said = f"{path} cannot be read ({type(error).__name__}): it is damaged"
        yield bad("warehouse", said, f"Move {curated} away and put a backup in its place: esep restore")
        return
    yield good("warehouse", f"{len(names)} tables, every block readable")
    yield version
    yield good(
        "encryption", "the warehouse is encrypted" if is_encrypted(path) else "off: the warehouse is not encrypted"
    )


def _version(con: duckdb.DuckDBPyConnection, path: Path) -> Line:
    try:
        due = pending(con, path)
    except WarehouseOutdatedError as error:
        return bad("version", "the warehouse is of another version than this esep", str(error))
    if due:
        said = f"{len(due)} steps behind: {', '.join(step.name for step in due)}"
        return note("version", said, "The next command that opens the warehouse takes them, after keeping a copy")
    return good("version", f"the warehouse is of version {latest()}, the latest")


def copies(curated: Path, _: date) -> Iterator[Line]:
    """The copies of accepted files, each known by the hash that is its name."""
    landing = curated / LANDING_NAME
    if not landing.is_dir():
        return
    wrong = altered(landing)
    if wrong:
        todo = "Look into the disk, move them away, put them back from a backup or have the files sent again"
        yield bad("copies", f"{len(wrong)} of {landing} do not hold the bytes of their names", todo)
    else:
        yield good("copies", f"{sum(1 for _ in landing.iterdir())} in {LANDING_NAME}/ are whole")


def editions(curated: Path, today: date) -> Iterator[Line]:
    """The current edition: whether it is there, whole, and of the quarter that it is time for."""
    folder = curated / EDITIONS
    if not (folder / POINTER_NAME).exists():
        yield note("edition", "nothing has been published yet", "Run `esep publish`")
        return
    name = (folder / POINTER_NAME).read_text(encoding="utf-8").strip()
    if not name or not (folder / name).is_dir():
        known = ", ".join(sorted(one.name for one in folder.iterdir() if one.is_dir() and one.name[0] != ".")) or "none"
        todo = f"Run `esep publish`, which names the latest; the editions there: {known}"
        yield bad("edition", f"{POINTER_NAME} names an edition that is not there", todo)
        return
    try:
        check_intact(folder / name)
    except DamagedEdition as error:
        yield bad("edition", f"{name} is damaged", str(error))
        return
    yield good("edition", f"{name}, its files are those that were published")
    yield from _age(str(manifest(folder / name)["period"]), today)


def _age(period: str, today: date) -> Iterator[Line]:
    """How far behind the current edition is; a store of old quarters is no mistake, so it is a note at most."""
    latest = Quarter.of(today - _PUBLISHED_BY).back(1)
    try:
        covers = Quarter.parse(period)
    except ValueError:
        return
    if covers.start < latest.start:
        said = f"the current edition ends with {period}; {latest} is over since {latest.end}"
        yield note("edition age", said, f"If {latest} is to be published: `esep status`, then `esep publish`")
    else:
        yield good("edition age", f"it ends with {period}")


def kept(curated: Path, _: date) -> Iterator[Line]:
    """Copies of the warehouse from before it was brought to another version."""
    found = sorted(curated.glob("*.before-*.duckdb"))
    if found:
        said = f"{', '.join(path.name for path in found)}: the warehouse before an upgrade"
        yield note("old copies", said, "Remove them when you trust the upgrade: they hold case-level data")


def leftovers(curated: Path, _: date) -> Iterator[Line]:
    """What killed processes left half made; the next run of the step takes it away or it may be removed."""
    if not curated.is_dir() or holder(curated):
        return
    found = [path for place in (curated, curated / EDITIONS) if place.is_dir() for path in sorted(place.glob("*.new"))]
    found += sorted(curated.glob(f"{PREFIX}*"))
    if found:
        names = ", ".join(str(path.relative_to(curated)) for path in found)
        yield note(
            "leftovers", f"{names}: half made when a process was killed", "They may be removed; nothing uses them"
        )


LOOKS: tuple[Look, ...] = (
    store, who_may_read, key, lock, warehouse, copies, editions, kept, leftovers,
)  # fmt: skip
