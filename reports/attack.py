"""What an outsider works out from published files: editions, workbooks and CSV files, ours and anybody's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from indicators.disclosure.intruder import Findings, work_out
from indicators.disclosure.puzzle import Range, puzzle
from reports.attack_edition import NotAnEdition, read_edition
from reports.attack_grid import TEXTS, WORKBOOKS, UnreadableFile
from reports.attack_links import Reading
from reports.attack_sheets import read_sheets
from reports.attack_together import Laid, lay_together, names_of

EDITIONS = (".duckdb",)
READABLE = (*EDITIONS, *WORKBOOKS, *TEXTS)


@dataclass(frozen=True)
class Attacked:
    """What came of one file. Cells are named as the file names them: sheet and address, or the key of a figure.

    `exact` has one number left, `close` more but fewer than the width asked for, and some below the threshold;
    `insiders` follow exactly from one other hidden number. `widths` are those of all hidden cells narrower than asked.
    """

    file: Path
    tables: int = 0
    hidden: int = 0
    exact: tuple[tuple[str, Range], ...] = ()
    close: tuple[tuple[str, Range], ...] = ()
    insiders: tuple[str, ...] = ()
    contradictory: int = 0
    widths: Mapping[str, int] = field(default_factory=dict)
    unreadable: str = ""
    readings: tuple[Reading, ...] = ()

    @property
    def smallest(self) -> int | None:
        """The least width found; None if all are as wide as asked or wider."""
        return min(self.widths.values(), default=None)

    @property
    def is_broken(self) -> bool:
        """Whether anything was worked out that the policy does not allow."""
        return bool(self.exact or self.close)


@dataclass(frozen=True)
class Together:
    """How several files were laid side by side, and what they give away together and none of them alone."""

    laid: Laid
    found: Attacked


def files_in(paths: Sequence[Path]) -> list[Path]:
    """The files to attack: those named, and of each folder all of a kind that can be read, in order of name."""
    found = [
        file
        for path in paths
        for file in (sorted(path.rglob("*")) if path.is_dir() else [path])
        if not path.is_dir() or (file.suffix.lower() in READABLE and file.is_file() and not _is_aside(file, path))
    ]
    return list(dict.fromkeys(found))


def attack(files: Sequence[Path], width: int, threshold: int) -> Iterator[Attacked]:
    """Attack each file by itself. A file that cannot be read says why and stops nothing."""
    for file in files:
        try:
            readings = _read(file)
        except (UnreadableFile, NotAnEdition) as error:
            yield Attacked(file, unreadable=str(error))
        else:
            found = told(file, [(reading, _worked_out(reading, width)) for reading in readings], threshold)
            yield replace(found, readings=tuple(readings))


def attack_together(alone: Sequence[Attacked], width: int, threshold: int) -> Together | None:
    """Attack the files side by side, as one reader has them all; None if fewer than two tables name their figures.

    Of what is found only that is told which no file gives away by itself.
    """
    readings = [(one.file, reading) for one in alone for reading in one.readings]
    if sum(bool(reading.keys) for _, reading in readings) < 2:
        return None
    laid = lay_together(readings)
    found = told(Path(), [(laid.reading, _worked_out(laid.reading, width))], threshold)
    names = names_of(one.file for one in alone)
    known = {(f"{names[one.file]}: {cell}", said) for one in alone for cell, said in (*one.exact, *one.close)}
    insiders = {f"{names[one.file]}: {cell}" for one in alone for cell in one.insiders}
    return Together(
        laid,
        replace(
            found,
            exact=tuple(cell for cell in found.exact if cell not in known),
            close=tuple(cell for cell in found.close if cell not in known),
            insiders=tuple(cell for cell in found.insiders if cell not in insiders),
        ),
    )


def _is_aside(file: Path, folder: Path) -> bool:
    """Lock files of a spreadsheet, and whatever is hidden."""
    return any(part.startswith((".", "~$")) for part in file.relative_to(folder).parts)


def _read(file: Path) -> list[Reading]:
    suffix = file.suffix.lower()
    if suffix in EDITIONS:
        return [read_edition(file)]
    if suffix in WORKBOOKS + TEXTS:
        return list(read_sheets(file))
    raise UnreadableFile(f"{file}: a file that ends in {suffix or 'nothing'} is not read; name {', '.join(READABLE)}")


def _worked_out(reading: Reading, width: int) -> Findings:
    return work_out(puzzle(reading.cells, reading.links), width)


def _is_nobody(cell: str, reading: Reading, findings: Findings) -> bool:
    """Whether a share is only known to be a share of nobody: 0 of a number that stays hidden concerns no one."""
    other = findings.ranges.get(reading.partners.get(cell, ""), Range())
    return findings.ranges[cell] == Range(0, 0) and cell in reading.partners and not other.is_exact


def told(file: Path, attacked: Sequence[tuple[Reading, Findings]], threshold: int) -> Attacked:
    """What is told of a file: the findings about its hidden cells that the policy does not allow."""
    ranges = [
        (cell, found)
        for reading, findings in attacked
        for cell, found in sorted(findings.ranges.items())
        if cell in reading.hidden and not _is_nobody(cell, reading, findings)
    ]
    return Attacked(
        file,
        tables=sum(reading.tables for reading, _ in attacked),
        hidden=sum(len(reading.hidden) for reading, _ in attacked),
        exact=tuple((cell, found) for cell, found in ranges if found.is_exact),
        close=tuple((cell, found) for cell, found in ranges if not found.is_exact and found.low < threshold),
        insiders=tuple(cell for reading, findings in attacked for cell in sorted(findings.insiders & reading.hidden)),
        contradictory=sum(findings.contradictory for _, findings in attacked),
        widths={cell: found.width for cell, found in ranges if found.width is not None},
    )
