"""A figure never changes silently: what an edition says otherwise than those before it, why, and who said so."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from indicators.definitions import definitions
from indicators.figures import Key
from indicators.labels import words
from pipelines import reasons
from pipelines.causes import CAUSES, CODE, CORRECTION, DEFINITION, LATE, PROTECTION, RESTATED, Causes, MadeOf
from pipelines.cli import main
from pipelines.cli_parts import NO_REASON
from pipelines.contracts import contracts
from pipelines.history import NOTHING_SAID, Said, differing, gaps, history
from pipelines.publish import Published
from pipelines.reasons import Reason, ReasonNeeded, ReasonRefused, reason
from pipelines.reasons_file import read_reasons
from pipelines.verify import verify
from reports.edition import MANIFEST_NAME, SHOWN, SUPPRESSED, TABLES, open_edition
from tests.edition_story import CATALOGUE, LAST, REASON, REDEFINED, Story, rows_of
from tests.sample_edition import make_edition

KEY_NAMES = tuple(TABLES["figures"])[:6]
TOTAL = {"calendar": "quarter", "period": LAST, "place": "KZ", "breakdown": "total"}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("story"))


@pytest.fixture(scope="module")
def editions(story: Story) -> dict[str, Published]:
    """Every edition of the story, by what it was published for."""
    for period in ("2010-Q3", LAST):
        story.send("cases", period)
    done = {"first": story.publish()}
    story.hand_over(done["first"])
    story.send("cases", without=3)
    with pytest.raises(ReasonNeeded) as refused:
        story.publish()
    assert len(history(story.curated / "editions")) == 1
    assert "P01 KZ 2010-Q4 quarter: 27 -> 24 (correction)" in str(refused.value), refused.value
    done["correction"] = story.publish(REASON)
    for period in ("2010-Q3", LAST):
        story.send("assistance", period)
    done["late"] = story.publish(REASON)
    done["definition"] = story.publish(REASON, catalogue=REDEFINED)
    done["protection"] = story.publish(REASON, catalogue=REDEFINED, threshold=12)
    return done


def new_rows(published: Published, **wanted: str) -> list[dict[str, Any]]:
    """The restatements that an edition itself makes, but for those of the indicator that counts them."""
    return [
        row for row in rows_of(published)
        if row["edition_id"] == published.edition_id and row["indicator"] != "Q03"
        and all(row[name] == value for name, value in wanted.items())
    ]  # fmt: skip


def test_restatements_are_counted_by_the_edition_that_comes_after(editions):
    """What an edition says otherwise is a row of its table, and a figure of the next: never of itself."""
    for published in list(editions.values()):
        before = [
            row for row in rows_of(published)
            if row["edition_id"] != published.edition_id and row["indicator"] != "Q03" and row["place"] == "KZ"
            and (row["calendar"], row["breakdown"]) == ("quarter", "total")
        ]  # fmt: skip
        here = "indicator = 'Q03' AND calendar = 'quarter' AND period = '2010-Q4' AND place = 'KZ'"
        own = [row for row in rows_of(published) if row["indicator"] == "Q03"]
        assert {row["cause"] for row in own} <= {RESTATED}
        said = {row["category"]: row["value"] for row in rows_of(published, f"SELECT * FROM figures WHERE {here}")}
        assert said["total"] == len(before)
        assert {cause: said.get(cause, 0) for cause in CAUSES} == {
            cause: sum(row["cause"] == cause for row in before) for cause in CAUSES
        }
    assert said["total"], "the story restates nothing"


# Causes


def test_the_first_edition_restates_nothing(editions):
    assert rows_of(editions["first"]) == []


def test_a_resubmission_is_a_correction_with_its_file_and_the_officers_words(editions):
    (row,) = new_rows(editions["correction"], indicator="P01", **TOTAL)
    assert (row["old_value"], row["new_value"], row["cause"]) == (27, 24, CORRECTION)
    assert row["previous_edition"] == editions["first"].edition_id
    (file,) = rows_of(editions["correction"], f"SELECT * FROM inputs WHERE period = '{LAST}'")
    assert row["submissions"] == [file["submission"]]
    assert row["submissions"][0] not in {f["submission"] for f in rows_of(editions["first"], "SELECT * FROM inputs")}
    assert (row["officer_reason"], row["officer_note"]) == (REASON.code, REASON.note)
    assert row["reported_to"] == ["usaid"]


def test_an_export_that_was_missing_is_late_data(editions):
    (row,) = new_rows(editions["late"], indicator="P03", **TOTAL)
    assert (row["old_status"], row["old_value"]) == ("not_reported", None)
    assert row["new_status"] in (SHOWN, SUPPRESSED)
    assert row["cause"] == LATE
    assert len(row["submissions"]) == 2  # services of this quarter and, as cases of any earlier one, that one's too
    assert new_rows(editions["late"], indicator="P01") == [], "what does not need the file is as it was"


def test_another_definition_is_the_cause_of_its_indicator_alone(editions):
    rows = new_rows(editions["definition"])
    assert {row["cause"] for row in rows if row["indicator"] == "P01"} == {DEFINITION}
    assert {row["cause"] for row in rows if row["indicator"] != "P01"} <= {PROTECTION}
    assert all(row["submissions"] == [] for row in rows)


def test_another_policy_is_protection_and_moves_marks_alone(editions):
    rows = new_rows(editions["protection"])
    assert rows
    assert {row["cause"] for row in rows} == {PROTECTION}
    assert {frozenset((row["old_status"], row["new_status"])) for row in rows} == {frozenset((SHOWN, SUPPRESSED))}


def test_every_cause_and_reason_has_words_in_the_edition(editions):
    edition = open_edition(editions["first"].folder)
    for lang in ("en", "ru"):
        labels = edition.labels(lang)
        assert [c for c in CAUSES if not labels.get(("cause", c))] == []
        assert [c for c in words()[reasons.LIST] if not labels.get((reasons.LIST, c))] == []
    edition.connection.close()


@pytest.fixture(scope="module")
def tell(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The cause of a change of P01 of Kazakhstan between two editions that differ in what is given."""
    edition = open_edition(make_edition(tmp_path_factory.mktemp("causes")))
    files = {("kaz", "cases", LAST): ("a", "contract", False), ("kgz", "case_register", LAST): ("k", "contract", False)}
    windows = {("quarter", LAST): (date(2010, 10, 1), date(2010, 12, 31))}
    before = MadeOf({"P01": "d"}, windows, "policy", ("code",), files)

    def cause(old: Said, new: Said, **changes: Any) -> tuple[str, list[str], list[str]]:
        causes = Causes(before, replace(before, **changes), edition, definitions(), contracts())
        return causes.of(("P01", "quarter", LAST, "KZ", "total", "total"), old, new)

    return cause


