"""What a run leaves to read in Prefect: ids, paths and counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pipelines.overdue import Outstanding
from pipelines.publish import Published
from pipelines.receipts import Receipt
from pipelines.selfcheck import SelfCheck, told

STATUSES = ("accepted", "unchanged", "refused")


def intake_note(receipts: Sequence[Receipt]) -> str:
    """A Markdown table with one row for each office: files by what became of them, rows in and held back."""
    lines = ["| office | accepted | unchanged | refused | rows | rows held back |", "|---|--:|--:|--:|--:|--:|"]
    offices = sorted({receipt.office for receipt in receipts})
    return "\n".join([*lines, *(_office(office, receipts) for office in offices)])


def intake_rows(receipts: Sequence[Receipt]) -> list[dict[str, Any]]:
    """A row for each file: what became of it, and how many things were found wrong."""
    return [
        {
            "office": one.office, "form": one.slot, "quarter": one.period,
            "what": "still being copied" if one.is_under_way else one.status,
            "rows": one.rows_accepted, "rows held back": one.rows_quarantined, "findings": len(one.findings),
            "returned": one.returned.name if one.returned else "",
        }
        for one in receipts
    ]  # fmt: skip


def outstanding_rows(found: Sequence[Outstanding]) -> list[dict[str, Any]]:
    """A row for each outstanding file, with the days that are left to each donor's deadline."""
    return [
        {
            "office": file.office, "form": file.slot, "quarter": file.period, "state": file.state, "tries": file.tries,
            **{f"days left for {one.donor}": one.days_left for one in file.deadlines},
        }
        for file in found
    ]  # fmt: skip


def check_note(found: SelfCheck) -> str:
    """What the check of an edition found, in Markdown: ids, names of files, counts, and no number of a figure."""
    verdict = "is what it was" if found.is_good else "is **not** what it should be"
    return "\n".join([f"# Edition {found.edition_id} {verdict}", "", *(f"- {line.strip()}" for line in told(found))])


def quarter_note(receipts: Sequence[Receipt], published: Published, reports: Sequence[Path]) -> str:
    """The whole run in Markdown: the edition, the counts by office, what protection did, the files written."""
    made = "new" if published.is_new else "unchanged"
    protection = [f"- {key.replace('_', ' ')}: {value}" for key, value in sorted(published.certificate.items())]
    files = [f"- `{path.name}`" for path in reports]
    parts = [
        f"# Edition {published.edition_id} ({made})",
        intake_note(receipts),
        "## Protection",
        "\n".join(protection),
    ]
    return "\n\n".join([*parts, "## Files", "\n".join(files)])


def _office(office: str, receipts: Sequence[Receipt]) -> str:
    own = [receipt for receipt in receipts if receipt.office == office]
    counts = [sum(receipt.status == status for receipt in own) for status in STATUSES]
    rows = [sum(receipt.rows_accepted for receipt in own), sum(receipt.rows_quarantined for receipt in own)]
    return " | ".join(["| " + office, *map(str, counts + rows)]) + " |"
