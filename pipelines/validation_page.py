"""The validation page: one self-contained HTML file for a run, for the offices and whoever checks them.

It says which rule was kept by how many rows and where it was broken, in English and Russian. It holds
file names, row numbers, fields and counts; no value of a row, no script, nothing from the network.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from pipelines.findings import Finding, Severity
from pipelines.receipts import Receipt
from pipelines.validate import CheckResult
from pipelines.validation_frame import FRAME, STYLE

# Said by word and by shape, never by colour alone.
_STATUS = {
    "accepted": ("✓", "Accepted", "Принят"),
    "unchanged": ("=", "Unchanged", "Без изменений"),
    "refused": ("✕", "Refused", "Отказано"),
}
_SEVERITY: Mapping[Severity, tuple[str, str, str]] = {
    "refuse": ("✕", "refuses the file", "отказ в приёме файла"),
    "quarantine": ("▲", "holds the row back", "строка задержана"),
    "warn": ("●", "warning", "предупреждение"),
}
_WORST_FIRST = list(_SEVERITY)
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


def validation_page(receipts: Sequence[Receipt]) -> str:
    """The page of a run: a summary of all files, one section for each office and quarter, what the rules mean."""
    groups: dict[tuple[str, str], list[Receipt]] = defaultdict(list)
    for receipt in receipts:
        groups[receipt.office, receipt.period].append(receipt)
    sections = [_section(office, period, some) for (office, period), some in sorted(groups.items())]
    body = "\n".join([_heading(receipts), _summary(receipts), *sections, _rules(receipts)])
    return FRAME.replace("{style}", STYLE).replace("{body}", body)


def _heading(receipts: Sequence[Receipt]) -> str:
    refused = sum(r.status == "refused" for r in receipts)
    held = sum(r.rows_quarantined for r in receipts)
    stored = sum(r.rows_accepted for r in receipts)
    return f"""<header>
<h1>Checks of the offices’ files <span lang="ru">Проверка файлов офисов</span></h1>
<p class="lead">{len(receipts)} files: {len(receipts) - refused} in force, {refused} refused.
{_number(stored)} rows count, {_number(held)} are held back.
<span lang="ru">Файлов: {len(receipts)}; действуют: {len(receipts) - refused}, отказано: {refused}.
Учтено строк: {_number(stored)}, задержано: {_number(held)}.</span></p>
</header>"""


def _summary(receipts: Sequence[Receipt]) -> str:
    rows = "".join(_summary_row(receipt) for receipt in _sorted(receipts))
    return f"""<section aria-labelledby="files">
<h2 id="files">Files <span lang="ru">Файлы</span></h2>
<div class="scroll" tabindex="0" role="region" aria-label="Files"><table>
<thead><tr>{_heads("Office|Офис", "Period|Период", "File|Файл", "Status|Состояние")}
{_heads("Rows that count|Учтено строк", "Held back|Задержано", "Findings|Замечания", numeric=True)}</tr></thead>
<tbody>{rows}</tbody></table></div></section>"""


def _summary_row(receipt: Receipt) -> str:
    findings = sum(finding.count for finding in receipt.findings)
    anchor = _anchor(receipt)
    return (
        f"<tr><td>{escape(receipt.office or '–')}</td><td class='period'>{escape(receipt.period or '–')}</td>"
        f"<th scope='row'><a href='#{anchor}'>{escape(receipt.file_name)}</a></th><td>{_status(receipt.status)}</td>"
        f"<td class='n'>{_number(receipt.rows_accepted)}</td><td class='n'>{_number(receipt.rows_quarantined)}</td>"
        f"<td class='n'>{_number(findings)}</td></tr>"
    )


def _section(office: str, period: str, receipts: Sequence[Receipt]) -> str:
    title = f"{office or 'Unknown office'} · {period or 'unknown period'}"
    name = f"{office}-{period}" if office or period else "unknown"
    files = "\n".join(_file(receipt) for receipt in _sorted(receipts))
    return f"""<section class="office" aria-labelledby="{escape(name)}">
<h2 id="{escape(name)}">{escape(title)}</h2>
{files}</section>"""


def _file(receipt: Receipt) -> str:
    parts = [_troubles(receipt), _checks(receipt)]
    if receipt.status == "unchanged":
        parts.insert(0, _both("p", "Taken in before; nothing has changed.", "Принят ранее; изменений нет."))
    if receipt.status == "refused":
        parts.insert(0, _both(
            "p", "Nothing of this file was stored; for the figures it is missing, not zero.",
            "Из этого файла ничего не сохранено; в показателях он отсутствует, а не равен нулю.",
        ))  # fmt: skip
    return f"""<article id="{_anchor(receipt)}" class="{receipt.status}">
<h3>{escape(receipt.file_name)} {_status(receipt.status)}</h3>
{"".join(parts)}</article>"""


def _troubles(receipt: Receipt) -> str:
    """What to put right: findings by rule, with the rows."""
    troubles = _by_rule(receipt.findings)
    if not troubles:
        return _both("p", "No findings.", "Замечаний нет.")
    rows = "".join(_trouble_row(trouble) for trouble in troubles)
    caption = _both("caption", "What to put right", "Что исправить")
    return f"""<div class="scroll" tabindex="0" role="region" aria-label="What to put right"><table>{caption}