TEN, NINE, HIDDEN = Said(SHOWN, Decimal(10)), Said(SHOWN, Decimal(9)), Said(SUPPRESSED)
CASES, OTHER = ("kaz", "cases", LAST), ("kgz", "case_register", LAST)
SENT_ANEW = {CASES: ("b", "contract", False), OTHER: ("k", "contract", False)}
OTHER_ANEW = {CASES: ("a", "contract", False), OTHER: ("l", "contract", False)}
READ_OTHERWISE = {CASES: ("a", "other", False), OTHER: ("k", "contract", False)}


@pytest.mark.parametrize(
    ("old", "new", "changes", "expected"),
    [
        (TEN, NINE, {"files": SENT_ANEW}, (CORRECTION, [], ["b"])),
        (TEN, HIDDEN, {"files": SENT_ANEW}, (CORRECTION, [], ["b"])),
        (TEN, HIDDEN, {"files": OTHER_ANEW}, (PROTECTION, [], [])),
        (TEN, HIDDEN, {}, (PROTECTION, [], [])),
        (HIDDEN, TEN, {"policy": "other"}, (PROTECTION, [], [])),
        (TEN, HIDDEN, {"policy": "other", "files": SENT_ANEW}, (PROTECTION, [CORRECTION], ["b"])),
        (TEN, NINE, {"code": ("other",)}, (CODE, [], [])),
        (TEN, NINE, {"code": ("other",), "files": SENT_ANEW}, (CORRECTION, [CODE], ["b"])),
        (TEN, NINE, {"files": READ_OTHERWISE}, (CODE, [], [])),
        (TEN, NINE, {"definitions": {"P01": "e"}}, (DEFINITION, [], [])),
        (TEN, NINE, {"definitions": {"P01": "e"}, "files": SENT_ANEW}, (DEFINITION, [CORRECTION], ["b"])),
        (TEN, NINE, {"windows": {("quarter", LAST): (date(2010, 9, 1), date(2010, 12, 31))}}, (DEFINITION, [], [])),
        (TEN, NOTHING_SAID, {"definitions": {}}, (DEFINITION, [], [])),
    ],
)
def test_a_cause_follows_from_what_the_editions_were_made_of(tell, old, new, changes, expected):
    assert tell(old, new, **changes) == expected


