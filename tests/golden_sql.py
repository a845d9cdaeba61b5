"""The SQL of a frozen catalogue, kept to be read: a change of the engine shows here as a change of text.

`python -m tests.golden_sql --write` writes it anew.
"""

from __future__ import annotations

import sys
from pathlib import Path

from indicators.definitions import definitions
from indicators.engine import sql_of

HERE = Path(__file__).parent
FROZEN, GOLDEN = HERE / "frozen" / "definitions", HERE / "golden" / "sql"


def texts() -> dict[str, str]:
    """The SQL of each frozen indicator."""
    return {code: sql_of(definition) + "\n" for code, definition in definitions(FROZEN).items()}


def write() -> None:
    """Write the SQL of every frozen indicator, and no other."""
    for path in GOLDEN.glob("*.sql"):
        path.unlink()
    for code, text in texts().items():
        (GOLDEN / f"{code}.sql").write_text(text, encoding="utf-8")


if __name__ == "__main__" and "--write" in sys.argv:
    write()
