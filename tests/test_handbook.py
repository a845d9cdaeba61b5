"""`esep handbook` and `esep indicators`: every indicator has a page, every link leads somewhere, words find."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from indicators.definition_faults import FAMILIES
from indicators.definitions import definitions
from indicators.facts import kept_facts
from indicators.pirs import sheet
from pipelines.cli import main
from pipelines.cli_parts import NOTHING
from pipelines.contracts import contracts
from pipelines.reference_folder import INDEX, MARK, NotOurs, replace_folder
from pipelines.reference_pages import number_page_name, pages

REPOSITORY = Path(__file__).resolve().parent.parent
CATALOGUE = definitions()
NUMBERS = sorted({code["code"] for d in CATALOGUE.values() for code in d.donor_codes})


@pytest.fixture(scope="module")
def handbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("docs") / "handbook"
    done = CliRunner().invoke(main, ["handbook", "--to", str(folder)])
    assert done.exit_code == 0, done.output
    assert done.output == f"{len(list(folder.iterdir()))} pages, from {folder / INDEX}\n"
    return folder


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# The pages


def test_there_is_a_page_for_each_indicator_and_number_and_no_other(handbook):
    wanted = {INDEX, *(f"{code}.md" for code in CATALOGUE), *map(number_page_name, NUMBERS)}
    assert set(content(handbook)) == wanted
    assert len(wanted) == 1 + len(CATALOGUE) + len(NUMBERS), "two pages have one name"


@pytest.mark.parametrize("definition", CATALOGUE.values(), ids=lambda d: d.code)
def test_a_page_has_the_whole_sheet_both_titles_the_files_and_the_examples(handbook, definition):
    page = (handbook / f"{definition.code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {definition.code}: {definition.title['en']}\n\n{definition.title['ru']}\n")
    flat = " ".join(page.split())
    missing = [
        f"{entry.field}: {line}"
        for entry in sheet(definition)
        for line in (entry.title, *entry.lines)
        if " ".join(line.split()) not in flat
    ]
    assert missing == []
    assert page.count("Expected: ") == len(definition.examples)
    files = page.split("## Files\n")[1].split("## Examples")[0]
    senders = [o for o, c in contracts().items() if c.first_period
               and any(set(slot.facts) & set(definition.facts) for slot in c.slots.values())]  # fmt: skip
    assert senders or set(definition.facts) <= set(kept_facts())
    assert [office for office in senders if f"| {office} |" not in files] == []


def test_every_link_leads_to_a_page_of_the_folder(handbook):
    found = [
        (path.name, link)
        for path in handbook.iterdir()
        for link in re.findall(r"\]\(([^)]+)\)", path.read_text(encoding="utf-8"))
    ]
    assert len(found) > 2 * len(CATALOGUE)
    assert [(page, link) for page, link in found if not (handbook / link).is_file()] == []


def test_every_page_is_linked_from_the_index(handbook):
    linked = set(re.findall(r"\]\(([^)]+)\)", (handbook / INDEX).read_text(encoding="utf-8")))
    assert set(content(handbook)) - {INDEX} == linked


@pytest.mark.parametrize("number", NUMBERS)
def test_the_page_of_a_number_has_its_indicators_with_the_days(handbook, number):
    page = (handbook / number_page_name(number)).read_text(encoding="utf-8")
    for definition in CATALOGUE.values():
        held = [code for code in definition.donor_codes if code["code"] == number]
        rows = [line for line in page.splitlines() if f"[{definition.code}]" in line]
        assert bool(rows) == bool(held)
        assert [c for c in held for day in ("from", "until") if day in c and str(c[day]) not in " ".join(rows)] == []


def test_the_same_declarations_give_the_same_bytes(handbook, tmp_path):
    """In another process too, where sets and dictionaries of strings have another order."""
    code = (
        "import sys; from pathlib import Path; from pipelines.cli import main; "
        "main(['handbook', '--to', sys.argv[1]], standalone_mode=False)"
    )
    for seed in ("1", "2"):
        again = tmp_path / seed / "handbook"
        command = [sys.executable, "-c", code, str(again)]
        subprocess.run(command, cwd=REPOSITORY, check=True, env={**os.environ, "PYTHONHASHSEED": seed})
        assert content(again) == content(handbook)


def test_git_ignores_what_is_written_there():
    for name in ("handbook/P01.md", ".handbook.new/P01.md", ".handbook.old/P01.md"):
        asked = subprocess.run(["git", "check-ignore", "-q", f"docs/{name}"], cwd=REPOSITORY)
        assert asked.returncode == 0, name


# The folder is whole or as it was


def some(*names: str) -> Iterator[tuple[str, str]]:
    yield INDEX, f"{MARK}\n"
    for name in names:
        yield name, name


def broken() -> Iterator[tuple[str, str]]:
    yield from some("A.md")
    raise OSError("the disk is full")


def test_pages_that_are_no_longer_made_go(tmp_path):
    folder = tmp_path / "handbook"
    assert replace_folder(folder, some("A.md", "B.md")) == 3
    assert replace_folder(folder, some("B.md")) == 2
    assert set(content(folder)) == {INDEX, "B.md"}
    assert [path.name for path in tmp_path.iterdir()] == ["handbook"]


@pytest.mark.parametrize("before", [True, False])
def test_a_run_that_fails_changes_nothing(before, tmp_path):
    folder = tmp_path / "handbook"
    if before:
        replace_folder(folder, some("OLD.md"))
    with pytest.raises(OSError, match="the disk is full"):
        replace_folder(folder, broken())
    assert [path.name for path in tmp_path.iterdir()] == (["handbook"] if before else [])
    assert not before or set(content(folder)) == {INDEX, "OLD.md"}


def test_a_run_that_is_killed_leaves_the_old_pages_and_the_next_one_clears_up(tmp_path):
    folder = tmp_path / "handbook"
    replace_folder(folder, some("OLD.md"))
    code = (
        "import sys, time; from pathlib import Path; from tests.test_handbook import some\n"
        "from pipelines.reference_folder import replace_folder\n"
        "def slow():\n    yield from some('NEW.md')\n    time.sleep(600)\n"
        "replace_folder(Path(sys.argv[1]), slow())"
    )
    child = subprocess.Popen([sys.executable, "-c", code, str(folder)], cwd=REPOSITORY)
    until = time.monotonic() + 180
    while not (tmp_path / ".handbook.new" / "NEW.md").exists():
        assert child.poll() is None and time.monotonic() < until, "it never began to write"
        time.sleep(0.02)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert set(content(folder)) == {INDEX, "OLD.md"}
    assert replace_folder(folder, some("NEXT.md")) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["handbook"]


@pytest.mark.parametrize("next_run_fails", [True, False])
def test_a_run_killed_between_the_two_renames_is_put_right_by_the_next(next_run_fails, tmp_path):
    """Then the old pages lie aside whole, and the new ones too."""
    folder = tmp_path / "handbook"
    replace_folder(tmp_path / ".handbook.old", some("OLD.md"))
    replace_folder(tmp_path / ".handbook.new", some("NEW.md"))
    if next_run_fails:
        with pytest.raises(OSError, match="the disk is full"):
            replace_folder(folder, broken())
    else:
        replace_folder(folder, some("NEXT.md"))
    assert set(content(folder)) == {INDEX, "OLD.md" if next_run_fails else "NEXT.md"}
    assert [path.name for path in tmp_path.iterdir()] == ["handbook"]


def test_a_folder_of_somebody_elses_is_left_alone(tmp_path):
    for name, text in (("notes.txt", "mine"), (INDEX, "# My own page\n")):
        folder = tmp_path / name.partition(".")[0]
        folder.mkdir()
        (folder / name).write_text(text, encoding="utf-8")
        done = CliRunner().invoke(main, ["handbook", "--to", str(folder)])
        assert done.exit_code == 2
        assert content(folder) == {name: text.encode()}
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "notes")
    with pytest.raises(NotOurs):
        replace_folder(link, some())


def test_pages_are_made_one_by_one_and_the_index_is_the_first():
    assert next(pages(CATALOGUE, contracts()))[0] == INDEX


# esep indicators


def listed(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["indicators", *arguments])


def codes(*arguments: str) -> list[str]:
    done = listed(*arguments, "--json")
    assert done.exit_code in (0, NOTHING), done.output
    return [row["code"] for row in json.loads(done.output)]


def test_the_whole_list_has_code_title_unit_and_family():
    done = listed()
    lines = done.output.splitlines()
    assert [line.split()[0] for line in lines] == list(CATALOGUE)
    p03 = next(line for line in lines if line.startswith("P03 "))
    assert re.sub("  +", "|", p03).split("|")[1:4] == ["Victims of trafficking assisted", "persons", "Protection"]
    russian = listed("--language", "ru").output
    assert all(d.title["ru"] in russian for d in CATALOGUE.values())


@pytest.mark.parametrize(
    ("asked", "among"),
    [
        (["trafficked"], {"R08", "P01", "P03"}),
        (["ТОРГОВЛЯ", "жертва"], {"P01", "P03"}),
        (["обученные"], {"T02"}),
        (["victims", "referral"], {"P08"}),
        (["first service"], {"P10"}),
    ],
)
def test_words_are_found_in_both_languages_whatever_their_endings(asked, among):
    found = codes(*asked)
    assert among <= set(found)
    assert len(found) < len(CATALOGUE) / 2


def test_indicators_named_so_come_before_those_that_mention_it():
    found = codes("hotline")
    named = [code for code in found if "hotline" in CATALOGUE[code].title["en"].casefold()]
    assert named
    assert found[: len(named)] == named


@pytest.mark.parametrize("number", NUMBERS)
def test_a_donors_number_finds_the_indicators_that_have_it_and_no_other(number):
    wanted = [d.code for d in CATALOGUE.values() if any(code["code"] == number for code in d.donor_codes)]
    assert codes(number) == codes(number.lower()) == wanted


def test_ps_5_1_28_is_persons_trained():
    assert codes("PS.5.1-28") == ["T02"]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_family(family):
    assert codes("--family", family) == [d.code for d in CATALOGUE.values() if d.family == family] != []


def test_a_donor():
    assert codes("--donor", "usaid") == [
        d.code for d in CATALOGUE.values() if any(code["donor"] == "USAID" for code in d.donor_codes)
    ]
    assert codes("--donor", "USAID", "--family", "capacity") == ["T02"]


@pytest.mark.parametrize(
    ("arguments", "exit_code", "said"),
    [
        (["--family", "protektion"], 2, "there are protection, reintegration"),
        (["--donor", "EU"], 2, "there is no donor EU; there are USAID"),
        (["xyzzy"], NOTHING, "no indicator has all of that"),
    ],
)
def test_what_is_not_there_is_said(arguments, exit_code, said):
    done = listed(*arguments)
    assert done.exit_code == exit_code
    assert said in " ".join(re.sub("[│╭╰─╮╯]", "", done.output).split())