# What is written of them


def test_a_restatement_holds_what_was_published_and_nothing_else(editions):
    for published in editions.values():
        for row in rows_of(published):
            for side in ("old", "new"):
                if row[f"{side}_status"] != SHOWN:
                    assert [row[f"{side}_{n}"] for n in ("value", "numerator", "denominator")] == [None] * 3
            assert row["old_status"] != row["new_status"] or row["old_status"] == SHOWN


def test_restatements_are_exactly_the_figures_in_which_the_two_editions_differ(story, editions):
    for older, newer in (("first", "correction"), ("correction", "late")):
        done = CliRunner().invoke(
            main, ["diff", editions[older].edition_id, editions[newer].edition_id, "--json", "--curated",
                   str(story.curated)])  # fmt: skip
        found = {tuple(one[name] for name in list(TABLES["figures"])[:6]) for one in json.loads(done.output)}
        own = rows_of(editions[newer], f"SELECT * FROM restatements WHERE edition_id = '{editions[newer].edition_id}'")
        rows = {tuple(row[name] for name in list(TABLES["figures"])[:6]) for row in own}
        assert rows
        assert rows <= found
        # What else differs are breakdowns that were not published at all before.
        before = {key[:5] for key in figures(editions[older])}
        assert {key for key in found - rows if key[:5] in before} == set()


def figures(published: Published) -> set[tuple[str, ...]]:
    return {
        tuple(row.values())
        for row in rows_of(published, f"SELECT {', '.join(list(TABLES['figures'])[:6])} FROM figures")
    }


def test_an_edition_carries_the_restatements_of_all_before_it(editions):
    told = rows_of(editions["protection"])
    for name in ("correction", "late", "definition"):
        for row in new_rows(editions[name]):
            assert row in told


def test_figures_of_earlier_quarters_are_compared_too(editions):
    """An edition of a later quarter restates the quarters before it; one of an earlier quarter what was said later."""
    assert {row["period"] for row in new_rows(editions["late"], indicator="P03")} == {"2010-Q3", LAST}


# Reasons


def test_publishing_the_same_again_needs_no_reason_and_changes_nothing(story, editions):
    before = [path.name for path in (story.curated / "editions").iterdir()]
    again = story.publish(catalogue=REDEFINED, threshold=12)
    assert (again.edition_id, again.is_new) == (editions["protection"].edition_id, False)
    assert [path.name for path in (story.curated / "editions").iterdir()] == before


def test_the_same_inputs_and_reason_make_the_same_edition(story, editions, tmp_path):
    """In a copy of the store as it was before the last edition, its id comes out again; another note makes another."""
    shutil.copytree(story.curated, tmp_path / "curated", ignore=shutil.ignore_patterns("LOCK"))
    last = tmp_path / "curated" / "editions" / editions["protection"].edition_id
    ids: list[str] = []
    for why in (REASON, replace(REASON, note="Said otherwise.")):
        shutil.rmtree(last.parent / (ids[-1] if ids else last.name))
        ids.append(Story(tmp_path).publish(why, catalogue=REDEFINED, threshold=12).edition_id)
    assert ids[0] == editions["protection"].edition_id
    assert ids[1] != ids[0]


