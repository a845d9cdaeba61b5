"""Made-up facts of any size for the benchmarks of counting: written by DuckDB, the same rows every time.

Five countries, 24 quarters. Nothing is drawn from a person's row: every value is a hash of its row's number.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from indicators.facts import PROVENANCE, SQL_TYPES, Column, Fact, codelists, facts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

OFFICES = {"kaz": "KZ", "kgz": "KG", "tjk": "TJ", "tkm": "TM", "uzb": "UZ"}
FIRST_QUARTER, QUARTERS, DAYS = "2005-Q1", 24, 2191
# Rows in a thousand of each fact; the directory and the hotlines are as large as networks are.
SHARES = {
    "cases": 150, "assistance": 250, "referrals": 100, "follow_ups": 100, "participants": 210, "hotline_contacts": 150,
    "training_events": 8, "trainers": 8, "activities": 14, "recommendations": 4, "materials": 4, "instruments": 2,
}  # fmt: skip
STATES = {"organisations": 100, "hotlines": 5}
# What a reference points to: this many different ones for each row of the fact it is in, or of the fact named.
_POOLS = {"organisation_ref": "organisations", "from_organisation": "organisations", "to_organisation": "organisations",
          "hotline_ref": "hotlines", "case_ref": "cases", "event_ref": "training_events"}  # fmt: skip
# Three follow-ups a case, so many lines an event: the keys stay unique.
_LINES = {"follow_ups": 3, "participants": 26, "trainers": 1}


def create_facts(con: DuckDBPyConnection, rows: int) -> int:
    """Create the table `in_force_<fact>` of every fact, `rows` rows in all (about); gives their number."""
    sizes = {name: STATES.get(name) or max(len(OFFICES), rows * SHARES[name] // 1000) for name in facts()}
    for fact in facts().values():
        con.execute(f"CREATE OR REPLACE TABLE in_force_{fact.name} AS {_rows_sql(fact, sizes)}")
    return sum(sizes.values())


def _rows_sql(fact: Fact, sizes: dict[str, int]) -> str:
    office = "CASE i % 5 " + " ".join(f"WHEN {n} THEN '{name}'" for n, name in enumerate(OFFICES)) + " END"
    place = "CASE i % 5 " + " ".join(f"WHEN {n} THEN '{code}'" for n, code in enumerate(OFFICES.values())) + " END"
    given = {"office": office, "place": place}
    columns = [f"CAST({given.get(name, 'NULL')} AS {kind}) AS {name}" for name, kind in PROVENANCE.items()]
    columns += [f"{_value(fact, column, sizes)} AS {column.name}" for column in fact.columns.values()]
    columns.append("CAST(NULL AS VARCHAR) AS snapshot")
    return f"SELECT {', '.join(columns)} FROM range({sizes[fact.name]}) AS numbers(i)"


def _draw(fact: Fact, column: str, of: int, salt: str = "") -> str:
    """A number from 0 up to `of`, by the row's number."""
    return f"(hash(i, '{fact.name}.{column}{salt}') % {max(of, 1)})::BIGINT"


def _value(fact: Fact, column: Column, sizes: dict[str, int]) -> str:
    if column.type == "ref":
        return _reference(fact, column, sizes)
    if column.name == "line":
        return f"i % {_LINES[fact.name]} + 1"
    if column.name == "wave":
        return "['m3', 'm6', 'm12'][i // 5 % 3 + 1]"
    text = _drawn(fact, column)
    if column.required:
        return text
    return f"CASE WHEN {_draw(fact, column.name, 10, '?')} < 9 THEN {text} END"


def _reference(fact: Fact, column: Column, sizes: dict[str, int]) -> str:
    """References stay within the office: the numbers of one office all leave the same rest by five."""
    if fact.key == (column.name,):
        number = "i"
    elif fact.name in _LINES and column.name == fact.key[0]:
        # Whole runs of rows point to one; each run keeps to its office.
        number = f"(i // {5 * _LINES[fact.name]} * 5 + i % 5) % {sizes[_POOLS[column.name]]}"
    else:
        pool = sizes[_POOLS[column.name]] if column.name in _POOLS else sizes[fact.name] * 2 // 3
        number = f"{_draw(fact, column.name, pool // 5)} * 5 + i % 5"
    text = f"'{column.name[0].upper()}' || ({number})"
    often = 10 if column.required or fact.key == (column.name,) else 9
    return text if often == 10 else f"CASE WHEN {_draw(fact, column.name, 10, '?')} < {often} THEN {text} END"


def _drawn(fact: Fact, column: Column) -> str:
    draw = _draw(fact, column.name, 1_000_003)
    if column.type == "date":
        return f"DATE '2005-01-01' + ({draw} % {DAYS})::INTEGER"
    if column.type == "boolean":
        return f"{draw} % 3 > 0"
    if column.is_list:
        # What is not known is in no list.
        two = f"[{_code(column.values, draw)}, {_code(column.values, f'({draw} // 7)')}]"
        return f"list_distinct(list_filter({two}, lambda code: code <> 'U'))"
    if column.type == "code":
        return _region(draw) if column.values == "region" else _code(column.values, draw)
    if column.type == "text":
        return f"'T' || ({draw} % 1000)"
    low = column.minimum or 0
    high = min(column.maximum or 100, low + 60)
    return f"CAST({low} + {draw} % {high - low + 1} AS {SQL_TYPES[column.type]})"


def _code(values: str | None, draw: str) -> str:
    """One code of a list, the first ones more often."""
    codes = list(codelists()[values or ""].codes)[:40]
    often = [code for n, code in enumerate(codes) for _ in range(max(1, 6 - 2 * n))]
    listed = ", ".join(f"'{code}'" for code in often)
    return f"[{listed}][{draw} % {len(often)} + 1]"


def _region(draw: str) -> str:
    units: dict[str, list[str]] = {place: [] for place in OFFICES.values()}
    for code in codelists()["region"].codes.values():
        if code.attributes.get("country") in units:
            units[code.attributes["country"]].append(code.code)
    cases = []
    for n, codes in enumerate(units.values()):
        listed = ", ".join(f"'{code}'" for code in codes)
        cases.append(f"WHEN {n} THEN [{listed}][{draw} % {len(codes)} + 1]")
    return f"CASE i % 5 {' '.join(cases)} END"