<thead><tr>{_heads("What follows|Последствие", "Finding|Замечание", "Sheet|Лист", "Field|Поле", "Rows|Строки")}
{_heads("Number|Кол-во", numeric=True)}</tr></thead><tbody>{rows}</tbody></table></div>"""


def _trouble_row(trouble: _Trouble) -> str:
    listed = ", ".join(map(str, trouble.rows[:_ROWS_LISTED])) + (" …" if len(trouble.rows) > _ROWS_LISTED else "")
    return (
        f"<tr><td>{_severity(trouble.severity)}</td><th scope='row'>{_message(trouble.message_en, trouble.message_ru)}"
        f"<code>{escape(trouble.rule)}</code></th><td>{escape(trouble.sheet) or '–'}</td>"
        f"<td class='code'>{escape(trouble.field) or '–'}</td><td class='rows'>{listed or '–'}</td>"
        f"<td class='n'>{_number(trouble.count)}</td></tr>"
    )


def _by_rule(findings: Iterable[Finding]) -> list[_Trouble]:
    groups: dict[tuple[str, Severity, str, str], list[Finding]] = defaultdict(list)
    for finding in findings:
        groups[finding.rule, finding.severity, finding.sheet, finding.field].append(finding)
    troubles = [
        _Trouble(
            rule, severity, sheet, field, some[0].message_en, some[0].message_ru,
            tuple(sorted({f.row for f in some if f.row is not None})), sum(f.count for f in some),
        )
        for (rule, severity, sheet, field), some in groups.items()
    ]  # fmt: skip
    return sorted(troubles, key=lambda t: (_WORST_FIRST.index(t.severity), t.sheet, t.rule))


def _checks(receipt: Receipt) -> str:
    """Every rule that was checked, kept or broken; folded away, for it is long."""
    if not receipt.checks:
        return ""
    broken = sum(check.rows_failed > 0 for check in receipt.checks)
    summary = _message(
        f"All {len(receipt.checks)} rules, {broken} of them broken",
        f"Все правила: {len(receipt.checks)}, нарушено: {broken}",
    )
    rows = "".join(_check_row(check) for check in receipt.checks)
    return f"""<details><summary>{summary}</summary>
<div class="scroll" tabindex="0" role="region" aria-label="Rules"><table>
<thead><tr>{_heads("Rule|Правило", "Severity|Последствие", "Result|Итог")}
{_heads("Rows checked|Проверено строк", "Rows failed|С нарушением", numeric=True)}</tr></thead>
<tbody>{rows}</tbody></table></div></details>"""


def _check_row(check: CheckResult) -> str:
    rule = check.rule
    shape, word = ("✕", "broken") if check.rows_failed else ("✓", "kept")
    return (
        f"<tr><th scope='row'><a class='code' href='#{escape(rule.id)}'>{escape(rule.id)}</a></th>"
        f"<td>{escape(rule.severity)}</td><td class='{word}'>{shape} {word}</td>"
        f"<td class='n'>{_number(check.rows_checked)}</td><td class='n'>{_number(check.rows_failed)}</td></tr>\n"
    )


def _rules(receipts: Sequence[Receipt]) -> str:
    """What each rule of the run means, said once."""
    rules = {check.rule.id: check.rule for receipt in receipts for check in receipt.checks}
    if not rules:
        return ""
    rows = "".join(
        f"<tr><th scope='row' id='{escape(rule.id)}'><code>{escape(rule.id)}</code></th>"
        f"<td>{_severity(rule.severity)}</td><td>{_message(rule.message_en, rule.message_ru)}</td></tr>\n"
        for _, rule in sorted(rules.items())
    )
    return f"""<section aria-labelledby="rules">
<h2 id="rules">Rules <span lang="ru">Правила</span></h2>
<div class="scroll" tabindex="0" role="region" aria-label="Rules and what they mean"><table>
<thead><tr>{_heads("Rule|Правило", "What follows|Последствие", "What it says|Что проверяется")}</tr></thead>
<tbody>{rows}</tbody></table></div></section>"""


def _sorted(receipts: Sequence[Receipt]) -> list[Receipt]:
    """Refused files first, then those with findings: what needs a hand stands on top."""
    return sorted(receipts, key=lambda r: (r.status != "refused", not r.findings, r.office, r.period, r.file_name))


def _anchor(receipt: Receipt) -> str:
    return "file-" + hashlib.sha256(f"{receipt.office}/{receipt.file_name}".encode()).hexdigest()[:12]


def _heads(*words: str, numeric: bool = False) -> str:
    kind = " class='n'" if numeric else ""
    return "".join(f"<th scope='col'{kind}>{_message(*pair.split('|'))}</th>" for pair in words)


def _status(status: str) -> str:
    shape, en, ru = _STATUS[status]
    return f"<span class='badge {status}'>{_mark(shape, en, ru)}</span>"


def _severity(severity: Severity) -> str:
    shape, en, ru = _SEVERITY[severity]
    return f"<span class='severity {severity}'>{_mark(shape, en, ru)}</span>"


def _mark(shape: str, en: str, ru: str) -> str:
    return f"<span aria-hidden='true' class='shape'>{shape}</span> {_message(en, ru)}"


def _message(en: str, ru: str) -> str:
    return f"<span>{escape(en)}</span> <span lang='ru'>{escape(ru)}</span>"


def _both(tag: str, en: str, ru: str) -> str:
    return f"<{tag}>{_message(en, ru)}</{tag}>"


def _number(count: int) -> str:
    return f"{count:,}".replace(",", "\u202f")
