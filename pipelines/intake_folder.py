"""Intake of the landing zone: every file of every office, in the order in which they refer to each other."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from duckdb import DuckDBPyConnection

from pipelines import guards, says
from pipelines.contracts import Contract, Slot, recognise
from pipelines.files import sweep, wait_until_settled
from pipelines.intake import receive
from pipelines.receipts import Receipt, refused
from pipelines.retake import retake
from pipelines.rules import DIRECTORY
from pipelines.staging import ASKED_FIRST
from pipelines.warehouse import LANDING_NAME, copies_before


def receive_folder(
    con: DuckDBPyConnection,
    raw: Path,
    contracts: Mapping[str, Contract],
    curated: Path,
    *,
    settle_seconds: float = 0.0,
    only: str | None = None,
    is_patient: bool = True,
) -> list[Receipt]:
    """Take in every file below `raw/<office>/`; one receipt for each, offices in alphabetical order.

    The directory comes first and cases before the rows that name them. Each file stands or falls
    alone: what is refused leaves every other file as it is. Hidden files and the lock files that an
    open workbook leaves (`~$...`) are passed over. With `settle_seconds` files that were written a moment
    ago are waited for, all of them at once, or left where they are (`is_patient`). `only` names the one office to
    look at; what lies elsewhere is then nobody's business.
    """
    sweep(curated / LANDING_NAME, _accepted(con) | copies_before(curated))
    here = [path for path in visible(raw) if only in (None, path.name)]
    offices = {folder.name: folder for folder in here if folder.is_dir() and not folder.is_symlink()}
    receipts = [_stray(contracts, path) for path in here if path.name not in contracts.keys() & offices]
    if is_patient:
        wait_until_settled((path for folder in offices.values() for path in visible(folder)), settle_seconds)
    for contract, path, twins in _files(offices, contracts):
        if twins:
            receipts.append(_twin(contract, path, twins))
        else:
            receipts.append(receive(con, contract, path, curated, settle_seconds=settle_seconds))
    receipts += retake(con, contracts, receipts, curated)
    return sorted(receipts, key=lambda r: (r.office, r.period, r.slot, r.file_name))


def _accepted(con: DuckDBPyConnection) -> set[str]:
    return {submission for (submission,) in con.execute("SELECT DISTINCT submission FROM ledger").fetchall()}


def visible(folder: Path) -> list[Path]:
    """What lies in a folder, in order, but for hidden files and the lock files of an open workbook."""
    return [path for path in sorted(folder.iterdir()) if not path.name.startswith((".", "~$"))]


def _files(
    offices: Mapping[str, Path], contracts: Mapping[str, Contract]
) -> Iterator[tuple[Contract, Path, list[str]]]:
    """Every file in the order of intake, with the names of others for the same slot and period."""
    found = [
        (contract, path, recognise(contract, path.name))
        for office, contract in contracts.items()
        for path in (visible(offices[office]) if office in offices else [])
    ]
    same: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for contract, path, known in found:
        if known:
            same[contract.office, known[0].name, known[1]].append(path.name)
    for contract, path, known in sorted(found, key=_turn):
        names = same[contract.office, known[0].name, known[1]] if known else []
        yield contract, path, [name for name in names if name != path.name]


def in_turn(files: Sequence[Path], contracts: Mapping[str, Contract]) -> list[Path]:
    """Single files in the order of intake, whatever order they are named in; those that nobody sends come last."""

    def turn(path: Path) -> tuple[bool, tuple[bool, str, str, int, str]]:
        office = path.parent.resolve().name
        senders = [contracts[office]] if office in contracts else list(contracts.values())
        known = [(contract, recognise(contract, path.name)) for contract in senders]
        contract, slot = next((one for one in known if one[1]), known[0])
        return slot is None, _turn((contract, path, slot))

    return sorted(files, key=turn)


def _turn(found: tuple[Contract, Path, tuple[Slot, str] | None]) -> tuple[bool, str, str, int, str]:
    """The directory first; then office by office, period by period, what others ask about before the rest."""
    contract, path, known = found
    if known is None:
        return True, contract.office, "", 0, path.name
    slot, period = known
    ranks = [ASKED_FIRST.index(name) if name in ASKED_FIRST else len(ASKED_FIRST) for name in slot.facts]
    return DIRECTORY not in slot.exports, contract.office, period, min(ranks), path.name


def _twin(contract: Contract, path: Path, twins: Sequence[str]) -> Receipt:
    known = recognise(contract, path.name)
    assert known, "only recognised files have twins"
    finding = says.two_files(path.name, twins)
    return refused(contract.office, contract.place, path.name, (finding,), known[0].name, known[1])


def _stray(contracts: Mapping[str, Contract], path: Path) -> Receipt:
    """Something beside the folders of the offices, or in place of one."""
    name = guards.shown(path.name)
    if path.name in contracts and path.is_symlink():
        return refused(path.name, "", name, (guards.no_plain_folder(name),))
    return refused("", "", name, (says.unknown_office(name, list(contracts)),))
