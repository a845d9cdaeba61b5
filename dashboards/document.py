"""What every document of the dashboard begins with, the form to sign in too: never for an index, no icon to fetch."""

from __future__ import annotations

from html import escape

from dashboards.texts import text

_DOCUMENT = """<!DOCTYPE html>
<html lang="{lang}">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="icon" href="data:,">
{css}
</head>
{body}
</html>"""


def document(lang: str, words: str, css: str, body: str) -> str:
    """A document of these words for a title; `css` are links to styles and `body` its element, both HTML already."""
    return _DOCUMENT.format(lang=lang, title=escape(titled(words, lang)), css=css, body=body)


def titled(words: str, lang: str) -> str:
    """A title that says whose page it is."""
    return f"{words} · {text('programme', lang)}"
