"""Everything of an edition: the files are those of `esep export`, and its tables hold what is published."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dashboards.downloads import Files
from indicators.facts import LANGUAGES
from reports.donors import profiles
from reports.downloads import TABLES, Download, Shelf, shelves
from reports.edition import FILE_NAME, SHOWN, Edition
from reports.edition import TABLES as FORMAT
from reports.edition_tables import tables_zip
from reports.intact import DamagedEdition
from reports.outlines import NEWSLETTER
from reports.report import outputs
from tests.donor_files import edition_with
from tests.test_exports import GAP

HIDDEN = ("UPDATE figures SET value = 31337, numerator = 41337, denominator = 51337 WHERE status <> 'shown'",
          "UPDATE restatements SET old_value = 31337, old_numerator = 31337 WHERE old_status <> 'shown'",
          "UPDATE restatements SET new_value = 41337, new_denominator = 41337 WHERE new_status <> 'shown'")  # fmt: skip


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edition]:
    opened = edition_with(tmp_path_factory.mktemp("downloads"))
    yield opened
    opened.connection.close()


@pytest.fixture(scope="module")
def offered(edition: Edition) -> list[Shelf]:
    return shelves(edition)


def every(offered: list[Shelf]) -> list[tuple[str, Download]]:
    return [(shelf.code, file) for shelf in offered for file in shelf.files]


def tables_of(data: bytes) -> dict[str, list[dict[str, str]]]:
    files = zipfile.ZipFile(io.BytesIO(data))
    return {
        Path(name).stem: list(csv.DictReader(io.StringIO(files.read(name).decode(), newline="")))
        for name in files.namelist()
        if name.endswith(".csv")
    }


def plain(cell: Any) -> str:
    """A value as a CSV file of ours says it."""
    if isinstance(cell, list):
        return " ".join(cell)
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, Decimal):
        return format(cell.normalize(), "f") if cell else "0"
    return "" if cell is None else cell.isoformat() if isinstance(cell, date) else str(cell)


def test_every_donor_the_newsletter_and_the_tables_have_a_shelf_with_words_in_both_languages(offered):
    assert [shelf.code for shelf in offered] == [*profiles(), NEWSLETTER, TABLES]
    for shelf in offered:
        assert shelf.files and not shelf.fault
        for title in (shelf.title, *shelf.lacking, *(file.title for file in shelf.files)):
            assert set(title) == set(LANGUAGES) and all(title.values())
        assert len({file.key for file in shelf.files}) == len(shelf.files)
    names = [file.name for _, file in every(offered)]
    assert len(set(names)) == len(names)


def test_every_form_of_a_profile_is_there_or_said_to_be_lacking(offered, edition):
    for donor in profiles().values():
        (shelf,) = (one for one in offered if one.code == donor.code)
        lacking = [form for form in donor.formats if outputs()[form].title in shelf.lacking]
        there = {file.key.partition(".")[0].partition("_")[0] for file in shelf.files}
        assert there | set(lacking) == set(donor.formats)
        assert not there & set(lacking)


def test_the_tables_hold_the_edition_cell_by_cell(edition):
    found = tables_of(tables_zip(edition))
    assert set(found) == set(FORMAT)
    for table, rows in found.items():
        published = edition.rows(f"SELECT * FROM {table} ORDER BY ALL")
        assert rows == [{name: plain(cell) for name, cell in row.items()} for row in published], table
    assert tables_zip(edition) == tables_zip(edition)


def test_a_hidden_number_that_was_left_in_the_edition_is_in_no_table(tmp_path):
    edition = edition_with(tmp_path, *HIDDEN)
    try:
        found = tables_of(tables_zip(edition))
        assert any(row["status"] != SHOWN for row in found["figures"])
        assert any(row["new_status"] != SHOWN for row in found["restatements"])
        said = {cell for rows in found.values() for row in rows for cell in row.values()}
        assert not said & {"31337", "41337", "51337"}
    finally:
        edition.connection.close()


def test_a_donor_whose_targets_have_a_hole_gets_a_reason_and_no_file(tmp_path):
    edition = edition_with(tmp_path, GAP)
    try:
        by_code = {shelf.code: shelf for shelf in shelves(edition)}
        holes = [shelf for shelf in by_code.values() if shelf.fault]
        assert holes and all("have gaps" in shelf.fault and not shelf.files for shelf in holes)
        assert by_code[TABLES].files, "what can be made is made"
    finally:
        edition.connection.close()


def test_a_source_without_quarters_gives_its_tables_alone(tmp_path):
    edition = edition_with(tmp_path, "UPDATE edition SET period = 'all', data_until = NULL")
    try:
        (only,) = shelves(edition)
        assert only.code == TABLES
        assert tables_of(only.files[0].write())["figures"]
    finally:
        edition.connection.close()


def test_nothing_is_given_of_an_edition_that_is_not_what_was_published(tmp_path):
    edition = edition_with(tmp_path)
    try:
        with (tmp_path / edition.edition_id / FILE_NAME).open("ab") as file:
            file.write(b"more")
        with pytest.raises(DamagedEdition, match="other bytes"):
            _ = Files(edition).shelves
    finally:
        edition.connection.close()
