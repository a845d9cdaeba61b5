"""The parts of a report that say what its figures rest on: project, completeness, checks, definitions, versions."""

from __future__ import annotations

from collections.abc import Iterator

from indicators.facts import facts
from reports import format as form
from reports.cover_sheet import CAME, due
from reports.document import ASK, GROUP, NOTE, RIGHT, Block, Bullets, Column, Paragraph, Row, Table
from reports.donor_figures import Figure, donor_code, donor_projects
from reports.edition import STATUSES
from reports.iptt import PLACE
from reports.iptt_cells import block_days
from reports.narrative_report import Report, said
from reports.report_tables import KINDS
from reports.words import REPORT_FILE, words

# What a reader of a report needs of the policy; the workbook has all of it.
_RULES = ["decided_on", "interval_width", "threshold"]
_SHORT = 16  # characters of a hash that are enough to tell versions apart


def project(report: Report) -> Iterator[Block]:
    """The table of facts: programme, donor, partners, period, day due, data, edition."""
    yield Table("", (Column("", 45), Column("", 125)), tuple(map(Row, facts_of(report))))
    yield Paragraph(report.word("facts.ask"), ASK)


def facts_of(report: Report) -> Iterator[tuple[str, str]]:
    """What the edition knows of the programme and the period, as names and values."""
    word = report.word
    yield word("cover.programme"), "; ".join(_projects(report)) or word("cover.no_project")
    yield word("facts.countries"), ", ".join(_countries(report))
    yield from cover_facts(report)


def cover_facts(report: Report) -> Iterator[tuple[str, str]]:
    """Donor, period, day due, data and edition."""
    word, language, block = report.word, report.language, report.block("quarter")
    until = report.edition.about()["data_until"] or block.end
    yield word("cover.donor"), report.donor.name[language]
    yield word("cover.period"), f"{report.called('quarter')} ({block_days(report, block)})"
    yield word("cover.due"), form.day(due(report.donor, block.end), language)
    yield word("cover.until"), form.day(until, language)
    yield word("cover.edition"), report.edition.edition_id


def _projects(report: Report) -> Iterator[str]:
    for one in donor_projects(report.edition, report.donor):
        days = {name: form.day(one[f"{name}_on"], report.language) for name in ("start", "end")}
        yield report.word("cover.dates", title=one[f"title_{report.language}"], **days)


def _countries(report: Report) -> list[str]:
    return list(dict.fromkeys(report.label("place", line.place) for line in report.table.lines if line.kind == PLACE))


def acronyms(report: Report) -> Iterator[Block]:
    """The short forms that reports use, in the order of their letters."""
    every = {
        key.partition(".")[2]: text
        for key, text in words(report.language, REPORT_FILE).items()
        if key.startswith("acronym.")
    }
    rows = tuple(Row(tuple(text.split(": ", 1))) for text in sorted(every.values()))
    yield Table("", (Column("", 30), Column("", 140)), rows)


def framework(report: Report) -> Iterator[Block]:
    """Goal, outcomes and outputs of the donor's projects, each with the figures that measure it."""
    names = [one["project"] for one in donor_projects(report.edition, report.donor)]
    results = report.edition.rows(
        "SELECT * FROM results WHERE list_contains(?, project) ORDER BY project, position", [names]
    )
    if not results:
        yield Paragraph(report.word("framework.none"))
        return
    lines = {line.indicator: line for line in reversed(list(report.wholes()))}
    rows = []
    for one in results:
        level = report.word(f"level.{one['level']}")
        rows.append(Row((f"{level} {one['result']}. {one[f'title_{report.language}']}",), GROUP))
        for code in one["indicators"] or []:
            if code in lines:
                line = lines[code]
                figures = (said(report, report.entry(line, kind).figure, report.unit(code)) for kind in KINDS)
                rows.append(Row((report.named(line), *figures)))
    headers = [report.word("column.indicator_place"), *(report.called(kind) for kind in KINDS)]
    columns = (Column(headers[0], 86), *(Column(header, 28, RIGHT) for header in headers[1:]))
    yield Table(report.word("table.framework"), columns, tuple(rows))


def target_changes(report: Report) -> Iterator[Block]:
    """What was changed in the donor's targets, by whom and why."""
    names = [one["project"] for one in donor_projects(report.edition, report.donor)]
    changes = report.edition.rows(
        "SELECT * FROM target_changes WHERE list_contains(?, project) ORDER BY changed_on, indicator, place", [names]
    )
    changes = [one for one in changes if one["indicator"] in report.table.indicators]
    if not changes:
        yield Paragraph(report.word("changes.none"))
        return
    rows = []
    for one in changes:
        unit, language = report.unit(one["indicator"]), report.language
        numbers = (
            report.word("mark.no_target") if one[key] is None else form.figure(one[key], unit, language)
            for key in ("before", "after")
        )
        name = f"{report.title(one['indicator'])}, {report.label('place', one['place'])}"
        day = form.day(one["changed_on"], language)
        rows.append(Row((day, name, one["period"], *numbers, one[f"reason_{language}"] or "")))
    headers = ("changed_on", "indicator_place", "period", "before", "after", "reason")
    widths = (25, 45, 20, 18, 18, 44)
    columns = tuple(Column(report.word(f"column.{h}"), w) for h, w in zip(headers, widths, strict=True))
    yield Table(report.word("table.changes"), columns, tuple(rows))


