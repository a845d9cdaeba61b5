"""Every kind of mess of real office files, in every file that can have it: understood, told of, or refused."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import version
from pathlib import Path

import duckdb
import pytest

from pipelines.findings import Finding
from pipelines.warehouse import open_warehouse
from tests.databases import make_quick
from tests.mess import GOLDEN, HOW, KINDS, NOT_EXPRESSIBLE, Messed, became, called, made, row_rules, title
from tests.mess_tools import Draft, Read, Where, read

GOLD = tomllib.loads(GOLDEN.read_text(encoding="utf-8")) if GOLDEN.exists() else {}


@cache
def cases(name: str) -> list[Messed]:
    """The files of all offices that can have a kind of mess, by the kind's name."""
    return made(next(one for one in KINDS if one.name == name))


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse(tmp_path_factory.mktemp("warehouse")) as opened:
        make_quick(opened)
        yield opened


_clean: dict[tuple[str, str, str], Read] = {}


def read_clean(con: duckdb.DuckDBPyConnection, one: Draft, rules: list[str], folder: Path) -> Read:
    """Most kinds leave the same clean file behind; it is read once."""
    key = (one.contract.office, one.slot.name, repr((one.sheets, one.form.delimiters, rules)))
    if key not in _clean:
        _clean[key] = read(con, one, folder, rules)
    return _clean[key]


def without(rows: Mapping[Where, tuple[str, ...]], some: frozenset[Where]) -> list[tuple[Where, tuple[str, ...]]]:
    return sorted((where, records) for where, records in rows.items() if where not in some)


def told(found: tuple[Finding, ...], expected: frozenset[str]) -> set[str]:
    """The rules told; a row rule under the end of its id that was expected."""
    return {next((end for end in expected if end[0] == "." and one.rule.endswith(end)), one.rule) for one in found}


def message_faults(found: tuple[Finding, ...], one: Draft) -> Iterator[str]:
    """Both languages, and no value of a row: no cell of the file that is not a word of its form."""
    form = one.slot.form
    known = {form.fold(word) for codes in form.words.values() for words in codes.values() for word in words}
    known |= {form.fold(word) for word in (*form.true, *form.false, *form.missing)}
    known |= {form.fold(header) for sheet in one.sheets for header in sheet.headers}
    known |= {form.fold(word) for sheet in one.slot.sheets for block in sheet.mains for word in block.kind}
    values = {
        cell for sheet in one.sheets for row in sheet.rows for cell in row
        if isinstance(cell, str) and len(cell) > 3 and form.fold(cell) not in known
    }  # fmt: skip
    for finding in found:
        said = finding.message_en + finding.message_ru + finding.field
        if not finding.message_en or not re.search("[а-яё]", finding.message_ru):
            yield f"{finding.rule} is not told in both languages"
        if any(re.search(r"\w{3}", _unknown_part(form.fold(value), known)) for value in values if value in said):
            yield f"{finding.rule} tells a value"


def _unknown_part(value: str, known: set[str]) -> str:
    """What is left of a value without the words of the form, which a message may list."""
    for word in sorted(known, key=len, reverse=True):
        value = value.replace(word, "") if word else value
    return value


def faults(case: Messed, clean: Read, now: Read) -> Iterator[str]:
    """What is not as it must be about a messy file, one line each."""
    outcome = case.outcome
    if clean.is_refused:
        yield f"the clean file is refused: {[str(one) for one in clean.findings]}"
    yield from message_faults(now.findings, case.messy)
    # Rows that wait for other files of the office break rules in the clean file as well.
    new = tuple(one for one in now.findings if one not in clean.findings)
    said = [str(one) for one in new]
    if not told(new, outcome.rules) <= outcome.rules or bool(new) != bool(outcome.rules):
        yield f"told other things than {sorted(outcome.rules)}: {said}"
    if now.is_refused != (outcome.kind == "refusal"):
        yield f"{'refused' if now.is_refused else 'not refused'}: {said}"
    elif outcome.kind == "understood":
        if any(one.severity != "warn" for one in new):
            yield f"more than warnings: {said}"
        if list(clean.rows.values()) != list(now.rows.values()):
            yield "the rows are not those of the clean file"
    elif outcome.kind == "finding":
        if not {(one.sheet, one.row) for one in new} <= case.now or any(one.severity != "quarantine" for one in new):
            yield f"other rows than {sorted(case.now)} are named: {said}"
        if without(now.rows, case.now) != without(clean.rows, case.was):
            yield "other rows are not those of the clean file"


@pytest.mark.parametrize("kind", KINDS, ids=title)
def test_a_mess_has_the_outcome_that_the_contract_says(kind, con, tmp_path):
    """And the very rows that it had when the golden record was written."""
    found: list[str] = []
    for case in cases(kind.name):
        now = read(con, case.messy, tmp_path, row_rules(case))
        wrong = list(faults(case, read_clean(con, case.clean, row_rules(case), tmp_path), now))
        if became(now) != GOLD.get(title(kind), {}).get(called(case)):
            wrong.append(f"became {became(now)}, and other things in the golden record; if that is right, run `{HOW}`")
        found += [f"{called(case)}: {fault}" for fault in wrong]
    assert not found, "\n".join(found)


def test_the_golden_record_is_of_these_files_and_of_this_library():
    assert GOLD.pop("python-calamine") == version("python-calamine"), f"read the changes, then run `{HOW}`"
    assert {name: set(files) for name, files in GOLD.items()} == {
        title(kind): set(map(called, cases(kind.name))) for kind in KINDS
    }


def test_every_kind_of_the_list_is_here_or_said_to_be_impossible():
    assert {kind.number for kind in KINDS} - {0} | set(NOT_EXPRESSIBLE) == set(range(1, 37))
    assert not {kind.number for kind in KINDS} & set(NOT_EXPRESSIBLE)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_applies_to_some_file(kind):
    assert cases(kind.name)


def test_names_of_kinds_are_their_own():
    assert len({kind.name for kind in KINDS}) == len(KINDS)
