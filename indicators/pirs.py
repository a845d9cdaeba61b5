"""The reference sheet of an indicator (PIRS): every field in its order, in one language.

Most of it is derived from the definition, the facts, the projects and the protection policy, so that it cannot say
otherwise than what runs. What they do not hold stands in `pirs.toml`, or in the definition's `[pirs]` where one
indicator needs words of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from indicators.definition_faults import REGIONS
from indicators.definitions import Definition
from indicators.expressions import PERSONS, SUM
from indicators.fact_views import counted_facts
from indicators.facts import facts, kept_facts
from indicators.labels import words as edition_words
from indicators.pirs_fields import ADDED, PARTS
from indicators.pirs_projects import baseline_lines, result_lines, target_lines
from indicators.pirs_values import column_name, known_value_lines
from indicators.pirs_words import SheetWords, sheet_tables

Lines = list[str]
STANDARD = re.compile(r"[A-Z]{2}\.\d")  # a number of the standardised structure, such as PS.5.1-29


@dataclass(frozen=True)
class Entry:
    """One field of a sheet: its name in a reader's words, and one or more lines. Never empty."""

    part: str
    field: str
    title: str
    lines: tuple[str, ...]


def sheet(definition: Definition, language: str = "en") -> tuple[Entry, ...]:
    """Every field of the sheet, in order. Raises DeclarationError when `pirs.toml` is faulty."""
    words = SheetWords(sheet_tables(), language)
    return tuple(
        Entry(part, field, words.name("field", field), tuple(_lines(field, definition, words)))
        for part, fields in PARTS.items()
        for field in fields
    )


def _lines(field: str, definition: Definition, words: SheetWords) -> Lines:
    """What the definition says of it, else what is derived, else the default; in the fields of `ADDED` all together."""
    own = words.said_in(field, definition.pirs)
    derived = _DERIVED[field](definition, words) if field in _DERIVED else []
    default = words.default(field, definition.family)
    if field in ADDED:
        return [*(own or default), *derived] or [words.say(_OTHERWISE[field])]
    return own or derived or default


def _name(d: Definition, words: SheetWords) -> Lines:
    return [f"{d.code} {d.title[words.language]}"]


def _donor_numbers(d: Definition, words: SheetWords) -> Lines:
    return donor_numbers(d.donor_codes, words) or [words.say("no_donor_number")]


def donor_numbers(codes: Iterable[Mapping[str, Any]], words: SheetWords) -> Lines:
    """Donors' own numbers with the days they held; donors with the same number on the same days stand together."""
    alike: dict[tuple[Any, ...], Lines] = {}
    for code in codes:
        alike.setdefault((code["code"], code.get("from"), code.get("until")), []).append(code["donor"])
    lines = []
    for (number, first, last), donors in alike.items():
        days = [words.say(key, day=day) for key, day in (("from", first), ("until", last)) if day]
        said = words.say("donor_number", code=number, donors=", ".join(donors))
        lines.append(" ".join([f"{said}," if days else said, *days]))
    return lines


def _plan_and_report(d: Definition, words: SheetWords) -> Lines:
    numbers = dict.fromkeys(code["code"] for code in d.donor_codes if STANDARD.match(code["code"]))
    return [words.say("standard", codes=", ".join(numbers)) if numbers else words.say("not_standard")]


def _unit(d: Definition, words: SheetWords) -> Lines:
    return [edition_words()["unit"][d.unit][words.language]]


def _data_type(d: Definition, words: SheetWords) -> Lines:
    if d.is_share:
        return [words.say("share_number")]
    if d.is_average:
        return [words.say("average_number")]
    numerator = d.numerator
    if numerator is not None and numerator.kind == SUM and numerator.argument is not None:
        column = counted_facts()[d.fact].counted_columns()[numerator.argument]
        return [words.say("decimal_number" if column.type == "decimal" else "whole_number")]
    return [words.say("whole_number")]


def _breakdowns(d: Definition, words: SheetWords) -> Lines:
    kind = "shared" if d.is_share else "averaged" if d.is_average else "overlaps"
    if d.is_share and d.denominator_by == "whole":
        kind = "shared_whole"
    return [
        words.say("adds_up" if name in d.adds_up else kind, name=column_name(d.fact, name, words.language))
        for name in d.by
    ] or [words.say("no_breakdowns")]


def _rationale(d: Definition, words: SheetWords) -> Lines:
    return [d.why[words.language]]


def _source(d: Definition, words: SheetWords) -> Lines:
    exports = edition_words()["export"]
    found = []
    for name in d.facts:
        fact = counted_facts()[name]
        said = f"{fact.title[words.language]} (`{name}`)"
        sent = {} if name in kept_facts() else {"export": exports[fact.export][words.language]}
        found.append(words.say("export_of" if sent else "kept_by_us", fact=said, **sent))
    return found + ([words.say("regions_of")] if d.denominator_fact == REGIONS else [])


