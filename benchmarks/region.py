"""What protecting a whole region costs and loses: made-up facts of every kind, counted, and protected to the end.

The facts are those that counting is measured with: five countries, 24 quarters. With fewer quarters the first ones are
counted, and the rows of the later ones lie idle.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from benchmarks.clock import measured
from benchmarks.generated_facts import FIRST_QUARTER, OFFICES, QUARTERS

if TYPE_CHECKING:
    from indicators.calendars import Window
    from indicators.figures import Figure

ROWS = 100_000
LIMIT = 3_600.0


def region_table(
    quarters: Sequence[int] = (QUARTERS,), rows: int = ROWS, limit: float = LIMIT, attacked: bool = False
) -> Iterator[str]:
    """The lines of the table, one for each number of quarters; what is hidden is `attacked` or not."""
    yield (
        f"{f'{rows:,} rows':20}{'figures':>10}{'protected':>11}{'small':>9}{'hidden':>9}{'too fine':>10}{'lost':>8}"
        f"{'count s':>9}{'cpu s':>8}{'attack s':>10}{'MiB':>7}"
    )
    for count in quarters:
        name = f"quarters: {count}"
        command = [sys.executable, "-m", "benchmarks.region", "--rows", str(rows), "--quarters", str(count), "--json"]
        command += ["--attack"] if attacked else []
        try:
            one = measured(command, limit)
        except subprocess.TimeoutExpired:
            yield f"{name:20}ended after {limit:.0f} s"
            continue
        said = one.said
        yield (
            f"{name:20}{said['figures']:10,}{said['protected']:11,}{said['small']:9,}{said['hidden']:9,}"
            f"{said['too_fine']:10,}{said['hidden'] / max(said['protected'], 1):8.1%}"
            f"{said['counting']:9.1f}{said['protecting']:8.1f}{said['attacking']:10.1f}{one.peak:7.0f}"
        )


def protect(rows: int, quarters: int, attacked: bool = False) -> dict[str, Any]:
    """Count and protect the region, and attack what is published of it; seconds are of the processor.

    `small` and `hidden` are of the figures about people, `protected`, that could be shown. Raises Unsafe when the
    attack finds anything.
    """
    from indicators.definitions import definitions
    from indicators.disclosure import examine, policies, release

    start = time.process_time()
    figures, spans = counted(rows, quarters)
    middle = time.process_time()
    released = release(figures, definitions(), spans, policies()["default"])
    end, certificate = time.process_time(), released.certificate
    if attacked:
        examine(released.figures, definitions(), spans, policies()["default"], counted=figures)
    return {
        "figures": len(figures),
        "protected": int(certificate["figures_protected"]),
        "small": int(certificate["figures_small"]),
        "hidden": int(certificate["figures_hidden"]),
        "too_fine": int(certificate["figures_hidden_as_too_fine"]),
        "counting": middle - start,
        "protecting": end - middle,
        "attacking": time.process_time() - end,
    }


def counted(rows: int, quarters: int) -> tuple[list[Figure], list[Window]]:
    """All figures of the catalogue over the first quarters of the made-up facts, and their windows."""
    import duckdb

    from benchmarks.generated_facts import create_facts
    from indicators.calendars import Quarter, quarters_between, windows
    from indicators.counted import create_views
    from indicators.definitions import definitions
    from indicators.engine import measure
    from indicators.facts import facts
    from indicators.figures import Reporting
    from indicators.funding import life_start

    first = Quarter.parse(FIRST_QUARTER)
    listed = quarters_between(first, first.back(1 - quarters))
    spans = windows(listed, life_start())
    periods = [*map(str, listed), "all"]
    owed = frozenset((place, fact, period) for place in OFFICES.values() for fact in facts() for period in periods)
    with duckdb.connect() as con:
        create_facts(con, rows)
        create_views(con)
        return measure(con, definitions(), spans, Reporting(owed, owed)), spans


@click.command()
@click.option("--rows", default=ROWS, show_default=True, help="Rows of facts in all.")
@click.option("--quarters", multiple=True, type=int, default=(QUARTERS,), show_default=True)
@click.option("--limit", default=LIMIT, show_default=True, help="End a run after so many seconds.")
@click.option("--attack", "attacked", is_flag=True, help="Attack what is published as well.")
@click.option("--json", "as_json", is_flag=True, help="Protect here and print what it cost as JSON.")
def main(rows: int, quarters: Sequence[int], limit: float, attacked: bool, as_json: bool) -> None:
    """Measure the protection of a region by itself.

    The columns: figures counted; those about people that could be shown; small ones; hidden ones; of these those of
    breakdowns left out; the share of hidden ones; processor seconds of counting, of protecting and, if asked for, of
    the attack; most memory.
    """
    if as_json:
        click.echo(json.dumps(protect(rows, quarters[0], attacked)))
        return
    for text in region_table(quarters, rows, limit, attacked):
        click.echo(text)


if __name__ == "__main__":
    main()
