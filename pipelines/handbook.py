"""The catalogue page of the handbook, written from the declarations: `esep docs` puts it into docs/catalogue.md."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from indicators.definitions import Definition
from indicators.facts import CodeList, Column, Derived, Fact

INTRODUCTION = """\
# Catalogue

Written by `esep docs` from the declarations; do not edit. What is described here is what runs.
"""


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
    return _section("Indicators", _table(head, rows), *(_definition(d) for d in definitions.values()))


def pages_section(folder: Path) -> str:
    """Every page of the dashboard, by the first line of its module; read as text, never imported."""
    modules = [path for path in sorted(folder.glob("*.py")) if path.stem != "__init__"]
    return _section(
        "Dashboard pages", _table(("page", "what it shows"), [(f"`{p.stem}`", _opening(p)) for p in modules])
    )


def _fact(fact: Fact) -> str:
    about = (
        f"Export `{fact.export}`, about {fact.about}; a row is known by {', '.join(f'`{key}`' for key in fact.key)}."
    )
    head = ("column", "type", "label", "по-русски", "meaning", "source")
    own = [_column(column) for column in fact.columns.values()]
    derived = [_derived(column) for column in fact.derived.values()]
    return f"### {fact.name}: {fact.title['en']} / {fact.title['ru']}\n\n{about}\n\n{_table(head, own + derived)}"


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
    return f"{title}\n\nSource: {codelist.source}.\n\n{_table(('code', 'English', 'по-русски'), rows)}"


def _definition(d: Definition) -> str:
    lines = [f"### {d.code}: {d.title['en']}", "", d.definition["en"], "", d.definition["ru"], "", d.why]
    lines += ["", f"Limits: {d.limits}"] if d.limits else []
    lines += ["", "Counted as", "", f"    {d.numerator_text}"]
    lines += ["", "over", "", f"    {d.denominator_text}"] if d.denominator_text else []
    return "\n".join(lines)


def _opening(module: Path) -> str:
    said = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    return said.splitlines()[0] if said else ""


def _section(title: str, *parts: str) -> str:
    return "\n\n".join((f"## {title}", *parts)) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
