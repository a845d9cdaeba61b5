"""The page of one office and quarter: what to put right, every rule with its counts, what each rule means.

One self-contained HTML file in English and Russian. It holds file names, row numbers, fields and
counts; no value of a row, no script, nothing from the network.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

from pipelines.checked_files import Checked, CheckedFile
from pipelines.findings import Finding, Severity
from pipelines.validation_frame import framed
from pipelines.validation_parts import (
    NEEDS_A_HAND,
    WORST_FIRST,
    both,
    export_names,
    heads,
    marked,
    number,
    said,
    severity,
    status,
    table,
    title_of,
)

_ROWS_LISTED = 60


@dataclass(frozen=True)
class _Trouble:
    """All findings of one rule in one field of one sheet."""

    rule: str
    severity: Severity
    sheet: str
    field: str
    message_en: str
    message_ru: str
    rows: tuple[int, ...]
    count: int


def validation_page(group: tuple[str, str], files: Sequence[CheckedFile], index: str) -> str:
    """The page of a group (office and quarter) and its files; `index` is the address of the page above it."""
    files = sorted(files, key=_turn)
    articles = "\n".join(_file(file) for file in files)
    body = "\n".join([_heading(group, files, index), _summary(files), articles, _rules(files)])
    return framed(title_of(group)[0], body)


def _turn(file: CheckedFile) -> tuple[bool, bool, str, str]:
    """What needs a hand stands on top: refused and missing files, then those with findings."""
    return file.state not in NEEDS_A_HAND, not file.findings, file.slot, file.file_name


def _heading(group: tuple[str, str], files: Sequence[CheckedFile], index: str) -> str:
    en, ru = title_of(group)
    counts = {state: sum(file.state == state for file in files) for state in ("refused", "missing")}
    in_force = len(files) - sum(counts.values())
    stored, held = (number(sum(n)) for n in zip(*((f.rows_accepted, f.rows_quarantined) for f in files), strict=True))
    return f"""<header>
<nav aria-label="Checks"><a href="{escape(index)}">{said("All offices and quarters", "Все офисы и кварталы")}</a></nav>
<h1>{escape(en)} <span lang="ru">{escape(ru)}</span></h1>
<p class="lead">Files in force: {in_force}; refused: {counts["refused"]}; not received: {counts["missing"]}.
Rows that count: {stored}; held back: {held}.
<span lang="ru">Действуют файлов: {in_force}; отказано: {counts["refused"]}; не получено: {counts["missing"]}.
Учтено строк: {stored}; задержано: {held}.</span></p>
</header>"""


def _summary(files: Sequence[CheckedFile]) -> str:
    head = heads("File|Файл", "State|Состояние", "Form|Форма")
    head += heads("Rows that count|Учтено строк", "Held back|Задержано", "Findings|Замечания", numeric=True)
    rows = "".join(_summary_row(file) for file in files)
    return f"""<section aria-labelledby="files">
<h2 id="files">Files <span lang="ru">Файлы</span></h2>
{table("Files", head, f"<tbody>{rows}</tbody>")}</section>"""


def _summary_row(file: CheckedFile) -> str:
    return (
        f"<tr><th scope='row'><a href='#{anchor(file)}'>{escape(file.file_name)}</a></th>"
        f"<td>{status(file.state)}</td><td>{form(file)}</td>{counted(file)}</tr>\n"
    )


def form(file: CheckedFile) -> str:
    """Which of the office's files it is, and the exports in it."""
    return f"<code>{escape(file.slot)}</code> {said(*export_names(file.exports))}" if file.slot else "–"


def counted(file: CheckedFile) -> str:
    """Cells: rows that count, rows held back, findings. Of what was not taken in there is no number."""
    findings = number(sum(finding.count for finding in file.findings))
    rows = [number(file.rows_accepted), number(file.rows_quarantined)]
    if file.state in NEEDS_A_HAND:
        rows, findings = ["–", "–"], findings if file.findings else "–"
    return "".join(f"<td class='n'>{cell}</td>" for cell in (*rows, findings))


def _file(file: CheckedFile) -> str:
    return f"""<article id="{anchor(file)}" class="{file.state}">
<h2>{escape(file.file_name)} {status(file.state)}</h2>
{_standing(file)}{"" if file.state == "missing" else _troubles(file) + _checks(file)}</article>"""


def _standing(file: CheckedFile) -> str:
    """What the state means for the figures."""
    if file.state == "unchanged":
        return both("p", "Taken in before; nothing has changed.", "Принят ранее; изменений нет.")
    if file.state == "missing":
        return both(
            "p", "The office owes this file and none is in force; for the figures it is missing, not zero. Put it into "
            "the office’s folder under this name.",
            "Офис должен прислать этот файл, действующего нет; в показателях он отсутствует, а не равен нулю. "
            "Поместите его в папку офиса под этим именем.",
        )  # fmt: skip
    if file.has_earlier:
        return both(
            "p", "Nothing of this file was stored; the file accepted before it stays in force.",
            "Из этого файла ничего не сохранено; действует принятый до него.",
        )  # fmt: skip
    if file.state == "refused":
        return both(
            "p", "Nothing of this file was stored; for the figures it is missing, not zero.",
            "Из этого файла ничего не сохранено; в показателях он отсутствует, а не равен нулю.",
        )  # fmt: skip
    return ""