def test_going_back_to_earlier_figures_is_a_restatement_too(story, editions, tmp_path):
    shutil.copytree(story.curated, tmp_path / "curated", ignore=shutil.ignore_patterns("LOCK"))
    back = Story(tmp_path).publish(REASON, catalogue=REDEFINED)
    assert back.is_new
    assert back.edition_id != editions["definition"].edition_id
    forth = {(row["old_status"], row["new_status"]) for row in new_rows(editions["protection"])}
    assert {(row["new_status"], row["old_status"]) for row in new_rows(back)} == forth


def test_what_no_donor_has_needs_no_reason(tmp_path):
    story = Story(tmp_path)
    story.send("cases")
    story.publish()
    story.send("cases", without=3)
    assert {row["officer_reason"] for row in rows_of(story.publish())} == {None}


@pytest.mark.parametrize(
    ("code", "note", "said"),
    [
        ("because", "Three cases twice.", "there is no reason because; there are late_report"),
        ("other", "  ", "the note needs 1 to 500 characters"),
        ("other", "x" * 501, "the note needs 1 to 500 characters"),
        ("other", "The case of Айгуль Сапарова was counted twice", "seems to hold data about a person"),
        ("other", "Call +7 701 123 45 67", "seems to hold data about a person"),
    ],
)
def test_a_reason_comes_from_the_list_and_its_note_names_nobody(code, note, said):
    with pytest.raises(ReasonRefused) as refused:
        reason(code, note, date(2011, 1, 31))
    assert said in str(refused.value)
    assert "Айгуль" not in str(refused.value)


def some(**of: Any) -> Reason:
    """A reason for some figures."""
    named = {name: tuple(value) if isinstance(value, list) else (value,) for name, value in of.items()}
    return reason("own_error", f"Of {', '.join(of)}.", date(2011, 1, 31), named)


@pytest.fixture
def corrected(story: Story, editions: dict[str, Published], tmp_path: Path) -> Story:
    """The store as it was when a donor had the first edition and the office had just sent its cases anew."""
    shutil.copytree(story.curated, tmp_path / "curated", ignore=shutil.ignore_patterns("LOCK"))
    for published in list(editions.values())[1:]:
        shutil.rmtree(tmp_path / "curated" / "editions" / published.edition_id)
    return Story(tmp_path)


def test_each_figure_has_the_first_reason_that_fits_it_and_the_general_one_gets_the_rest(corrected):
    story = corrected
    kaz, quarters = some(place="K*", calendar="quarter"), some(period=[LAST], calendar=["quarter"])
    published = story.publish(kaz, quarters, REASON)
    rows = [row for row in new_rows(published) if row["reported_to"]]
    said = {
        (row["place"] == "KZ", row["calendar"] == "quarter"): (row["officer_reason"], row["officer_note"])
        for row in rows
    }
    assert said == {
        (True, True): (kaz.code, kaz.note), (False, True): (quarters.code, quarters.note),
        (True, False): (REASON.code, REASON.note), (False, False): (REASON.code, REASON.note),
    }  # fmt: skip
    assert verify(story.curated, published.edition_id, CATALOGUE).is_good, "reasons are recorded with their patterns"


def test_what_no_reason_fits_is_named_all_at_once_and_nothing_is_published(corrected):
    story = corrected
    with pytest.raises(ReasonNeeded) as refused:
        story.publish(some(place="KZ"))
    lines = str(refused.value).splitlines()
    with pytest.raises(ReasonNeeded) as all_of_them:
        story.publish()
    every = str(all_of_them.value).splitlines()
    assert not [line for line in lines if " KZ " in line]
    assert {line for line in every if line.startswith("    P")} > {line for line in lines if line.startswith("    P")}
    assert [line for line in lines if " CA " in line] == [line for line in every if " CA " in line] != []
    assert len(history(story.curated / "editions")) == 1
    explained = rows_of(story.publish(some(place="KZ"), some(place="CA")))
    wholes = [row for row in explained if row["reported_to"] and row["breakdown"] == "total"]
    named = [line for line in every if "->" in line]
    assert {reasons.told(row) for row in wholes} == {line.strip() for line in named}, "no whole is left out"
    parts = [row for row in explained if row["reported_to"] and row["breakdown"] != "total"]
    assert sum(int(line.partition(": ")[2].split()[0]) for line in every if " by " in line) == len(parts)
    assert every[0].startswith(f"{len(wholes) + len(parts)} figures that usaid already has")


