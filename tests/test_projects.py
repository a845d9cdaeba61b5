"""Projects: the folder, the page's example, every fault that is told, and what an edition is given of them."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from indicators.calendars import Quarter, quarters_between, windows
from indicators.definitions import definitions
from indicators.facts import DeclarationError
from indicators.funding import LEVELS, Project, Result, Target, life_start, other_lives, projects
from indicators.funding_shape import KEYS
from indicators.plans import Due, due_to_date
from pipelines.edition_projects import project_rows, targets_of
from reports.edition import TABLES

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "projects.md").read_text(encoding="utf-8")
EXAMPLE = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)[0]
WINDOWS = windows(quarters_between(Quarter(2009, 4), Quarter(2012, 4)), life_start(), other_lives())
PLACES = ("CA", "KZ", "KG", "TJ", "TM", "UZ")


def load(folder: Path, *changes: tuple[str, str]) -> Project:
    """The project of the page with changes."""
    text = EXAMPLE
    for old, new in changes:
        assert text.count(old) >= 1, old
        text = text.replace(old, new, 1)
    (folder / "kg_norway.toml").write_text(text, encoding="utf-8")
    return projects(folder)["KG-NORWAY"]


@pytest.mark.parametrize("project", projects().values(), ids=projects())
def test_every_project_has_donors_results_and_sources(project):
    assert project.donors and project.note
    assert [r.level for r in project.results if r.parent is None] == [LEVELS[0]]
    assert {t.indicator for t in project.targets} <= {i for r in project.results for i in r.indicators}


def test_the_project_of_the_page_is_right(tmp_path):
    project = load(tmp_path)
    assert project.donors == ("NORWAY", "INL", "US_EMBASSY")
    assert {(t.calendar, t.period) for t in project.targets} == {
        ("quarter", "2010-Q4"), ("quarter", "2011-Q2"), ("project_life", "2012-Q4"), ("quarter", "2011-Q4"),
    }  # fmt: skip
    assert [project.changes[0].before, project.changes[0].after] == [Decimal(200), Decimal(160)]


@pytest.mark.parametrize("part", [part for part in KEYS if part != "project"])
def test_every_part_of_a_project_file_is_on_the_page(part):
    assert f"| `{part}` |" in PAGE
    assert f"{part} = [" in EXAMPLE or f"[[{part}]]" in EXAMPLE


P03 = 'indicator = "P03", calendar = "project_life", period = "2012-Q4", place = "KG", target = 160'


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('code = "NORWAY"', 'code = "NORVEGIA"', "donor NORVEGIA: there is none; there are USAID"),
        ('share = "0.75"', 'share = "0.7"', "the shares from 2010-11-15 on are 0.95 together, not 1"),
        ('share = "0.75"', 'share = "75"', "share must be above 0 and at most 1, not 75"),
        (', share = "0.25", until', ", until", ""),
        ('share = "0.75" }', "until = 2011-12-31 }", "the shares from 2012-01-01 on are 0.25 together"),
        ('code = "US_EMBASSY", share = "0.25", from = 2012-01-01', 'code = "NORWAY", share = "0.25", from = 2012-01-01',
         "donor on 2012-01-01 NORWAY stands there 2 times"),
        ("until = 2011-12-31", "until = 2011-11-30", "the shares from 2011-12-01 on are 0.75 together"),
        ("from = 2012-01-01", "from = 2013-01-01", "is not within the project"),
        ('end_on = 2012-11-14', 'end_on = 2010-11-14', "end_on 2010-11-14 lies before start_on"),
        ('code = "KG-NORWAY"', 'code = "KG-NORTH"', "the file is named by its code, kg_north.toml"),
        ('level = "goal"', 'level = "dream"', "level must be one of goal, purpose, outcome, output, not dream"),
        ('parent = "G"\n', "", "result 1: parent is missing"),
        ('parent = "G"', 'parent = "1"', "parent 1 must be a result of a level above output"),
        ('indicators = ["P03", "N03"]', 'indicators = ["P03", "N03", "X99"]', "result 1: there is no indicator X99"),
        ('indicators = ["P03", "N03"]', 'indicators = ["P03"]', "target of N03: no result is measured by it"),
        ('indicator = "P03", place = "KG", value = 30', 'indicator = "P03", place = "KZ", value = 30',
         "target of P03 KG: a baseline is missing"),
        ("value = 30, on = 2010-09-30", "value = 30", "on is missing, the day on which the value held"),
        ("value = 30, on = 2010-09-30", "on = 2010-09-30", "give either value or not_applicable"),
        (f"{{ {P03} }}", f"{{ {P03} }},\n  {{ {P03} }}", "target P03 project_life 2012-Q4 KG stands there 2 times"),
        ('period = "PQ1", place = "KG", target', 'period = "PQ1", place = "CN9", target', "CN9 is neither a country"),
        ('indicator = "P03", calendar = "project_quarter", period = "PQ1"',
         'indicator = "P33", calendar = "project_quarter", period = "PQ1"', "there is no indicator P33"),
        ('calendar = "project_quarter", period = "PQ1"', 'calendar = "month", period = "PQ1"',
         "target 1: calendar must be one of quarter, fiscal_year_to_date"),
        ('calendar = "project_quarter", period = "PQ1"', 'calendar = "quarter", period = "PQ1"',
         "period PQ1 is none of calendar quarter"),
        ('period = "PQ3"', 'period = "PQ30"', "the period lies outside the project, 2010-Q4 to 2012-Q4"),
        ('period = "2011-Q4"', 'period = "2009-Q4"', "the period lies outside the project"),
        ('target = "0.8"', "target = 80", "80 is more than the whole; a percent is written as a fraction"),
        ("target = 20", 'target = "20.5"', "20.5 is no whole number of persons"),
        ("target = 20", "target = -20", "-20 is less than 0"),
        ("target = 20", 'target = "about 20"', 'target 2: target must be a number such as 12 or "0.75"'),
        ("target = 20", 'target = "NaN"', 'target 2: target must be a number such as 12 or "0.75"'),
        ('period = "PQ2"', 'period = "PQ4"', "target of P03 quarter 2011-Q1 KG is missing between others"),
        ('period = "PQ2"', 'period = "PQ1"', "no_target of P03 quarter 2010-Q4 KG: there is a target"),
        (', reason = { en = "One house fewer.", ru = "Одним убежищем меньше." }', "", "change 1: reason is missing"),
        ('en = "One house fewer."', 'en = " "', "change 1: reason must be a text in en and ru"),
        (', decided_by = "donor and programme manager"', "", "change 1: decided_by is missing"),
        ("from = 200, to = 160", "from = 200, to = 170", "to is 170, but the target is 160"),
        ("from = 200, to = 160", "from = 160, to = 160", "from and to are the same"),
        ('on = 2011-05-02, indicator = "P03"', 'on = 2011-05-02, indicator = "P01"', "there is no such target"),
        ("note =", "notes =", "there is no key notes"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(old, new, says, tmp_path):
    if not says:
        assert load(tmp_path, (old, new)).donors, "one share that is not known is no fault"
        return
    with pytest.raises(DeclarationError, match=re.escape(says)) as raised:
        load(tmp_path, (old, new))
    assert all(fault.startswith("kg_norway.toml: ") for fault in raised.value.faults)


def test_changes_follow_each_other(tmp_path):
    second = '{ on = 2011-06-02, indicator = "P03", calendar = "project_life", period = "2012-Q4", place = "KG", '
    words = 'reason = { en = "x", ru = "ы" }, decided_by = "donor" },\n]\n\n[[result]]'
    ending = 'decided_by = "donor and programme manager" },\n]\n\n[[result]]'
    start = ending.removesuffix("]\n\n[[result]]")
    with pytest.raises(DeclarationError, match="from is 150, but the change before led to 160"):
        load(tmp_path, (ending, f"{start}  {second}from = 150, to = 140, {words}"))


def test_all_faults_of_all_files_are_told_at_once(tmp_path):
    (tmp_path / "broken.toml").write_text("code = ", encoding="utf-8")
    (tmp_path / "empty.toml").write_text("", encoding="utf-8")
    with pytest.raises(DeclarationError) as raised:
        load(tmp_path, ('share = "0.75"', 'share = "0.7"'), ('level = "goal"', 'level = "dream"'))
    told = raised.value.faults
    assert {fault.split(":")[0] for fault in told} == {"broken.toml", "empty.toml", "kg_norway.toml"}
    assert len([fault for fault in told if fault.startswith("kg_norway.toml")]) >= 2


# What is given to an edition


def test_the_rows_fill_their_tables():
    found = project_rows(WINDOWS, PLACES, definitions())
    for table, rows in found.items():
        assert {len(row) for row in rows} <= {len(TABLES[table])}, table
    assert sum(len(p.targets) for p in projects().values()) == len(found["targets"])
    assert found["targets_to_date"] and found["results"] and found["baselines"] and found["donor_shares"]


def test_a_target_is_not_multiplied_by_the_results_that_it_serves():
    project = projects()["REG-USAID"]
    more = replace(project, results=(*project.results, Result("5", "outcome", {}, "P", ("P03",))))
    assert sum("P03" in result.indicators for result in more.results) == 2
    assert targets_of([more], WINDOWS, PLACES) == targets_of([project], WINDOWS, PLACES)


def test_a_project_that_is_awarded_in_the_middle_of_a_quarter_begins_with_it(tmp_path):
    project = load(tmp_path)
    assert (project.first_quarter, project.last_quarter) == (Quarter(2010, 4), Quarter(2012, 4))


def planned(*targets: tuple[str, str, str]) -> dict[str, Due]:
    """What is due by quarter for targets of P03 (calendar, period, target) in a project of three years."""
    project = replace(
        projects()["REG-USAID"], targets=tuple(Target("P03", c, p, "CA", Decimal(t)) for c, p, t in targets)
    )
    return {due.period: due for due in due_to_date(project, definitions(), WINDOWS)}


def test_a_life_of_project_target_is_due_in_equal_steps():
    due = planned(("project_life", "2012-Q3", "600"))
    assert [due[p].target for p in ("2009-Q4", "2010-Q4", "2012-Q2")] == [50, 250, 550]
    assert {d.whole for d in due.values()} == {600} and "2012-Q3" not in due and "2012-Q4" not in due


def test_steps_go_from_one_target_to_the_next():
    due = planned(("project_life", "2010-Q4", "150"), ("project_life", "2012-Q3", "500"))
    assert [due[p].target for p in ("2010-Q3", "2011-Q1", "2011-Q2")] == [120, 200, 250]
    assert "2010-Q4" not in due, "it has a target of its own"


def test_a_year_begins_anew():
    due = planned(("fiscal_year_to_date", "2011-Q3", "80"), ("fiscal_year_to_date", "2012-Q3", "120"))
    assert [due[p].target for p in ("2010-Q4", "2011-Q2", "2011-Q4", "2012-Q2")] == [20, 60, 30, 90]
    assert "2010-Q3" not in due


def test_nothing_is_due_of_a_share_whose_beginning_is_not_known():
    project = projects()["REG-USAID"]
    share = replace(project, targets=(Target("N03", "project_life", "2012-Q3", "TM", Decimal("0.8")),))
    assert list(due_to_date(share, definitions(), WINDOWS)) == []
    said = tuple(replace(b, value=Decimal("0.2")) for b in project.baselines if b.indicator == "N03")
    due = {d.period: d.target for d in due_to_date(replace(share, baselines=said), definitions(), WINDOWS)}
    assert due["2010-Q4"] == Decimal("0.45"), "5 of 12 quarters of the way from 0.2 to 0.8"
