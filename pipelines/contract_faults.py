"""What is wrong with a contract against the declaration of the facts; every fault is found before any is raised."""

from __future__ import annotations

import codecs
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from indicators.calendars import Quarter
from indicators.facts import Code, Column, Fact, codelists, facts
from indicators.figures import REGION_TOTAL
from pipelines.anonymity import personal_kind
from pipelines.folding import FOLDS
from pipelines.forms import CSV, EXCEL_SERIAL, MONTH, TOLERANCES, Block, Contract, Form, Sheet, Slot
from pipelines.layout import layout
from pipelines.running_faults import running_faults

_IN_DIGITS = (("%d", "%m", "%Y"), ("%d", "%m", "%y"))
_TIMES = (("%H", "%M"), ("%H", "%M", "%S"), ("%H", "%M", "%z"), ("%H", "%M", "%S", "%z"))
_WHOLE_DATES = [
    sorted(parts) for parts in (*_IN_DIGITS, ("%d", MONTH, "%Y"), *((*d, *t) for d in _IN_DIGITS for t in _TIMES))
]


def contract_faults(contract: Contract, file_stem: str) -> Iterator[str]:
    """Every fault of a contract whose keys are right, one line each."""
    if contract.office != file_stem:
        yield f"office must be {file_stem}, as the file is named"
    yield from _about_faults(contract)
    for version in contract.versions:
        where = f"version from {version.applies_from}: " if len(contract.versions) > 1 else ""
        for slot in version.slots.values():
            yield from _slot_faults(f"{where}slot {slot.name}: ", slot, contract)
        for slot in list(version.slots.values())[:1]:
            yield from (f"{where}{fault}" for fault in _form_faults(slot.form))
        yield from (f"{where}{fault}" for fault in _name_faults(version.slots))
    yield from running_faults(contract)