def completeness(report: Report) -> Iterator[Block]:
    """Who has reported for the quarter; what is missing is named, office by office."""
    period = str(report.table.reported)
    rows = report.edition.rows(
        "SELECT c.* FROM completeness AS c LEFT JOIN labels AS l ON l.list = 'place' AND l.code = c.place"
        " WHERE c.period = ? ORDER BY l.position NULLS LAST, c.office, c.export",
        [period],
    )
    found = {(row["office"], row["export"]): row["status"] for row in rows}
    came = sum(status in CAME for status in found.values())
    yield Paragraph(report.word("complete.said", came=came, expected=len(found), period=report.called("quarter")))
    offices, exports = (list(dict.fromkeys(row[key] for row in rows)) for key in ("office", "export"))
    lines = [
        Row((
            report.label("office", office),
            *(report.label("completeness", found.get((office, export), "not_expected")) for export in exports),
        ))
        for office in offices
    ]  # fmt: skip
    columns = (Column(report.word("column.office"), 50), *(Column(report.label("export", e), 30) for e in exports))
    yield Table(report.word("table.completeness"), columns, tuple(lines))
    missing = [key for key, status in found.items() if status not in CAME]
    if missing:
        names = [(report.label("office", office), report.label("export", export)) for office, export in missing]
        yield Bullets(tuple(report.word("complete.missing", office=name, export=what) for name, what in names))
        yield Paragraph(report.word("complete.not_zero"))


def checks(report: Report) -> Iterator[Block]:
    """Checks that some rows of the quarter did not pass, without any number of rows."""
    rows = report.edition.rows(
        "SELECT * FROM checks WHERE has_failed AND period = ? ORDER BY office, fact, rule",
        [str(report.table.reported)],
    )
    if not rows:
        yield Paragraph(report.word("quality.none_failing"))
        return
    known = facts()
    lines = [
        Row((
            report.label("office", row["office"]),
            known[row["fact"]].title[report.language] if row["fact"] in known else row["fact"],
            row[f"message_{report.language}"] or row["rule"],
            report.word(f"severity.{row['severity']}"),
        ))
        for row in rows
    ]  # fmt: skip
    headers, widths = ("office", "fact", "check", "severity"), (32, 32, 76, 30)
    columns = tuple(Column(report.word(f"column.{h}"), w) for h, w in zip(headers, widths, strict=True))
    yield Table(report.word("table.checks"), columns, tuple(lines))


def definitions(report: Report) -> Iterator[Block]:
    """The definition of every indicator of the report, with its unit and the donor's own number."""
    rows = []
    for code, indicator in report.table.indicators.items():
        number = donor_code(indicator, report.donor)
        unit = report.label("unit", indicator["unit"])
        name = f"{indicator[f'title_{report.language}']} ({unit}{f'; {number}' if number else ''})"
        rows.append(Row((code, name, indicator[f"definition_{report.language}"] or "")))
    headers, widths = ("code", "title", "definition"), (16, 52, 102)
    columns = tuple(Column(report.word(f"column.{h}"), w) for h, w in zip(headers, widths, strict=True))
    yield Table(report.word("table.definitions"), columns, tuple(rows))


def marks(report: Report) -> Iterator[Block]:
    """What each mark means, and how small numbers are protected."""
    rows = [
        Row((said(report, Figure(None, status, False), ""), report.word(f"meaning.{status}")))
        for status in STATUSES
        if status != "shown"
    ]
    rows.append(Row((report.word("mark.absent"), report.word("meaning.absent"))))
    rows.append(Row(("*", report.word("meaning.partial"))))
    columns = (Column(report.word("column.mark"), 32), Column(report.word("column.meaning"), 138))
    yield Table(report.word("table.marks"), columns, tuple(rows))
    policy = report.edition.rows("SELECT * FROM policy WHERE list_contains(?, key) ORDER BY key, value", [_RULES])
    meanings = tuple(row[f"meaning_{report.language}"] for row in policy if row[f"meaning_{report.language}"])
    yield Paragraph(report.word("suppression.policy") + ":")
    yield Bullets(meanings)
    yield Paragraph(report.word("about.again"), NOTE)


def about(report: Report) -> Iterator[Block]:
    """From which versions the report was made, so that it can be made again to the byte."""
    edition, word = report.edition.about(), report.word
    rows = [
        (word("cover.edition"), edition["edition_id"]),
        (word("about.hash"), (edition["figures_hash"] or "")[:_SHORT]),
        (word("about.definitions"), (edition["definitions_hash"] or "")[:_SHORT]),
        (word("about.policy"), (edition["policy_hash"] or "")[:_SHORT]),
        (word("about.profile"), report.donor.digest[:_SHORT]),
        (word("about.outline"), report.outline.digest[:_SHORT]),
    ]
    rows += [(word("about.text", name=text.name), text.digest[:_SHORT]) for text in report.texts]
    yield Table(word("table.about"), (Column("", 90), Column("", 80)), tuple(Row(row) for row in rows))
    yield Paragraph(word("about.same"), NOTE)


def signature(report: Report) -> Iterator[Block]:
    """Lines to be signed by hand."""
    names = ("certify_name", "certify_title", "certify_phone", "certify_signature", "certify_day")
    columns = (Column("", 60), Column("", 110))
    rows = tuple(Row((report.word(f"signature.{name}"), "")) for name in names)
    yield Table(report.word("signature.certify"), columns, rows)
