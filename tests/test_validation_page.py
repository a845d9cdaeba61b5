"""The page of an office and quarter: everything said, nothing shown of a row, one file that needs nothing else."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from indicators.facts import facts
from pipelines.checked_files import Checked, CheckedFile
from pipelines.contracts import contracts
from pipelines.findings import Finding
from pipelines.rules import rules_for
from pipelines.says import ROWS_NAMED, rule_broken
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


GROUP = ("kaz", "2010-Q4")


def checked(state="accepted", name="KAZ_cases_2010-Q4.csv", findings=(), broken=0):
    checks = tuple(Checked(r.id, r.severity, r.message_en, r.message_ru, 128, broken if r == AGE else 0) for r in RULES)
    return CheckedFile(*GROUP, "cases", ("cases",), name, state, 126, 2, tuple(findings), checks)


def page_of(*files):
    return validation_page(GROUP, files, "index.html")


FINDINGS = tuple(rule_broken("KAZ_cases_2010-Q4.csv", AGE, [("", row, 7) for row in (17, 5, 9)], 3))
PERSONAL = Finding("x.csv", "Лист & 1", 1, "Ф.И.О. <b>", "personal_data_header", "refuse", "A name <b>.", "Имя <b>.")
REFUSED = CheckedFile(*GROUP, "assistance", ("cases",), "x<script>.csv", "refused", findings=(PERSONAL,))
MISSING = CheckedFile(*GROUP, "referrals", ("cases",), "KAZ_referrals_2010-Q4.csv", "missing")


@pytest.fixture
def outline():
    return Outline(page_of(checked(findings=FINDINGS, broken=3), checked("unchanged", "other.csv"), REFUSED, MISSING))


def test_every_file_rule_message_and_row_is_on_the_page(outline):
    for words in ("KAZ_cases_2010-Q4.csv", "other.csv", AGE.message_en, AGE.message_ru, AGE.id, "5, 9, 17"):
        assert words in outline.text
    for rule in RULES:
        assert rule.id in outline.text
    for status in (
        "Accepted",
        "Принят",
        "Unchanged",
        "Без изменений",
        "Refused",
        "Отказано",
        "Not received",
        "Не получен",
    ):
        assert status in outline.text, "status is a word, not a colour"


def test_what_offices_wrote_cannot_become_markup(outline):
    assert outline.open == [], "every tag is closed"
    assert {tag for tag, _ in outline.tags} & {"script", "b", "img", "iframe", "form", "link"} == set()
    assert "x<script>.csv" in outline.text
    assert "Ф.И.О. <b>" in outline.text


def test_the_page_needs_nothing_from_anywhere(outline):
    page = page_of(checked(findings=FINDINGS))
    assert re.findall(r"(?:https?:)?//|url\(|@import", page) == []
    links = {a["href"] for _, a in outline.tags if "href" in a}
    assert {link for link in links if not link.startswith("#")} == {"index.html"}
    assert not any(key == "src" for _, attributes in outline.tags for key in attributes)
    assert "default-src 'none'" in page


def test_tables_and_links_can_be_read_aloud(outline):
    heads = [attributes for tag, attributes in outline.tags if tag == "th"]
    assert heads
    assert all(attributes.get("scope") in ("col", "row") for attributes in heads)
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {attributes["href"].removeprefix("#") for tag, attributes in outline.tags if tag == "a"}
    targets.discard("index.html")
    assert targets <= set(ids)
    assert {a.get("aria-labelledby") for t, a in outline.tags if t == "section"} <= set(ids)
    russian = [attributes for _, attributes in outline.tags if attributes.get("lang") == "ru"]
    assert len(russian) > len(RULES)
    levels = [int(tag[1]) for tag, _ in outline.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_what_needs_a_hand_stands_first(outline):
    names = re.findall(r"KAZ_\w+_2010-Q4\.csv|other\.csv|x<script>\.csv", outline.text)
    assert names[:4] == ["x<script>.csv", "KAZ_referrals_2010-Q4.csv", "KAZ_cases_2010-Q4.csv", "other.csv"]


def test_what_is_not_in_force_has_no_number_of_rows():
    for file in (REFUSED, MISSING):
        rows = re.findall(r"<td class='n'>([^<]*)</td>", page_of(file))
        assert rows[:2] == ["–", "–"], "missing is not zero"


def test_a_refused_file_says_whether_an_earlier_one_counts():
    assert "for the figures it is missing, not zero" in page_of(REFUSED)
    said = page_of(replace(REFUSED, has_earlier=True), checked())
    assert "stays in force" in said
    assert "it is missing, not zero" not in said


def test_the_same_name_in_force_and_refused_stands_in_two_places():
    again = replace(REFUSED, slot="cases", file_name="KAZ_cases_2010-Q4.csv", has_earlier=True)
    ids = [a["id"] for _, a in Outline(page_of(checked(), again)).tags if "id" in a]
    assert len(ids) == len(set(ids))


def test_a_rule_that_thousands_of_rows_break_is_said_once():
    some = tuple(rule_broken("f.csv", AGE, [("", row, 7) for row in range(2, 502)], 5000))
    assert (len(some), sum(finding.count for finding in some)) == (ROWS_NAMED + 1, 5000)
    page = page_of(checked(findings=some, broken=5000))
    assert page.count(AGE.message_ru) == 2, "once among the findings, once among the rules"
    assert "5\u202f000" in page
    assert len(page) < 80_000


def test_the_same_files_give_the_same_page():
    assert page_of(checked(), checked(name="b")) == page_of(checked(name="b"), checked())
