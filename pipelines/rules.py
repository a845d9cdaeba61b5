"""The rules that rows must keep: one table, from which both the checks and the quarantine are generated.

A rule is declared once, as an SQL predicate that is true for a bad row, with the same thing said in the
words of Great Expectations. The predicate decides which rows are held back; Great Expectations counts
independently; intake compares the two numbers for every rule of every file.

Predicates are read inside `FROM stage_<fact>` and may ask `this_file` (one row: office, place, slot,
period, starts_on, ends_on), `declared_regions`, `earlier_quarters`, `held_earlier`, and the views of
`pipelines.staging`, whose columns all begin with `known_`, so that a plain name is always the row's own.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from indicators.facts import Column, Fact, codelists
from pipelines.findings import Severity

if TYPE_CHECKING:
    from pipelines.contracts import Contract

# The expectations in use, by the name a rule calls them. `rows` counts the rows for which the
# predicate itself is true; the others are Great Expectations' own words for the same thing.
NOT_NULL, IN_SET, LIST_IN_SET, BETWEEN, REGEX, NOT_REGEX, UNIQUE, ROWS = EXPECTATIONS = (
    "not_null",
    "in_set",
    "list_in_set",
    "between",
    "regex",
    "not_regex",
    "unique",
    "rows",
)
# Limits that differ from file to file; resolved when the suite is written.
PERIOD_START, PERIOD_END = "starts_on", "ends_on"

DIRECTORY = "directory"
# Where other files stand (`pipelines.staging`), as predicates name it.
_OTHER_FILES = re.compile(r"\bFROM (?:(?:known|sent|taken|before)_|earlier_quarters\b|held_earlier\b)")


@dataclass(frozen=True)
class Rule:
    """One thing every row of a fact must keep, and what follows for a row that does not.

    `predicate` is SQL that is true for a bad row. `expectation` and `parameters` say the same to
    Great Expectations. `column` is where a person would look.
    """

    id: str
    severity: Severity
    fact: str
    column: str
    predicate: str
    message_en: str
    message_ru: str
    expectation: str = ROWS
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def asks_other_files(self) -> bool:
        """Whether what it finds depends on which other files had come when the file was judged."""
        return bool(_OTHER_FILES.search(self.predicate))


@dataclass(frozen=True)
class RowRule:
    """A rule about one fact by name; it stands only where the office collects every column in `needs`."""

    fact: str
    name: str
    needs: tuple[str, ...]
    severity: Severity
    predicate: str
    en: str
    ru: str


def rules_for(fact: Fact, contract: Contract) -> tuple[Rule, ...]:
    """Every rule for the rows of a fact as this office sends it; columns it does not collect have none."""
    from pipelines.row_rules import row_rules
    from pipelines.running_rules import running_rules

    sent = contract.collected(fact.name)
    found: list[Rule] = []
    for column in fact.columns.values():
        if column.name in sent:
            found += _column_rules(fact, column)
    found += _key_rules(fact, sent)
    found += _period_rules(fact, sent)
    found += _office_rules(fact, contract, sent)
    found += row_rules(fact, contract, sent)
    found += running_rules(fact, contract, sent)
    return tuple(found)


def rules_digest(rules: Iterable[Sequence[Rule]]) -> str:
    """A hash of what rules mean: when it changes, the same file has to be judged again."""
    meanings = [f"{rule.id} {rule.severity} {rule.predicate}" for some in rules for rule in some]
    return hashlib.sha256("\n".join(meanings).encode()).hexdigest()


def literal(text: str) -> str:
    """A declared code as an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def _column_rules(fact: Fact, column: Column) -> Iterator[Rule]:
    if column.required:
        yield _required(fact, column)
    if column.type == "code":
        yield _in_list(fact, column)
    if column.is_list:
        yield _list_in_list(fact, column)
    if column.minimum is not None or column.maximum is not None:
        yield _range(fact, column)
    if column.pattern:
        yield _pattern(fact, column)


def _rule(fact: Fact, column: Column, kind: str, predicate: str, en: str, ru: str, *how: Any) -> Rule:
    expectation, parameters = how
    return Rule(
        f"{fact.name}.{column.name}.{kind}", "quarantine", fact.name, column.name, predicate,
        f"{column.label['en']}: {en}", f"«{column.label['ru']}»: {ru}", expectation,
        {"column": column.name, **parameters},
    )  # fmt: skip


def _required(fact: Fact, column: Column) -> Rule:
    return _rule(
        fact, column, "required", f"{column.name} IS NULL",
        "empty; every row must give it.", "пусто; это поле обязательно в каждой строке.",
        NOT_NULL, {},
    )  # fmt: skip


def _codes(column: Column) -> list[str]:
    assert column.values is not None, "the declaration was checked when it was loaded"
    return list(codelists()[column.values].codes)


def _in_list(fact: Fact, column: Column) -> Rule:
    allowed = ", ".join(map(literal, _codes(column)))
    return _rule(
        fact, column, "code", f"{column.name} NOT IN ({allowed})",
        f"not a code of the list {column.values}; use one of its words.",
        f"такого значения нет в справочнике {column.values}; выберите значение из него.",
        IN_SET, {"value_set": _codes(column)},
    )  # fmt: skip