def test_the_refusal_says_which_way_each_mark_moves_in_both_languages_and_no_number_of_what_is_hidden():
    def row(old: str, new: str, breakdown: str = "sex") -> dict[str, Any]:
        place = dict(zip(KEY_NAMES, ("P03", "quarter", LAST, "KZ", breakdown, "F"), strict=True))
        marks = {"old_status": old, "new_status": new, "reported_to": ["usaid"], "cause": PROTECTION}
        numbers = {f"{side}_value": Decimal(7) if marks[f"{side}_status"] == SHOWN else None for side in ("old", "new")}
        return {**place, **marks, **numbers}

    rows = [row(SHOWN, SUPPRESSED), row(SHOWN, SUPPRESSED), row(SUPPRESSED, SHOWN, "total"), row("not_reported", SHOWN)]
    with pytest.raises(ReasonNeeded) as refused:
        reasons.explained(rows, [])
    lines = str(refused.value).splitlines()
    assert lines[1:3] == [
        "  2 shown until now and hidden then, 1 hidden until now and shown then, 1 without a number until now and shown"
        " then; what was hidden and stays hidden is not among them, whatever became of it",
        "  2 показаны сейчас и станут скрыты, 1 скрыты сейчас и станут видны, 1 без числа сейчас и станут видны;"
        " скрытое, которое остаётся скрытым, сюда не входит, что бы с ним ни стало",
    ]
    (parts,) = [line for line in lines if " by sex" in line]
    assert parts.endswith(
        "3 figures (protection): 2 shown until now and hidden then, 1 without a number until now and shown then"
    )
    assert "7" not in parts + lines[1] + lines[2]
    statuses = (SHOWN, SUPPRESSED, "not_reported")
    every = [row(old, new) for old in statuses for new in statuses if (old, new) != (SUPPRESSED, SUPPRESSED)]
    assert all(sum(int(n) for n in re.findall(r"\d+", reasons.moves(every, language))) == 8 for language in (0, 1))


@pytest.mark.parametrize("idle", [some(place="UZ"), some(period=LAST)])
def test_a_reason_that_explains_nothing_is_named(corrected, idle):
    """The last one: what it is of is explained by the reason before it."""
    story = corrected
    with pytest.raises(ReasonNeeded, match=f"own_error for {next(iter(idle.of))} .* explains no figure"):
        story.publish(some(indicator="*"), idle, REASON)
    assert len(history(story.curated / "editions")) == 1


GOOD = """[[reason]]
indicator = ["P01", "P0?"]
place = "KZ"
reason = "office_correction"
note = "Three cases had been listed twice."

[[reason]]
reason = "late_report"
note = "An office was late."
"""


