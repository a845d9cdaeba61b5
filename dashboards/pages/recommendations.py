"""Recommendations: issued, referred to whoever must act, implemented; and the laws that follow."""

from __future__ import annotations

from collections.abc import Iterable

from dash import html

from dashboards import families
from dashboards.families import Part
from dashboards.tables import Table
from dashboards.view import Page, View

FAMILIES = ("policy",)
PARTS = (
    Part("issued", ("L01",), {"L01": ("topic", "event_type")}),
    Part("referred", ("L01",), {"L01": ("addressees",)}),
    Part("implemented", ("L02",), {"L02": ("addressees", "topic")}),
    Part("law", ("L03",), {"L03": ("instrument_kind",)}),
)
WORDS = {
    "nav": ("Recommendations", "Рекомендации"),
    "title": ("Recommendations", "Рекомендации"),
    "lead": ("What was recommended, to whom it was referred, and what came of it.",
             "Что рекомендовано, кому направлено и что выполнено."),
    "issued_title": ("Issued", "Приняты"),
    "issued_lead": ("Recommendations of forums and trainings, by what they are about.",
                    "Рекомендации форумов и обучений по темам."),
    "referred_title": ("Referred", "Направлены"),
    "referred_lead": (
        "To whom they were referred. One recommendation may be referred to several.",
        "Кому они направлены. Одна рекомендация может быть направлена нескольким адресатам.",
    ),
    "implemented_title": ("Implemented", "Выполнены"),
    "implemented_lead": (
        "Of those that are twelve months old: the share that was carried out. Younger ones are not judged yet.",
        "Из тех, которым исполнилось двенадцать месяцев: доля выполненных. Более новые ещё не оцениваются.",
    ),
    "law_title": ("Laws and agreements", "Законы и соглашения"),
    "law_lead": ("What was adopted with the programme's help.", "Что принято при содействии программы."),
}  # fmt: skip


def body(view: View) -> html.Div:
    """The parts of the family."""
    return families.page(view, families.held(FAMILIES, PARTS, view))


def tables(view: View) -> Iterable[Table]:
    """Everything that is drawn."""
    return families.tables(view, families.held(FAMILIES, PARTS, view))


PAGE = Page(path="/recommendations", order=7, name="nav", title="title", body=body, words=WORDS, tables=tables,
            filters=("period", "calendar", "place"))  # fmt: skip
