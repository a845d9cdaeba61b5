"""The frame of the pages of checks: head and style, written into each file so that it needs nothing else."""

from __future__ import annotations

from html import escape

STYLE = """\
:root { --ink: #1c2330; --soft: #55606e; --line: #d5dae1; --paper: #ffffff; --ground: #f3f5f8;
  --good: #0b6b3a; --bad: #a11b1b; --care: #8a5200; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ebf0; --soft: #a9b3c0; --line: #3a4350; --paper: #1b212b;
  --ground: #12161d; --good: #6fd39b; --bad: #ff9a94; --care: #f2bd68; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", sans-serif; }
main { max-width: 78rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 .75rem; }
article h2 { font-size: 1.05rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
nav { margin: 0 0 1rem; }
.quarters { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; list-style: none; margin: 0; padding: 0; }
[lang="ru"] { color: var(--soft); }
h1 [lang="ru"], p > [lang="ru"], caption [lang="ru"], tbody th > [lang="ru"], thead [lang="ru"] { display: block; }
h1 [lang="ru"] { font-size: 1.1rem; font-weight: 400; }
article, .scroll { background: var(--paper); }
article { border: 1px solid var(--line); border-radius: 6px; padding: 1rem; margin: 1rem 0; }
article.refused { border-left: 5px solid var(--bad); }
article.missing { border-left: 5px solid var(--care); }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 4px; margin: .5rem 0; }
.scroll:focus-visible, a:focus-visible, summary:focus-visible { outline: 3px solid #2f6fde; outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: .5rem .6rem 0; font-weight: 600; }
caption [lang="ru"] { font-weight: 400; }
th, td { text-align: left; vertical-align: top; padding: .45rem .6rem; border-top: 1px solid var(--line); }
thead th { font-size: .85rem; border-top: 0; background: var(--ground); white-space: nowrap; }
thead [lang="ru"] { font-weight: 400; }
tbody th { font-weight: 400; min-width: 14rem; overflow-wrap: anywhere; }
.n { text-align: right; white-space: nowrap; }
.rows { max-width: 22rem; }
.code, code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .85em; }
th code, td code { display: block; color: var(--soft); }
th[scope="rowgroup"] { background: var(--ground); font-weight: 600; padding-top: .9rem; }
th[scope="rowgroup"] [lang="ru"] { display: inline; font-weight: 400; }
.badge, .severity { white-space: nowrap; font-weight: 600; }
.badge [lang="ru"], .severity [lang="ru"] { font-weight: 400; }
.severity [lang="ru"] { display: block; padding-left: 1.3em; }
td > [lang="ru"] { display: block; }
.period { white-space: nowrap; }
.shape { display: inline-block; width: 1.1em; text-align: center; }
.accepted, td.kept { color: var(--good); } .unchanged.badge { color: var(--soft); }
.badge.refused, .severity.refuse, td.broken { color: var(--bad); }
.severity.quarantine, .severity.warn, .badge.missing { color: var(--care); }
article.accepted { color: inherit; }
summary { cursor: pointer; padding: .4rem 0; }
a { color: inherit; text-underline-offset: .3em; }
th[id] { min-width: 19rem; }
p { margin: .25rem 0 .5rem; }
@media (max-width: 40rem) { tbody th, th[id] { min-width: 8.5rem; }
  th[scope="rowgroup"] span { display: block; width: max-content; max-width: calc(100vw - 4rem); }
  th[scope="rowgroup"] [lang="ru"] { display: block; }
  .badge [lang="ru"] { display: block; padding-left: 1.3em; } }
@media print { body, article, .scroll { background: none; }
  tr { break-inside: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; } .scroll { overflow: visible; } }
"""

FRAME = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="robots" content="noindex">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""


def framed(title: str, body: str) -> str:
    """A whole document from its title and the HTML of its body."""
    return FRAME.replace("{style}", STYLE).replace("{title}", escape(title)).replace("{body}", body)
