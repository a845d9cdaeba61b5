"""A document as PDF, set by Typst: tagged, with title and language, and claiming PDF/UA-1.

`report.typ` is how it looks. The fonts are ours (`fonts/`), never those of the machine; date and identifier come
from the edition, so the same document gives the same bytes. Nothing is fetched: the file imports no package.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from reports.document import Block, Chart, Document, Table

if TYPE_CHECKING:
    from typst import Compiler

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
STANDARD: Literal["ua-1"] = "ua-1"
_PIXELS_PER_INCH = 220.0


def write_pdf(document: Document, contents: str) -> bytes:
    """The PDF of a document; `contents` is the heading of its table of contents."""
    given = {
        "language": document.language, "title": document.title, "subtitle": document.subtitle,
        "header": document.header, "page_word": document.page_word, "subject": document.subject,
        "day": document.day, "marking": document.marking, "contents": contents,
        "cover": _plain(document.cover), "blocks": [_plain(block) for block in document.blocks],
    }  # fmt: skip
    day = datetime(*document.day, tzinfo=UTC)
    made = _compiler().compile(
        format="pdf", sys_inputs={"document": _json(given)}, pdf_standards=[STANDARD], timestamp=day
    )
    assert isinstance(made, bytes), "a PDF is one file"
    return made


def chart_png(chart: Chart, language: str) -> bytes:
    """One chart as a picture of 220 dots per inch, drawn as in the PDF."""
    inputs = {"chart": _json(_plain(chart)), "language": language}
    made = _compiler().compile(format="png", ppi=_PIXELS_PER_INCH, sys_inputs=inputs)
    assert isinstance(made, bytes), "a chart is one page"
    return made


def chart_svg(chart: Chart, language: str) -> bytes:
    """One chart as a drawing for a web page."""
    inputs = {"chart": _json(_plain(chart)), "language": language}
    made = _compiler().compile(format="svg", sys_inputs=inputs)
    assert isinstance(made, bytes), "a chart is one page"
    return made


@cache
def _compiler() -> Compiler:
    """One for all documents: it reads the fonts once."""
    from typst import Compiler, Fonts

    fonts = Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[FONTS])
    return Compiler(HERE / "report.typ", root=HERE, font_paths=fonts, ignore_system_fonts=True)


def _plain(block: Block) -> dict[str, Any]:
    more = {"short": block.is_short} if isinstance(block, Table) else {}
    return {"is": type(block).__name__.lower(), **asdict(block), **more}


def _json(given: Mapping[str, Any]) -> str:
    return json.dumps(given, ensure_ascii=False, default=_number)


def _number(value: object) -> str:
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"a document holds no {type(value).__name__}")
