"""An edition with a memory answers as without one, and nobody spoils what another is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dashboards.remembered import MOST_ANSWERS, MOST_ROWS, Remembered, remembered
from indicators.calendars import Quarter
from reports.as_of import as_of
from reports.edition import Edition
from tests.donor_files import edition_with

FIGURES = "SELECT * FROM figures WHERE place = ? ORDER BY ALL"


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edition]:
    opened = edition_with(tmp_path_factory.mktemp("remembered"))
    yield opened
    opened.connection.close()


@pytest.fixture
def edition(plain: Edition) -> Remembered:
    return remembered(plain)


def test_every_question_is_answered_as_without_a_memory(plain, edition):
    for place in ("KZ", "CA", "KZ", "nowhere"):
        assert edition.rows(FIGURES, [place]) == plain.rows(FIGURES, [place])
        assert edition.rows(FIGURES, iter([place])) == plain.rows(FIGURES, [place])


def test_what_one_reader_does_to_an_answer_no_other_sees(plain, edition):
    edition.rows(FIGURES, ["KZ"])[0]["value"] = "spoiled"
    edition.rows(FIGURES, ["KZ"]).clear()
    assert edition.rows(FIGURES, ["KZ"]) == plain.rows(FIGURES, ["KZ"])


def test_a_number_and_its_text_are_two_questions(edition):
    assert edition.rows("SELECT typeof(?) AS kind", [1]) != edition.rows("SELECT typeof(?) AS kind", ["1"])


def test_the_memory_is_small(edition):
    for number in range(MOST_ANSWERS + 10):
        edition.rows("SELECT ? AS n", [number])
    assert len(edition._answers) == MOST_ANSWERS
    edition.rows("SELECT range AS n FROM range(?)", [MOST_ROWS + 1])
    assert edition.rows("SELECT range AS n FROM range(?)", [MOST_ROWS + 1])[-1] == {"n": MOST_ROWS}
    assert all(len(found) <= MOST_ROWS for found in edition._answers.values())


def test_an_earlier_quarter_has_a_memory_of_its_own(edition):
    count = "SELECT count(*) AS n FROM figures"
    whole = edition.rows(count)
    earlier = as_of(edition, Quarter(2010, 3))
    assert earlier.rows(count)[0]["n"] < whole[0]["n"]
    assert edition.rows(count) == whole
