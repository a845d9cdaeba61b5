"""The container of old Office files (and of files with a password): its entries, and the bytes of one stream."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEADER_BYTES = 512
_ENTRY_BYTES = 128
_MINI_BYTES = 64
_LAST = 0xFFFFFFFA  # numbers of sectors from here on mean "none"
_STORAGE, _STREAM, _ROOT = 1, 2, 5


class CompoundError(ValueError):
    """The container is damaged."""


@dataclass(frozen=True)
class Entry:
    """A stream, or a folder of them."""

    name: str
    is_stream: bool
    first: int
    size: int


class Compound:
    """A container held in memory. Raises CompoundError where a chain of sectors leads nowhere or in a circle."""

    def __init__(self, path: Path) -> None:
        self._bytes = path.read_bytes()
        if not self._bytes.startswith(SIGNATURE) or len(self._bytes) < _HEADER_BYTES:
            raise CompoundError("no container")
        shift = struct.unpack_from("<H", self._bytes, 30)[0]
        if shift not in (9, 12):
            raise CompoundError("sectors of an unknown size")
        self._sector_bytes = 1 << shift
        self._next = self._table()
        directory = self._chain(self._number(48))
        self.entries = [entry for entry in map(self._entry, _pieces(directory, _ENTRY_BYTES)) if entry]

    def stream(self, name: str) -> bytes:
        """The bytes of a stream. Raises CompoundError when there is none of this name."""
        entry = next((e for e in self.entries if e.is_stream and e.name.lower() == name.lower()), None)
        if entry is None:
            raise CompoundError("no such stream")
        content = self._chain(entry.first) if entry.size >= self._number(56) else self._small(entry.first)
        if len(content) < entry.size:
            raise CompoundError("a stream is cut off")
        return content[: entry.size]

    def _number(self, at: int) -> int:
        return int(struct.unpack_from("<I", self._bytes, at)[0])

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self._sector_bytes
        if start >= len(self._bytes):
            raise CompoundError("a sector beyond the end")
        return self._bytes[start : start + self._sector_bytes]

    def _table(self) -> list[int]:
        """For each sector the one after it."""
        numbers = [*struct.unpack_from("<109I", self._bytes, 76)]
        more, seen = self._number(68), 0
        while more < _LAST:
            *listed, more = _numbers(self._sector(more))
            numbers += listed
            seen += 1
            if seen * self._sector_bytes > len(self._bytes):
                raise CompoundError("a circle")
        tables = [number for number in numbers if number < _LAST]
        if len(tables) * self._sector_bytes > len(self._bytes):
            raise CompoundError("more tables than bytes")
        return [following for number in tables for following in _numbers(self._sector(number))]

    def _chain(self, first: int) -> bytes:
        found: list[bytes] = []
        while first < _LAST:
            if first >= len(self._next) or len(found) * self._sector_bytes > len(self._bytes):
                raise CompoundError("a chain without an end")
            found.append(self._sector(first))
            first = self._next[first]
        return b"".join(found)

    def _small(self, first: int) -> bytes:
        """A short stream: its pieces lie in the stream of the root entry."""
        root = next((e for e in self.entries if e.name == "Root Entry"), None)
        if root is None:
            raise CompoundError("no root")
        content, following = self._chain(root.first), _numbers(self._chain(self._number(60)))
        found: list[bytes] = []
        while first < _LAST:
            if first >= len(following) or len(found) > len(following):
                raise CompoundError("a chain without an end")
            found.append(content[first * _MINI_BYTES : (first + 1) * _MINI_BYTES])
            first = following[first]
        return b"".join(found)

    def _entry(self, raw: bytes) -> Entry | None:
        length, kind = struct.unpack_from("<HB", raw, 64)
        if kind not in (_STORAGE, _STREAM, _ROOT) or not 2 <= length <= 64:
            return None
        name = raw[: length - 2].decode("utf-16-le", "replace")
        first, size = struct.unpack_from("<II", raw, 116)
        return Entry(name, kind == _STREAM, first, size)


def _numbers(content: bytes) -> list[int]:
    return list(struct.unpack(f"<{len(content) // 4}I", content[: len(content) // 4 * 4]))


def _pieces(content: bytes, size: int) -> list[bytes]:
    return [content[at : at + size] for at in range(0, len(content) - size + 1, size)]
