"""What a reference sheet says of columns, and of values that are not known."""

from __future__ import annotations

import re

from indicators.definitions import Definition
from indicators.expressions import PERSONS, SUM
from indicators.fact_views import counted_facts
from indicators.facts import Column, codelists, kept_facts
from indicators.pirs_words import SheetWords

_IS_KNOWN = re.compile(r"\bis_known\(\s*(\w+)\s*\)", re.I)


def column_name(fact: str, name: str, language: str) -> str:
    """What a column is called, and its name in the data; a derived one is called what its code list is."""
    column = counted_facts()[fact].counted_columns()[name]
    if isinstance(column, Column):
        return f"{column.label[language]} (`{name}`)"
    return f"{codelists()[column.values].title[language]} (`{name}`)" if column.values else f"`{name}`"


def known_value_lines(d: Definition, words: SheetWords) -> list[str]:
    """The rules for what nobody recorded: unknown is not no, and missing is not zero (docs/counting.md)."""
    if d.numerator is None:
        return [words.say("known_function"), words.say("known_files")]
    lines = []
    needed = _known_columns(d, words.language)
    if needed:
        lines.append(words.say("known_only", columns=", ".join(needed)))
    if d.is_average:
        lines.append(words.say("known_average", number=d.minimum_n))
    else:
        if d.numerator.kind in (PERSONS, SUM) and d.numerator.argument and d.numerator.argument not in _asked(d):
            column = column_name(d.fact, d.numerator.argument, words.language)
            lines.append(words.say("known_key", column=column))
        if d.numerator.conditions:
            lines.append(words.say("known_conditions"))
    lines += [words.say("known_cells")] if d.by else []
    lines += [words.say("known_share")] if d.is_share else []
    return [*lines, words.say("known_kept" if set(d.facts) <= set(kept_facts()) else "known_files")]


def _asked(d: Definition) -> dict[str, None]:
    """Columns that either number asks to be known, as the definition writes them."""
    return dict.fromkeys(_IS_KNOWN.findall(f"{d.numerator_text} {d.denominator_text}"))


def _known_columns(d: Definition, language: str) -> list[str]:
    columns = counted_facts()[d.fact].counted_columns()
    return [column_name(d.fact, name, language) for name in _asked(d) if name in columns]
