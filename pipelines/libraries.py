"""The versions of everything beside our own code that can alter a number of an edition."""

from __future__ import annotations

import sys
from importlib.metadata import version

# Counting, protecting, and reading what offices send. A test holds that every library we depend on is in one list.
ALTERS = (
    "duckdb", "sqlglot", "networkx", "highspy", "numpy", "tzdata", "python-calamine", "phonenumbers",
    "great-expectations",
)  # fmt: skip
# Orchestrate, write tables or show pages; what they do comes after the numbers or beside them.
ALTERS_NOTHING = (
    "pandas", "duckdb-engine", "sqlalchemy", "prefect", "fastapi", "xlsxwriter", "openpyxl", "lxml", "typst",
    "python-docx", "dash", "dash-mantine-components", "plotly", "flask", "gunicorn", "click",
)  # fmt: skip


def libraries() -> dict[str, str]:
    """Name -> version of Python (without its patch level, which is each machine's own) and of the libraries."""
    return {"python": ".".join(map(str, sys.version_info[:2])), **{name: version(name) for name in ALTERS}}
