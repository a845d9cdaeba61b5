"""Prevention and the hotline: whom campaigns reach, and who calls."""

from __future__ import annotations

from collections.abc import Iterable

from dash import html

from dashboards import families
from dashboards.families import Part
from dashboards.tables import Table
from dashboards.view import Page, View

FAMILIES = ("prevention", "hotline")
PARTS = (
    Part("campaigns", ("C01", "C02"), {"C01": ("channel", "region"), "C02": ("channel",)}),
    Part("materials", ("C04",), {"C04": ("material_type", "material_language")}),
    Part("calls", ("H01", "H06", "H02"), {"H01": ("contact_channel", "caller"), "H02": ("topics",)}),
    Part("cases", ("H03", "H04", "H05"), {"H03": ("caller",), "H04": ("exploitation",)}),
)
WORDS = {
    "nav": ("Prevention and hotline", "Профилактика и горячая линия"),
    "title": ("Prevention and hotline", "Профилактика и горячая линия"),
    "lead": ("Whom campaigns reach, and what the hotline is asked.",
             "Кого охватывают кампании и с чем обращаются на горячую линию."),
    "campaigns_title": ("Campaigns", "Кампании"),
    "campaigns_lead": (
        "Contacts are counted each time: one person may be reached at several events.",
        "Контакты учитываются каждый раз: один человек может быть охвачен на нескольких мероприятиях.",
    ),
    "materials_title": ("Materials", "Материалы"),
    "materials_lead": ("What was handed out, and in which language.", "Что роздано и на каком языке."),
    "calls_title": ("The hotline", "Горячая линия"),
    "calls_lead": (
        "A contact is a call or message, not a person: who calls twice is counted twice.",
        "Обращение — это звонок или сообщение, а не человек: кто обратился дважды, учтён дважды.",
    ),
    "cases_title": ("From a call to a case", "От обращения к делу"),
    "cases_lead": ("Contacts on suspected trafficking, and the cases opened from them.",
                   "Обращения с подозрением на торговлю людьми и открытые по ним дела."),
}  # fmt: skip


def body(view: View) -> html.Div:
    """The parts of both families."""
    return families.page(view, families.held(FAMILIES, PARTS, view))


def tables(view: View) -> Iterable[Table]:
    """Everything that is drawn."""
    return families.tables(view, families.held(FAMILIES, PARTS, view))


PAGE = Page(path="/prevention", order=5, name="nav", title="title", body=body, words=WORDS, tables=tables,
            filters=("period", "calendar", "place"))  # fmt: skip
