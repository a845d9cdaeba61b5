"""What the doctor looks at on the machine: Python, libraries, room on the disk, fonts, browser, time zones."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator
from datetime import date, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from pipelines.doctor import Line, Look, bad, good, note
from pipelines.libraries import ALTERS, ALTERS_NOTHING

_REPOSITORY = Path(__file__).resolve().parent.parent
LOCK_FILE = _REPOSITORY / "requirements.lock"
FONTS = _REPOSITORY / "reports" / "fonts"
NEEDS_PYTHON = (3, 11)
# A day and the hours from UTC that the zone has had since; what an old table of zones gets wrong first.
KNOWN_ZONES = {
    "Asia/Almaty": 5, "Asia/Bishkek": 6, "Asia/Dushanbe": 5, "Asia/Ashgabat": 5, "Asia/Tashkent": 5,
}  # fmt: skip
_AFTER_THE_LAST_CHANGE = datetime(2024, 6, 1)  # noqa: DTZ001 (the zone is what is asked)
# Beside the store there must be room for a copy of it, what counting spills, an edition and its reports.
_ROOM_AT_LEAST = 1 << 30
_ROOM_TIMES_STORE = 3
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.M)


def python(_: Path, __: date) -> Iterator[Line]:
    """The interpreter."""
    said = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < NEEDS_PYTHON:
        needed = ".".join(map(str, NEEDS_PYTHON))
        yield bad("python", f"{said}, older than {needed}", f"Install Python {needed} or newer and run `make run`")
    else:
        yield good("python", said)


def libraries(_: Path, __: date) -> Iterator[Line]:
    """What is installed, against the lock file. One that can alter a number must be the locked one."""
    if not LOCK_FILE.exists():
        yield note("libraries", "there is no requirements.lock here to compare with", "Run it from the repository")
        return
    wrong = unlike_the_lock(LOCK_FILE.read_text(encoding="utf-8"))
    if wrong:
        todo = "Remove .venv/.ready and run `make run`: it installs what is locked"
        yield bad("libraries", "; ".join(wrong), todo)
    else:
        yield good("libraries", f"{len(ALTERS) + len(ALTERS_NOTHING)} are those of requirements.lock")


def unlike_the_lock(text: str) -> list[str]:
    """Our libraries whose installed version a lock file does not name."""
    pins: dict[str, set[str]] = {}
    for name, pin in _PIN.findall(text):
        pins.setdefault(name.lower(), set()).add(pin)
    return [said for name in (*ALTERS, *ALTERS_NOTHING) if (said := _otherwise(name, pins.get(name, set())))]


def _otherwise(name: str, pins: set[str]) -> str:
    try:
        found = version(name)
    except PackageNotFoundError:
        return f"{name} is not installed"
    return "" if found in pins else f"{name} is {found}, locked is {' or '.join(sorted(pins)) or 'none'}"


def disk(curated: Path, _: date) -> Iterator[Line]:
    """Room where the store is, or will be."""
    place = next(one for one in (curated, *curated.resolve().parents) if one.exists())
    free = shutil.disk_usage(place).free
    held = sum(path.stat().st_size for path in curated.glob("*.duckdb")) if curated.is_dir() else 0
    wanted = max(_ROOM_AT_LEAST, _ROOM_TIMES_STORE * held)
    said = f"{_gigabytes(free)} free at {place}"
    if free < wanted:
        todo = f"Free some space: {_gigabytes(wanted)} are needed for a copy of the store, for counting and reports"
        yield bad("disk", said, todo)
    else:
        yield good("disk", said)


def _gigabytes(size: int) -> str:
    return f"{size / (1 << 30):.1f} GB"


def fonts(_: Path, __: date) -> Iterator[Line]:
    """The fonts that PDF reports are set in: ours, with Cyrillic letters, never the machine's."""
    found = [path.name for path in sorted(FONTS.glob("*.ttf")) if path.stat().st_size]
    if found:
        yield good("fonts", ", ".join(found))
    else:
        yield bad("fonts", f"{FONTS} has none", "Check the repository out again, or install the package again")


def browser(_: Path, __: date) -> Iterator[Line]:
    """A browser of this machine. Only tests of the dashboard and whoever looks at it here need one."""
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found:
        yield good("browser", found)
    else:
        yield note("browser", "none here; nothing but the tests of the dashboard needs one")


def time_zones(_: Path, __: date) -> Iterator[Line]:
    """The table of time zones, by what it says about the offices': the days of quarters depend on it."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    wrong = []
    for name, hours in KNOWN_ZONES.items():
        try:
            offset = _AFTER_THE_LAST_CHANGE.replace(tzinfo=ZoneInfo(name)).utcoffset()
        except ZoneInfoNotFoundError:
            wrong.append(f"{name} is unknown")
            continue
        if offset is None or offset.total_seconds() != hours * 3600:
            wrong.append(f"{name} is not UTC+{hours}")
    if wrong:
        todo = "Update the system's tzdata (Almaty moved in March 2024), or set PYTHONTZPATH= to use the locked one"
        yield bad("time zones", "; ".join(wrong), todo)
    else:
        yield good("time zones", f"{len(KNOWN_ZONES)} zones of the offices are right")


LOOKS: tuple[Look, ...] = (python, libraries, disk, fonts, browser, time_zones)
