"""CSV as programs and spreadsheets both read it: UTF-8, commas, CRLF (RFC 4180); no cell starts a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from reports import format as form
from reports.sheets import safe


def csv_bytes(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A table as CSV. None is an empty cell, numbers are exact, days are ISO 8601, texts are made harmless."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([written(cell) for cell in row] for row in rows)
    return buffer.getvalue().encode("utf-8")


def written(cell: Any) -> str:
    """One cell as text. Raises TypeError for a float, which has no exact form."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int | Decimal):
        return form.raw(cell)
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, str):
        return safe(cell)
    raise TypeError(f"a cell is text, a number or a day, not {type(cell).__name__}")
