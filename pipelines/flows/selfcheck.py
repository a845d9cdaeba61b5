"""The flow `selfcheck`: whether the current edition still is what it was, looked at in three independent ways."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from prefect import flow

from pipelines.flows import steps
from pipelines.flows.alerts import ALERTS
from pipelines.flows.notes import check_note
from pipelines.flows.paths import CURATED, OUT
from pipelines.flows.states import Outcome, ended
from pipelines.selfcheck import SelfCheck


@flow(name="selfcheck", **ALERTS)
def selfcheck(curated: Path = CURATED, out: Path = OUT) -> Any:
    """Verify hashes, count every published figure again, attack what was published; fails on anything found."""
    return ended(lambda: _selfcheck(curated, out))


def _selfcheck(curated: Path, out: Path) -> Outcome:
    found: SelfCheck = steps.check(curated, out)
    steps.note(key="selfcheck", markdown=check_note(found))
    counts = f"{found.edition_id}: {found.summary}"
    return Outcome("AllAgree", counts) if found.is_good else Outcome("Differs", counts, is_failure=True)
