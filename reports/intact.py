"""Whether an edition is still what was published: its manifest knows the SHA-256 of its files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from reports.edition import MANIFEST_NAME, Edition, NoEdition, manifest, open_edition


class DamagedEdition(RuntimeError):
    """The files of an edition are not those that were published; the message says which."""


def open_intact(folder: Path) -> Edition:
    """Open an edition that is whole: for what leaves the house. The caller closes `connection`.

    Raises NoEdition where there is none, and DamagedEdition where a file differs from the manifest.
    """
    if not folder.is_dir():
        raise NoEdition(f"{folder}: there is no such edition; `esep status` names the current one")
    check_intact(folder)
    return open_edition(folder)


def check_intact(folder: Path) -> None:
    """Compare every file of an edition with its manifest. Raises DamagedEdition."""
    try:
        files = manifest(folder)["files"]
    except (OSError, json.JSONDecodeError, KeyError) as error:
        raise DamagedEdition(_advice(folder, f"its {MANIFEST_NAME} cannot be read")) from error
    for name, digest in files.items():
        path = folder / name
        if not path.is_file():
            raise DamagedEdition(_advice(folder, f"{name} is missing"))
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != digest:
                raise DamagedEdition(_advice(folder, f"{name} has other bytes than its manifest says"))


def _advice(folder: Path, what: str) -> str:
    return (
        f"edition {folder.name} is damaged: {what}. Nothing was written from it. Move {folder} away and run "
        "`esep publish`: the same files give the same edition again"
    )
