"""The words of reference sheets, from `pirs.toml`: names of fields, what holds for many indicators, and sentences.

Checked as a whole when loaded; docs/explaining.md says what stands where.
"""

from __future__ import annotations

import string
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from indicators.definition_faults import FAMILIES, RULES
from indicators.facts import SUBJECTS, DeclarationError, all_facts
from indicators.funding import LEVELS
from indicators.pirs_fields import FIELDS, PARTS, SAID, words_faults

FILE = Path(__file__).parent / "pirs.toml"
# Every sentence, with what is filled in.
SENTENCES: Mapping[str, frozenset[str]] = {
    name: frozenset(filled)
    for filled, names in {
        (): (
            "no_donor_number", "not_standard", "whole_number", "decimal_number", "average_number", "share_number",
            "no_breakdowns", "regions_of", "state", "known_cells", "known_conditions", "known_function", "known_share",
            "known_files", "known_kept", "no_baseline", "no_targets", "limit_two_offices", "limit_two_rows",
            "no_limits",
            "not_protected", "no_changes", *(f"{over}_{rule}" for over in ("time", "place") for rule in (*RULES, "M")),
        ),
        ("code", "donors"): ("donor_number",),
        ("day",): ("from", "until", "reviewed_quality"),
        ("codes",): ("standard",),
        ("project", "code", "level", "title"): ("result_of",),
        ("name",): ("adds_up", "shared", "shared_whole", "averaged", "overlaps", "function"),
        ("export", "fact"): ("export_of",),
        ("fact",): ("kept_by_us",),
        ("expression",): ("numerator", "denominator"),
        ("expression", "fact"): ("denominator_of",),
        ("column",): ("dated_by", "denominator_dated_by", "persons", "known_key"),
        ("columns",): ("known_only",),
        ("number",): ("known_average",),
        ("project", "places", "value", "day"): ("baseline_value",),
        ("project", "places", "reason"): ("baseline_none",),
        ("project", "places"): ("targets_of",),
        ("facts",): ("limit_earlier",),
        ("code",): ("limit_at_most",),
        ("whom",): ("protected",),
        ("day", "what"): ("changed",),
        ("source",): ("written_from",),
        ("text",): ("in_english",),
    }.items()
    for name in names
}  # fmt: skip
_NAMED: Mapping[str, tuple[str, ...]] = {
    "part": tuple(PARTS), "field": FIELDS, "sentence": tuple(SENTENCES), "subject": SUBJECTS, "level": LEVELS,
    "family": FAMILIES, "fact": tuple(all_facts()),
}  # fmt: skip


@dataclass(frozen=True)
class SheetWords:
    """The words of sheets in one language."""

    tables: Mapping[str, Mapping[str, Any]]
    language: str

    def name(self, table: str, code: str) -> str:
        """The name of a part, field, subject or level."""
        said: str = self.tables[table][code][self.language]
        return said

    def say(self, sentence: str, **filled: object) -> str:
        """A sentence with its gaps filled."""
        return self.name("sentence", sentence).format(**filled)

    def said_in(self, field: str, *tables: Mapping[str, Any]) -> list[str]:
        """What the first of some tables that has the field says of it; nothing if none has it."""
        found = (str(table[field][self.language]).strip() for table in tables if field in SAID and field in table)
        return [said for said in (next(found, ""),) if said]

    def default(self, field: str, family: str) -> list[str]:
        """What `pirs.toml` says of a field: for the family, else for every indicator."""
        return self.said_in(field, self.tables["family"][family], self.tables["every"])


@cache
def sheet_tables(file: Path = FILE) -> Mapping[str, Mapping[str, Any]]:
    """The tables of the file. Raises DeclarationError: each fault with file, field, what was expected, what came."""
    try:
        raw = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DeclarationError([f"{file.name}: not TOML: {error}"]) from None
    faults = [f"{file.name}: {fault}" for fault in _faults(raw)]
    if faults:
        raise DeclarationError(faults)
    return raw


def _faults(raw: Mapping[str, Any]) -> Iterator[str]:
    tables = (*_NAMED, "every")
    yield from _key_faults("", raw, ("reviewed_on", *tables))
    if not isinstance(raw.get("reviewed_on", date.min), date):
        yield f"reviewed_on: expected a date, got {raw['reviewed_on']!r}"
    for table in (name for name in tables if name in raw):
        if not isinstance(raw[table], dict):
            yield f"{table}: expected a table, got {raw[table]!r}"
        elif table == "every":
            yield from _said_faults("every", raw["every"])
        else:
            yield from _key_faults(f"{table}.", raw[table], _NAMED[table])
            yield from _entry_faults(table, raw[table])


def _key_faults(where: str, raw: Mapping[str, Any], expected: tuple[str, ...]) -> Iterator[str]:
    # A new fact is counted before anybody wrote down how its rows come about; a test asks for it.
    yield from (f"{where}{key}: is missing" for key in expected if key not in raw and where != "fact.")
    unknown = [key for key in raw if key not in expected]
    yield from (f"{where}{key}: no such field; expected one of {', '.join(expected)}" for key in unknown)


def _entry_faults(table: str, entries: Mapping[str, Any]) -> Iterator[str]:
    for name, entry in entries.items():
        if table == "family":
            yield from _said_faults(f"family.{name}", entry)
            continue
        wrong = list(words_faults(f"{table}.{name}", entry))
        yield from wrong
        if table == "sentence" and not wrong and name in SENTENCES:
            yield from _gap_faults(name, entry)


def _said_faults(where: str, entries: Any) -> Iterator[str]:
    if not isinstance(entries, dict):
        yield f"{where}: expected a table, got {entries!r}"
        return
    yield from (
        f"{where}.{key}: no such field; expected one of {', '.join(SAID)}" for key in entries if key not in SAID
    )
    for key in SAID:
        if key in entries:
            yield from words_faults(f"{where}.{key}", entries[key])


def _gap_faults(name: str, words: Mapping[str, str]) -> Iterator[str]:
    """A gap that nothing fills would stand in the sheet, or stop it."""
    for language, text in words.items():
        gaps = {gap for _, gap, _, _ in string.Formatter().parse(text) if gap is not None}
        if gaps != SENTENCES[name]:
            wanted, got = (", ".join(sorted(names)) or "none" for names in (SENTENCES[name], gaps))
            yield f"sentence.{name}.{language}: expected the gaps {wanted}; got {got}"