def test_reasons_are_read_from_a_file(tmp_path):
    (tmp_path / "reasons.toml").write_text(GOOD, encoding="utf-8")
    first, second = read_reasons(tmp_path / "reasons.toml", date(2011, 1, 31))
    assert first.of == {"indicator": ("P01", "P0?"), "place": ("KZ",)}
    assert (second.code, second.note, second.of) == ("late_report", "An office was late.", {})


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("late_report", "late", "reason 2: there is no reason late; there are late_report"),
        ('place = "KZ"', "place = 7", "reason 1: place must be a pattern such as P0*, or a list of them"),
        ('place = "KZ"', "place = []", "reason 1: place must be a pattern"),
        ('place = "KZ"', 'land = "KZ"', "reason 1: no such key: land; there are indicator, place, calendar"),
        ('note = "An office was late."', "", "reason 2: missing: note"),
        ('"An office was late."', '"Call +7 701 123 45 67"', "reason 2: the note seems to hold data about a person"),
        ('"An office was late."', "3", "reason 2: note must be a text"),
        ("[[reason]]", "[reason]", "no TOML file"),
        ('reason = "late_report"', 'reason = "late_report"\n[other]', "it holds [[reason]] tables and nothing else"),
        ("[[reason]]", "[[cause]]", "it holds [[reason]] tables and nothing else"),
    ],
)
def test_faults_of_a_file_of_reasons_are_a_wrong_command_line_and_no_note_is_repeated(tmp_path, old, new, told):
    path = tmp_path / "reasons.toml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    done = CliRunner().invoke(main, ["publish", "--curated", str(tmp_path / "curated"), "--reasons", str(path)])
    assert done.exit_code == 2
    assert f"reasons.toml{',' if told.startswith('reason ') else ':'} {told}" in done.stderr
    assert "+7 701" not in done.output and "listed twice" not in done.output
    assert not (tmp_path / "curated").exists()


def test_all_faults_of_a_file_of_reasons_are_told_at_once(tmp_path):
    path = tmp_path / "reasons.toml"
    path.write_text(GOOD.replace("late_report", "late").replace('place = "KZ"', "place = 7"), encoding="utf-8")
    with pytest.raises(ReasonRefused) as refused:
        read_reasons(path, date(2011, 1, 31))
    assert len(str(refused.value).splitlines()) == 2
    path.write_bytes("note = 'Казахстан'".encode("cp1251"))
    with pytest.raises(ReasonRefused, match="not UTF-8"):
        read_reasons(path, date(2011, 1, 31))


def test_the_reason_of_an_edition_of_before_there_could_be_several_is_read():
    said = {"code": REASON.code, "note": REASON.note}
    assert reasons.reasons_of({"reason": said}) == reasons.reasons_of({"reasons": [said]}) == (REASON,)
    assert reasons.reasons_of({"reason": None}) == reasons.reasons_of({}) == ()


@pytest.mark.parametrize("options", [["--reason", "other"], ["--note", "text"], ["--reason", "x", "--note", "text"]])
@pytest.mark.parametrize("command", ["publish", "run"])
def test_half_a_reason_is_a_wrong_command_line(story, command, options):
    done = CliRunner().invoke(main, [command, "--curated", str(story.curated), "--raw", str(story.folder), *options])
    assert done.exit_code == 2


def test_the_command_names_the_figures_and_ends_with_7(story, editions):
    """The command counts the whole catalogue: what the story counted otherwise would change for the donor."""
    done = CliRunner().invoke(main, ["publish", "--curated", str(story.curated)])
    assert done.exit_code == NO_REASON
    assert "usaid already has would change; nothing was published" in done.stderr
    assert "P01 CA 2010-Q3" in done.stderr
    assert "esep publish --reason CODE --note TEXT" in done.stderr and "--reasons FILE" in done.stderr
    assert len(history(story.curated / "editions")) == len(editions)


# History


def test_the_order_of_editions_needs_no_clock_and_a_gap_shows(story, editions, tmp_path):
    past = history(story.curated / "editions")
    assert [one.edition_id for one in past] == [one.edition_id for one in editions.values()]
    assert gaps(past) == []
    shutil.copytree(story.curated / "editions", tmp_path / "editions")
    changed = tmp_path / "editions" / past[1].edition_id / MANIFEST_NAME
    changed.chmod(0o644)
    changed.write_text(changed.read_text(encoding="utf-8").replace(REASON.note, "Nothing."), encoding="utf-8")
    shutil.rmtree(tmp_path / "editions" / past[3].edition_id)
    found = gaps(history(tmp_path / "editions"))
    assert len(found) == 2
    assert any(past[1].edition_id in said and "is not the one" in said for said in found)
    assert any(past[3].edition_id in said and "no longer there" in said for said in found)


said = st.one_of(
    st.builds(Said, st.just(SHOWN), st.decimals(0, 99, places=0)), st.sampled_from([HIDDEN, Said("not_reported")])
)
figures_said = st.dictionaries(st.tuples(*[st.sampled_from("ab")] * 6), said)


