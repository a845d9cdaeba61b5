"""Files in force that are to be judged again because an earlier quarter of the year, which they continue, came anew.

Their bytes are taken from the landing zone: the office need not send them again.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from duckdb import DuckDBPyConnection

from pipelines.contracts import Contract
from pipelines.intake import receive
from pipelines.receipts import Receipt
from pipelines.running import running_at
from pipelines.warehouse import LANDING_NAME

# Office, slot and period of a file.
Known = tuple[str, str, str]


def retake(
    con: DuckDBPyConnection, contracts: Mapping[str, Contract], receipts: Sequence[Receipt], curated: Path,
    landed: Path | None = None,
) -> list[Receipt]:  # fmt: skip
    """Judge again every file whose running totals go on from a file just accepted; receipts of those that changed.

    Files that were themselves judged in this run are left alone. `landed` is a second place to look
    for the bytes of accepted files.
    """
    done = {(r.office, r.slot, r.period) for r in receipts}
    later = dict.fromkeys(found for one in _continued(contracts, receipts) for found in _later(con, one))
    places = [curated / LANDING_NAME, *([landed] if landed else [])]
    again = []
    with tempfile.TemporaryDirectory(prefix="esep-again-") as folder:
        for known, submission, file_name in sorted(later):
            if known not in done:
                path = _fetch(places, submission, Path(folder) / file_name)
                again.append(receive(con, contracts[known[0]], path, curated))
    return [receipt for receipt in again if receipt.status != "unchanged"]


def _continued(contracts: Mapping[str, Contract], receipts: Iterable[Receipt]) -> Iterator[Known]:
    """The files just accepted that hold running totals."""
    for receipt in (receipt for receipt in receipts if receipt.status == "accepted"):
        contract = contracts[receipt.office]
        if running_at(contract, contract.slots_at(receipt.period)[receipt.slot], receipt.period):
            yield receipt.office, receipt.slot, receipt.period


def _later(con: DuckDBPyConnection, known: Known) -> list[tuple[Known, str, str]]:
    office, slot, period = known
    rows = con.execute(
        "SELECT period, submission, file_name FROM submissions WHERE status = 'accepted' "
        "AND office = ? AND slot = ? AND left(period, 4) = ? AND period > ?",
        [office, slot, period[:4], period],
    ).fetchall()
    return [((office, slot, later), submission, file_name) for later, submission, file_name in rows]


def _fetch(places: Sequence[Path], submission: str, target: Path) -> Path:
    """A copy of an accepted file under its own name; a file that is no longer there is for intake to say."""
    for place in places:
        if (place / submission).exists():
            shutil.copyfile(place / submission, target)
            break
    return target
