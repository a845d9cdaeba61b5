"""Tools for messing up a rendered file: what stands where on its sheets, and what becomes of it when it is read."""

from __future__ import annotations

import random
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from duckdb import DuckDBPyConnection

from indicators.facts import Column, facts
from pipelines.contracts import contracts
from pipelines.demo import sample_records
from pipelines.findings import Finding
from pipelines.forms import CSV, Contract, Form, Sheet, Slot
from pipelines.layout import Place, Use, layout
from pipelines.parse import parse, records
from pipelines.render import written
from pipelines.rules import rules_for
from pipelines.staging import ThisFile, prepare, rows_breaking
from pipelines.writers import Written, write

PERIODS = ("2010-Q4", "2010-Q3")
MOST_ROWS = 8
SIXTH_SLOTS = ("cases", "participants", "hotline_contacts", "activities")
# A row of a sheet, by the sheet's name and the number that the office sees.
Where = tuple[str, int]
KAZ = Path(contracts.__wrapped__.__code__.co_filename).parent / "offices" / "kaz.toml"

# What the sixth office declares beside the form of the first: every tolerance there is.
SIXTH = {
    '"kaz"': '"kyr"',
    'place = "KZ"': 'place = "TR"',
    "KAZ_": "KYR_",
    'languages = ["ru"]': 'languages = ["ru", "kk", "ky", "tg", "tk", "uz"]',
    'encodings = ["utf-8-sig"]': 'encodings = ["utf-8-sig", "cp1251", "mac_cyrillic", "cp866", "utf-16"]',
    'delimiter = ";"': 'delimiter = [";", "\\t"]\n'
    'folds = ["homoglyphs", "apostrophes"]\nlabels = ["ru"]',
    'dates = ["%d.%m.%Y"]': 'dates = ["%d.%m.%Y", "%d/%m/%y", "excel-serial", "%d %B %Y", "%Y ж. %d %B"]',
    'separator = " / "': 'separator = [" / ", ";", "\\n"]',
    'missing = ["н/д"': 'missing = ["NULL", "ZZ", "мәлімет жоқ", "н/д"',
    'event_ref = "Код мероприятия"\nline': 'event_ref = "Код мероприятия"\nline',
    '"footnotes"]': '"footnotes", "leading_zeros"]',
    "[slots.participants]\n": '[slots.participants]\nfill_down = ["event_ref"]\n',
    "[slots.cases]\n": '[words.case_status]\nactive = "01"\nfollow_up = "02"\nclosed = "08"\n\n[slots.cases]\n',
}  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """A file before it is bytes: its sheets, the form in which they will be written, and what is done to the bytes."""

    contract: Contract
    slot: Slot
    period: str
    sheets: tuple[Written, ...]
    form: Form
    chance: random.Random = field(compare=False)
    spoil: Callable[[bytes], bytes] = bytes

    @property
    def content(self) -> bytes:
        """The bytes of the file."""
        return self.spoil(write(self.sheets, self.form))

    @property
    def is_csv(self) -> bool:
        return self.slot.form.format == CSV

    def written_as(self, **changes: Any) -> Draft:
        """The same sheets in another form."""
        return replace(self, form=replace(self.form, **changes))

    def with_sheet(self, number: int, **changes: Any) -> Draft:
        """The file with one sheet changed."""
        sheets = list(self.sheets)
        sheets[number] = replace(sheets[number], **changes)
        return replace(self, sheets=tuple(sheets))

    def put(self, spot: Spot, value: Any) -> Draft:
        """The file with another value in a cell."""
        rows = [list(row) for row in self.sheets[spot.sheet].rows]
        rows[spot.row][spot.position] = value
        return self.with_sheet(spot.sheet, rows=rows)


@dataclass(frozen=True)
class Spot:
    """A cell of data: where it stands, and which column of which fact it feeds."""

    sheet: int
    row: int
    position: int
    place: Place
    use: Use
    value: Any
    where: Where

    @property
    def column(self) -> Column:
        return facts()[self.use.block.fact].columns[self.use.column]


def offices() -> Mapping[str, Contract]:
    """The offices of the sample, and a sixth that tolerates whatever can be tolerated."""
    return {office: contracts()[office] for office, _ in sample_records()} | {"kyr": sixth_office()}


@cache
def sixth_office() -> Contract:
    text = KAZ.read_text(encoding="utf-8")
    for old, new in SIXTH.items():
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1 if old != "KAZ_" else -1)
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "kyr.toml").write_text(text, encoding="utf-8")
        return contracts.__wrapped__(Path(folder))["kyr"]


def slots() -> list[tuple[Contract, Slot]]:
    """Every slot of every office of the sample; of the sixth, which is like the first, some."""
    every = [(contract, slot) for contract in offices().values() for slot in contract.slots.values()]
    return [(contract, slot) for contract, slot in every if contract.office != "kyr" or slot.name in SIXTH_SLOTS]


