"""Rules about running totals: those that an office declares, and those that it seems to send without a word.

`before_<fact>` holds rows as they were sent in earlier quarters of the same calendar year,
`earlier_quarters` the files in force for them, `held_earlier` their rows held back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from indicators.facts import Column, Fact
from pipelines.rules import Rule, literal
from pipelines.running import Stretch, line_of, stretches

if TYPE_CHECKING:
    from pipelines.contracts import Contract

# So many lines must have risen, and none fallen, before it is said that a column looks like a running total.
# Where a line is as likely to fall as to rise, whatever the others do, that comes about by chance in one file of
# 2^8 = 256 at most: with m lines changed, in one of 2^m, and m is 8 or more.
RISING_LINES = 8

_THIS_QUARTER = "(SELECT quarter(starts_on) FROM this_file)"


def running_rules(fact: Fact, contract: Contract, sent: frozenset[str]) -> Iterator[Rule]:
    """The rules about running totals for the measures of a fact that an office collects."""
    known = stretches(contract, fact.name)
    for column in (column for column in fact.columns.values() if column.measure and column.name in sent):
        declared = [s for s in known if s.running and column.name in s.running.columns]
        if declared:
            yield from declared_rules(fact, column, declared, contract.first_period or "")
        if len(declared) < len(known) and contract.first_period:
            yield _suspected(fact, column, sent, declared)


def _rule(fact: Fact, column: Column, kind: str, predicate: str, en: str, ru: str) -> Rule:
    return Rule(
        f"{fact.name}.{column.name}.running_{kind}", "warn" if kind == "suspected" else "quarantine",
        fact.name, column.name, predicate,
        f"{column.label['en']}: {en}", f"«{column.label['ru']}»: {ru}",
    )  # fmt: skip


def declared_rules(fact: Fact, column: Column, declared: Sequence[Stretch], first: str) -> Iterator[Rule]:
    """The rules for a column in the periods in which it is declared to run on; `first` is the office's first."""
    yield from (_needs_quarter(fact, column, declared, first, quarter) for quarter in (1, 2, 3))
    if not first.endswith("Q1") and not all(stretch.running and stretch.running.first_is_whole for stretch in declared):
        yield _rule(
            fact, column, "begins_before", _each(column, declared, lambda s: _begins_before(s, first)),
            f"runs on since January, but the first file is for {first}: what came before it cannot be taken off. Send "
            "the number of the quarter alone and tell the region.",
            f"нарастает с начала года, но первый файл — за {first}: вычесть предыдущее невозможно. Отправьте данные "
            "только за квартал и сообщите региональному координатору.",
        )  # fmt: skip
    yield _rule(
        fact, column, "falls", _each(column, declared, lambda s: _falls(fact, column, s.by)),
        "less than in an earlier quarter of the year, and a running total never falls; correct whichever is wrong.",
        "меньше, чем в одном из прошлых кварталов года, а нарастающий итог не убывает; исправьте то, что неверно.",
    )  # fmt: skip
    yield _rule(
        fact, column, "gap", _each(column, declared, lambda s: _gap(fact, column, s.by)),
        "the file for the quarter before has no number for this line, but an earlier one does, or rows were held "
        "back; correct that file first.",
        "в файле за прошлый квартал по этой строке нет числа, хотя раньше в году оно было или строки задержаны; "
        "сначала исправьте тот файл.",
    )  # fmt: skip
    yield _rule(
        fact, column, "double", _each(column, declared, lambda s: _double(fact, s.by)),
        "two rows hold the running total of the same line; keep one row for each line.",
        "нарастающий итог по одной и той же позиции стоит в двух строках; оставьте по одной строке.",
    )  # fmt: skip


def _needs_quarter(fact: Fact, column: Column, declared: Sequence[Stretch], first: str, quarter: int) -> Rule:
    return _rule(
        fact, column, f"needs_q{quarter}", _each(column, declared, lambda _: _needs(quarter, first)),
        f"runs on since January, but no file for Q{quarter} of this year counts; send that file first, and then this "
        "one again.",
        f"нарастает с начала года, но файла за Q{quarter} этого года среди учтённых нет; сначала отправьте его, "
        "затем этот файл.",
    )  # fmt: skip