def _troubles(file: CheckedFile) -> str:
    """What to put right: findings by rule, with the rows."""
    troubles = _by_rule(file.findings)
    if not troubles:
        return both("p", "No findings.", "Замечаний нет.")
    head = heads("What follows|Последствие", "Finding|Замечание", "Sheet|Лист", "Field|Поле", "Rows|Строки")
    head += heads("Number|Кол-во", numeric=True)
    rows = "".join(_trouble_row(trouble) for trouble in troubles)
    caption = both("caption", "What to put right", "Что исправить")
    return table(f"What to put right in {file.file_name}", head, f"<tbody>{rows}</tbody>", caption)


def _trouble_row(trouble: _Trouble) -> str:
    listed = ", ".join(map(str, trouble.rows[:_ROWS_LISTED])) + (" …" if len(trouble.rows) > _ROWS_LISTED else "")
    return (
        f"<tr><td>{severity(trouble.severity)}</td><th scope='row'>{said(trouble.message_en, trouble.message_ru)}"
        f"<code>{escape(trouble.rule)}</code></th><td>{escape(trouble.sheet) or '–'}</td>"
        f"<td class='code'>{escape(trouble.field) or '–'}</td><td class='rows'>{listed or '–'}</td>"
        f"<td class='n'>{number(trouble.count)}</td></tr>\n"
    )


def _by_rule(findings: Iterable[Finding]) -> list[_Trouble]:
    groups: dict[tuple[str, Severity, str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.rule, finding.severity, finding.sheet, finding.field].append(finding)
    troubles = [
        _Trouble(
            rule, of, sheet, field, some[0].message_en, some[0].message_ru,
            tuple(sorted({f.row for f in some if f.row is not None})), sum(f.count for f in some),
        )
        for (rule, of, sheet, field), some in groups.items()
    ]  # fmt: skip
    return sorted(troubles, key=lambda t: (WORST_FIRST.index(t.severity), t.sheet, t.rule))


def _checks(file: CheckedFile) -> str:
    """Every rule that was checked, kept or broken; folded away, for it is long."""
    if not file.checks:
        return ""
    broken = sum(check.rows_failed > 0 for check in file.checks)
    summary = said(
        f"All {len(file.checks)} rules, {broken} of them broken", f"Все правила: {len(file.checks)}, нарушено: {broken}"
    )
    head = heads("Rule|Правило", "What follows|Последствие", "Result|Итог")
    head += heads("Rows checked|Проверено строк", "Rows failed|С нарушением", numeric=True)
    rows = "".join(_check_row(check) for check in file.checks)
    return f"""<details><summary>{summary}</summary>
{table(f"Rules of {file.file_name}", head, f"<tbody>{rows}</tbody>")}</details>"""


def _check_row(check: Checked) -> str:
    word, shape, ru = ("broken", "✕", "нарушено") if check.rows_failed else ("kept", "✓", "соблюдено")
    rule = escape(check.rule)
    return (
        f"<tr><th scope='row'><a class='code' href='#{rule}'>{rule}</a></th><td>{severity(check.severity)}</td>"
        f"<td class='{word}'>{marked(shape, word, ru)}</td>"
        f"<td class='n'>{number(check.rows_checked)}</td><td class='n'>{number(check.rows_failed)}</td></tr>\n"
    )


def _rules(files: Sequence[CheckedFile]) -> str:
    """What each rule of the page means, said once."""
    rules = {check.rule: check for file in files for check in file.checks}
    if not rules:
        return ""
    rows = "".join(
        f"<tr><th scope='row' id='{escape(rule)}'><code>{escape(rule)}</code></th>"
        f"<td>{severity(check.severity)}</td><td>{said(check.message_en, check.message_ru)}</td></tr>\n"
        for rule, check in sorted(rules.items())
    )
    head = heads("Rule|Правило", "What follows|Последствие", "What it says|Что проверяется")
    return f"""<section aria-labelledby="rules">
<h2 id="rules">Rules <span lang="ru">Правила</span></h2>
{table("Rules and what they mean", head, f"<tbody>{rows}</tbody>")}</section>"""


def anchor(file: CheckedFile) -> str:
    """Where a file stands on its page; a file in force and a refused one may have one name."""
    known_by = f"{file.office}/{file.slot}/{file.file_name}/{file.state == 'refused'}"
    return "file-" + hashlib.sha256(known_by.encode()).hexdigest()[:12]