def draft(contract: Contract, slot: Slot, seed: str) -> Draft:
    """A small clean file of a slot, from the sample quarter that has most rows for it."""
    period = max(PERIODS, key=lambda one: sum(len(_sample(contract, one).get(name, ())) for name in slot.facts))
    few = _few(_sample(contract, period), slot)
    chance = random.Random(f"{seed} {contract.office} {slot.name}")
    return Draft(contract, slot, period, tuple(written(slot, period, few)), slot.form, chance)


@cache
def _samples() -> Mapping[tuple[str, str], Mapping[str, Any]]:
    return sample_records()


def _sample(contract: Contract, period: str) -> Mapping[str, Sequence[dict[str, Any]]]:
    if contract.office != "kyr":
        return _samples()[contract.office, period]
    return {
        name: [{key: _as_sixth(value) for key, value in row.items()} for row in rows]
        for name, rows in _samples()["kaz", period].items()
    }


def _as_sixth(value: Any) -> Any:
    is_own = isinstance(value, str) and re.match("KZ-([0-9]{4}-|[A-Z]+[0-9])", value)
    return value.replace("KZ-", "TR-", 1) if is_own else value


def _few(sample: Mapping[str, Sequence[dict[str, Any]]], slot: Slot) -> dict[str, list[dict[str, Any]]]:
    few: dict[str, list[dict[str, Any]]] = {}
    for sheet in slot.sheets:
        for block in sheet.mains:
            few[block.fact] = list(sample.get(block.fact, ()))[:MOST_ROWS]
        for block in sheet.groups:
            keys = [tuple(row[name] for name in block.inherits) for row in few[sheet.mains[0].fact]]
            rows = sample.get(block.fact, ())
            few[block.fact] = [row for row in rows if tuple(row[name] for name in block.inherits) in keys]
    return few


def spots(one: Draft) -> Iterator[Spot]:
    """Every cell of data that may be changed without touching what the totals count."""
    for number, (sheet, page) in enumerate(zip(one.slot.sheets, one.sheets, strict=True)):
        totals = sheet.totals
        counted = {totals.column, *totals.sums, *totals.counts} if totals else set()
        for row, cells in enumerate(page.rows):
            for position, place in enumerate(layout(sheet)):
                use = _use(sheet, place, cells)
                if use and use.code is None and (use.block.times or use.column not in counted):
                    yield Spot(
                        number, row, position, place, use, cells[position],
                        (page.name, row + page.top + page.header_rows + 1),
                    )  # fmt: skip


def _use(sheet: Sheet, place: Place, cells: Sequence[Any]) -> Use | None:
    """What a cell of this row feeds; a row of one kind feeds nothing under the headers of another."""
    if not sheet.kind:
        return place.uses[0] if place.uses else None
    kind = next(i for i, one in enumerate(layout(sheet)) if one.role == "kind")
    return next((use for use in place.uses if cells[kind] in use.block.kind), None)


def a_spot(one: Draft, wanted: Callable[[Spot], bool]) -> Spot | None:
    """Some cell of the file that fits, chosen by the file's own chance."""
    found = [spot for spot in spots(one) if wanted(spot)]
    return one.chance.choice(found) if found else None


@dataclass(frozen=True)
class Read:
    """What became of a file: its rows by sheet and number, and the findings."""

    rows: Mapping[Where, tuple[str, ...]]
    findings: tuple[Finding, ...]

    @property
    def is_refused(self) -> bool:
        return any(one.severity == "refuse" for one in self.findings)


def read(con: DuckDBPyConnection, one: Draft, folder: Path, rules: Sequence[str] = ()) -> Read:
    """Read a file; with `rules`, the ends of ids of row rules, these are asked as well."""
    path = folder / one.slot.file_name(one.period)
    path.write_bytes(one.content)
    parsed = parse(one.contract, one.slot, one.period, path, con)
    if any(finding.severity == "refuse" for finding in parsed.findings):
        return Read({}, parsed.findings)
    findings = [*parsed.findings, *_broken(con, one, path.name, rules)]
    rows: dict[Where, list[str]] = {}
    for name in one.slot.facts:
        numbers = con.execute(f"SELECT sheet, row_number FROM stage_{name} ORDER BY row_number, rowid").fetchall()
        for where, record in zip(numbers, records(con, name), strict=True):
            rows.setdefault(where, []).append(f"{name}: {record}")
    return Read({where: tuple(sorted(some)) for where, some in rows.items()}, tuple(findings))


def _broken(con: DuckDBPyConnection, one: Draft, file: str, ends: Sequence[str]) -> Iterator[Finding]:
    asked = [
        rule for name in one.slot.facts for rule in rules_for(facts()[name], one.contract)
        if any(rule.id.endswith(end) for end in ends)
    ]  # fmt: skip
    if not asked:
        return
    prepare(con, ThisFile(one.contract.office, one.contract.place, one.slot.name, one.period), one.slot.facts, asked)
    for rule in asked:
        for sheet, row, _ in rows_breaking(con, rule, 99):
            yield Finding(
                file, sheet, row, rule.column, rule.id, rule.severity, rule.message_en, rule.message_ru
            )  # fmt: skip
