"""A narrative report says which of the figures that its donor has were said otherwise before, and why."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from indicators.calendars import Quarter
from reports import format as form
from reports.as_of import as_of
from reports.document import Document, Paragraph, Table, texts
from reports.donors import profiles
from reports.edition import SHOWN
from reports.narrative_report import whole_table
from reports.report_parts import report_documents
from reports.words import report_words
from tests.donor_files import edition_with

DONORS = {code: donor for code, donor in profiles().items() if donor.outline}

# Every restatement as one of a figure that the donor has; one is of a part, which the report only names.
GIVEN = (
    "UPDATE restatements SET reported_to = ['{donor}'], officer_reason = 'late_report', officer_note = 'Came in March.'"
    " WHERE officer_reason IS NULL",
    "UPDATE restatements SET reported_to = ['{donor}']",
)


def restated_table(document: Document, language: str) -> Table | None:
    caption = report_words(language)["table.restated"]
    return next((b for b in document.blocks if isinstance(b, Table) and b.caption == caption), None)


@pytest.mark.parametrize("code", DONORS)
def test_every_donor_is_told_what_changed_of_what_it_has_with_cause_and_reason(tmp_path, code):
    """For each donor with an outline: the rows of the edition, number by number, below their cause and reason."""
    changed = edition_with(tmp_path, *(line.format(donor=code) for line in GIVEN))
    indicators = list(whole_table(changed, DONORS[code]).indicators)
    rows = changed.rows(
        "SELECT r.*, title_en, title_ru FROM restatements AS r JOIN indicators USING (indicator)"
        " WHERE breakdown = 'total' AND list_contains(?, indicator)",
        [indicators],
    )
    assert rows
    for language, document in report_documents(changed, DONORS[code]).items():
        table = restated_table(document, language)
        assert table is not None
        labels, said = changed.labels(language), report_words(language)
        groups: dict[tuple[str, ...], str] = {}
        for line in table.rows:
            if line.kind == "group":
                group = line.cells[0]
            else:
                groups[line.cells[0], *line.cells[2:]] = group
        assert len(groups) == len(rows)
        for row in rows:
            sides = [
                form.number(row[f"{side}_value"], language)
                if row[f"{side}_status"] == SHOWN
                else labels["status", row[f"{side}_status"]]
                for side in ("old", "new")
            ]
            key = (f"{row[f'title_{language}']}, {labels['place', row['place']]}", *sides)
            assert labels["cause", row["cause"]] in groups[key] and row["edition_id"] in groups[key]
            assert row["officer_note"] in groups[key]
        notes = [b.text for b in document.blocks if isinstance(b, Paragraph) and said["sheet.restatements"] in b.text]
        is_parted = any(row["indicator"] == "P01" for row in rows)
        assert [labels["breakdown", "sex"] in note for note in notes] == [True] * is_parted, "the part is named"
    changed.connection.close()


@pytest.mark.parametrize("code", DONORS)
def test_a_donor_of_whose_figures_none_changed_is_told_so(tmp_path, code):
    quiet = edition_with(tmp_path, "UPDATE restatements SET reported_to = ['somebody else']")
    for language, document in report_documents(quiet, DONORS[code]).items():
        assert restated_table(document, language) is None
        assert report_words(language)["restated.none"] in list(texts(document))
    quiet.connection.close()


@pytest.mark.parametrize("given", [None, "2010-Q4-0b5d2c66", "2010-Q3-77aa01f3"])
def test_what_the_last_edition_that_the_donor_has_told_it_is_not_told_again(tmp_path, given):
    """The sample edition follows one that restated T01, which follows a third."""
    changed = edition_with(tmp_path, *(line.format(donor="usaid") for line in GIVEN))
    ids = [changed.edition_id, "2010-Q4-0b5d2c66", "2010-Q3-77aa01f3"]
    for newer, older in pairwise(ids):
        (tmp_path / newer).mkdir(exist_ok=True)
        reported = [[given, "usaid", "file"], [older, "norway", "file"]] if given else []
        manifest = {"follows": {"edition": older, "manifest": ""}, "reported": reported, "files": {}}
        (tmp_path / newer / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    table = restated_table(report_documents(changed, DONORS["usaid"])["en"], "en")
    assert table is not None
    told = {row.cells[0].split(".")[0] for row in table.rows if row.kind == "group"}
    assert told == {f"Edition {one}" for one in (ids[:1] if given == ids[1] else ids[:2])}
    changed.connection.close()


def test_a_report_of_an_earlier_quarter_tells_no_change_of_a_later_one(tmp_path):
    changed = edition_with(
        tmp_path, *(line.format(donor="usaid") for line in GIVEN),
        "UPDATE restatements SET period = '2010-Q4' WHERE place <> 'TM'",
    )  # fmt: skip
    earlier = as_of(changed, Quarter(2010, 3))
    table = restated_table(report_documents(earlier, DONORS["usaid"])["en"], "en")
    assert table is not None
    assert [row.cells[0].rpartition(", ")[2] for row in table.rows if row.kind != "group"] == ["Turkmenistan"]
    earlier.connection.close()
    changed.connection.close()
