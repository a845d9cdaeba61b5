"""What the words mean, how small numbers are protected, how fresh the figures are, and whom to ask."""

from __future__ import annotations

from typing import Any

from dash import html

from dashboards import parts
from dashboards.cells import SHAPES, word
from dashboards.freshness import badge
from dashboards.keys import limits
from dashboards.protected import certificate, policy
from dashboards.quality import edition_line
from dashboards.tables import Item, Table
from dashboards.view import Page, View
from reports import format as fmt

WORDS = {
    "about_nav": ("About", "О панели"),
    "about_title": ("About these figures", "Об этих данных"),
    "about_lead": (
        "The offices of five countries report each quarter. What they report is checked, counted, protected and "
        "published as an edition; these pages show editions and nothing else.",
        "Офисы пяти стран отчитываются каждый квартал. Их данные проверяются, рассчитываются, защищаются и "
        "публикуются как выпуск; эти страницы показывают только выпуски.",
    ),
    "fresh_title": ("How fresh the figures are", "Насколько свежи данные"),
    "fresh_lead": (
        "Reports are due within {days} days of the end of a quarter. Until the next quarter is due, figures are "
        "up to date.",
        "Срок отчётов — {days} дней после конца квартала. Пока не наступил срок следующего квартала, данные свежие.",
    ),
    "editions_title": ("Editions", "Выпуски"),
    "editions_lead": (
        "An edition never changes, so a figure that was reported once can always be found again. Choose an older "
        "one here "
        "or in the filter over the pages; a link without an edition always shows the current one.",
        "Выпуск не меняется, поэтому однажды представленное значение всегда можно найти. Более ранний выпуск "
        "можно выбрать "
        "здесь или в фильтре над страницами; ссылка без выпуска всегда показывает текущий.",
    ),
    "current": ("current", "текущий"),
    "protect_title": ("How small numbers are protected", "Как защищены малые числа"),
    "protect_lead": (
        "Few people behind a number could be recognised. Such a number is not published, nor any other from "
        "which it could "
        "be worked out. In its place stands the word Suppressed. It does not mean zero.",
        "Если за числом стоит мало людей, их можно узнать. Такое число не публикуется, как и любое другое, из "
        "которого его "
        "можно вычислить. На его месте стоит слово «Скрыто». Это не ноль.",
    ),
    "certificate_title": ("What the check of this edition found", "Что показала проверка этого выпуска"),
    "certificate_lead": (
        "Before an edition is published, an independent check tries to work out every hidden number from the published "
        "ones, with the earlier editions beside it. Had it worked out one, the edition would not be here.",
        "До публикации независимая проверка пытается вычислить каждое скрытое число из опубликованных, в том числе по "
        "прежним выпускам. Если бы ей это удалось хотя бы раз, выпуска здесь не было бы.",
    ),
    "certificate_what": ("Counted", "Что посчитано"),
    "certificate_number": ("Number", "Число"),
    "words_title": ("Words", "Слова"),
    "states_title": ("States and marks", "Оценки и знаки"),
    "help_title": ("Questions", "Вопросы"),
    "help_text": (
        "Every indicator has its reference sheet on its page. If a figure looks wrong, write to the M&E officer of the "
        "programme and name the edition and the address of the page: both say exactly what you saw.",
        "У каждого показателя на его странице есть паспорт. Если значение кажется неверным, напишите специалисту "
        "программы "
        "по мониторингу и оценке и укажите выпуск и адрес страницы: по ним видно, что именно вы видели.",
    ),
}  # fmt: skip

GLOSSARY = (
    (("Edition", "Выпуск"), ("A published, frozen set of figures with all that is needed to check them.",
                             "Опубликованный неизменяемый набор значений со всем, что нужно для их проверки.")),
    (("Indicator", "Показатель"), ("What is counted and why.", "Что считается и зачем.")),
    (("Figure", "Значение"), ("An indicator for a period, a place and, where it is broken down, a category.",
                              "Показатель за период, по территории и, если есть разбивка, по категории.")),
    (("Person and contact", "Лицо и обращение"),
     ("A person counts once, however often the person comes; a contact is each call or meeting. They are never mixed.",
      "Лицо учитывается один раз, сколько бы раз оно ни обращалось; обращение — каждый звонок или встреча. "
      "Их не смешивают.")),
    (("Target", "План"), ("What a funded project promised for a period and place.",
                          "Что обещано проектом за период по территории.")),
    (("Breakdown", "Разбивка"), ("A figure split by sex, service, region and the like.",
                                 "Значение по полу, услуге, области и так далее.")),
    (("Counted over", "Период подсчёта"),
     ("How far back a figure reaches from its quarter: the quarter, the fiscal year, the calendar year, the project.",
      "Как далеко назад от квартала идёт подсчёт: квартал, финансовый год, календарный год, весь проект.")),
    (("Fiscal year", "Финансовый год"), ("October to September, named by the year in which it ends.",
                                         "С октября по сентябрь, по году окончания.")),
    (("Restatement", "Уточнение"), ("A figure that this edition says otherwise than an earlier one, with its cause.",
                                    "Значение, которое в этом выпуске иное, чем в прежнем, и причина этого.")),
    (("Offices counted", "Учтено офисов"), ("How many of the offices that owe a report are in the figure.",
                                            "Сколько офисов из тех, кто должен отчитаться, учтено в значении.")),
)  # fmt: skip


