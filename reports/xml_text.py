"""Text for files in XML, of which an edition or an office may hold letters that XML does not know."""

from __future__ import annotations

import re

_UNKNOWN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def allowed(text: str) -> str:
    """The text without control characters, which XML cannot hold."""
    return _UNKNOWN.sub("", text)
