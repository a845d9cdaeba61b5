"""A ZIP container looked at before anybody else unpacks it: what its directory says must be what is there.

Python, Excel and the reader of workbooks each forgive other faults of a container, so two of them may see two
different files in one. A container is taken only if there is one way to read it.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pipelines import limits

_CHUNK = 1 << 18
_LOCAL = struct.Struct("<4s5H3I2H")
_END = b"PK\x05\x06"
_END_BYTES = 22
_IS_ENCRYPTED = 1


class ArchiveError(ValueError):
    """The container is damaged, or not made as programs make them."""


class BombError(ValueError):
    """The container would unpack to more than any workbook does."""


class LockedError(ValueError):
    """A part needs a password."""


@dataclass(frozen=True)
class Part:
    """One part: its name with plain slashes, and its line of the directory."""

    name: str
    line: zipfile.ZipInfo


@dataclass(frozen=True)
class Archive:
    """A container whose directory was found in order."""

    path: Path
    parts: tuple[Part, ...]

    def named(self, name: str) -> Part | None:
        """The part of this name, in letters of any case, as the reader of workbooks looks it up."""
        return next((part for part in self.parts if part.name.lower() == name.lower()), None)

    def unpacked(self, part: Part, most: int) -> Iterator[bytes]:
        """The bytes of a part, piece by piece, never more than `most`.

        Raises BombError beyond that, and ArchiveError where size or checksum are not those of the directory.
        """
        line = part.line
        if line.file_size > most:
            raise BombError(part.name)
        total, checksum = 0, 0
        with self.path.open("rb") as file:
            _skip_to(file, line)
            for piece in _inflated(file, line):
                total += len(piece)
                if total > line.file_size:
                    raise BombError(part.name)
                checksum = zlib.crc32(piece, checksum)
                yield piece
        if (total, checksum) != (line.file_size, line.CRC):
            raise ArchiveError(part.name)


def open_archive(path: Path) -> Archive:
    """Read the directory of a container; raises ArchiveError, BombError or LockedError."""
    try:
        with zipfile.ZipFile(path) as file:
            lines, comment = file.infolist(), file.comment
    except (zipfile.BadZipFile, struct.error, EOFError, ValueError, NotImplementedError, UnicodeDecodeError) as error:
        raise ArchiveError(path.name) from error
    if comment or not _ends_with_directory(path):
        raise ArchiveError(path.name)
    if len(lines) > limits.MOST_PARTS or sum(line.file_size for line in lines) > limits.MOST_UNPACKED:
        raise BombError(path.name)
    parts = tuple(Part(line.filename.replace("\\", "/"), line) for line in lines if not line.is_dir())
    for part in parts:
        _check_line(part.line)
    _check_names([part.name for part in parts])
    _check_places(lines)
    return Archive(path, parts)


def _ends_with_directory(path: Path) -> bool:
    """The end of the directory is the end of the file: no second directory can stand behind it."""
    with path.open("rb") as file:
        file.seek(-_END_BYTES, 2)
        return file.read(len(_END)) == _END


def _check_line(line: zipfile.ZipInfo) -> None:
    if line.flag_bits & _IS_ENCRYPTED:
        raise LockedError(line.filename)
    if line.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveError(line.filename)
    if line.file_size > limits.RATIO_FROM and line.file_size > limits.MOST_RATIO * max(line.compress_size, 1):
        raise BombError(line.filename)


def _check_names(names: list[str]) -> None:
    """No two parts under one name, and no name that leads out of the container."""
    if len({name.lower() for name in names}) < len(names):
        raise ArchiveError("a name twice")
    for name in names:
        if name.startswith("/") or ":" in name or ".." in name.split("/") or "\0" in name:
            raise ArchiveError("a name that is a path")


def _check_places(lines: list[zipfile.ZipInfo]) -> None:
    """Parts follow each other from the first byte on; parts that share bytes make a huge file of a small one."""
    end = 0
    for line in sorted(lines, key=lambda line: line.header_offset):
        if line.header_offset < end or (end == 0 and line.header_offset):
            raise ArchiveError(line.filename)
        end = line.header_offset + _LOCAL.size + len(line.filename) + line.compress_size


def _skip_to(file: BinaryIO, line: zipfile.ZipInfo) -> None:
    """Go to the bytes of a part; its own head must name it as the directory does."""
    file.seek(line.header_offset)
    head = file.read(_LOCAL.size)
    if len(head) < _LOCAL.size or head[:4] != b"PK\x03\x04":
        raise ArchiveError(line.filename)
    fields = _LOCAL.unpack(head)
    method, name_bytes, extra_bytes = fields[3], fields[9], fields[10]
    name = file.read(name_bytes)
    if name.decode("utf-8" if line.flag_bits & 0x800 else "cp437", "replace") != line.orig_filename:
        raise ArchiveError(line.filename)
    if method != line.compress_type:
        raise ArchiveError(line.filename)
    file.seek(extra_bytes, 1)


def _inflated(file: BinaryIO, line: zipfile.ZipInfo) -> Iterator[bytes]:
    left = line.compress_size
    if line.compress_type == zipfile.ZIP_STORED:
        while left and (piece := file.read(min(left, _CHUNK))):
            left -= len(piece)
            yield piece
        return
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        while left and (packed := file.read(min(left, _CHUNK))):
            left -= len(packed)
            while packed and not inflater.eof:
                yield inflater.decompress(packed, _CHUNK * 4)
                packed = inflater.unconsumed_tail
        while not inflater.eof and (rest := inflater.decompress(b"", _CHUNK * 4)):
            yield rest
    except zlib.error as error:
        raise ArchiveError(line.filename) from error
    if left or not inflater.eof or inflater.unused_data:
        raise ArchiveError(line.filename)