def _collection(d: Definition, words: SheetWords) -> Lines:
    return [words.name("fact", name) for name in d.facts if name in words.tables["fact"]]


def _construction(d: Definition, words: SheetWords) -> Lines:
    if d.numerator is None:
        return [words.say("function", name=f"`{d.function}`"), words.say("state")]
    lines = [words.say("numerator", expression=f"`{d.numerator_text}`")]
    if d.denominator_text:
        lines.append(_denominator(d, words))
    if d.numerator.kind == PERSONS and d.numerator.argument:
        lines.append(words.say("persons", column=column_name(d.fact, d.numerator.argument, words.language)))
    if counted_facts()[d.fact].kind == "state":
        return [*lines, words.say("state")]
    lines.append(words.say("dated_by", column=column_name(d.fact, str(d.dated_by), words.language)))
    if d.has_own_denominator and d.denominator_dated_by and d.denominator_fact != REGIONS:
        column = column_name(d.denominator_fact, d.denominator_dated_by, words.language)
        lines.append(words.say("denominator_dated_by", column=column))
    return lines


def _denominator(d: Definition, words: SheetWords) -> str:
    expression = f"`{d.denominator_text}`"
    if d.denominator_fact == REGIONS or not d.has_own_denominator:
        return words.say("denominator", expression=expression)
    fact = counted_facts()[d.denominator_fact]
    return words.say("denominator_of", expression=expression, fact=f"{fact.title[words.language]} (`{fact.name}`)")


def _over_time(d: Definition, words: SheetWords) -> Lines:
    return [words.say(f"time_{'M' if d.is_average else d.rule_time}")]


def _over_places(d: Definition, words: SheetWords) -> Lines:
    return [words.say(f"place_{'M' if d.is_average else d.rule_place}")]


def _direction(d: Definition, words: SheetWords) -> Lines:
    return [edition_words()["direction"][d.direction][words.language]]


def _quality_review(d: Definition, words: SheetWords) -> Lines:
    day = d.pirs.get("quality_review_on")
    return [words.say("reviewed_quality", day=day)] if day else []


def _limitations(d: Definition, words: SheetWords) -> Lines:
    lines = [d.limits[words.language]] if d.limits else []
    counts_persons = d.numerator is not None and d.numerator.kind == PERSONS and d.numerator.argument == "person_ref"
    if counts_persons and d.rule_place == "S":
        lines.append(words.say("limit_two_offices"))
    if d.facts_of_any_time:
        lines.append(words.say("limit_earlier", facts=_fact_titles(sorted(d.facts_of_any_time), words.language)))
    if d.has_own_denominator:
        lines.append(words.say("limit_two_rows"))
    return lines + ([words.say("limit_at_most", code=d.at_most)] if d.at_most else [])


def _fact_titles(names: Iterable[str], language: str) -> str:
    return ", ".join(facts()[name].title[language] for name in names)


def _protection(d: Definition, words: SheetWords) -> Lines:
    from indicators.disclosure import is_protected, policies

    policy = policies()["default"]
    if not is_protected(d, policy):
        return [words.say("not_protected")]
    about = dict.fromkeys(counted_facts()[name].about for name in d.facts)
    return [words.say("protected", whom=", ".join(words.name("subject", a) for a in about if a in policy.protects))]


def _changes(d: Definition, words: SheetWords) -> Lines:
    found = d.pirs.get("changes", ())
    lines = [words.say("changed", day=change["on"], what=change["what"][words.language]) for change in found]
    return lines or [words.say("no_changes")]


def _notes(d: Definition, words: SheetWords) -> Lines:
    return [words.say("written_from", source=d.source)] if d.source else []


_DERIVED: Mapping[str, Callable[[Definition, SheetWords], Lines]] = {
    "name": _name, "donor_numbers": _donor_numbers, "result": result_lines, "plan_and_report": _plan_and_report,
    "definition": lambda d, words: [d.definition[words.language]], "unit": _unit, "data_type": _data_type,
    "breakdowns": _breakdowns, "rationale": _rationale, "source": _source, "collection": _collection,
    "construction": _construction, "known_values": known_value_lines, "over_time": _over_time,
    "over_places": _over_places, "direction": _direction, "baseline": baseline_lines, "targets": target_lines,
    "quality_review": _quality_review, "limitations": _limitations, "protection": _protection, "changes": _changes,
    "notes": _notes, "updated_on": lambda d, words: [d.reviewed_on.isoformat()],
}  # fmt: skip
# What stands where a field of `ADDED` would be empty.
_OTHERWISE = {"targets": "no_targets", "limitations": "no_limits", "notes": "no_changes"}
