"""The words of the donor workbook in every language, from `workbook.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "workbook.toml"


@cache
def words(language: str) -> Mapping[str, str]:
    """Every text of the workbook by `section.key`. Raises KeyError for a language that is not there."""
    sections = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return {f"{name}.{key}": text[language] for name, keys in sections.items() for key, text in keys.items()}


# Sheets that every workbook has, in lower case; no table may take their names.
RESERVED_SHEETS = frozenset(
    text.casefold() for language in ("en", "ru") for key, text in words(language).items() if key.startswith("sheet.")
)
