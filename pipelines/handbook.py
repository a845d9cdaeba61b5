"""The pages of the handbook that are written from the declarations, by `esep docs`; the catalogue is made here."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from pathlib import Path

from indicators.definitions import Definition, definitions
from indicators.facts import CodeList, Column, Derived, Fact, all_facts, codelists, kept_facts
from pipelines.contracts import Contract, contracts
from pipelines.progress_page import progress_page
from pipelines.rulebook import rules_page, table
from reports.donors import DonorProfile, DonorTable, profiles

PAGES = Path(__file__).resolve().parents[1] / "dashboards" / "pages"

INTRODUCTION = """\
# Catalogue

Written by `esep docs` from the declarations; do not edit. What is described here is what runs.
"""


def pages() -> dict[str, str]:
    """The generated pages by file name."""
    return {"catalogue.md": catalogue(), "rules.md": rules_page(contracts()), "progress.md": progress_page()}


def catalogue() -> str:
    """The whole page: sources, indicators, donors, pages, facts and code lists of this repository."""
    sections = (
        offices_section(contracts()),
        indicators_section(definitions()),
        donors_section(profiles()),
        pages_section(PAGES),
        facts_section(all_facts()),
        codelists_section(codelists()),
    )
    return "\n".join((INTRODUCTION, *sections))


def offices_section(contracts: Mapping[str, Contract]) -> str:
    """Every office and other source, with the files it owes for a period."""
    return _section("Offices and other sources", *(_office(contract) for contract in contracts.values()))


def donors_section(profiles: Mapping[str, DonorProfile]) -> str:
    """Every donor profile with its tables."""
    return _section("Donor tables", *(_donor(profile) for profile in profiles.values()))


def facts_section(facts: Mapping[str, Fact]) -> str:
    """The data dictionary: every fact with its columns. Columns marked * are never empty."""
    return _section("Facts", *(_fact(fact) for fact in facts.values()))


def codelists_section(codelists: Mapping[str, CodeList]) -> str:
    """Every code list with its codes and their words."""
    return _section("Code lists", *(_codelist(codelist) for codelist in codelists.values()))


def indicators_section(definitions: Mapping[str, Definition]) -> str:
    """Every indicator: one row, then its definition."""
    head = ("code", "title", "по-русски", "unit", "fact", "broken down by")
    rows = [
        (d.code, d.title["en"], d.title["ru"], d.unit, f"`{d.fact}`", ", ".join(d.by) or "–")
        for d in definitions.values()
    ]
    return _section("Indicators", table(head, rows), *(_definition(d) for d in definitions.values()))


def pages_section(folder: Path) -> str:
    """Every page of the dashboard, by the first line of its module; read as text, never imported."""
    modules = [path for path in sorted(folder.glob("*.py")) if path.stem != "__init__"]
    return _section(
        "Dashboard pages", table(("page", "what it shows"), [(f"`{p.stem}`", _opening(p)) for p in modules])
    )


def _office(contract: Contract) -> str:
    about = f"Place {contract.place}; time zone {contract.time_zone}; written in {', '.join(contract.languages)}."
    rows = [(slot.name, f"`{slot.file_pattern}`", ", ".join(slot.facts)) for slot in contract.slots.values()]
    return f"### {contract.office}\n\n{about}\n\n{table(('file', 'name', 'facts'), rows)}"


def _donor(profile: DonorProfile) -> str:
    about = (
        f"Years are counted as {_words(profile.year)}; a report is due {profile.due_days} days after the quarter; "
        f"a deviation of more than {profile.deviation_band} % must be explained. Layout {profile.layout}; forms "
        f"{', '.join(profile.formats)}. Source: {profile.source}."
    )
    rows = [_donor_table(one) for one in profile.tables]
    head = ("table", "sheet", "title", "indicators", "broken down by")
    return f"### {profile.code}: {profile.name['en']}\n\n{about}\n\n{table(head, rows)}"


def _donor_table(table: DonorTable) -> Sequence[str]:
    chosen = [
        *table.indicators,
        *(f"family {family}" for family in table.families),
        *(f"every one with a {_words(having)}" for having in table.having),
    ]
    return (
        f"`{table.code}`",
        table.sheet["en"],
        table.title["en"],
        ", ".join(chosen),
        ", ".join(table.breakdowns) or "–",
    )


def _words(name: str) -> str:
    return name.replace("_", " ")


def _fact(fact: Fact) -> str:
    come = "Kept by the programme itself" if fact.name in kept_facts() else f"Export `{fact.export}`"
    about = f"{come}, about {fact.about}; a row is known by {', '.join(f'`{key}`' for key in fact.key)}."
    head = ("column", "type", "label", "по-русски", "meaning", "source")
    own = [_column(column) for column in fact.columns.values()]
    derived = [_derived(column) for column in fact.derived.values()]
    return f"### {fact.name}: {fact.title['en']} / {fact.title['ru']}\n\n{about}\n\n{table(head, own + derived)}"


def _column(column: Column) -> Sequence[str]:
    name = f"`{column.name}`" + ("*" if column.required else "")
    return (name, _type(column), column.label["en"], column.label["ru"], column.meaning, column.source)


def _derived(column: Derived) -> Sequence[str]:
    return (f"`{column.name}`", _type(column), "", "", f"Computed for counting. {column.meaning}", "")


def _type(column: Column | Derived) -> str:
    return f"{column.type} `{column.values}`" if column.values else column.type


def _codelist(codelist: CodeList) -> str:
    rows = [
        (
            f"`{code.code}`" + (" (not known)" if code.code == codelist.unknown else ""),
            code.label["en"],
            code.label["ru"],
        )
        for code in codelist.codes.values()
    ]
    title = f"### {codelist.name}: {codelist.title['en']} / {codelist.title['ru']}"
    return f"{title}\n\nSource: {codelist.source}.\n\n{table(('code', 'English', 'по-русски'), rows)}"


def _definition(d: Definition) -> str:
    lines = [f"### {d.code}: {d.title['en']}", "", d.definition["en"], "", d.definition["ru"]]
    lines += [line for language in ("en", "ru") for line in ("", d.why[language])]
    lines += ["", f"Limits: {d.limits['en']}", "", f"Ограничения: {d.limits['ru']}"] if d.limits else []
    lines += ["", "Counted as", "", f"    {d.numerator_text}"]
    lines += ["", "over", "", f"    {d.denominator_text}"] if d.denominator_text else []
    return "\n".join(lines)


def _opening(module: Path) -> str:
    said = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    return said.splitlines()[0] if said else ""


def _section(title: str, *parts: str) -> str:
    return "\n\n".join((f"## {title}", *parts)) + "\n"
