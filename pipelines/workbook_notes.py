"""The texts of a workbook that stand in no cell: comments and text boxes. They would be kept with the file."""

from __future__ import annotations

import html
import re
import zipfile
from pathlib import Path

_PARTS = re.compile(r"xl/(?:comments|threadedComments|drawings).*\.(?:xml|vml)", re.IGNORECASE)
# One comment is one text, however many runs of letters it has.
_WHOLE = re.compile(r"<(?:\w+:)?(?P<tag>text|txBody|threadedComment|textbox)\b.*?</(?:\w+:)?(?P=tag)>", re.DOTALL)
_MARKS = re.compile(r"<[^>]*>")


def notes(path: Path) -> list[str]:
    """Every comment and text box of a workbook whose container was found sound."""
    with zipfile.ZipFile(path) as archive:
        parts = [archive.read(name).decode("utf-8", "replace") for name in archive.namelist() if _PARTS.fullmatch(name)]
    found = (html.unescape(_MARKS.sub(" ", match[0])) for part in parts for match in _WHOLE.finditer(part))
    return [" ".join(text.split()) for text in found if text.strip()]
