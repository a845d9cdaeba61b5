"""Each way of hiding small counts, and the attack on what it hid, run in a process of its own.

`python -m benchmarks.protection_ways hide WAY SIZE MEAN FILE` writes to the file which cells the way hides;
with `equations` or `intervals` for `hide` it reads them and says what can be worked out. All print JSON.
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path
from typing import Any

from benchmarks.generated_tables import Table, generated_table
from benchmarks.suppressors import WAYS, Hidden, benchmark_policy
from indicators.disclosure.policy import Policy

# Two linear programs a cell: on large tables the intervals of so many are looked at, drawn at random.
SAMPLE = 400
STEPS = ("hide", "equations", "intervals")


def hide(table: Table, way: str, policy: Policy) -> tuple[Hidden, dict[str, Any]]:
    """What the way hides, and what that costs."""
    start, cpu = time.perf_counter(), time.process_time()
    hidden = WAYS[way](table.system, table.values, policy)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    beside = [table.values[unknown] for unknown in hidden.counts if not policy.is_small(table.values[unknown])]
    return hidden, {
        "cells": len(table.values),
        "small": sum(policy.is_small(value) for value in table.values.values()),
        "secondary": len(beside),
        "value": int(sum(beside)),
        "seconds": seconds,
        "cpu": cpu,
    }


def equations(table: Table, hidden: Hidden, policy: Policy) -> dict[str, Any]:
    """How many hidden counts equations alone give away, and how many small ones among them."""
    from indicators.disclosure.elimination import determined

    start = time.perf_counter()
    exact = determined(table.system.relations, table.values.keys() - hidden.counts) & hidden.counts
    small = sum(policy.is_small(table.values[unknown]) for unknown in exact)
    return {"exact": len(exact), "exact_small": small, "seconds": time.perf_counter() - start}


def intervals(table: Table, hidden: Hidden, policy: Policy, sample: int = SAMPLE) -> dict[str, Any]:
    """How many small counts are narrower than the policy allows, of those looked at.

    Once for a reader who only knows that counts are not negative, and once, as the policy has it, for one who is
    told which of the hidden counts are the small ones.
    """
    from indicators.disclosure.attacker import Reader, attack
    from indicators.disclosure.protection import worst_case

    start = time.perf_counter()
    shown = {unknown: value for unknown, value in table.values.items() if unknown not in hidden.counts}
    small = {unknown for unknown, value in table.values.items() if policy.is_small(value)}
    targets = sorted(small)
    if len(targets) > sample:
        targets = random.Random(sample).sample(targets, sample)  # noqa: S311 (which cells to look at is no secret)
    bounds = worst_case(hidden.counts, frozenset(small), hidden.blank, table.values, policy)
    widths = dict.fromkeys(targets, policy.interval_width)
    reader = Reader(table.system.relations)
    told = attack(reader, shown, bounds, widths)
    seconds = time.perf_counter() - start
    untold = attack(reader, shown, {}, widths)
    return {
        "pinned": sum(interval.low == interval.high for interval in untold.values()),
        "narrow": len(untold),
        "narrow_when_told": len(told),
        "looked_at": len(targets),
        "seconds": seconds,
    }


def main() -> None:
    """Do what the command line says."""
    step, way, size, mean, file = sys.argv[1:]
    table, policy, path = generated_table(int(size), float(mean)), benchmark_policy(), Path(file)
    cells = list(table.values)
    if step == "hide":
        hidden, said = hide(table, way, policy)
        marks = {name: [i for i, cell in enumerate(cells) if cell in getattr(hidden, name)] for name in vars(hidden)}
        path.write_text(json.dumps(marks), encoding="utf-8")
        print(json.dumps(said))
    else:
        marks = json.loads(path.read_text(encoding="utf-8"))
        hidden = Hidden(**{name: frozenset(cells[i] for i in places) for name, places in marks.items()})
        print(json.dumps((equations if step == "equations" else intervals)(table, hidden, policy)))


if __name__ == "__main__":
    main()
