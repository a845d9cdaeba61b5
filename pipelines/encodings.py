"""In which encoding a file of text is: one that the form declares, told by the form's own words, or a refusal.

Any bytes at all are text in a single-byte encoding, so that they can be read says nothing. The words that the
form has above its columns do: in the right encoding they are there, in any other they are not.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from pathlib import Path

from pipelines import complaints, remarks
from pipelines.findings import Finding
from pipelines.forms import Form

# Encodings that office programs write, with the names by which people know them.
KNOWN = {
    "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "cp1251": "Windows-1251 (cp1251)", "mac_cyrillic": "Mac Cyrillic",
    "cp866": "DOS (cp866)", "koi8-r": "KOI8-R",
}  # fmt: skip
# Text in the first that was taken for text in the second and saved as UTF-8.
_TWICE = (
    ("cp1251", "latin-1"), ("cp1251", "cp1252"), ("utf-8", "cp1251"), ("utf-8", "latin-1"), ("utf-8", "cp1252"),
    ("cp866", "cp1251"), ("koi8-r", "cp1251"),
)  # fmt: skip
_HEAD, _LETTERS = 1 << 16, 1 << 13
# The folded words for each column of the form.
Columns = Sequence[Sequence[str]]
_CHUNK = 1 << 20


def choose(path: Path, form: Form, columns: Sequence[Sequence[str]]) -> tuple[str, list[Finding]]:
    """The declared encoding in which most columns of the form are named, and what is wrong with the file's encoding.

    `columns` are the words for each column. Where an encoding that is not declared shows more of them, it is that.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD)
    wanted = [[form.fold(word) for word in words] for words in columns]
    readable = list(_readable(path, head, form.encodings))
    found = {name: _named(_text(head, name), wanted, form) for name in readable}
    best = max(readable, key=lambda name: found[name], default="")
    if not best or found[best] < len(wanted):
        wrong = _seems(path.name, head, wanted, form, found.get(best, 0))
        if wrong or not best:
            return "", [wrong or complaints.wrong_encoding(path.name, form.encodings)]
    return best, _not_as_declared(path, head, best, form)


def is_utf8(encoding: str) -> bool:
    """Whether an encoding is UTF-8, with a mark at its start or without."""
    return codecs.lookup(encoding).name.startswith("utf-8")


def is_wide(encoding: str) -> bool:
    """Whether an encoding has two bytes for a letter."""
    return codecs.lookup(encoding).name.startswith("utf-16")


def _readable(path: Path, head: bytes, encodings: Sequence[str]) -> Iterator[str]:
    """Declared encodings in which the bytes are text, UTF-8 first."""
    for name in sorted(encodings, key=lambda name: not is_utf8(name)):
        if _text(head, name) is not None and (not is_utf8(name) or decodes(path, name)):
            yield name


def _not_as_declared(path: Path, head: bytes, chosen: str, form: Form) -> list[Finding]:
    """Header words without letters of their own are the same in all encodings; UTF-8 is told by its bytes."""
    if is_wide(chosen) or any(map(is_utf8, form.encodings)):
        return []
    if not decodes(path, "utf-8") or (head.isascii() and _is_ascii(path)):
        return []
    return [complaints.wrong_encoding(path.name, form.encodings, KNOWN["utf-8-sig"])]


def _seems(file: str, head: bytes, wanted: Columns, form: Form, known: int) -> Finding | None:
    """A refusal that names the encoding in which more columns than `known` are named, if there is one."""
    # Words of plain letters are the same in all encodings of one byte to a letter and say nothing.
    telling = [[word for word in words if not word.isascii()] for words in wanted]
    found = {name: _named(_text(head, name), wanted if name == "utf-16" else telling, form) for name in KNOWN}
    best = max(found, key=lambda name: found[name])
    if found[best] > known:
        return complaints.wrong_encoding(file, form.encodings, KNOWN[best])
    text = _text(head, "utf-8-sig") or ""
    for first, second in _TWICE:
        if _named(_text(text.encode(second, "ignore"), first, "ignore"), wanted, form) > known:
            return remarks.converted_twice(file, form.encodings)
    return None


def _text(head: bytes, encoding: str, errors: str = "strict") -> str | None:
    """The start of a file as text; a letter cut in two at its end is left out."""
    try:
        return codecs.getincrementaldecoder(encoding)(errors).decode(head)
    except UnicodeError:
        return None


def _named(text: str | None, wanted: Columns, form: Form) -> int:
    """How many columns of the form are named at the start of a text."""
    folded = form.fold(text[:_LETTERS]) if text else ""
    return sum(any(word in folded for word in words) for words in wanted)


def decodes(path: Path, encoding: str) -> bool:
    """Whether all bytes of a file are text in an encoding."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _is_ascii(path: Path) -> bool:
    with path.open("rb") as file:
        return all(chunk.isascii() for chunk in iter(lambda: file.read(_CHUNK), b""))
