"""What stays the same when an office tries again: the id of a finding, made under the store's own key."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from duckdb import DuckDBPyConnection

from indicators.facts import facts
from pipelines.findings import Finding
from pipelines.staging import ThisFile

KEY_NAME = "store.key"
_LETTERS = 7  # of an id: 35 bits, far more than the findings of any file
ID_PATTERN = f"F-[A-Z2-7]{{{_LETTERS}}}(?![A-Za-z0-9])"

Row = tuple[str, int]


def store_key(curated: Path) -> bytes:
    """The secret of a store, made when it is first needed and kept beside the warehouse, never in an edition."""
    path = curated / KEY_NAME
    if not path.exists():
        aside = path.with_name(f".{path.name}.new")
        aside.write_bytes(secrets.token_bytes(32))
        aside.chmod(0o600)
        aside.rename(path)
    return path.read_bytes()


def identified(
    con: DuckDBPyConnection, file: ThisFile, staged: Sequence[str], findings: Sequence[Finding], key: bytes
) -> tuple[Finding, ...]:
    """The findings with their ids.

    An id says what is wrong where: rule, sheet, field, and the key of the row, so that it outlives rows
    put in above it; a row whose key was not understood is known by its number. The id is a hash under
    the store's key: the key of a row cannot be guessed from it.
    """
    keys = _keys_of_rows(con, staged, sorted({(f.sheet, f.row) for f in findings if f.row is not None}))
    seen: Counter[str] = Counter()
    found = []
    for finding in findings:
        said = _said(file, finding, keys)
        seen[said] += 1
        found.append(replace(finding, id=_id(f"{said}\n{seen[said]}", key)))
    return tuple(found)


def _said(file: ThisFile, finding: Finding, keys: Mapping[Row, str]) -> str:
    row = "" if finding.row is None else keys.get((finding.sheet, finding.row), f"row {finding.row}")
    # A header that may not be repeated is known by its place.
    field = finding.field or (f"column {finding.column}" if finding.row is None and finding.column else "")
    return "\n".join([file.office, file.slot, file.period, finding.rule, finding.sheet, field, row])


def _id(said: str, key: bytes) -> str:
    digest = hmac.new(key, said.encode(), "sha256").digest()
    return "F-" + base64.b32encode(digest).decode()[:_LETTERS]


def _keys_of_rows(con: DuckDBPyConnection, staged: Sequence[str], rows: Sequence[Row]) -> dict[Row, str]:
    """The key of the first fact to which a row of the sheet gives one."""
    found: dict[Row, str] = {}
    for name in staged if rows else ():
        given = facts()[name].key
        text = ", ".join(f"CAST({column} AS VARCHAR)" for column in given)
        known = con.execute(
            f"SELECT sheet, row_number, concat_ws(' ', {text}) FROM stage_{name} "
            f"WHERE {given[0]} IS NOT NULL AND list_contains($rows, row_number) ORDER BY ALL",
            {"rows": [number for _, number in rows]},
        ).fetchall()
        for sheet, number, said in known:
            found.setdefault((sheet or "", number), f"{name} {said}")
    return found
