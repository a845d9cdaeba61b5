"""The index of the pages of checks: every office, quarter and form with its state, the last quarter first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from html import escape

from pipelines.checked_files import CheckedFile
from pipelines.validation_frame import framed
from pipelines.validation_page import counted, form
from pipelines.validation_parts import heads, number, said, status, table, title_of

Group = tuple[str, str]


def index_page(files: Sequence[CheckedFile], pages: Mapping[Group, str]) -> str:
    """The index. `pages` says where the page of each group is; one without a file here is of an earlier run."""
    by_period: dict[str, dict[Group, list[CheckedFile]]] = defaultdict(dict)
    for group in pages:
        by_period[group[1]][group] = []
    for file in files:
        by_period[file.group[1]][file.group].append(file)
    # Files of no quarter first: nobody else will see them. Then the last quarter.
    periods = sorted(by_period, key=lambda period: (period == "", period), reverse=True)
    sections = [_section(period, by_period[period], pages) for period in periods]
    return framed("Checks of the offices’ files", "\n".join([_heading(files), _quarters(periods), *sections]))


def _heading(files: Sequence[CheckedFile]) -> str:
    tally = _tally(files)
    stored, held = (number(sum(getattr(f, name) for f in files)) for name in ("rows_accepted", "rows_quarantined"))
    return f"""<header>
<h1>Checks of the offices’ files <span lang="ru">Проверка файлов офисов</span></h1>
<p class="lead">{tally[0]} Rows that count: {stored}; held back: {held}.
<span lang="ru">{tally[1]} Учтено строк: {stored}; задержано: {held}.</span></p>
</header>"""


def _tally(files: Sequence[CheckedFile]) -> tuple[str, str]:
    refused, missing = (sum(file.state == state for file in files) for state in ("refused", "missing"))
    in_force = len(files) - refused - missing
    return (
        f"Files in force: {in_force}; refused: {refused}; not received: {missing}.",
        f"Действуют файлов: {in_force}; отказано: {refused}; не получено: {missing}.",
    )


def _quarters(periods: Sequence[str]) -> str:
    links = "".join(f"<li><a href='#{_id(period)}'>{said(*_name(period))}</a></li>" for period in periods)
    return f'<nav aria-label="Quarters"><ul class="quarters">{links}</ul></nav>' if len(periods) > 1 else ""


def _section(period: str, groups: Mapping[Group, Sequence[CheckedFile]], pages: Mapping[Group, str]) -> str:
    en, ru = _name(period)
    head = heads("Form|Форма", "State|Состояние")
    head += heads("Rows that count|Учтено строк", "Held back|Задержано", "Findings|Замечания", numeric=True)
    bodies = "".join(_office(group, files, pages[group]) for group, files in sorted(groups.items()))
    words = said(*_tally([file for some in groups.values() for file in some]))
    return f"""<section aria-labelledby="{_id(period)}">
<h2 id="{_id(period)}">{escape(en)} <span lang="ru">{escape(ru)}</span></h2>
<p>{words}</p>
{table(en, head, bodies)}</section>"""


def _office(group: Group, files: Sequence[CheckedFile], page: str) -> str:
    """An office and quarter: the link to its page, then a row for each form."""
    rows = [
        f"<tr><th scope='row'>{_which(file)}</th><td>{status(file.state)}</td>{counted(file)}</tr>\n"
        for file in sorted(files, key=_turn)
    ]
    if not rows:
        earlier = said("See the page, which is of an earlier run.", "См. страницу, она от прежнего запуска.")
        rows = [f"<tr><td colspan='5'>{earlier}</td></tr>\n"]
    link = f"<a href='{escape(page)}'>{said(*title_of(group))}</a>"
    return f"<tbody><tr><th scope='rowgroup' colspan='5'>{link}</th></tr>\n{''.join(rows)}</tbody>"


def _which(file: CheckedFile) -> str:
    return form(file) if file.slot else escape(file.file_name)


def _turn(file: CheckedFile) -> tuple[str, bool, str]:
    return file.slot, file.state == "refused", file.file_name


def _name(period: str) -> tuple[str, str]:
    return (period, "") if period else ("Unknown names", "Неизвестные имена")


def _id(period: str) -> str:
    return f"quarter-{period or 'unknown'}"
