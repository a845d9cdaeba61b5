"""A store out of a backup: every file compared with the list, aside first, and into place in one step."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tarfile
from pathlib import Path, PurePosixPath
from typing import Any

from pipelines.backup import FORMAT, LIST_NAME, Backup, BackupError
from pipelines.files import fsync_folder

_CHUNK = 1 << 20
_LIST_AT_MOST = 1 << 28
_ELSE = "Nothing was restored; use another backup"


def restore(archive: Path, to: Path) -> Backup:
    """Bring a store back into a folder that does not exist yet, or is empty.

    Raises BackupError when the folder holds anything, and when the backup is not what was written: the message
    names the file that is missing, too many or damaged. Nothing is left behind then.
    """
    if to.exists() and not (to.is_dir() and not any(to.iterdir())):
        raise BackupError(f"{to} exists and is not empty; nothing is restored over a store. Name another folder")
    to.parent.mkdir(parents=True, exist_ok=True)
    aside = to.with_name(f".{to.name}.restored.new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(mode=0o700)
    try:
        found, modes, size, listed = _unpack(archive, aside)
        _compare(archive, found, listed)
        _settle(aside, modes)
        aside.rename(to)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    fsync_folder(to.parent)
    return Backup(to, len(found), size)


def _unpack(archive: Path, aside: Path) -> tuple[dict[str, str], dict[str, int], int, dict[str, str] | None]:
    """The files written aside with their hashes, the modes of all, their bytes, and the list, where it was reached."""
    found: dict[str, str] = {}
    modes: dict[str, int] = {}
    size = 0
    listed = None
    try:
        with tarfile.open(archive, mode="r:") as opened:
            for member in opened:
                if listed is not None:
                    raise BackupError(f"{archive}: {_shown(member.name)} stands after the list of files. {_ELSE}")
                path = aside / _checked(archive, member, {*found, *modes})
                if member.isdir():
                    modes[member.name] = member.mode
                    path.mkdir(mode=0o700)
                elif member.name == LIST_NAME:
                    listed = _listed(archive, opened, member)
                else:
                    modes[member.name] = member.mode
                    found[member.name] = _write(opened, member, path)
                    size += member.size
    except (tarfile.TarError, EOFError) as error:
        after = f"; it ends after {list(found)[-1]}" if found else ""
        raise BackupError(f"{archive} is no whole backup of esep ({error}){after}. {_ELSE}") from None
    return found, modes, size, listed


def _checked(archive: Path, member: tarfile.TarInfo, known: set[str]) -> str:
    """The name of a member, if it may be written: a plain file or folder below the store, named once."""
    parts = PurePosixPath(member.name).parts
    is_below = bool(parts) and not member.name.startswith("/") and ".." not in parts and "\0" not in member.name
    if not (member.isreg() or member.isdir()) or not is_below or member.name in known:
        raise BackupError(f"{archive}: {_shown(member.name)} is nothing that esep writes into a backup. {_ELSE}")
    return member.name


def _shown(name: str) -> str:
    return ascii(name)[:120]


def _write(opened: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest = hashlib.sha256()
    source = opened.extractfile(member)
    assert source is not None, "a regular file has contents"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    return digest.hexdigest()


def _listed(archive: Path, opened: tarfile.TarFile, member: tarfile.TarInfo) -> dict[str, str]:
    source = opened.extractfile(member)
    try:
        if source is None or member.size > _LIST_AT_MOST:
            raise ValueError
        said: Any = json.loads(source.read())
        form, files = said["format"], {str(name): str(digest) for name, digest in said["files"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BackupError(f"{archive}: its list of files ({LIST_NAME}) is damaged. {_ELSE}") from None
    if form != FORMAT:
        raise BackupError(f"{archive} is of format {form}, and this esep reads {FORMAT}. Use the esep that wrote it")
    return files


def _compare(archive: Path, found: dict[str, str], listed: dict[str, str] | None) -> None:
    if listed is None:
        after = f" after {list(found)[-1]}" if found else ""
        raise BackupError(f"{archive} is cut short{after}: its list of files is missing. {_ELSE}")
    wrong = [f"{_shown(name)} is damaged" for name in found if name in listed and found[name] != listed[name]]
    wrong += [f"{_shown(name)} is missing" for name in listed if name not in found]
    wrong += [f"{_shown(name)} is not on its list" for name in found if name not in listed]
    if wrong:
        more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        raise BackupError(f"{archive}: {', '.join(wrong[:5])}{more}. {_ELSE}")


def _settle(aside: Path, modes: dict[str, int]) -> None:
    """The permissions as they were, the innermost first, and everything on the disk."""
    for name in sorted(modes, reverse=True):
        path = aside / name
        if path.is_dir():
            fsync_folder(path)
        path.chmod(modes[name] & 0o755)
    fsync_folder(aside)
