"""The tables and charts of a report that hold figures. Each function gives the blocks of one part."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from decimal import ROUND_HALF_UP, Decimal

from reports import format as form
from reports.deviation import deviations
from reports.document import (
    ASK,
    GROUP,
    LEFT,
    NOTE,
    RIGHT,
    Bar,
    Block,
    Bullets,
    Chart,
    Column,
    Heading,
    Paragraph,
    Row,
    Table,
)  # fmt: skip
from reports.donor_figures import Figure
from reports.edition import REGION
from reports.iptt import ABSENT, FAMILY, Line
from reports.narrative_report import Report, legend, met, met_said, said, target_said

KINDS = ("quarter", "year", "life")
# A bar ends at one and a half times the target; what is longer is drawn so far, with a point.
_LONGEST_BAR = Decimal("1.5")
_NO_LENGTH = Decimal(0)
_HAS_PEOPLE = ("persons", "contacts", "events", "organisations", "recommendations", "copies", "cases", "services")


def summary(report: Report) -> Iterator[Block]:
    """Every target of the reporting quarter, what came of it, and where year and project stand."""
    words = ("indicator_place", "target", "actual", "percent", "state")
    widths = (50, 17, 21, 17, 22, 22, 21)
    headers = [*(report.word(f"column.{word}") for word in words), report.called("year"), report.called("life")]
    lines = report.headlines()
    rows = [row for family, some in _by_family(report, lines) for row in _group(report, family, some, _summary_row)]
    caption = report.word("table.summary", period=report.called("quarter"))
    yield _table(caption, headers, widths, rows)
    yield from legend(report, (report.entry(line, kind).figure for line in lines for kind in KINDS))


def _summary_row(report: Report, line: Line) -> Row:
    entry, unit = report.entry(line, "quarter"), report.unit(line.indicator)
    direction = report.table.indicators[line.indicator]["direction"]
    state = report.word(f"state.{entry.progress.state}") if entry.progress else ""
    later = [said(report, report.entry(line, kind).figure, unit) for kind in ("year", "life")]
    return Row((
        report.named(line), target_said(report, entry, unit), said(report, entry.figure, unit),
        met_said(report, entry, direction), state, *later,
    ))  # fmt: skip


def progress_chart(report: Report) -> Iterator[Block]:
    """A bar for every target of the quarter: how much of it is met."""
    bars = [bar for line in report.headlines() for bar in _progress_bar(report, line)]
    if not bars:
        return
    caption = report.word("chart.progress", period=report.called("quarter"))
    alt = f"{caption}. " + "; ".join(f"{bar.name}: {bar.text}" for bar in bars)
    yield Chart(caption, alt, tuple(bars), _fraction(1 / _LONGEST_BAR), report.word("chart.target"))


def _progress_bar(report: Report, line: Line) -> Iterator[Bar]:
    entry, unit = report.entry(line, "quarter"), report.unit(line.indicator)
    if entry.target is None:
        return
    direction = report.table.indicators[line.indicator]["direction"]
    share, actual = met(entry, direction), said(report, entry.figure, unit)
    target = form.figure(entry.target, unit, report.language)
    if share is None:
        yield Bar(report.named(line), report.word("chart.no_share", actual=actual, target=target), None)
        return
    words = {"share": met_said(report, entry, direction), "actual": actual, "target": target}
    length = _fraction(min(max(share, _NO_LENGTH), _LONGEST_BAR) / _LONGEST_BAR)
    yield Bar(report.named(line), report.word("chart.share", **words), length, share > _LONGEST_BAR)


def results(report: Report) -> Iterator[Block]:
    """By family: what was reached in a sentence each, a chart of the countries, and all figures by country."""
    every = list(report.wholes())
    headlines = report.headlines()
    for family, lines in _by_family(report, every):
        yield Heading(3, report.label("family", family))
        sentences = [_sentence(report, line) for line in headlines if line in lines and _is_promised(report, line)]
        if sentences:
            yield Bullets(tuple(sentences))
        yield from _country_chart(report, [line for line in headlines if line in lines] or lines, lines)
        codes = list(dict.fromkeys(line.indicator for line in lines))
        yield from by_country(report, codes, report.label("family", family))


def _is_promised(report: Report, line: Line) -> bool:
    return any(report.entry(line, kind).target is not None for kind in KINDS)


def _sentence(report: Report, line: Line) -> str:
    """Quarter, target, year and project in one line; a colon between, so that no language has to inflect."""
    unit = report.unit(line.indicator)
    entry = report.entry(line, "quarter")
    direction = report.table.indicators[line.indicator]["direction"]
    pieces = [said(report, entry.figure, unit)]
    if entry.target is not None:
        target = form.figure(entry.target, unit, report.language)
        key = "results.target" if met(entry, direction) is None else "results.met"
        pieces.append(report.word(key, target=target, share=met_said(report, entry, direction)))
    later = [f"{report.called(kind)}: {said(report, report.entry(line, kind).figure, unit)}" for kind in KINDS[1:]]
    return f"{report.named(line)}: {' '.join(pieces)}; {'; '.join(later)}."


def _country_chart(report: Report, wanted: Sequence[Line], lines: Sequence[Line]) -> Iterator[Block]:
    """The countries side by side, for the first of the wanted indicators that counts something."""
    code = next((line.indicator for line in wanted if report.unit(line.indicator) in _HAS_PEOPLE), None)
    found = [line for line in lines if line.indicator == code and line.place != REGION]
    values = [report.entry(line, "quarter").figure.value for line in found]
    if code is None or sum(value is not None and value > 0 for value in values) < 2:
        return
    most = max(value for value in values if value is not None)
    bars = tuple(
        Bar(
            report.label("place", line.place), said(report, report.entry(line, "quarter").figure, report.unit(code)),
            None if value is None else _fraction(value / most),
        )
        for line, value in zip(found, values, strict=True)
    )  # fmt: skip
    caption = report.word("chart.countries", title=report.title(code), period=report.called("quarter"))
    yield Chart(caption, f"{caption}. " + "; ".join(f"{bar.name}: {bar.text}" for bar in bars), bars)


def by_country(report: Report, codes: Sequence[str], name: str) -> Iterator[Block]:
    """The quarter's figures of some indicators, region and countries in columns."""
    lines = {(line.indicator, line.place): line for line in report.wholes()}
    places = sorted({place for _, place in lines} - {REGION}, key=lambda place: report.position("place", place))
    places = [REGION, *places]
    headers = [report.word("column.title"), *(report.label("place", place) for place in places)]
    found = {key: report.entry(line, "quarter").figure for key, line in lines.items() if key[0] in codes}
    rows = [
        Row((
            report.title(code),
            *(said(report, found.get((code, place), ABSENT), report.unit(code)) for place in places),
        ))
        for code in codes
    ]  # fmt: skip
    caption = report.word("table.by_country", name=name, period=report.called("quarter"))
    yield _table(caption, headers, (32, *[23] * len(places)), rows)
    yield from legend(report, found.values())


