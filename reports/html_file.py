"""A document as one web page that needs nothing else: no script, no font, no address of another machine."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from html import escape

from reports.document import GROUP, RIGHT, Block, Bullets, Chart, Document, Heading, NewPage, Paragraph, Table
from reports.pdf_file import chart_svg

_STYLE = """
body { font: 16px/1.5 Arial, "Liberation Sans", sans-serif; max-width: 50rem; margin: 2rem auto; padding: 0 1rem; }
h1, h2, h3, h4, caption, figcaption { color: #1f3a5f; }
h2 { border-top: 2px solid #1f3a5f; padding-top: .5rem; margin-top: 2rem; }
h3 { margin: 1.2rem 0 .2rem; } ul { margin: .2rem 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .85rem; }
caption, figcaption { text-align: left; font-weight: bold; margin-bottom: .3rem; }
th, td { border-bottom: 1px solid #bfbfbf; padding: .25rem .4rem; text-align: left; vertical-align: top; }
thead th { background: #1f3a5f; color: #fff; } .number { text-align: right; }
.group th { background: #e3e8ef; }
.note, .subtitle { color: #595959; font-size: .85rem; } .ask { background: #fff8d6; padding: .5rem; }
figure { margin: 1rem 0; } img { max-width: 100%; }
"""


def write_html(document: Document) -> bytes:
    """The page of a document, in UTF-8. Its title is the only heading of the first level."""
    body = "\n".join(line for block in (document.cover, *document.blocks) for line in _block(block, document.language))
    return (
        f'<!doctype html>\n<html lang="{document.language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="description" content="{escape(document.subject)}">\n'
        f"<title>{escape(document.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f'<h1>{escape(document.title)}</h1>\n<p class="subtitle">{escape(document.subtitle)}</p>\n{body}\n</main>\n'
        f'<footer class="note">{escape(document.header)}</footer>\n</body>\n</html>\n'
    ).encode()


def _block(block: Block, language: str) -> Iterator[str]:
    match block:
        case Heading():
            level = min(block.level + 1, 6)
            yield f"<h{level}>{escape(f'{block.number} {block.text}'.strip())}</h{level}>"
        case Paragraph():
            yield f'<p class="{block.kind}">{escape(block.text)}</p>'
        case Bullets():
            yield "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in block.items) + "</ul>"
        case Table():
            yield from _table(block)
        case Chart():
            drawing = base64.b64encode(chart_svg(block, language)).decode()
            yield f"<figure><figcaption>{escape(block.caption)}</figcaption>"
            yield f'<img src="data:image/svg+xml;base64,{drawing}" alt="{escape(block.alt)}"></figure>'
        case NewPage():
            pass


def _table(block: Table) -> Iterator[str]:
    if not block.rows:
        return
    sides = [' class="number"' if column.align == RIGHT else "" for column in block.columns]
    yield '<div class="wide"><table>'
    if block.caption:
        yield f"<caption>{escape(block.caption)}</caption>"
    if any(column.header for column in block.columns):
        heads = zip(sides, block.columns, strict=True)
        cells = "".join(f'<th scope="col"{side}>{escape(column.header)}</th>' for side, column in heads)
        yield f"<thead><tr>{cells}</tr></thead>"
    yield "<tbody>"
    for row in block.rows:
        if row.kind == GROUP:
            yield f'<tr class="group"><th scope="colgroup" colspan="{len(sides)}">{escape(row.cells[0])}</th></tr>'
        else:
            cells = "".join(
                f"<td{side}>{escape(cell)}</td>" for side, cell in zip(sides[1:], row.cells[1:], strict=True)
            )
            yield f'<tr><th scope="row">{escape(row.cells[0])}</th>{cells}</tr>'
    yield "</tbody></table></div>"
