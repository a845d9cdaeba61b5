"""How a run ends: states with names that an operator understands, and what each asks of whom.

The first line of a state's message holds ids and counts and nothing else; it is all that an alert repeats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from prefect.states import Completed, Failed

from indicators.disclosure import InconsistentSystem, Unprotectable, Unsafe
from indicators.facts import DeclarationError
from pipelines.cli_parts import DIFFERS, NO_REASON, NOTHING, REFUSED, UNEXPECTED, UNSAFE
from pipelines.cycle import NothingToPublish
from pipelines.files import AlteredCopyError, DiskFullError
from pipelines.flows.guard import StepFailed, WrongParameter
from pipelines.lock import WarehouseBusyError
from pipelines.migrate import WarehouseOutdatedError
from pipelines.reasons import ReasonNeeded
from pipelines.sealed import WarehouseKeyError
from reports.donor_figures import ReportError
from reports.edition import NoEdition
from reports.intact import DamagedEdition
from reports.narrative import NarrativeError

WAREHOUSE = "warehouse"
# A slot is given back by itself so long after its holder was killed.
LEASE_SECONDS = 60
MOST_WAIT_SECONDS = 6 * 60 * 60


@dataclass(frozen=True)
class Ending:
    """A way to end: what it means, what to do, and the exit code of a run by hand. Quiet ones raise no alert."""

    meaning: str
    is_quiet: bool = False
    exit_code: int = 0


ENDINGS = {
    "TakenIn": Ending("New files were taken in.", is_quiet=True),
    "NothingNew": Ending("No file was new.", is_quiet=True),
    "StillRefused": Ending("Files that were refused before are still there.", is_quiet=True, exit_code=REFUSED),
    "FilesRefused": Ending("Files were refused: send the offices their return workbooks.", exit_code=REFUSED),
    "Published": Ending("A new edition is current, and the donors' files are written.", is_quiet=True),
    "AlreadyPublished": Ending("Nothing has changed since the edition that is current.", is_quiet=True),
    "AllReported": Ending("Every file of the quarter is in force.", is_quiet=True),
    "Outstanding": Ending("Files are outstanding, and no donor's deadline has passed.", is_quiet=True),
    "Overdue": Ending("A donor's deadline has passed: remind the offices."),
    "AllAgree": Ending("The current edition is what it was, by three independent looks.", is_quiet=True),
    "Differs": Ending("The current edition is not what it should be: hand nothing over.", exit_code=DIFFERS),
    "ReasonNeeded": Ending("Figures that a donor has would change: publish by hand and say why.", exit_code=NO_REASON),
    "NotSafe": Ending("The protection step found no safe way to publish: nothing was published.", exit_code=UNSAFE),
    "NothingToPublish": Ending("There is nothing to publish or to check yet.", exit_code=NOTHING),
    "TextRefused": Ending("A text of an office cannot be published: the other files are written.", exit_code=REFUSED),
    "WarehouseBusy": Ending("Another process kept the warehouse: run this again.", exit_code=UNEXPECTED),
    "WarehouseOutdated": Ending("The warehouse was made for other facts: see the message.", exit_code=UNEXPECTED),
    "KeyNeeded": Ending("The warehouse's key is missing or another one: see the message.", exit_code=UNEXPECTED),
    "DiskFull": Ending("There is no room on the disk: free some, then run this again.", exit_code=UNEXPECTED),
    "Damaged": Ending("A stored file is no longer what it was: look into the disk first.", exit_code=UNEXPECTED),
    "DeclaredWrongly": Ending("A declaration is wrong: the message says where.", exit_code=UNEXPECTED),
    "FileSystemError": Ending("The file system refused: see the message.", exit_code=UNEXPECTED),
    "WrongParameter": Ending("A parameter of the run cannot be meant: see the message.", exit_code=2),
    "Broken": Ending("A step failed in a way that nobody foresaw: run it by hand to see why.", exit_code=UNEXPECTED),
}  # fmt: skip

# Errors whose words are ours, the special before the general; of any other, Prefect hears only the kind.
NAMES: tuple[tuple[type[Exception], str], ...] = (
    (ReasonNeeded, "ReasonNeeded"),
    (NothingToPublish, "NothingToPublish"), (NoEdition, "NothingToPublish"),
    (Unsafe, "NotSafe"), (Unprotectable, "NotSafe"), (InconsistentSystem, "NotSafe"),
    (NarrativeError, "TextRefused"),
    (WarehouseBusyError, "WarehouseBusy"), (TimeoutError, "WarehouseBusy"),
    (WarehouseOutdatedError, "WarehouseOutdated"),
    (WarehouseKeyError, "KeyNeeded"),
    (DiskFullError, "DiskFull"),
    (AlteredCopyError, "Damaged"), (DamagedEdition, "Damaged"),
    (DeclarationError, "DeclaredWrongly"), (ReportError, "DeclaredWrongly"),
    (WrongParameter, "WrongParameter"),
    (StepFailed, "Broken"),
    (OSError, "FileSystemError"),
)  # fmt: skip
OURS = tuple(kind for kind, _ in NAMES)


@dataclass(frozen=True)
class Outcome:
    """How the work of a flow came out: one of ENDINGS, a line of counts, and what else an operator should read."""

    name: str
    counts: str
    more: str = ""
    is_failure: bool = False


def ended(work: Callable[[], Outcome]) -> Any:
    """Do the work of a flow and say in a state how it ended; an error with words of ours is an ending too."""
    try:
        return _state(work())
    except OURS as error:
        name = next(name for kind, name in NAMES if isinstance(error, kind))
        return _state(Outcome(name, ENDINGS[name].meaning, str(error), is_failure=True))


def exit_code(state: Any) -> int:
    """The exit code of a run by hand that ended in a state."""
    ending = ENDINGS.get(state.name)
    return UNEXPECTED if ending is None else ending.exit_code


def _state(outcome: Outcome) -> Any:
    made = Failed if outcome.is_failure else Completed
    return made(name=outcome.name, message="\n".join(filter(None, (outcome.counts, outcome.more))))


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Wait for the warehouse's one slot where a server hands out runs; by hand, the system's lock is enough.

    The lock is what keeps writers apart, on any machine that sees the folder; the slot makes a scheduled run wait in
    sight of everybody, for hours if need be, instead of failing after seconds.
    """
    from prefect.client.orchestration import get_client
    from prefect.concurrency.sync import concurrency
    from prefect.exceptions import ObjectAlreadyExists
    from prefect.runtime import deployment

    if not deployment.id:
        yield
        return
    # Two first runs at once both find no limit, and one of them comes second.
    with get_client(sync_client=True) as client, suppress(ObjectAlreadyExists):
        client.upsert_global_concurrency_limit_by_name(WAREHOUSE, 1)
    with concurrency(WAREHOUSE, timeout_seconds=MOST_WAIT_SECONDS, lease_duration=LEASE_SECONDS, strict=True,
                     raise_on_lease_renewal_failure=False):  # fmt: skip
        yield