def _each(column: Column, declared: Sequence[Stretch], condition: Callable[[Stretch], str]) -> str:
    """A condition that is written for the running totals of each stretch of periods; an empty cell is no number."""
    parts = (f"((SELECT {stretch.holds} FROM this_file) AND {condition(stretch)})" for stretch in declared)
    return f"{column.name} IS NOT NULL AND ({' OR '.join(parts)})"


def _needs(quarter: int, first: str) -> str:
    """Whether a quarter of the year, from the office's first on, comes before this one and is not in force."""
    year, first_quarter = int(first[:4]), int(first[-1])
    is_owed = "" if quarter >= first_quarter else f" AND year(starts_on) > {year}"
    return (
        f"(SELECT quarter(starts_on) > {quarter}{is_owed} FROM this_file) "
        f"AND NOT EXISTS (SELECT 1 FROM earlier_quarters WHERE known_quarter = {quarter})"
    )


def _begins_before(stretch: Stretch, first: str) -> str:
    is_whole = stretch.running is not None and stretch.running.first_is_whole
    return "false" if is_whole else f"(SELECT period = {literal(first)} FROM this_file)"


def _falls(fact: Fact, column: Column, by: Sequence[str]) -> str:
    return f"{column.name} < (SELECT max(known_{column.name}) FROM before_{fact.name} WHERE {_same_line(fact, by)})"


def _gap(fact: Fact, column: Column, by: Sequence[str]) -> str:
    """The quarter before is in force without a number for the line, and there may be one to take off all the same."""
    before = f"SELECT 1 FROM before_{fact.name} WHERE {_same_line(fact, by)}"
    quarter_before = f"known_quarter = {_THIS_QUARTER} - 1"
    return (
        f"EXISTS (SELECT 1 FROM earlier_quarters WHERE {quarter_before}) "
        f"AND NOT EXISTS ({before} AND {quarter_before} AND known_{column.name} IS NOT NULL) "
        f"AND (EXISTS ({before}) OR EXISTS (SELECT 1 FROM held_earlier WHERE known_fact = '{fact.name}'))"
    )


def _same_line(fact: Fact, by: Sequence[str]) -> str:
    return f"{line_of(fact.name, by, 'known_')} = {line_of(fact.name, by)}"


def _double(fact: Fact, by: Sequence[str]) -> str:
    line = line_of(fact.name, by)
    return f"{line} IN (SELECT {line} FROM stage_{fact.name} GROUP BY ALL HAVING count(*) > 1)"


def _suspected(fact: Fact, column: Column, sent: frozenset[str], declared: Sequence[Stretch]) -> Rule:
    """Lines are told apart by every coded column; those that stand once in both quarters are compared."""
    by = [c.name for c in fact.columns.values() if c.values and c.name in sent and c.name not in fact.key]
    here = f"SELECT {line_of(fact.name, by)} AS line, min({column.name}) AS later FROM stage_{fact.name}"
    there = (
        f"SELECT {line_of(fact.name, by, 'known_')} AS line, min(known_{column.name}) AS earlier "
        f"FROM before_{fact.name} WHERE known_quarter = {_THIS_QUARTER} - 1"
    )
    once = "GROUP BY 1 HAVING count(*) = 1"
    undeclared = "".join(f"(SELECT NOT ({stretch.holds}) FROM this_file) AND " for stretch in declared)
    return _rule(
        fact, column, "suspected",
        f"{undeclared}{line_of(fact.name, by)} IN (SELECT line FROM ({here} {once}) JOIN ({there} {once}) USING (line) "
        f"QUALIFY count(*) FILTER (later > earlier) OVER () >= {RISING_LINES} "
        "AND count(*) FILTER (later < earlier) OVER () = 0 AND later > earlier)",
        "no line is lower than in the quarter before and many are higher, as in totals since January; if they are "
        "such totals, tell the region before these numbers are used.",
        "ни по одной позиции число не меньше, чем в прошлом квартале, а по многим больше, как в нарастающем итоге "
        "с начала года; если это он, сообщите региональному координатору до использования данных.",
    )  # fmt: skip
