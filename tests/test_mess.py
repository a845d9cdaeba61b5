"""Every kind of mess of real office files, in every file that can have it: understood, told of, or refused."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import duckdb
import pytest

from pipelines.findings import Finding
from pipelines.warehouse import open_warehouse
from tests.mess import KINDS, NOT_EXPRESSIBLE, Messed
from tests.mess_tools import Draft, Read, Where, draft, read, slots


@cache
def cases(name: str) -> list[Messed]:
    """The files of all offices that can have a kind of mess, by the kind's name."""
    kind = next(one for one in KINDS if one.name == name)
    made = (kind.mess(draft(contract, slot, name)) for contract, slot in slots())
    return [case for case in made if case is not None]


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_warehouse(tmp_path_factory.mktemp("warehouse")) as opened:
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
    values = {
        cell for sheet in one.sheets for row in sheet.rows for cell in row
        if isinstance(cell, str) and len(cell) > 3
        and not all(form.fold(part) in known for part in re.split("[,;/|\n]", cell))
    }  # fmt: skip
    for finding in found:
        said = finding.message_en + finding.message_ru + finding.field
        if not finding.message_en or not re.search("[а-яё]", finding.message_ru):
            yield f"{finding.rule} is not told in both languages"
        if any(value in said for value in values):
            yield f"{finding.rule} tells a value"


def faults(case: Messed, con: duckdb.DuckDBPyConnection, folder: Path) -> Iterator[str]:
    """What is not as it must be about a messy file, one line each."""
    outcome = case.outcome
    rules = sorted(rule for rule in outcome.rules if rule.startswith("."))
    clean, now = read_clean(con, case.clean, rules, folder), read(con, case.messy, folder, rules)
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


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.number} {kind.name}")
def test_a_mess_has_the_outcome_that_the_contract_says(kind, con, tmp_path):
    found = [
        f"{case.messy.contract.office} {case.messy.slot.name}: {fault}"
        for case in cases(kind.name) for fault in faults(case, con, tmp_path)
    ]  # fmt: skip
    assert not found, "\n".join(found)


def test_every_kind_of_the_list_is_here_or_said_to_be_impossible():
    assert {kind.number for kind in KINDS} - {0} | set(NOT_EXPRESSIBLE) == set(range(1, 37))
    assert not {kind.number for kind in KINDS} & set(NOT_EXPRESSIBLE)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_applies_to_some_file(kind):
    assert cases(kind.name)


def test_names_of_kinds_are_their_own():
    assert len({kind.name for kind in KINDS}) == len(KINDS)
