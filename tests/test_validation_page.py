"""The validation page: everything said, nothing shown of a row, one file that needs nothing else."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from indicators.facts import facts
from pipelines.contracts import contracts
from pipelines.findings import Finding
from pipelines.receipts import Receipt
from pipelines.rules import rules_for
from pipelines.says import ROWS_NAMED, rule_broken
from pipelines.validate import CheckResult
from pipelines.validation_page import validation_page

KAZ = contracts()["kaz"]
RULES = rules_for(facts()["cases"], KAZ)
AGE = next(rule for rule in RULES if rule.id == "cases.age.range")
VOID = {"meta", "br", "hr", "img", "input", "link"}


class Outline(HTMLParser):
    """Tags as they open, the text, and whether every tag is closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes another tag"

    def handle_data(self, data):
        self.text += data


def receipt(status="accepted", name="KAZ_cases_2010-Q4.csv", findings=(), broken=0):
    checks = tuple(CheckResult(rule, 128, broken if rule == AGE else 0) for rule in RULES)
    return Receipt("kaz", "KZ", "cases", "2010-Q4", "0" * 64, name, status, 126, 2, tuple(findings), checks)


FINDINGS = tuple(rule_broken("KAZ_cases_2010-Q4.csv", AGE, [("", row, 7) for row in (17, 5, 9)], 3))


@pytest.fixture
def outline():
    refused = Receipt(
        "tjk", "TJ", "cases", "2010-Q4", "", "x<script>.csv", "refused", 0, 0,
        (Finding("x.csv", "Лист & 1", 1, "Ф.И.О. <b>", "personal_data_header", "refuse", "A name <b>.", "Имя <b>."),),
    )  # fmt: skip
    page = validation_page([receipt(findings=FINDINGS, broken=3), receipt("unchanged", "other.csv"), refused])
    return Outline(page)


def test_every_file_rule_message_and_row_is_on_the_page(outline):
    for words in ("KAZ_cases_2010-Q4.csv", "other.csv", AGE.message_en, AGE.message_ru, AGE.id, "5, 9, 17"):
        assert words in outline.text
    for rule in RULES:
        assert rule.id in outline.text
    for status in ("Accepted", "Принят", "Unchanged", "Без изменений", "Refused", "Отказано"):
        assert status in outline.text, "status is a word, not a colour"


def test_what_offices_wrote_cannot_become_markup(outline):
    assert outline.open == [], "every tag is closed"
    assert {tag for tag, _ in outline.tags} & {"script", "b", "img", "iframe", "form", "link"} == set()
    assert "x<script>.csv" in outline.text
    assert "Ф.И.О. <b>" in outline.text


def test_the_page_needs_nothing_from_anywhere(outline):
    page = validation_page([receipt(findings=FINDINGS)])
    assert re.findall(r"(?:https?:)?//|url\(|@import", page) == []
    assert all(value and value.startswith("#") for _, a in outline.tags for key, value in a.items() if key == "href")
    assert not any(key == "src" for _, attributes in outline.tags for key in attributes)
    assert "default-src 'none'" in page


def test_tables_and_links_can_be_read_aloud(outline):
    heads = [attributes for tag, attributes in outline.tags if tag == "th"]
    assert heads
    assert all(attributes.get("scope") in ("col", "row") for attributes in heads)
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {attributes["href"].removeprefix("#") for tag, attributes in outline.tags if tag == "a"}
    assert targets <= set(ids)
    assert {a.get("aria-labelledby") for t, a in outline.tags if t == "section"} <= set(ids)
    russian = [attributes for _, attributes in outline.tags if attributes.get("lang") == "ru"]
    assert len(russian) > len(RULES)
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_what_needs_a_hand_stands_first(outline):
    names = re.findall(r"KAZ_cases_2010-Q4\.csv|other\.csv|x<script>\.csv", outline.text)
    assert names[:3] == ["x<script>.csv", "KAZ_cases_2010-Q4.csv", "other.csv"]


def test_a_rule_that_thousands_of_rows_break_is_said_once():
    some = tuple(rule_broken("f.csv", AGE, [("", row, 7) for row in range(2, 502)], 5000))
    assert (len(some), sum(finding.count for finding in some)) == (ROWS_NAMED + 1, 5000)
    page = validation_page([receipt(findings=some, broken=5000)])
    assert page.count(AGE.message_ru) == 2, "once among the findings, once among the rules"
    assert "5\u202f000" in page
    assert len(page) < 60_000


def test_a_run_without_files_is_a_page_too():
    assert "0 files" in Outline(validation_page([])).text


def test_the_same_receipts_give_the_same_page():
    assert validation_page([receipt(), receipt(name="b")]) == validation_page([receipt(), receipt(name="b")])