def _list_in_list(fact: Fact, column: Column) -> Rule:
    allowed = ", ".join(map(literal, _codes(column)))
    one_is_bad = f"lambda code: code IS NULL OR NOT list_contains([{allowed}], code)"
    return _rule(
        fact, column, "codes", f"len(list_filter({column.name}, {one_is_bad})) > 0",
        f"a value is not in the list {column.values}; use its words.",
        f"одно из значений отсутствует в справочнике {column.values}; выберите значения из него.",
        LIST_IN_SET, {"value_set": _codes(column)},
    )  # fmt: skip


def _range(fact: Fact, column: Column) -> Rule:
    bounds = {"<": column.minimum, ">": column.maximum}
    predicate = " OR ".join(f"{column.name} {sign} {bound}" for sign, bound in bounds.items() if bound is not None)
    low, high = ("…" if bound is None else f"{bound:,}".replace(",", "\u202f") for bound in bounds.values())
    return _rule(
        fact, column, "range", predicate,
        f"must lie between {low} and {high}.", f"значение должно быть от {low} до {high}.",
        BETWEEN, {"min_value": column.minimum, "max_value": column.maximum},
    )  # fmt: skip


def _pattern(fact: Fact, column: Column) -> Rule:
    assert column.pattern is not None, "asked for by the caller"
    return _rule(
        fact, column, "pattern", f"NOT regexp_full_match({column.name}, {literal(column.pattern)})",
        f"not written as agreed ({column.pattern}).", f"запись не по образцу ({column.pattern}).",
        REGEX, {"regex": column.pattern},
    )  # fmt: skip


def _key_rules(fact: Fact, sent: frozenset[str]) -> Iterator[Rule]:
    """A key stands once in the file, and in no other file in force: joined rows would be counted twice.

    Where part of a key may be empty, two rows that lack it have the same key.
    """
    if not set(fact.key) <= sent:
        return
    names = ", ".join(fact.key)
    words = {language: ", ".join(fact.columns[n].label[language] for n in fact.key) for language in ("en", "ru")}
    always = [name for name in fact.key if fact.columns[name].required]
    given = " AND ".join(f"{name} IS NOT NULL" for name in always)
    expected = (UNIQUE, {"columns": list(fact.key)}) if len(always) == len(fact.key) else (ROWS, {})
    yield Rule(
        f"{fact.name}.key.unique", "quarantine", fact.name, fact.key[0],
        f"{given} AND ({names}) IN (SELECT ({names}) FROM stage_{fact.name} GROUP BY ALL HAVING count(*) > 1)",
        f"The same key ({words['en']}) stands in several rows of the file; keep the right row.",
        f"Одинаковые значения ({words['ru']}) стоят в нескольких строках файла; оставьте одну верную строку.",
        *expected,
    )  # fmt: skip
    same = " AND ".join(f"known_{name} {'=' if name in always else 'IS NOT DISTINCT FROM'} {name}" for name in fact.key)
    # A state fact is a list sent anew each period: only another file of the same period can clash.
    scope = " AND known_snapshot = (SELECT period FROM this_file)" if fact.kind == "state" else ""
    yield Rule(
        f"{fact.name}.key.taken", "quarantine", fact.name, fact.key[0],
        f"EXISTS (SELECT 1 FROM taken_{fact.name} WHERE {same}{scope})",
        f"This key ({words['en']}) is already in another file of the office that counts; correct it there.",
        f"Такое значение ({words['ru']}) уже есть в другом действующем файле офиса; исправьте его там.",
    )  # fmt: skip


def _period_rules(fact: Fact, sent: frozenset[str]) -> Iterator[Rule]:
    if fact.kind != "event":
        return
    for column in fact.columns.values():
        if column.type != "date" or column.name not in sent:
            continue
        if column.name == fact.dated_by:
            yield _rule(
                fact, column, "period",
                f"{column.name} NOT BETWEEN (SELECT starts_on FROM this_file) AND (SELECT ends_on FROM this_file)",
                "outside the quarter of this file; send the row with the quarter it belongs to.",
                "дата вне квартала этого файла; отправьте строку с тем кварталом, к которому она относится.",
                BETWEEN, {"min_value": PERIOD_START, "max_value": PERIOD_END},
            )  # fmt: skip
        else:
            yield _rule(
                fact, column, "future", f"{column.name} > (SELECT ends_on FROM this_file)",
                "after the end of the quarter of this file; it cannot have happened yet.",
                "дата позже конца квартала этого файла; этого ещё не могло произойти.",
                BETWEEN, {"min_value": None, "max_value": PERIOD_END},
            )  # fmt: skip


def _office_rules(fact: Fact, contract: Contract, sent: frozenset[str]) -> Iterator[Rule]:
    """An office's own codes begin with its own letters: those of another office mean another office's file."""
    if fact.export == DIRECTORY or len(fact.key) != 1 or contract.place_column or fact.key[0] not in sent:
        return
    column = fact.columns[fact.key[0]]
    countries = {c.attributes["country"] for c in codelists()["region"].codes.values() if "country" in c.attributes}
    words = codelists()["country"].codes
    others = sorted({w for c in countries - {contract.place} for w in (c, words[c].attributes["iso3"])})
    pattern = f"^({'|'.join(others)})-"
    yield Rule(
        f"{fact.name}.{column.name}.office", "refuse", fact.name, column.name,
        f"regexp_matches({column.name}, {literal(pattern)})",
        f"{column.label['en']} begins with the letters of another office; send each office's rows in its own file.",
        f"«{column.label['ru']}» начинается с букв другого офиса; отправьте строки каждого офиса в его файле.",
        NOT_REGEX, {"column": column.name, "regex": pattern},
    )  # fmt: skip
