"""Everything of an edition to take away: what each donor gets, the newsletter, the edition's own tables."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards import parts
from dashboards.downloads import EVERYTHING, FOLDER
from dashboards.quality import edition_line
from dashboards.texts import LANGUAGES
from dashboards.view import Page, View
from reports.downloads import TABLES, Download, Shelf
from reports.intact import DamagedEdition

WORDS = {
    "nav": ("Reports", "Отчёты"),
    "title": ("Reports and files", "Отчёты и файлы"),
    "lead": (
        "Every file is made of this edition alone. The same edition gives the same file, byte for byte.",
        "Каждый файл составлен только по этому выпуску. Один и тот же выпуск даёт один и тот же файл, байт в байт.",
    ),
    "everything": ("Everything in one file", "Всё одним файлом"),
    "wait": (
        "A file is made when it is asked for the first time; everything together may take half a minute.",
        "Файл составляется при первом обращении; всё вместе может занять полминуты.",
    ),
    "period": ("Period: {period}", "Период: {period}"),
    "form": ("Form", "Форма"),
    "files": ("Files", "Файлы"),
    "both": ("Both languages", "На двух языках"),
    "draft": ("Draft: without what offices write", "Черновик: без текстов офисов"),
    "draft_why": (
        "What offices write is no part of an edition. The command puts it in, and leaves a document alone in which "
        "somebody has written:",
        "Тексты офисов в выпуск не входят. Их вставляет команда; документ, который кто-то дополнил, она не трогает:",
    ),
    "lacking": ("Nothing to hand over in this form: {forms}", "В этой форме передавать нечего: {forms}"),
    "fault": (
        "These files cannot be made: something is missing or contradictory. The command says what to do:",
        "Эти файлы составить нельзя: чего-то не хватает или есть противоречие. Что делать, скажет команда:",
    ),
    "damaged": (
        "The files of this edition are not those that were published, so nothing of it is given out. "
        "The command says what to do:",
        "Файлы этого выпуска не те, что были опубликованы, поэтому из него ничего не выдаётся. "
        "Что делать, скажет команда:",
    ),
    "no_donors": (
        "This source has no quarters, so no donor gets a report of it.",
        "У этого источника нет кварталов, поэтому донорам по нему не отчитываются.",
    ),
    "own_only": (
        "What donors get and the newsletter hold every country, so they are for readers of the whole region. "
        "The tables hold what you may see.",
        "Отчёты донорам и бюллетень охватывают все страны, поэтому доступны тем, кто видит весь регион. "
        "В таблицах — то, что вам доступно.",
    ),
    "stable": (
        "The address of a file is the same for every edition, so a spreadsheet or a script can keep it. Example:",
        "Адрес файла от выпуска к выпуску не меняется, поэтому его можно указать в таблице или сценарии. Пример:",
    ),
    "tables_lead": (
        "All figures, definitions and targets, and what else is published: one file for each table, with a guide.",
        "Все значения, определения, планы и всё прочее, что опубликовано: по файлу на таблицу, с пояснением.",
    ),
    "link": ("{title}, {form}, {tongue}, {kind}", "{title}, {form}, {tongue}, {kind}"),
}


def body(view: View) -> html.Div:
    """The whole page, or that nothing is given out."""
    try:
        shelves = view.published.downloads.shelves
    except DamagedEdition:
        said: list[Any] = [html.P([html.Span(view.say("damaged")), " ", html.Code("esep status")], className="answer")]
    else:
        said = [everything(view), *(shelf_section(shelf, view) for shelf in shelves)]
        why = "no_donors" if view.published.scope.is_whole else "own_only"
        said += [] if len(shelves) > 1 else [html.P(view.say(why), className="lead")]
        said.append(stable(shelves[-1], view))
    top = html.Section([html.H1(view.say("title")), html.P(view.say("lead"), className="lead")], className="headline")
    return html.Div([top, *said, edition_line(view)])


def everything(view: View) -> html.P:
    """The link to all files at once."""
    link = html.A(view.say("everything") + " (ZIP)", href=address(f"{FOLDER}/{EVERYTHING}", view), download="")
    return html.P([link, html.Span(view.say("wait"), className="small")], className="downloads")


def shelf_section(shelf: Shelf, view: View) -> html.Section:
    """What one donor gets, or the newsletter, or the tables: by form and language."""
    ident = f"files-{shelf.code}"
    if shelf.fault:
        why = html.P([html.Span(view.say("fault")), " ", html.Code(f"esep export {shelf.code}")])
        return parts.section(ident, shelf.title[view.lang], quarter(shelf, view), why)
    notes: list[Any] = []
    if shelf.lacking:
        forms = ", ".join(title[view.lang] for title in shelf.lacking)
        notes.append(html.P(view.say("lacking", forms=forms), className="small"))
    if any(file.is_draft for file in shelf.files):
        command = (
            f"esep export {shelf.code}" if any(not file.is_draft for file in shelf.files) else f"esep {shelf.code}"
        )
        notes.append(html.P([html.Span(view.say("draft_why")), " ", html.Code(command)], className="small"))
    title = shelf.title[view.lang]
    lead = view.say("tables_lead") if shelf.code == TABLES else quarter(shelf, view)
    return parts.section(ident, title, lead, forms_table(shelf, lead, view), *notes)


def quarter(shelf: Shelf, view: View) -> str:
    """The quarter of the files in words, in the calendars of donors and of the programme."""
    return view.say("period", period=view.published.quarter_label(shelf.quarter, view.lang))


def forms_table(shelf: Shelf, lead: str, view: View) -> html.Table:
    """One row for each form, with a link for each language."""
    forms: dict[tuple[str, str], list[Download]] = {}
    for file in shelf.files:
        forms.setdefault((file.title[view.lang], file.suffix), []).append(file)
    head = [view.say("form"), view.say("files")]
    rows = [
        [
            html.Div([html.Span(title), *parts.lines(view.say("draft") if files[0].is_draft else "", name="small")],
                     className="form"),
            [parts.stacked(head[1]), html.Div([one_link(shelf, file, view) for file in files], className="files")],
        ]
        for (title, _), files in forms.items()
    ]  # fmt: skip
    return parts.table(head, rows, f"{shelf.title[view.lang]}. {lead}", name="offices forms")


def one_link(shelf: Shelf, file: Download, view: View) -> html.A:
    """The link to a file; its name for a screen reader says which file it is."""
    language = LANGUAGES[file.language] if file.language else view.say("both")
    kind = file.suffix.upper()
    whole = view.say("link", title=shelf.title[view.lang], form=file.title[view.lang], tongue=language, kind=kind)
    href = address(f"{FOLDER}/{shelf.code}/{file.key}", view)
    return html.A(f"{language} ({kind})", href=href, download="", title=whole)


def stable(shelf: Shelf, view: View) -> html.P:
    """That addresses last, with one of them."""
    example = html.Code(f"{FOLDER}/{shelf.code}/{shelf.files[0].key}")
    return html.P([html.Span(view.say("stable")), " ", example], className="small")


def address(path: str, view: View) -> str:
    """The address of a file of the edition that is shown; that of the current one needs no more than its path."""
    return path + (f"?edition={view.selection.edition}" if view.selection.edition else "")


PAGE = Page(path="/reports", order=10, name="nav", title="title", body=body, filters=(), words=WORDS)
