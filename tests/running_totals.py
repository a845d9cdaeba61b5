"""A form whose numbers of people reached run on since January, for tests: Kazakhstan's, with one declaration more."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from indicators.calendars import Quarter
from indicators.facts import codelists, facts
from pipelines.contracts import Contract, contracts
from pipelines.demo_rows import row
from pipelines.forms import Running, Slot
from pipelines.render import Record, Records
from pipelines.running import running_at

KAZ = Path(__file__).resolve().parent.parent / "pipelines" / "offices" / "kaz.toml"
ACTIVITIES = 'file = "KAZ_activities_{period}.csv"\nfact = "activities"\n'
DECLARED = 'running = { columns = ["reached"], by = ["channel", "region"] }\n'
WHOLE_FIRST = 'running = { columns = ["reached"], by = ["channel", "region"], first_is_whole = true }\n'
YEAR = ["2010-Q1", "2010-Q2", "2010-Q3", "2010-Q4"]

# A line of the year: channel and region; and its number in one quarter, empty where it was not recorded.
Line = tuple[str, str | None]
Numbers = Mapping[Line, int | None]


def kaz_text(first: str = "2010-Q1", declared: str = DECLARED) -> str:
    """The contract as a file."""
    text = KAZ.read_text(encoding="utf-8")
    assert ACTIVITIES in text
    assert 'first_period = "2010-Q3"' in text
    text = text.replace('first_period = "2010-Q3"', f'first_period = "{first}"')
    return text.replace(ACTIVITIES, ACTIVITIES + declared)


@cache
def running_contract(first: str = "2010-Q1", declared: str = DECLARED) -> Contract:
    """Kazakhstan's contract with running totals, from a first quarter."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "kaz.toml").write_text(kaz_text(first, declared), encoding="utf-8")
        return contracts(Path(folder))["kaz"]


def activities(period: str, numbers: Numbers) -> dict[str, list[dict[str, Any]]]:
    """One activity a line, its code saying quarter and place in the list."""
    quarter = Quarter.parse(period)
    code = f"KZ-C{quarter.year % 100}{quarter.number}"
    rows = [
        row(
            "activities", activity_ref=f"{code}{place:02}", channel=channel, region=region,
            held_on=date(quarter.year, quarter.number * 3, 1), activity_status="completed", reached=number,
        )
        for place, ((channel, region), number) in enumerate(numbers.items())
    ]  # fmt: skip
    return {"activities": rows}


def lines(number: int) -> list[Line]:
    """So many different lines; the last has no region."""
    channels = list(codelists()["channel"].codes)
    regions = [code for code in codelists()["region"].codes if code.startswith("KZ-")][:2]
    return [(channel, region) for channel in channels for region in (*regions, None)][-number:]


def rising(rows: Sequence[dict[str, Any]], fact: str, most: int) -> list[dict[str, Any]]:
    """Rows of the quarter before that are the same lines as some of these, each once, with smaller numbers.

    Each measure of the fact falls in that many of them, and in no line does one rise.
    """
    measures = [column.name for column in facts()[fact].columns.values() if column.measure]
    coded = [column.name for column in facts()[fact].columns.values() if column.values]
    seen: dict[str, list[dict[str, Any]]] = {}
    for one in rows:
        line = [sorted(map(str, one[n])) if isinstance(one[n], list) else one[n] for n in coded]
        seen.setdefault(repr(line), []).append(one)
    single = [some[0] for some in seen.values() if len(some) == 1]
    found = {id(one): one for name in measures for one in [one for one in single if (one[name] or 0) > 1][:most]}
    return [{**one, **{name: one[name] - 1 for name in measures if (one[name] or 0) > 1}} for one in found.values()]


def run_on(contract: Contract, slot: Slot, period: str, records: Records, earlier: Sequence[Records]) -> Records:
    """Records of a quarter as the office's file says them: numbers that run on are those since January.

    `earlier` are the records of the earlier quarters of the year, each of its own quarter alone.
    `render` writes, and `parse` reads, what this returns: an office adds up so, and the warehouse takes it apart again.
    """
    found = dict(records)
    for name, running in running_at(contract, slot, period).items():
        rows: list[Record] = [dict(row) for row in records.get(name, [])]
        for column in running.columns:
            before: dict[str, int] = defaultdict(int)
            for one in (one for quarter in earlier for one in quarter.get(name, [])):
                before[_line(one, running)] += one[column] or 0
            rows = [
                {**row, column: None if row[column] is None else row[column] + before[_line(row, running)]}
                for row in rows
            ]
        found[name] = rows
    return found


def _line(row: Record, running: Running) -> str:
    return repr([sorted(row[n]) if isinstance(row[n], list) else row[n] for n in running.by])
