"""Each way of reading office files, run in a process of its own: `python -m benchmarks.contestants NAME FILE...`.

What a way counted of itself (rows, and our own steps in seconds of the processor) is printed as JSON.
"""

from __future__ import annotations

import functools
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.office_files import PERIOD
from pipelines.contracts import contracts, recognise
from pipelines.forms import CSV, Form, Slot

# The steps of the intake that are told apart: module, function, and what it is called in the table.
STEPS = (
    ("pipelines.intake", "sha256_of_settled", "hash"),
    ("pipelines.intake", "parse", "read"),
    ("pipelines.intake", "judge", "judge"),
    ("pipelines.judge", "validate", "great expectations"),
    ("pipelines.intake", "store", "store"),
)


def take_in(paths: Sequence[Path]) -> Mapping[str, float]:
    """This project: hash, read, judge, count by Great Expectations, store."""
    from importlib import import_module

    from pipelines.cycle import take_in_files

    seconds: dict[str, float] = dict.fromkeys((step for *_, step in STEPS), 0.0)
    for module, name, step in STEPS:
        home = import_module(module)
        setattr(home, name, _timed(getattr(home, name), step, seconds))
    with tempfile.TemporaryDirectory() as curated:
        receipts = take_in_files(paths, Path(curated))
    kept_out = [receipt.file_name for receipt in receipts if receipt.status != "accepted"]
    if kept_out:
        raise SystemExit(f"not taken in: {', '.join(kept_out)}")
    return {**seconds, "rows": sum(receipt.rows_accepted for receipt in receipts)}


def pandas_plain(paths: Sequence[Path]) -> Mapping[str, float]:
    """`pandas.read_csv` with encoding and separating sign given, columns as it infers them."""
    return {"rows": sum(len(_frame(path, slot.form)) for path, slot in _csv_files(paths))}


def pandas_same(paths: Sequence[Path]) -> Mapping[str, float]:
    """The same by pandas alone: read as text, words to codes, days and numbers parsed; nothing checked or stored."""
    import pandas

    rows = 0
    for path, slot in _csv_files(paths):
        frame = _frame(path, slot.form, dtype=str, keep_default_na=False)
        for columns in _columns(slot, frame, contracts()[path.parent.name].slots[slot.name].form):
            rows += len(pandas.DataFrame(columns))
    return {"rows": rows}


def duckdb_text(paths: Sequence[Path]) -> Mapping[str, float]:
    """DuckDB's `read_csv` into tables of text, the dialect given; it reads UTF-8 only, so cp1251 is recoded before."""
    import duckdb

    con, rows = duckdb.connect(), 0
    with tempfile.TemporaryDirectory() as folder:
        for number, (path, slot) in enumerate(_csv_files(paths)):
            source = path
            if slot.form.encodings[0] == "cp1251":
                source = Path(folder) / "rows.csv"
                source.write_text(path.read_text("cp1251"), encoding="utf-8")
            con.execute(
                f"CREATE TABLE t{number} AS SELECT * FROM read_csv(?, delim = ?, quote = '\"', escape = '\"', "
                "header = true, all_varchar = true, auto_detect = true)",
                [str(source), slot.form.delimiter],
            )
            rows += con.execute(f"SELECT count(*) FROM t{number}").fetchall()[0][0]
    return {"rows": rows}


def _timed(function: Callable[..., Any], step: str, seconds: dict[str, float]) -> Callable[..., Any]:
    @functools.wraps(function)
    def timed(*arguments: Any, **named: Any) -> Any:
        start = time.process_time()
        try:
            return function(*arguments, **named)
        finally:
            seconds[step] += time.process_time() - start

    return timed


def _csv_files(paths: Sequence[Path]) -> Iterator[tuple[Path, Slot]]:
    for path in paths:
        known = recognise(contracts()[path.parent.name], path.name)
        if known and known[0].form.format == CSV:
            yield path, known[0]


def _frame(path: Path, form: Form, **more: Any) -> Any:
    import pandas

    return pandas.read_csv(path, sep=form.delimiter, encoding=form.encodings[0], low_memory=False, **more)


def _columns(slot: Slot, frame: Any, form: Form) -> Iterator[dict[str, Any]]:
    """The columns of each fact of a file, as values."""
    from indicators.facts import facts

    sheet = slot.sheets[0]
    for block in sheet.mains:
        own = frame[frame[sheet.kind[0]].isin(block.kind)] if block.kind else frame
        columns = facts()[block.fact].columns
        yield {name: _values(own[words[0]], columns[name], form) for name, words in block.columns.items()}


def _values(cells: Any, column: Any, form: Form) -> Any:
    import pandas

    from pipelines.cells import word_codes

    if column.values:
        codes = word_codes(column.values, form, PERIOD)
        whole = {cell: [codes.get(form.fold(part)) for part in cell.split(form.separator)] for cell in cells.unique()}
        return cells.map(whole if column.is_list else {cell: some[0] for cell, some in whole.items()})
    if column.type == "date":
        return pandas.to_datetime(cells, format=form.dates[0], errors="coerce")
    if column.type in ("integer", "decimal"):
        return pandas.to_numeric(cells, errors="coerce")
    if column.type == "boolean":
        return cells.map(dict.fromkeys(form.true, True) | dict.fromkeys(form.false, False))
    return cells


WAYS = {
    "take in": take_in,
    "pandas read_csv": pandas_plain,
    "pandas, the same job": pandas_same,
    "DuckDB read_csv": duckdb_text,
}

if __name__ == "__main__":
    print(json.dumps(WAYS[sys.argv[1]]([Path(name) for name in sys.argv[2:]])))
