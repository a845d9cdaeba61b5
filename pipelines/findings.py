"""A finding: one thing wrong with a submission, said to the person who must put it right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["refuse", "quarantine", "warn"]


@dataclass(frozen=True, order=True)
class Finding:
    """One thing wrong, and what to do about it.

    `severity` is what follows: `refuse` keeps the whole file out, `quarantine` holds the row back,
    `warn` lets it through. `count` is how many rows or cells are concerned, `column` the position of
    the cell on the sheet (from 1), where one is meant. `id` stays the same from one try of the office to
    the next (`pipelines.identity`). The messages name the file, sheet, row and field, what was expected
    and what to do; they never hold a value of a row about a person.
    """

    file: str
    sheet: str
    row: int | None
    field: str
    rule: str
    severity: Severity
    message_en: str
    message_ru: str
    count: int = 1
    column: int | None = None
    id: str = ""

    def __str__(self) -> str:
        place = [self.file, f"sheet {self.sheet}" if self.sheet else ""]
        place += [f"row {self.row}" if self.row is not None else "", f"field {self.field}" if self.field else ""]
        return f"[{self.severity}] {', '.join(part for part in place if part)}: {self.message_en} ({self.rule})"


def refuses(findings: list[Finding]) -> bool:
    """Whether any finding keeps the whole file out."""
    return any(finding.severity == "refuse" for finding in findings)
