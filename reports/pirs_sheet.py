"""The indicator reference sheets: what each indicator of the workbook means, in the field order of a PIRS.

Fields follow USAID's reference sheet (ADS 201maf); what an edition does not hold, such as the
person responsible, is not made up.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from reports import format as form
from reports.donor_figures import donor_code, targets
from reports.donors import DonorProfile
from reports.edition import REGION
from reports.iptt import Iptt, measure
from reports.iptt_cells import title
from reports.sheets import MONO, SHADE, Book, Cell, Text, grid, heading, new_sheet, paragraph
from reports.words import why_counted

# By indicator and place.
Baselines = Mapping[tuple[str, str], Decimal]
_SHARES = ("percent", "ratio")
_BOLD = {"bold": True}
_CODE = {"font_name": MONO, "font_size": 9}


def pirs_sheet(book: Book, donor: DonorProfile, tables: Sequence[Iptt]) -> None:
    """The definition of every indicator of the workbook, each once, in the order of the tables."""
    widths = [30.0, 88.0]
    sheet = new_sheet(book, book.word("sheet.pirs"), widths)
    row = heading(book, sheet, 0, book.word("pirs.title"), widths, size=16)
    indicators = {code: indicator for iptt in tables for code, indicator in iptt.indicators.items()}
    notes = target_notes(book, donor)
    baselines = targets(book.edition, donor).baselines
    for code, indicator in indicators.items():
        name = f"{code}  {title(book, indicator)}"
        row = paragraph(book, sheet, row + 1, name, widths, bold=True, bg_color=SHADE, border=1, valign="vcenter")
        fields = list(_fields(book, donor, indicator, notes.get(code, "–"), baselines))
        row = grid(book, sheet, row, [], ([Text(field, _BOLD), value] for field, value in fields), widths)


def target_notes(book: Book, donor: DonorProfile) -> dict[str, str]:
    """What the projects note on their targets, by indicator, each note once."""
    notes: dict[str, dict[str, None]] = {}
    for (indicator, *_), target in targets(book.edition, donor).by_window.items():
        if target.note:
            notes.setdefault(indicator, {})[target.note] = None
    return {indicator: "\n".join(found) for indicator, found in notes.items()}


def _fields(
    book: Book, donor: DonorProfile, indicator: Mapping[str, Any], note: str, baselines: Baselines
) -> Iterator[tuple[str, Cell]]:
    """Field and text, in the order of a reference sheet."""
    word, unit = book.word, indicator["unit"]
    number = donor_code(indicator, donor)
    yield word("pirs.donor_code"), number or word("pirs.custom")
    yield word("pirs.family"), book.label("family", indicator["family"])
    yield word("pirs.definition"), indicator[f"definition_{book.language}"] or "–"
    yield word("pirs.unit"), book.label("unit", unit)
    yield word("pirs.type"), word("pirs.fraction" if unit in _SHARES else "pirs.integer")
    yield word("pirs.breakdowns"), _breakdowns(book, indicator)
    yield word("pirs.why"), why_counted(indicator, book.language) or "–"
    yield word("pirs.numerator"), Text(indicator["numerator"] or "–", _CODE)
    if indicator["denominator"]:
        yield word("pirs.denominator"), Text(indicator["denominator"], _CODE)
    yield word("pirs.frequency"), word("pirs.quarterly")
    yield word("pirs.rule_time"), word(f"pirs.{indicator['rule_time']}")
    yield word("pirs.rule_place"), word(f"pirs.{indicator['rule_place']}")
    yield word("pirs.direction"), word(f"direction.{indicator['direction']}")
    yield word("pirs.measure"), word(f"measure.{measure(indicator['direction'])}")
    yield word("pirs.baseline"), _baseline(book, indicator, baselines)
    yield word("pirs.target_note"), note
    reviewed = indicator["reviewed_on"]
    yield book.word("pirs.reviewed"), form.day(reviewed, book.language) if reviewed else "–"
    yield book.word("pirs.hash"), Text(indicator["definition_hash"] or "–", _CODE)


def _breakdowns(book: Book, indicator: Mapping[str, Any]) -> str:
    """Every breakdown with what its parts do; donors add up whatever is not said to overlap."""
    adds = indicator["adds_up"] or []
    names = [
        book.word("pirs.adds_up" if name in adds else "pirs.overlaps", name=book.label("breakdown", name))
        for name in indicator["breakdowns"] or []
    ]
    return "\n".join(names) or book.word("pirs.none")


def _baseline(book: Book, indicator: Mapping[str, Any], baselines: Baselines) -> str:
    """The baseline of the region, or of every place that has one."""
    known = {place: value for (code, place), value in baselines.items() if code == indicator["indicator"]}
    if REGION in known:
        known = {REGION: known[REGION]}
    shown = (
        f"{book.label('place', place)}: {form.figure(value, indicator['unit'], book.language)}"
        for place, value in known.items()
    )
    return "; ".join(shown) or "–"
