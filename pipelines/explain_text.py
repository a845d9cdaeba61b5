"""An explanation as lines of text."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from indicators.labels import words as edition_words
from pipelines.explain import Explanation, Published, words
from pipelines.explained_inputs import NeededFile
from reports.edition import SUPPRESSED

WIDTH = 100
# The fields of the sheet that say what the number means; the handbook has them all.
FIELDS = (
    "donor_numbers", "definition", "rationale", "unit", "breakdowns", "construction", "known_values", "over_time",
    "over_places", "limitations",
)  # fmt: skip


def told(explanation: Explanation) -> Iterator[str]:
    """The explanation for a reader: meaning, figure, files, SQL."""
    entries = {entry.field: entry for entry in explanation.sheet}
    yield entries["name"].lines[0]
    for field in FIELDS:
        yield from _section(entries[field].title, entries[field].lines)
    if explanation.published:
        yield from _section(_word("figure", explanation), _figure(explanation.published, explanation))
        if not explanation.published.note:
            files = [_file(one, explanation) for one in explanation.files] or [_word("no_inputs", explanation)]
            yield from _section(_word("inputs", explanation), files)
    if explanation.calendars:
        every = [f"{one.label}: {one.value or one.status_label}" for one in explanation.calendars]
        yield from _section(_word("calendars", explanation), every)
    yield ""
    yield _word("sql", explanation)
    yield textwrap.indent(explanation.sql or _word("no_sql", explanation), "  ")


def _word(key: str, explanation: Explanation) -> str:
    return str(words()[key][explanation.language])


def _section(title: str, lines: list[str] | tuple[str, ...]) -> Iterator[str]:
    yield ""
    yield title
    for line in lines:
        yield textwrap.fill(line, WIDTH, initial_indent="  ", subsequent_indent="    ", break_long_words=False,
                            break_on_hyphens=False)  # fmt: skip


def _figure(published: Published, explanation: Explanation) -> list[str]:
    def said(key: str, value: str) -> str:
        return f"{_word(key, explanation)}: {value}"

    where = [
        said("edition", published.edition),
        said("period", published.period_label),
        said("place", f"{published.place_label} ({published.place})"),
    ]
    if published.note:
        return [*where, published.note]
    lines = [*where, said("status", f"{published.status_label}. {published.reason}".rstrip())]
    lines.append(
        said("value", published.value or _word("hidden" if published.status == SUPPRESSED else "none", explanation))
    )
    if published.numerator and published.denominator:
        lines.append(said("parts", f"{published.numerator} / {published.denominator}"))
    elif published.denominator:
        lines.append(said("of_values", published.denominator))
    lines.append(said("rule", published.rule))
    counts = words()["offices_of"][explanation.language].format(
        reported=published.offices_reported, expected=published.offices_expected
    )
    lines.append(said("offices", counts))
    return [*lines, *([_word("changed", explanation)] if published.definition_changed else [])]


def _file(one: NeededFile, explanation: Explanation) -> str:
    """One file with its export, state and days."""
    said, language = words(), explanation.language
    export = edition_words()["export"][one.export][language]
    status = edition_words()["completeness"].get(one.status, {}).get(language, one.status)
    more = [one.file_name or said["no_file"][language], status]
    more += [said["held_back"][language]] if one.held_back else []
    if not one.file_name and one.due_on:
        more.append(said["due"][language].format(day=one.due_on))
    if one.file_name and one.first_on:
        more.append(said["received"][language].format(day=one.first_on))
        if one.received_on and one.received_on != one.first_on:
            more.append(said["corrected"][language].format(day=one.received_on))
    return f"{one.period}  {one.office}  {export} ({', '.join(one.facts)}): {', '.join(more)}"