def body(view: View) -> html.Div:
    """The whole page for a view."""
    top = html.Section([html.H1(view.say("about_title")), html.P(view.say("about_lead"), className="answer")],
                       className="headline")  # fmt: skip
    sections = [fresh(view), protection(view), words(view), states(view), help_(view)]
    return html.Div([top, *sections, parts.download_all(view), edition_line(view)])


def fresh(view: View) -> html.Section:
    """The badge, when reports are due, and every edition that can be looked at."""
    lead = view.say("fresh_lead", days=fmt.number(view.published.report_days, view.lang))
    links = [html.Li(edition_link(edition, view)) for edition in view.editions]
    listed = [
        html.H3(view.say("editions_title")),
        html.P(view.say("editions_lead")),
        html.Ul(links, className="regions"),
    ]
    return parts.section("fresh", view.say("fresh_title"), lead, *filter(None, [badge(view)]), *listed)


def edition_link(edition: str, view: View) -> Any:
    """The way to an edition on this page; the current one is not named in its address."""
    current = edition == view.editions[0]
    said = f"{edition} ({view.say('current')})" if current else edition
    here = edition == view.published.edition.edition_id
    query = view.selection.but(edition="" if current else edition).query
    return parts.link(said, PATH, query, className="here" if here else "")


def protection(view: View) -> html.Section:
    """The policy in sentences, then what the attack on this edition found."""
    rules = html.Ul([html.Li(sentence) for sentence in policy(view)], className="rules")
    checked = [html.H3(view.say("certificate_title")), html.P(view.say("certificate_lead"), className="lead"),
               parts.tabled(certificate_table(view), view)]  # fmt: skip
    return parts.section("protection", view.say("protect_title"), view.say("protect_lead"), rules, *checked)


def certificate_table(view: View) -> Table:
    """The certificate of the edition."""
    head = (view.say("certificate_what"), view.say("certificate_number"))
    rows: tuple[tuple[Item, ...], ...] = tuple(certificate(view))
    return Table("certificate", view.say("certificate_title"), view.published.edition.edition_id, head, rows)


def words(view: View) -> html.Section:
    """The glossary."""
    return parts.section("words", view.say("words_title"), "", described(glossary(view)))


def glossary(view: View) -> list[tuple[str, str]]:
    """Word and meaning in the reader's language."""
    column = 0 if view.lang == "en" else 1
    return [(term[column], meaning[column]) for term, meaning in GLOSSARY]


def states(view: View) -> html.Section:
    """Every state by shape and word: what it takes, or why there is no number."""
    absent = {status: view.say(f"why_{status}") for status in ("suppressed", "not_reported", "unknown", "undefined")}
    meanings = {**limits(view), **absent}
    listed = [(f"{SHAPES[state]} {word(state, view.lang)}", said) for state, said in meanings.items()]
    return parts.section("states", view.say("states_title"), view.say("states_rule"), described(listed))


def described(pairs: list[tuple[str, str]]) -> html.Dl:
    """Words and their meanings."""
    return html.Dl([item for term, said in pairs for item in (html.Dt(term), html.Dd(said))], className="words")


def help_(view: View) -> html.Section:
    """Whom to ask, and what to say."""
    return parts.section("help", view.say("help_title"), "", html.P(view.say("help_text"), className="lead"))


def tables(view: View) -> list[Table]:
    """What can be downloaded."""
    pairs: tuple[tuple[Item, ...], ...] = tuple(glossary(view))
    head = (view.say("words_title"), view.say("definition"))
    edition = view.published.edition.edition_id
    return [certificate_table(view), Table("words", view.say("words_title"), edition, head, pairs)]


PATH = "/about"
PAGE = Page(
    path=PATH, order=11, name="about_nav", title="about_title", body=body, words=WORDS, tables=tables, filters=()
)
