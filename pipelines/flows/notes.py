"""What a run leaves to read in Prefect: ids, paths and counts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pipelines.publish import Published
from pipelines.receipts import Receipt

STATUSES = ("accepted", "unchanged", "refused")


def intake_note(receipts: Sequence[Receipt]) -> str:
    """A Markdown table with one row for each office: files by what became of them, rows in and held back."""
    lines = ["| office | accepted | unchanged | refused | rows | rows held back |", "|---|--:|--:|--:|--:|--:|"]
    offices = sorted({receipt.office for receipt in receipts})
    return "\n".join([*lines, *(_office(office, receipts) for office in offices)])


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