def network(report: Report) -> Iterator[Block]:
    """The family of the NGO network by country."""
    codes = [code for code, row in report.table.indicators.items() if row["family"] == "network"]
    if codes:
        yield from by_country(report, codes, report.label("family", "network"))
    else:
        yield Paragraph(report.word("table.no_network"))


def by_sex(report: Report) -> Iterator[Block]:
    """The quarter's regional figures of women and men, of every indicator that tells them apart."""
    found = {code: report.parts(code, REGION, "sex") for code in report.table.indicators}
    found = {code: lines for code, lines in found.items() if lines}
    if not found:
        yield Paragraph(report.word("table.no_sex"))
        return
    codes = sorted({line.category for lines in found.values() for line in lines})
    codes.sort(key=lambda code: report.position("sex", code))
    figure = {
        (code, line.category): report.entry(line, "quarter").figure for code, lines in found.items() for line in lines
    }
    rows = [
        Row((report.title(code), *(said(report, figure.get((code, one), ABSENT), report.unit(code)) for one in codes)))
        for code in found
    ]
    headers = [report.word("column.title"), *(report.label("sex", code) for code in codes)]
    yield _table(report.word("table.by_sex", period=report.called("quarter")), headers, (60, *[27] * len(codes)), rows)
    yield from legend(report, figure.values())