def _about_faults(contract: Contract) -> Iterator[str]:
    if contract.place not in codelists()["country"].codes and contract.place != REGION_TOTAL:
        yield f"place: {contract.place} is neither a country code nor {REGION_TOTAL}"
    try:
        ZoneInfo(contract.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        yield f"time_zone: there is no time zone {contract.time_zone}"
    periods = [version.applies_from for version in contract.versions if version.applies_from is not None]
    for period in periods:
        try:
            Quarter.parse(period)
        except ValueError as error:
            yield f"first_period and version.from: {error}"
    if periods != sorted(set(periods)):
        yield "versions must stand in the order of their periods"
    for slot in contract.slots.values():
        if slot.is_by_period != (contract.first_period is not None):
            yield f"slot {slot.name}: a file named by {{period}} and first_period go together; one of them is missing"


def _form_faults(form: Form) -> Iterator[str]:
    for encoding in form.encodings:
        try:
            codecs.lookup(encoding)
        except LookupError:
            yield f"form: there is no encoding {encoding}"
    if form.format == CSV and not (form.delimiters and all(len(sign) == 1 for sign in form.delimiters)):
        yield "form: delimiter must be one sign, or a list of such"
    if not form.separators or not all(form.separators):
        yield "form: separator must be a sign, or a list of such"
    for name in sorted(form.tolerates - set(TOLERANCES)):
        yield f"form: tolerates: there is no {name}; there are {', '.join(TOLERANCES)}"
    if form.decimal not in (".", ",") or form.decimal in form.thousands:
        yield "form: decimal must be a point or a comma, and not a sign between thousands"
    for how in form.dates:
        parts = sorted(_parts(how))
        if how != EXCEL_SERIAL and parts not in _WHOLE_DATES:
            yield (
                f"form: dates: {how} must give day, month and year by %d, %m and %Y (or %y), after which a time "
                "by %H, %M (and %S, %z) may stand, or by %d, %B and %Y"
            )
    if not form.dates or sorted(_parts(form.dates[0])) not in list(map(sorted, _IN_DIGITS)):
        yield "form: dates: the first is the one that is written, so it must give day, month and year in digits"
    for name in sorted(form.folds - set(FOLDS)):
        yield f"form: folds: there is no {name}; there are {', '.join(FOLDS)}"
    if set(map(form.fold, form.true)) & set(map(form.fold, form.false)):
        yield "form: a word means both true and false"
    for name, words in form.words.items():
        yield from _word_faults(form, name, words)


def _parts(how: str) -> list[str]:
    return [how[i : i + 2] for i in range(len(how) - 1) if how[i] == "%"]


def _word_faults(form: Form, name: str, words: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """A word may mean two codes only when they were never in force at the same time."""
    meant: dict[str, list[Code]] = defaultdict(list)
    entries = codelists()[name].codes
    for code, of_code in words.items():
        for word in dict.fromkeys(map(form.fold, of_code)):
            meant[word].append(entries[code])
            if any(sign.strip() and sign.strip() in word for sign in form.separators) and _is_in_lists(name):
                yield f"words of {name}: {word!r} holds the sign that separates several values"
            if word in map(form.fold, form.missing):
                yield f"words of {name}: {word!r} also means that the value is missing"
    for word, codes in meant.items():
        if any(_overlap(one, other) for i, one in enumerate(codes) for other in codes[:i]):
            yield f"words of {name}: {word!r} means {', '.join(code.code for code in codes)}"


def _is_in_lists(name: str) -> bool:
    columns = (column for fact in facts().values() for column in fact.columns.values())
    return any(column.is_list and column.values == name for column in columns)


def _overlap(one: Code, other: Code) -> bool:
    starts = max(c.attributes.get("valid_from", date.min) for c in (one, other))
    ends = min(c.attributes.get("valid_to", date.max) for c in (one, other))
    return bool(starts <= ends)


def _name_faults(slots: Mapping[str, Slot]) -> Iterator[str]:
    for name, slot in slots.items():
        others = [other for other in slots.values() if other is not slot]
        if any(other.period_of(slot.file_name("2010-Q4")) for other in others):
            yield f"slot {name}: its file name is that of another slot too"
    seen = Counter(fact for slot in slots.values() for fact in slot.facts)
    for fact, count in seen.items():
        if count > 1:
            yield f"{fact} is sent in two files; which of them counts cannot be told"


def _slot_faults(where: str, slot: Slot, contract: Contract) -> Iterator[str]:
    names = Counter(slot.form.fold(name) for sheet in slot.sheets for name in sheet.names)
    if slot.form.format == CSV and (names or len(slot.sheets) > 1):
        yield f"{where}a CSV file is one sheet without a name"
    if slot.form.format != CSV and not all(sheet.names for sheet in slot.sheets):
        yield f"{where}every sheet needs a name"
    yield from (f"{where}sheet {name} is named twice" for name, count in names.items() if count > 1)
    for sheet in slot.sheets:
        inside = f"{where}sheet {sheet.name}: " if sheet.names else where
        faults = [*_sheet_faults(slot.form, sheet), *_place_faults(sheet, contract)]
        yield from (f"{inside}{fault}" for fault in faults)


def _place_faults(sheet: Sheet, contract: Contract) -> Iterator[str]:
    for block in sheet.mains if contract.place_column else ():
        column = facts()[block.fact].columns.get(contract.place_column or "") if block.fact in facts() else None
        if column is None or column.values != "country" or column.name not in block.collected:
            yield f"place_column: {block.fact} gives no column {contract.place_column} with countries"


def _sheet_faults(form: Form, sheet: Sheet) -> Iterator[str]:
    if sheet.header_rows not in (1, 2):
        yield "header_rows must be 1 or 2"
    unknown = [block.fact for block in sheet.blocks if block.fact not in facts()]
    yield from (f"there is no fact {name}" for name in unknown)
    if unknown:
        return
    for block in sheet.blocks:
        yield from (f"{block.fact}: {fault}" for fault in _block_faults(form, sheet, block))
    yield from _header_faults(form, sheet)
    yield from _fill_down_faults(sheet)
    if sheet.totals:
        main = sheet.mains[0]
        for name in (sheet.totals.column, *sheet.totals.sums, *sheet.totals.counts):
            if name not in main.columns:
                yield f"totals: {main.fact} has no column {name} here"
        for name in sheet.totals.sums:
            if name in main.columns and facts()[main.fact].columns[name].type not in ("integer", "decimal"):
                yield f"totals: {name} is no number"


def _fill_down_faults(sheet: Sheet) -> Iterator[str]:
    for name in sheet.fill_down:
        if name not in sheet.mains[0].columns:
            yield f"fill_down: {sheet.mains[0].fact} has no column {name} here"
    if sheet.fill_down and (sheet.groups or sheet.kind):
        # An empty cell says something there: that the row is of another kind, or goes on about a record.
        yield "fill_down cannot stand beside groups or kinds"


def _block_faults(form: Form, sheet: Sheet, block: Block) -> Iterator[str]:
    fact = facts()[block.fact]
    named = [
        *block.columns, *block.flags, *block.constants, *block.generated, *block.empty_is, *block.not_collected,
        *block.inherits, *([block.position] if block.position else []),
    ]  # fmt: skip
    unknown = sorted({name for name in named if name not in fact.columns})
    yield from (f"there is no column {name}" for name in unknown)
    known = [column for name, column in fact.columns.items() if name in named]
    for column in fact.columns.values():
        if column.required and column.name not in block.collected | block.not_collected:
            yield f"{column.name} is required and stands under no header; give one or list it under not_collected"
    sources = Counter([*block.columns, *block.flags, *block.constants, *block.generated, *block.inherits])
    yield from (f"{name} is given in two ways" for name, count in sources.items() if count > 1)
    for name, template in block.generated.items():
        if template.count("{row}") != 1:
            yield f"generated: {name} must hold {{row}} once"
    for column in known:
        yield from _column_faults(form, block, column)
    yield from _group_faults(sheet, block, fact)


def _column_faults(form: Form, block: Block, column: Column) -> Iterator[str]:
    codes = codelists()[column.values].codes if column.values else {}
    named: dict[str, Any] = {code: code for code in block.flags.get(column.name, {})}
    constant = block.constants.get(column.name)
    if column.values and constant is not None:
        named |= {code: code for code in (constant if isinstance(constant, list) else [constant])}
    if column.name in block.empty_is:
        named[block.empty_is[column.name]] = None
    yield from (f"{column.name}: there is no code {code} in {column.values}" for code in named if code not in codes)
    if column.name in block.flags and not column.is_list:
        yield f"{column.name} holds one value, so it cannot be spread over flags"
    if codes and column.name in block.columns and not any(form.words[column.values or ""].values()):
        yield f"{column.name}: no code of {column.values} has a word"
    needs_words = column.type == "boolean" or column.name in block.flags
    if needs_words and column.name in block.collected and not form.true:
        yield f"{column.name}: form needs words for true (and false)"


def _group_faults(sheet: Sheet, block: Block, fact: Fact) -> Iterator[str]:
    if not block.times:
        return
    main = sheet.mains[0]
    if len(sheet.mains) > 1:
        yield "groups cannot stand beside kinds"
    if "{n}" not in block.heading:
        yield "heading must hold {n}, the number of the group"
    if sheet.header_rows != 2:
        yield "groups need a header of two rows"
    for name in block.inherits:
        if name not in main.columns or name not in fact.columns or main.fact == fact.name:
            yield f"inherits: {main.fact} has no column {name} to take over"


def _header_faults(form: Form, sheet: Sheet) -> Iterator[str]:
    """Two columns under one header can be told apart by nobody, unless kinds of row share it."""
    seen: dict[str, str] = {}
    for place in layout(sheet):
        for word in dict.fromkeys(map(form.fold, place.headers)):
            if word in seen:
                yield f"the header {word!r} stands for two columns"
            seen[word] = word
        if not place.is_public and any(personal_kind(header) for header in place.headers):
            yield f"the header {place.headers[0]!r} asks for personal data"
