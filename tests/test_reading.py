"""Reading by the megabyte gives what reading cell by cell would: rows, their numbers, codes, and what is held back."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path
from typing import Literal

import duckdb
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indicators.facts import codelists, facts
from pipelines.cells import reader, several, understood, word_codes
from pipelines.contracts import contracts
from pipelines.forms import CSV
from pipelines.readers import load, reading

CON = duckdb.connect()
WIDTH = 3
# One form for each way in which bytes become text.
FORMS = {
    contract.slots[name].form.encodings[0]: contract.slots[name]
    for contract in contracts().values() for name in contract.slots if contract.slots[name].form.format == CSV
}  # fmt: skip
SPACES = "\u00a0\u2007\u2009\u202f"
NO_ROOM = "\u200b\u2060\ufeff"
PERIOD = "2010-Q3"
CODED = [
    (contract.slots[name], column)
    for contract in contracts().values() for name in contract.slots if contract.first_period
    for fact in contract.slots[name].facts for column in facts()[fact].columns.values() if column.values
]  # fmt: skip


def cells(encoding: str) -> st.SearchStrategy[str]:
    """Texts that the encoding has, full of the signs that a reader stumbles over."""
    signs = 'аЯz1 ;,"\r\n' + SPACES + NO_ROOM
    return st.text([sign for sign in signs if sign.encode(encoding, "ignore").decode(encoding) == sign], max_size=5)


def rows(encoding: str) -> st.SearchStrategy[list[list[str]]]:
    """Rows of cells; a row without cells is an empty line."""
    row = st.lists(cells(encoding), min_size=WIDTH, max_size=WIDTH)
    return st.lists(st.one_of(row, st.just([])), min_size=1, max_size=8)


def written(rows: list[list[str]], delimiter: str, end: str) -> str:
    text = io.StringIO(newline="")
    # Python's writer quotes only the line ends that it writes itself.
    quoting: Literal[0, 1] = csv.QUOTE_MINIMAL if end == "\r\n" else csv.QUOTE_ALL
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting).writerows([["a", "b", "c"], *rows])
    return text.getvalue()


def plain(cell: str) -> str:
    """A cell as it should come out: line ends and spaces of one kind, nothing that takes no room."""
    cell = cell.replace("\r\n", "\n").replace("\r", "\n")
    for sign in SPACES:
        cell = cell.replace(sign, " ")
    for sign in NO_ROOM:
        cell = cell.replace(sign, "")
    return cell


def is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def read_rows(slot, path: Path) -> list[tuple[int, ...]]:
    with reading(slot, path) as found:
        assert found.findings == []
        selected = ", ".join(f"coalesce(c{i}, '') AS k{i}" for i in range(WIDTH))
        assert load(CON, "read", found.grids[0], selected, path.name) == []
    return CON.execute("SELECT rowid, * FROM read ORDER BY rowid").fetchall()


@pytest.mark.parametrize("encoding", FORMS)
def test_every_row_is_read_under_its_number(encoding):
    @given(rows(encoding), st.sampled_from(["\r\n", "\n", "\r"]))
    def check(sent, end):
        slot = FORMS[encoding]
        content = written(sent, slot.form.delimiter, end).encode(encoding)
        # What is text in UTF-8 too is taken for that, and refused where the form is in another encoding.
        assume(encoding.startswith("utf-8") or content.isascii() or not is_utf8(content))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "file.csv"
            path.write_bytes(content)
            found = read_rows(slot, path)
        assert found == [(n, *map(plain, row or [""] * WIDTH)) for n, row in enumerate(sent)]

    check()


@pytest.mark.parametrize("encoding", FORMS)
def test_a_file_of_several_pieces_is_read_like_a_small_one(encoding, tmp_path):
    """Empty lines, cells of several lines and odd spaces fall before, on and after the edges of the pieces."""
    slot = FORMS[encoding]
    some = [["а", "b" * 97, "1"], [], ['"\n\n', "x\u00a0y", ""], ["", "", ""], ["c" * 61, "\r\n;", "2,5"]]
    sent = [row for n in range(20_000) for row in (some if n % 3 else some[:-1])]
    path = tmp_path / "file.csv"
    path.write_bytes(written(sent, slot.form.delimiter, "\r\n").encode(encoding))
    assert path.stat().st_size > 3 << 20
    assert read_rows(slot, path) == [(n, *map(plain, row or [""] * WIDTH)) for n, row in enumerate(sent)]


@given(st.data())
def test_whole_cells_mean_what_their_words_mean(data):
    slot, column = data.draw(st.sampled_from(CODED))
    form = slot.form
    words = [word for some in form.words[column.values].values() for word in some]
    word = st.sampled_from([*words, *form.missing, "?", " ", "O'Neil"])
    one = st.lists(word, min_size=1, max_size=4).map(form.separator.join) if column.is_list else word
    given_cells = sorted({cell.strip(" ") for cell in data.draw(st.lists(one, min_size=1, max_size=8))} - {""})
    # A column may hold cells that were never asked about only if there is a mistake: all of them are.
    read = reader(column, "k", form, understood(column, given_cells, form, PERIOD))
    found = CON.execute(
        f"SELECT k, {read.value}, {read.is_bad} FROM (SELECT unnest(CAST(? AS VARCHAR[])) AS k)", [[*given_cells, None]]
    ).fetchall()
    assert found == [(cell, *meaning(cell, column, form)) for cell in [*given_cells, None]]


def test_a_word_for_not_known_is_in_no_list():
    """Were it one of the values, somebody of whom nothing is known would count among those of whom something is."""
    asked = 0
    for slot, column in CODED:
        name = column.values or ""
        unknown = codelists()[name].unknown or ""
        for word in slot.form.words[name].get(unknown, ()) if column.is_list else ():
            known = understood(column, [word], slot.form, PERIOD).known
            assert known[word] == (), (column.name, word)
            asked += 1
    assert asked


def meaning(cell, column, form):
    """Value and whether it is bad, word by word."""
    known = {**dict.fromkeys(map(form.fold, form.missing)), **word_codes(column.values, form, PERIOD)}
    if cell is None:
        return ([] if column.is_list else None), False
    parts = [form.fold(part) for part in (several(cell, form) if column.is_list else [cell])]
    codes = list(dict.fromkeys(code for part in parts if (code := known.get(part)) is not None))
    is_bad = any(part not in known for part in parts)
    if column.is_list:  # who is in no other category is not known
        codes = [code for code in codes if code != codelists()[column.values].unknown]
    return (codes if column.is_list else next(iter(codes), None)), is_bad