def breakdown_tables(report: Report) -> Iterator[Block]:
    """Every disaggregation of the region that is published: a table for each indicator."""
    for code in report.table.indicators:
        rows: list[Row] = []
        figures: list[Figure] = []
        for breakdown in report.table.table.breakdowns:
            lines = report.parts(code, REGION, breakdown)
            if lines:
                rows.append(Row((report.label("breakdown", breakdown),), GROUP))
                rows += [_part_row(report, line) for line in lines]
                figures += [report.entry(line, kind).figure for line in lines for kind in KINDS]
        if rows:
            headers = [report.word("column.breakdown"), *(report.called(kind) for kind in KINDS)]
            caption = report.word("table.breakdowns", code=code, title=report.title(code))
            yield _table(caption, headers, (70, 33, 33, 33), rows)
            yield from legend(report, figures)
    if report.table.unpublished:
        yield Paragraph(report.word("table.unpublished"), NOTE)


def _part_row(report: Report, line: Line) -> Row:
    unit = report.unit(line.indicator)
    figures = (report.entry(line, kind).figure for kind in KINDS)
    return Row((report.label(line.breakdown, line.category), *(said(report, figure, unit) for figure in figures)))


def all_indicators(report: Report) -> Iterator[Block]:
    """Targets and actuals of quarter, year and project for every indicator, the region and each country's targets."""
    headlines = report.headlines()
    lines = [line for line in report.wholes() if line.place == REGION or line in headlines]
    headers = [report.word("column.indicator_place")]
    for kind in KINDS:
        headers += [f"{report.called(kind)}: {report.word(f'column.{name}').lower()}" for name in ("target", "actual")]
    rows = [row for family, some in _by_family(report, lines) for row in _group(report, family, some, _all_row)]
    yield _table(report.word("table.all"), headers, (50, *[20] * 6), rows)
    yield from legend(report, (report.entry(line, kind).figure for line in lines for kind in KINDS))


def _all_row(report: Report, line: Line) -> Row:
    unit = report.unit(line.indicator)
    cells = [f"{line.indicator} {report.named(line)}"]
    for kind in KINDS:
        entry = report.entry(line, kind)
        cells += [target_said(report, entry, unit), said(report, entry.figure, unit)]
    return Row(tuple(cells))


def deviation_table(report: Report) -> Iterator[Block]:
    """What is further from its target than the donor accepts, with room for the explanation."""
    band = form.percent(Decimal(report.donor.deviation_band) / 100, report.language)
    found = list(deviations(report.donor, report.table))
    if not found:
        is_planned = any(_is_promised(report, line) for line in report.wholes())
        yield Paragraph(report.word("deviations.none" if is_planned else "deviations.no_target", band=band))
        return
    yield Paragraph(report.word("deviations.intro", band=band))
    words = ("indicator_place", "period", "target", "actual", "percent", "side", "why")
    rows = []
    for one in found:
        unit = report.unit(one.line.indicator)
        direction = report.table.indicators[one.line.indicator]["direction"]
        rows.append(Row((
            report.named(one.line), report.window(one.block), target_said(report, one.entry, unit),
            said(report, one.entry.figure, unit), met_said(report, one.entry, direction),
            report.word(f"deviation.{one.side}"), "",
        )))  # fmt: skip
    headers = [report.word(f"column.{word}") for word in words]
    caption = report.word("table.deviations")
    yield _table(caption, headers, (38, 22, 14, 15, 14, 29, 38), rows, left=(1, 5, 6))
    yield Paragraph(report.word("deviations.ask"), ASK)


def _by_family(report: Report, lines: Sequence[Line]) -> Iterator[tuple[str, list[Line]]]:
    families = [line.category for line in report.table.lines if line.kind == FAMILY]
    for family in families:
        some = [line for line in lines if report.table.indicators[line.indicator]["family"] == family]
        if some:
            yield family, some


def _group(report: Report, family: str, lines: Sequence[Line], row: Callable[[Report, Line], Row]) -> Iterator[Row]:
    yield Row((report.label("family", family),), GROUP)
    yield from (row(report, line) for line in lines)


def _table(
    caption: str, headers: Sequence[str], widths: Sequence[int], rows: Sequence[Row], left: Sequence[int] = ()
) -> Table:
    """A table whose first column names the rows; the others are numbers and marks, set right, but for those `left`."""
    columns = tuple(
        Column(header, width, RIGHT if number and number not in left else LEFT)
        for number, (header, width) in enumerate(zip(headers, widths, strict=True))
    )
    return Table(caption, columns, tuple(rows))


def _fraction(value: Decimal) -> Decimal:
    """A length to four places: finer than any printer."""
    return value.quantize(Decimal("0.0001"), ROUND_HALF_UP)
