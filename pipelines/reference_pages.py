"""The pages of `esep handbook`: the reference sheet of every indicator, an index, and a page for each donor's number.

Plain Markdown, made from the declarations alone: the same declarations give the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from indicators.definition_faults import FAMILIES
from indicators.definitions import Definition, Example
from indicators.facts import codelists, kept_facts
from indicators.labels import words as edition_words
from indicators.pirs import Entry, donor_numbers, sheet
from indicators.pirs_words import SheetWords, sheet_tables
from pipelines.reference_folder import INDEX, MARK
from pipelines.rulebook import table

if TYPE_CHECKING:
    from pipelines.contracts import Contract

_LANGUAGE = "en"


def pages(catalogue: Mapping[str, Definition], contracts: Mapping[str, Contract]) -> Iterator[tuple[str, str]]:
    """Every page by its file name, the index first."""
    numbers = _numbers(catalogue)
    yield INDEX, _index(catalogue, numbers)
    for definition in catalogue.values():
        yield page_name(definition), _indicator(definition, contracts)
    for number, holders in numbers.items():
        yield number_page_name(number), _number(number, holders)


def page_name(definition: Definition) -> str:
    """The file of an indicator's page."""
    return f"{definition.code}.md"


def number_page_name(number: str) -> str:
    """The file of the page of a donor's own number; what a file name should not hold becomes a dash."""
    return f"number-{re.sub(r'[^0-9A-Za-z.-]+', '-', number)}.md"


def _numbers(catalogue: Mapping[str, Definition]) -> dict[str, list[Definition]]:
    """The indicators that have, or had, each of the donors' own numbers."""
    every = sorted({code["code"] for d in catalogue.values() for code in d.donor_codes})
    return {n: [d for d in catalogue.values() if any(c["code"] == n for c in d.donor_codes)] for n in every}


def _link(definition: Definition) -> str:
    return f"[{definition.code}]({page_name(definition)})"


def _number_link(number: str) -> str:
    return f"[{number}]({number_page_name(number)})"


# The index


def _index(catalogue: Mapping[str, Definition], numbers: Mapping[str, Sequence[Definition]]) -> str:
    parts = [
        MARK,
        "# Reference sheets",
        f"What each of the {len(catalogue)} indicators means, how it is counted and what it does not show, in the field"
        " order of a Performance Indicator Reference Sheet (PIRS). Written from the declarations that run.",
        "## By donors' own numbers",
        table(("number", "donors", "indicators"), [_number_row(number, some) for number, some in numbers.items()]),
    ]
    for family in FAMILIES:
        some = [d for d in catalogue.values() if d.family == family]
        if some:
            name = edition_words()["family"][family]
            parts += [f"## {name['en']} / {name['ru']}", table(_HEAD, [_index_row(d) for d in some])]
    return "\n\n".join(parts) + "\n"


_HEAD = ("code", "title", "по-русски", "unit", "donors' own numbers")


def _index_row(d: Definition) -> Sequence[str]:
    numbers = dict.fromkeys(code["code"] for code in d.donor_codes)
    unit = edition_words()["unit"][d.unit][_LANGUAGE]
    return (_link(d), d.title["en"], d.title["ru"], unit, ", ".join(map(_number_link, numbers)) or "–")


def _number_row(number: str, holders: Sequence[Definition]) -> Sequence[str]:
    donors = dict.fromkeys(code["donor"] for code in _holdings(number, holders))
    return (_number_link(number), ", ".join(donors), ", ".join(map(_link, holders)))


def _holdings(number: str, holders: Sequence[Definition]) -> list[Mapping[str, Any]]:
    return [code for d in holders for code in d.donor_codes if code["code"] == number]


# A donor's number


def _number(number: str, holders: Sequence[Definition]) -> str:
    words, donors = SheetWords(sheet_tables(), _LANGUAGE), codelists()["donor"].codes
    held = dict.fromkeys(code["donor"] for code in _holdings(number, holders))
    names = "; ".join(dict.fromkeys(donors[donor].label[_LANGUAGE] for donor in held))
    rows = [
        (said, _link(d), d.title["en"], d.title["ru"])
        for d in holders
        for said in donor_numbers(_holdings(number, [d]), words)
    ]
    said = table(("number and days", "indicator", "title", "по-русски"), rows)
    return f"# {number}\n\n[All indicators]({INDEX})\n\n{names}.\n\n{said}\n"


# An indicator


def _indicator(d: Definition, contracts: Mapping[str, Contract]) -> str:
    numbers = dict.fromkeys(code["code"] for code in d.donor_codes)
    ways = [f"[All indicators]({INDEX})", *map(_number_link, numbers)]
    parts = [f"# {d.code}: {d.title['en']}", d.title["ru"], " · ".join(ways)]
    words = SheetWords(sheet_tables(), _LANGUAGE)
    for part, entries in groupby(sheet(d, _LANGUAGE), key=lambda entry: entry.part):
        parts += [f"## {words.name('part', part)}", *map(_entry, entries)]
    parts += ["## Files", _files(d, contracts), "## Examples", *(_example(example) for example in d.examples)]
    return "\n\n".join(parts) + "\n"


def _entry(entry: Entry) -> str:
    lines = [" ".join(line.split()) for line in entry.lines]
    if len(lines) == 1:
        return f"**{entry.title}.** {lines[0]}"
    return f"**{entry.title}**\n\n" + "\n".join(f"- {line}" for line in lines)


def _files(d: Definition, contracts: Mapping[str, Contract]) -> str:
    """The file of each office that a figure of the indicator needs, as the form stands today."""
    kept = [name for name in d.facts if name in kept_facts()]
    rows = [
        (contract.office, f"`{slot.file_pattern}`", ", ".join(f"`{name}`" for name in slot.facts if name in d.facts))
        for contract in contracts.values()
        if contract.first_period is not None
        for slot in contract.slots.values()
        if any(name in d.facts for name in slot.facts)
    ]
    if kept:
        return f"None: it is counted from what the programme keeps itself ({', '.join(f'`{name}`' for name in kept)})."
    return table(("office", "file", "what is read from it"), rows)


def _example(example: Example) -> str:
    """Rows a programme manager can check by eye, and what must come out."""
    rows = [f"{name}\n\n{_indented(text)}" for name, text in example.tables.items() if text.strip()]
    expected = ", ".join(f"{key} {_plain(value)}" for key, value in example.expected.items())
    where = f"{example.period}, {example.calendar}, {example.place}"
    return "\n\n".join([f"**{example.name}** ({where})", *rows, f"Expected: {expected}."])


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{key} → {one}" for key, one in value.items())
    return str(value)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}".rstrip() for line in text.strip().splitlines())
