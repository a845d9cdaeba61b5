"""Judging the staged rows of one file: which are held back, and what each rule counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from duckdb import DuckDBPyConnection

from pipelines import says
from pipelines.findings import Finding
from pipelines.parse import Parsed
from pipelines.rules import NOT_NULL, PERIOD_END, PERIOD_START, Rule
from pipelines.staging import ThisFile, hold, hold_unreadable, prepare, rows_breaking, rows_without_data
from pipelines.validate import CheckResult, validate

# Above this share of rows held back the file itself is wrong (another quarter's, another office's, a
# column that moved): what would be left is no picture of the office's quarter and could pass for one.
MOST_HELD_SHARE = 0.5


class ChecksDisagreeError(RuntimeError):
    """Great Expectations and the quarantine counted a rule differently: a fault of this program."""


@dataclass(frozen=True)
class Judged:
    """The staged rows of a file after every rule; `broken` counts the rows that break each, by its id."""

    findings: tuple[Finding, ...]
    broken: Mapping[str, int]
    rows: int
    held: int


def judge(
    con: DuckDBPyConnection, file: ThisFile, file_name: str, rules: Mapping[str, Sequence[Rule]], read: Parsed,
) -> Judged:  # fmt: skip
    """Hold back every row with an unreadable cell or a broken rule, and say why."""
    staged = tuple(rules)
    every_rule = [rule for some in rules.values() for rule in some]
    prepare(con, file, staged, every_rule)
    hold_unreadable(con, staged, read.findings)
    broken: dict[str, int] = {}
    for name, some in rules.items():
        broken |= hold(con, name, some)
    findings = [*read.findings]
    for rule in every_rule:
        if broken[rule.id]:
            findings += _broken(con, file_name, rule, broken[rule.id], read)
    rows = sum(con.execute(f"SELECT count(*) FROM stage_{name}").fetchall()[0][0] for name in staged)
    rows += rows_without_data(con)
    held = con.execute("SELECT count(*) FROM (SELECT DISTINCT fact, sheet, staged FROM held)").fetchall()[0][0]
    if held > MOST_HELD_SHARE * rows:
        findings.append(says.too_many_held(file_name, held, rows))
    return Judged(tuple(findings), broken, rows, held)


def _broken(con: DuckDBPyConnection, file_name: str, rule: Rule, number: int, read: Parsed) -> Iterator[Finding]:
    """Findings about a rule; a cell that could not be read is not called empty as well."""
    is_said = rule.expectation == NOT_NULL
    said = {(f.sheet, f.row) for f in read.findings if f.field == rule.column} if is_said else set()
    rows = [
        (sheet, row, read.cells.get((sheet, rule.fact, instance, rule.column)))
        for sheet, row, instance in rows_breaking(con, rule, says.ROWS_NAMED + len(said))
        if (sheet, row) not in said
    ]
    return says.rule_broken(file_name, rule, rows, number - len(said))


def checked(
    con: DuckDBPyConnection, file: ThisFile, rules: Mapping[str, Sequence[Rule]], broken: Mapping[str, int]
) -> tuple[CheckResult, ...]:
    """Great Expectations' own count of every rule; raises ChecksDisagreeError where it is not the quarantine's."""
    limits = dict(zip((PERIOD_START, PERIOD_END), file.days, strict=True))
    checks = validate(con, {f"stage_{name}": some for name, some in rules.items()}, limits)
    differing = [check.rule.id for check in checks if check.rows_failed != broken[check.rule.id]]
    if differing:
        raise ChecksDisagreeError(
            f"Great Expectations and the quarantine count these rules differently: {', '.join(differing)}; "
            "nothing was stored. This is a fault of the program: please report it"
        )
    return tuple(checks)