@given(figures_said, figures_said)
def test_a_difference_is_none_with_itself_and_mirrored_the_other_way_round(one, other):
    assert list(differing(one, one)) == []
    there, back = list(differing(one, other)), list(differing(other, one))
    assert {(key, new, old) for key, old, new in there} == set(back)
    silent = {k for k in one.keys() | other.keys() if one.get(k) != other.get(k)} - {key for key, _, _ in there}
    for key in silent:
        assert any(k[:5] == key[:5] for k in one) and any(k[:5] == key[:5] for k in other)
        assert one.get(key) is None or other.get(key) is None
        assert (one.get(key) or other[key]).value in (None, 0)


def cell(category: str, period: str = "2010-Q3") -> Key:
    return ("P01", "quarter", period, "KZ", "age_group", category)


@pytest.mark.parametrize(
    "nobody", [Said(SHOWN, Decimal(0), Decimal(0)), Said(SHOWN, Decimal(0), Decimal(0), Decimal(10)), HIDDEN]
)
def test_a_category_that_gets_a_row_because_of_a_later_quarter_is_no_change(nobody):
    """The first quarter has no row of minors, for there were none; the edition with the next one has, with a zero."""
    before = {cell("adult"): TEN}
    after = {cell("adult"): TEN, cell("minor"): nobody}
    assert list(differing(before, after)) == list(differing(after, before)) == []


def test_a_category_of_nobody_that_gets_a_number_is_a_change_and_so_is_a_breakdown_that_is_gone():
    before = {cell("adult"): TEN}
    assert list(differing(before, {**before, cell("minor"): NINE})) == [(cell("minor"), NOTHING_SAID, NINE)]
    none = Said(SHOWN, Decimal(0), Decimal(0))
    assert list(differing({cell("adult"): none}, {})) == [(cell("adult"), none, NOTHING_SAID)]


def test_the_first_edition_with_another_quarter_restates_nothing_of_the_one_before(tmp_path):
    """Only what the new quarter adds is new: a donor who has the earlier quarter is told of no change and no dash."""
    store = Story(tmp_path)
    store.send("cases", "2010-Q3")
    first = store.publish()
    store.hand_over(first)
    store.send("cases", LAST)
    second = store.publish()
    old, new = (
        {tuple(row.values())[:6] for row in rows_of(one, "SELECT * FROM figures WHERE period = '2010-Q3'")}
        for one in (first, second)
    )
    assert new - old, "no category came with the new quarter: nothing was tried"
    assert [row for row in new_rows(second) if "absent" in (row["old_status"], row["new_status"])] == []


def test_an_edition_of_before_there_were_restatements_can_be_followed(story, editions, tmp_path):
    """A store that was published by an earlier version: neither the table nor the manifest's new entries are there."""
    shutil.copytree(story.curated, tmp_path / "curated", ignore=shutil.ignore_patterns("LOCK"))
    kept = tmp_path / "curated" / "editions" / editions["first"].edition_id
    for folder in (tmp_path / "curated" / "editions").glob("2010*"):
        if folder != kept:
            shutil.rmtree(folder)
    manifest = kept / MANIFEST_NAME
    for path in kept.iterdir():
        path.chmod(0o644)
    manifest.write_text(json.dumps({"edition": kept.name, "files": {}}), encoding="utf-8")
    with duckdb.connect(str(kept / "edition.duckdb")) as con:
        con.execute("DROP TABLE restatements")
    done = Story(tmp_path).publish(REASON)
    assert {row["previous_edition"] for row in rows_of(done)} == {kept.name}


def test_every_note_that_is_screened_passes_where_it_is_harmless():
    for note in ("An office sent two services late.", "Офис прислал исправленный отчёт за 4-й квартал 2010 г."):
        assert reason("other", note, date(2011, 1, 31)).note == note


def test_reasons_have_words_in_both_languages():
    assert [code for code, said in words()[reasons.LIST].items() if not (said["en"] and said["ru"])] == []
