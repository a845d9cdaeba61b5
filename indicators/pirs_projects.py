"""What the funded projects say of an indicator: the results it measures, its baselines and its targets."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from indicators.definitions import Definition
from indicators.funding import Baseline, Project, projects
from indicators.labels import words as edition_words
from indicators.pirs_words import SheetWords


def result_lines(d: Definition, words: SheetWords) -> list[str]:
    """Every result of every project's framework that the indicator measures."""
    return [
        words.say("result_of", project=project.code, code=result.code, level=words.name("level", result.level),
                  title=result.title[words.language])
        for project in projects().values() for result in project.results if d.code in result.indicators
    ]  # fmt: skip


def baseline_lines(d: Definition, words: SheetWords) -> list[str]:
    """The level before each project, or why there is none; places of which the same is said stand together."""
    lines = []
    for project in projects().values():
        alike: dict[tuple[object, ...], list[Baseline]] = {}
        for baseline in (one for one in project.baselines if one.indicator == d.code):
            reason = (baseline.not_applicable or {}).get(words.language, "")
            alike.setdefault((baseline.value, baseline.on, reason), []).append(baseline)
        lines += [_baseline(project, same, d.unit, words) for same in alike.values()]
    return lines or [words.say("no_baseline")]


def _baseline(project: Project, same: list[Baseline], unit: str, words: SheetWords) -> str:
    first, places = same[0], _places((one.place for one in same), words)
    if first.value is None:
        reason = (first.not_applicable or {}).get(words.language, "")
        return words.say("baseline_none", project=project.code, places=places, reason=reason)
    value = _value(first.value, unit)
    return words.say("baseline_value", project=project.code, places=places, value=value, day=first.on)


def _value(value: Decimal, unit: str) -> str:
    """A share is a fraction of 1 and is said in per cent; nothing is rounded."""
    return f"{(value * 100).normalize():f} %" if unit == "percent" else f"{value.normalize():f}"


def target_lines(d: Definition, words: SheetWords) -> list[str]:
    """Which projects promised something, for which places, and what they note on it, each note once."""
    lines = []
    for project in projects().values():
        targets = [target for target in project.targets if target.indicator == d.code]
        if targets:
            places = _places((target.place for target in targets), words)
            lines.append(words.say("targets_of", project=project.code, places=places))
            notes = dict.fromkeys([project.note, *(target.note for target in targets)])
            lines += [words.say("in_english", text=note) for note in notes if note]
    return lines


def _places(places: Iterable[str], words: SheetWords) -> str:
    from indicators.facts import codelists

    countries, named = codelists()["country"].codes, edition_words()["place"]
    return ", ".join((named.get(p) or countries[p].label)[words.language] for p in dict.fromkeys(places))
