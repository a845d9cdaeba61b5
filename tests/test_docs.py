"""The handbook keeps up: every command, target, office, indicator, donor, page and rule is named in it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from indicators.facts import facts
from pipelines import handbook
from pipelines.cli import main
from pipelines.contract_shape import KEYS
from pipelines.contracts import contracts
from pipelines.folding import FOLDS
from pipelines.forms import TOLERANCES
from pipelines.rulebook import reading_findings
from pipelines.rules import rules_for
from tests.running_totals import running_contract

REPOSITORY = Path(__file__).resolve().parent.parent
WRITTEN = REPOSITORY / "docs" / "handbook"  # by `esep handbook`, where somebody ran it; tested on its own
PAGES = sorted(
    page for page in [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md")] if WRITTEN not in page.parents
)
README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
CATALOGUE = (REPOSITORY / "docs" / "catalogue.md").read_text(encoding="utf-8")
HANDBOOK = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


def stems(pattern: str) -> list[str]:
    """The names of the files of a folder of declarations; at least one, or the pattern is wrong."""
    found = sorted(path.stem for path in REPOSITORY.glob(pattern) if path.stem != "__init__")
    assert found, f"nothing matches {pattern}"
    return found


@pytest.mark.parametrize("command", sorted(main.commands))
def test_every_command_is_in_the_handbook(command):
    assert re.search(rf"\besep {command}\b", HANDBOOK), f"`esep {command}` is in no page"


def test_every_command_and_target_has_a_row_on_the_front_page():
    targets = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.M))
    assert set(re.findall(r"^\| `esep ([a-z-]+)", README, re.M)) == set(main.commands)
    assert set(re.findall(r"^\| `make ([a-z]+)", README, re.M)) == targets


def test_no_command_is_described_that_does_not_exist():
    described = set(re.findall(r"`esep ([a-z][a-z-]*)", HANDBOOK)) | set(
        re.findall(r"^ {4}esep ([a-z-]+)", HANDBOOK, re.M)
    )
    assert described - set(main.commands) == set()


def test_every_make_target_is_on_the_front_page_and_the_other_way_round():
    targets = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.M))
    described = set(re.findall(r"`make ([a-z]+)", HANDBOOK)) | set(re.findall(r"^ {4}make ([a-z]+)", HANDBOOK, re.M))
    assert described == targets


@pytest.mark.parametrize(
    "pattern",
    [
        "pipelines/offices/*.toml",
        "indicators/definitions/*.toml",
        "indicators/fact_tables/*.toml",
        "indicators/codelists/*.toml",
        "reports/donors/*.toml",
        "dashboards/pages/*.py",
    ],
)
def test_everything_declared_is_in_the_catalogue(pattern):
    assert [name for name in stems(pattern) if not re.search(rf"\b{re.escape(name)}\b", CATALOGUE)] == []


@pytest.mark.parametrize(("name", "text"), handbook.pages().items(), ids=handbook.pages())
def test_generated_pages_are_what_their_generator_writes(name, text):
    assert text == (REPOSITORY / "docs" / name).read_text(encoding="utf-8"), "a declaration changed: run `esep docs`"


RULES = (REPOSITORY / "docs" / "rules.md").read_text(encoding="utf-8")
READING = RULES.split("\n## Reading a file\n", 1)[1]


@pytest.mark.parametrize("contract", contracts().values(), ids=contracts())
def test_every_rule_of_every_office_is_on_the_page_with_its_words(contract):
    lines = [line for line in RULES.splitlines() if f" {contract.office}" in line or line.endswith("| all |")]
    for rule in (rule for fact in facts().values() for rule in rules_for(fact, contract)):
        told = [line for line in lines if line.startswith(f"| `{rule.id}` | {rule.severity} |")]
        assert len(told) == 1, rule.id
        assert f"| `{rule.expectation}` |" in told[0], rule.id


def test_the_rules_of_running_totals_are_on_the_page_although_no_office_declares_any():
    for rule in rules_for(facts()["activities"], running_contract("2010-Q3")):
        assert f"| `{rule.id}` | {rule.severity} |" in RULES, rule.id


def test_everything_that_can_be_found_in_reading_is_on_the_page():
    """Every text in a module of intake that looks like the name of a finding and stands where one is made."""
    made = set()
    for path in (REPOSITORY / "pipelines").glob("*.py"):
        text = path.read_text(encoding="utf-8")
        made |= set(re.findall(r'(?:refusal|_whole_file|Finding)\([^"]*(?:""[^"]*)?"([a-z]+(?:_[a-z]+)+)"', text))
        made |= set(re.findall(r'^RULE = "([a-z_]+)"', text, re.M))
    assert len(made) > 30, "the pattern is wrong"
    assert [name for name in sorted(made) if f"| `{name}` |" not in READING] == []


def test_every_finding_of_the_page_says_something_in_both_languages():
    found = reading_findings()
    assert {word for one in found for word in one.severity.split(" or ")} == {"refuse", "quarantine", "warn"}
    assert [one.rule for one in found if not re.search("[a-z]", one.message_en)] == []
    assert [one.rule for one in found if not re.search("[а-я]", one.message_ru)] == []


def test_every_import_rule_is_a_sentence_of_the_architecture_page():
    rules = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    architecture = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert [rule["name"] for rule in rules if f"- {rule['name']}\n" not in architecture] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_links_between_pages_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_files_named_in_the_text_exist(page):
    """A path in code quotes is a promise; `<name>` and `*` stand for any name."""
    named = re.findall(
        r"`((?:indicators|pipelines|reports|dashboards|tests|docs|benchmarks)/[\w./-]+\.\w+)`", page.read_text()
    )
    assert [path for path in named if not (REPOSITORY / path).exists()] == []


@pytest.mark.parametrize("kind", ["office", "indicator", "donor table", "page", "threshold"])
def test_contributing_opens_with_the_one_file_changes(kind):
    opening = CONTRIBUTING.split("\n## The house rules", 1)[0]
    assert re.search(rf"^### .*\b{kind}\b", opening, re.M | re.I), kind


def test_every_page_is_in_the_index():
    index = (REPOSITORY / "docs" / "README.md").read_text(encoding="utf-8")
    pages = [page.name for page in PAGES if page.name != "README.md" and page.parent.name != "decisions"]
    assert [name for name in pages if f"{name})" not in index] == []


CONTRACTS = (REPOSITORY / "docs" / "contracts.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("part", KEYS)
def test_every_key_of_a_contract_is_on_the_page(part):
    assert [key for key in KEYS[part] if f"`{key}`" not in CONTRACTS] == []


def test_no_key_of_a_contract_is_described_that_does_not_exist():
    described = set(re.findall(r"^\| `(\w+)` \|", CONTRACTS, re.M))
    assert described - {key for keys in KEYS.values() for key in keys} == set(TOLERANCES)
    assert [fold for fold in FOLDS if f"`{fold}`" not in CONTRACTS] == []
