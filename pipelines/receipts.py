"""The receipt: what became of one file, said to the office that sent it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipelines.attempts import Progress
from pipelines.findings import Finding
from pipelines.store import Accepted
from pipelines.validate import CheckResult

# A file of which these are found is not complete yet: nobody has to put anything right.
UNDER_WAY = frozenset({"still_being_written", "unfinished_copy"})

Status = Literal["accepted", "unchanged", "refused", "declined"]


@dataclass(frozen=True)
class Receipt:
    """What became of one file. `slot` and `period` are empty where its name fits no form of the office.

    `submission` is the SHA-256 of its bytes. The counts are of rows stored and of rows held back; both
    are zero for a refused file, of which nothing is kept. An unchanged one has the counts, findings and
    checks of the day it was taken in. A declined one is good, and was not wanted when its effect was seen.
    `progress` says what the office has put right since its last try, `returned` where its file lies with remarks.
    """

    office: str
    place: str
    slot: str
    period: str
    submission: str
    file_name: str
    status: Status
    rows_accepted: int = 0
    rows_quarantined: int = 0
    findings: tuple[Finding, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    progress: Progress | None = None
    returned: Path | None = None

    @property
    def is_under_way(self) -> bool:
        """Whether the file was left where it is because somebody is still copying it."""
        return self.status == "refused" and bool(self.findings) and {f.rule for f in self.findings} <= UNDER_WAY


def refused(
    office: str,
    place: str,
    file_name: str,
    findings: tuple[Finding, ...],
    slot: str = "",
    period: str = "",
    submission: str = "",
    checks: tuple[CheckResult, ...] = (),
) -> Receipt:
    """The receipt of a file of which nothing is kept."""
    return Receipt(office, place, slot, period, submission, file_name, "refused", 0, 0, findings, checks)


def receipt(accepted: Accepted) -> Receipt:
    """The receipt of a file that was stored."""
    file = accepted.file
    return Receipt(
        file.office, file.place, file.slot, file.period, accepted.submission, accepted.file_name, "accepted",
        accepted.rows_accepted, accepted.rows_quarantined, accepted.findings, accepted.checks,
    )  # fmt: skip
