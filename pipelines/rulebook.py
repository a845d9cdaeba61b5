"""The page of every rule and every finding of reading, for `esep docs`: what is written there is what is checked.

Rules are asked for each office. What is said of a whole file or a cell while it is read has no table:
those findings are looked up in the program's own text, where each is made by one call.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from indicators.facts import facts
from pipelines.book import Kind
from pipelines.contracts import Contract
from pipelines.findings import Severity
from pipelines.forms import Running
from pipelines.rules import Rule, rules_for
from pipelines.running import Stretch
from pipelines.running_rules import declared_rules

HERE = Path(__file__).parent
SEVERITIES = get_args(Severity)

INTRODUCTION = """\
# Rules

Written by `esep docs` from the declarations; do not edit. [Intake and checks](checks.md) says what follows from a
severity and how both counts are made.

A rule is called after its fact, the column it looks at where it is about one column, and what it finds.
`rows` is an expectation of ours: no row makes the condition true. The other words are those of Great Expectations.
"""
READING = """\
Found while a file is recognised, read and counted as a whole; `…` stands for what the message names. A row's own
value is never among it.
"""


RUNNING = """\
For a measure that a contract declares to run on since January, of whatever fact; told for one, for an office
whose first period is 2010-Q3.
"""
FIRST_PERIOD = "2010-Q3"


@dataclass(frozen=True)
class ReadingFinding:
    """One thing that can be wrong with a whole file or a cell, with `…` where the message names something."""

    rule: str
    severity: str
    message_en: str
    message_ru: str


@dataclass(frozen=True)
class _Asked:
    """A rule as it stands for the first office that has it, and all offices that do."""

    rule: Rule
    offices: tuple[str, ...]


def rules_page(contracts: Mapping[str, Contract]) -> str:
    """The whole page: kinds of rules, the rules of each fact, and the findings of reading."""
    asked = list(_asked(contracts))
    sections = [INTRODUCTION, _section("Kinds", _kinds([one.rule for one in asked]))]
    for fact in facts().values():
        senders = tuple(contract.office for contract in contracts.values() if contract.collected(fact.name))
        own = _rules([one for one in asked if one.rule.fact == fact.name], senders)
        sections.append(_section(f"{fact.name}: {fact.title['en']} / {fact.title['ru']}", own))
    sections.append(_section("Running totals", _running()))
    head = ("finding", "severity", "what it says", "по-русски")
    rows = [(f"`{f.rule}`", f.severity, f.message_en, f.message_ru) for f in reading_findings()]
    return "\n".join((*sections, _section("Reading a file", READING + "\n" + table(head, rows))))


def _asked(contracts: Mapping[str, Contract]) -> Iterator[_Asked]:
    for fact in facts().values():
        of_each: dict[str, list[tuple[str, Rule]]] = defaultdict(list)
        for contract in contracts.values():
            for rule in rules_for(fact, contract):
                of_each[rule.id].append((contract.office, rule))
        for some in of_each.values():
            yield _Asked(some[0][1], tuple(office for office, _ in some))


def _kinds(rules: Sequence[Rule]) -> str:
    """Rules that stand for several columns or facts, told together."""
    kinds: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        kinds[rule.id.rsplit(".", 1)[-1]].append(rule)
    rows = [
        (f"`{kind}`", _set(rule.severity for rule in some), _set(f"`{rule.expectation}`" for rule in some),
         str(len(some)), some[0].message_en, some[0].message_ru)
        for kind, some in sorted(kinds.items()) if len(some) > 1
    ]  # fmt: skip
    head = ("kind", "severity", "in the words of Great Expectations", "rules", "for example", "например")
    return table(head, rows)


def _set(words: Iterable[str]) -> str:
    return ", ".join(sorted(set(words)))


def _rules(some: Sequence[_Asked], senders: tuple[str, ...]) -> str:
    rows = [
        (f"`{one.rule.id}`", one.rule.severity, one.rule.message_en, one.rule.message_ru,
         f"`{one.rule.expectation}`", "all" if one.offices == senders else ", ".join(one.offices))
        for one in some
    ]  # fmt: skip
    head = ("rule", "severity", "what it says", "по-русски", "in the words of Great Expectations", "offices")
    return f"Sent by {', '.join(senders)}.\n\n{table(head, rows)}"


def _running() -> str:
    """The rules that a column gets when a contract declares that it runs on: told for the first measure there is."""
    fact, column = next((f, c) for f in facts().values() for c in f.columns.values() if c.measure)
    declared = Stretch(Running((column.name,), fact.key), "", "", "")
    rows = [
        (f"`{rule.id}`", rule.severity, rule.message_en, rule.message_ru, f"`{rule.expectation}`")
        for rule in declared_rules(fact, column, [declared], FIRST_PERIOD)
    ]
    head = ("rule", "severity", "what it says", "по-русски", "in the words of Great Expectations")
    return f"{RUNNING}\n{table(head, rows)}"


def reading_findings() -> list[ReadingFinding]:
    """Every finding that the program's text makes under a name of its own, in alphabetical order."""
    found = [finding for path in sorted(HERE.glob("*.py")) for finding in _made_in(path)]
    found += [ReadingFinding(kind.rule, "refuse", kind.en, kind.ru) for kind in Kind]
    return sorted(dict.fromkeys(found), key=lambda finding: finding.rule)


# How the helpers that make findings are called: where rule and messages stand, and the severity they give.
_HELPERS = {"refusal": (2, "refuse"), "_whole_file": (1, "refuse"), "_warning": (2, "warn")}


def _made_in(path: Path) -> Iterator[ReadingFinding]:
    module = ast.parse(path.read_text(encoding="utf-8"))
    constants = {
        target.id: node.value.value
        for node in module.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }  # fmt: skip
    for call in ast.walk(module):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
            continue
        at, severity = _HELPERS.get(call.func.id, (None, ""))
        words = [_text(argument, constants) for argument in call.args]
        if call.func.id == "Finding":
            # The severity stands between the rule and the messages, wherever they come.
            at = next((i - 1 for i, word in enumerate(words) if _is_severity(word)), None)
        if at is None:
            continue
        rule, *rest = [word for word in words[at:] if not _is_severity(word)]
        if rule:
            yield ReadingFinding(rule, severity or str(words[at + 1]), *(word or "" for word in rest[:2]))


def _is_severity(word: str | None) -> bool:
    return word is not None and set(word.split(" or ")) <= set(SEVERITIES)


def _text(node: ast.expr, constants: Mapping[str, Any]) -> str | None:
    """A text as it is written, with `…` for what is put in; nothing for what is no text."""
    if isinstance(node, ast.Name):
        node = ast.Constant(constants.get(node.id))
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.IfExp):
        return " or ".join(_text(branch, constants) or "" for branch in (node.body, node.orelse))
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return None


def _section(title: str, text: str) -> str:
    return f"## {title}\n\n{text}\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Rows as a table of Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
