"""Office files of any number of rows, in the forms of the offices' own contracts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from indicators.facts import facts
from pipelines.contracts import contracts
from pipelines.demo import sample_records
from pipelines.forms import CSV
from pipelines.render import render
from pipelines.staging import in_order

PERIOD = "2010-Q3"
DIRECTORY = "region"
_SCALE = 20
_FIRST_COPY = 100
# The number at the end of a code of a case, person, event or contact: a copy puts its own before it.
_CODES = re.compile(r"(?<=\b[A-Z]{2}[PU])(?=[0-9])|(?<=\b[A-Z]{2}-[HTRC])(?=[0-9])|(?<=\b[A-Z]{2}-[0-9]{4}-)(?=[0-9])")


def write_files(raw: Path, rows: int) -> list[Path]:
    """Write the directory and about `rows` rows of CSV files below `raw`, in the order in which they are taken in.

    The sample quarter is repeated with codes of its own for each copy, so that every row is another row.
    """
    sample = sample_records(_SCALE)
    texts = {
        (office, slot.name): render(contract, slot, PERIOD, sample[office, PERIOD]).decode(slot.form.encodings[0])
        for office, contract in contracts().items() if (office, PERIOD) in sample
        for slot in contract.slots.values() if slot.form.format == CSV
    }  # fmt: skip
    copies = max(1, round(rows / sum(text.count("\n") for text in texts.values())))
    directory = contracts()[DIRECTORY]
    written = [
        _write(raw / DIRECTORY / slot.file_name(PERIOD), [render(directory, slot, PERIOD, sample[DIRECTORY, PERIOD])])
        for slot in directory.slots.values()
    ]
    for office, name in sorted(texts, key=lambda key: (key[0], _turn(*key))):
        slot = contracts()[office].slots[name]
        encoding = slot.form.encodings[0]
        header, data = texts[office, name].split("\n", 1)
        parts = (part.encode(encoding.removesuffix("-sig")) for part in _copies(data, copies))
        written.append(_write(raw / office / slot.file_name(PERIOD), [f"{header}\n".encode(encoding), *parts]))
    return written


def _turn(office: str, slot: str) -> int:
    """The facts that others ask about come first."""
    names = in_order(facts())
    return min(names.index(name) for name in contracts()[office].slots[slot].facts)


def _copies(data: str, copies: int) -> Iterator[str]:
    parts = _CODES.split(data)
    return (str(number).join(parts) for number in range(_FIRST_COPY, _FIRST_COPY + copies))


def _write(path: Path, parts: list[bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.writelines(parts)
    return path
