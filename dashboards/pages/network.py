"""The network: does it hold, is there help everywhere, who refers to whom, and where do chains break."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from dash import html

from dashboards import blocks, families, graphs, listed, parts
from dashboards.cells import SHAPES, Cell, cell
from dashboards.families import Part
from dashboards.graphs import Arrow
from dashboards.quality import edition_line
from dashboards.tables import Amount, Item, Table
from dashboards.view import Page, View
from indicators.progress import OFF_TRACK, ON_TRACK, WATCH
from reports.edition import REGION, UNDEFINED

FAMILIES = ("network",)
PATH = "/network"
OF_COVERAGE = ("N04", "N15")
PAIRS, COUNTRIES = "pair_class", "to_country"
PARTS = (
    Part("members", ("N01", "N02", "N03", "N12"), {"N01": ("org_type",), "N12": ("joint_kind",)}),
    Part("ties", ("N05", "N06", "N07_IN", "N07_OUT", "N08", "N11", "N14")),
    Part("coverage", OF_COVERAGE),
    Part("referrals", ("P08", "P09", "N09", "N09_90", "N10"), {"P08": ("to_org_type",), "P09": (), "N09": (),
                                                              "N09_90": (), "N10": ()}),
    Part("chains", ("N16", "N17"), {"N17": ("referral_outcome",)}),
)  # fmt: skip
OF_PAIRS = ("P09", "N09", "N09_90")  # the first says what stands at the arrows
OF_COUNTRIES = "N10"
ENDS = {  # the two ends of a code of `pair_class`; a pair that is not of two kinds is in the table alone
    "ngo_to_ngo": ("ngo", "ngo"),
    "ngo_to_authority": ("ngo", "authority"),
    "ngo_to_service": ("ngo", "service"),
    "authority_to_ngo": ("authority", "ngo"),
}
# How many members offer a service in a unit: shape, class and words.
NONE, ONE, MORE = ("▼", OFF_TRACK, "offer_none"), ("◆", WATCH, "offer_one"), ("●", ON_TRACK, "offer_more")
WORDS = {
    "nav": ("Network", "Сеть"),
    "title": ("The network of NGOs", "Сеть НПО"),
    "lead": ("Does it hold, is there help everywhere, and do people arrive where they are sent?",
             "Прочна ли сеть, везде ли есть помощь и доходят ли люди туда, куда их направили?"),
    "members_title": ("Members", "Члены сети"),
    "members_lead": ("Who is in it, and whether they meet the criteria.",
                     "Кто в неё входит и соблюдаются ли критерии."),
    "ties_title": ("Ties", "Связи"),
    "ties_lead": (
        "A tie leads from one member to another to whom it referred somebody in the last four quarters.",
        "Связь ведёт от члена сети к тому, кому он кого-либо направил за последние четыре квартала.",
    ),
    "coverage_title": ("Services by region", "Услуги по областям"),
    "coverage_lead": (
        "How many members offer each required service in each unit of the first level, counted from the directory.",
        "Сколько членов сети оказывает каждую обязательную услугу в каждой области; по справочнику.",
    ),
    "coverage_none": ("This edition has no directory of this quarter for this place.",
                      "Справочника за этот квартал по этой территории в выпуске нет."),
    "coverage_choose": ("Choose a country to see its units.", "Выберите страну, чтобы увидеть её области."),
    "coverage_quarter": ("{place} · directory of {quarter}", "{place} · справочник за период: {quarter}"),
    "coverage_note": (
        "None is a gap; one member only means that the service ends with that member.",
        "Ни одного — пробел; только один — услуга зависит от одного члена сети.",
    ),
    "unit": ("Unit", "Область"),
    "offer_none": ("none", "нет"),
    "offer_one": ("one only", "только один"),
    "offer_more": ("{count}", "{count}"),
    "referrals_title": ("Who refers to whom", "Кто кому перенаправляет"),
    "referrals_lead": (
        "Pairs of few people are hidden like every small number: a dashed arrow is hidden, not missing. Which member "
        "sends to which is not published, because it would tell of single persons.",
        "Пары, за которыми мало людей, скрыты, как любое малое число: пунктирная стрелка — скрыто, а не отсутствует. "
        "Какая организация перенаправляет в какую, не публикуется: это выдало бы отдельных людей.",
    ),
    "pairs_title": ("By kind of sender and receiver", "По видам направившего и принявшего"),
    "pairs_lead": ("At each arrow: {indicator}.", "У стрелок: {indicator}."),
    "pair": ("Who refers to whom", "Кто кому перенаправляет"),
    "countries_title": ("From country to country", "Из страны в страну"),
    "countries_lead": ("At each arrow: {indicator}. No arrow: none were sent.",
                       "У стрелок: {indicator}. Нет стрелки — никого не направляли."),
    "from": ("Sent from", "Откуда"),
    "to": ("to: {country}", "куда: {country}"),
    "end_ngo": ("NGO", "НПО"),
    "end_authority": ("Authority", "Госорган"),
    "end_service": ("Service", "Служба"),
    "no_pairs": ("There is no figure of pairs here.", "Данных о парах здесь нет."),
    "chains_title": ("Broken chains", "Оборванные цепочки"),
    "chains_lead": (
        "Referrals that fell due: received in time, late, declined by the person, or never received. The last is a "
        "broken chain: a door that did not open, or a note that was not made.",
        "Перенаправления, срок которых наступил: услуга получена вовремя, позже, человек отказался или не получена. "
        "Последнее — оборванная цепочка: дверь не открылась или запись не сделана.",
    ),
}  # fmt: skip


def body(view: View) -> html.Div:
    """The parts, with the matrix of services and the two drawings in theirs."""
    shown = families.held(FAMILIES, PARTS, view)
    extra = {"coverage": coverage, "referrals": referrals}
    sections = [families.section(part, shown, view, *extra.get(part.ident, _nothing)(view)) for part in shown]
    side = families.by_place(families.codes_of(shown), view)
    return html.Div([families.top(view), *sections, side, edition_line(view)])


def tables(view: View) -> Iterable[Table]:
    """Everything that is drawn."""
    yield from families.tables(view, families.held(FAMILIES, PARTS, view))
    yield from coverage_tables(view).values()
    yield from (table for table in (pairs_table(view), countries_table(view)) if table.rows)


def _nothing(_: View) -> Iterator[Any]:
    return iter(())


# Services by region


def coverage_tables(view: View) -> dict[str, Table]:
    """The matrix of each country that is shown: units by services."""
    chosen, found = view.selection, listed.coverage(view.published, view.selection.period)
    places = [place for place in view.published.countries if chosen.place in (REGION, place) and place in found]
    return {place: _matrix(place, found[place], view) for place in places}


def _matrix(place: str, regions: Mapping[str, Mapping[str, int]], view: View) -> Table:
    services = list(dict.fromkeys(service for offered in regions.values() for service in offered))
    rows: tuple[tuple[Item, ...], ...]
    head = (view.say("unit"), *(view.label("assistance_type", service) for service in services))
    rows = tuple(
        (
            view.label("region", region),
            *(Amount(Decimal(offered.get(service, 0)), "organisations") for service in services),
        )
        for region, offered in regions.items()
    )
    quarter = view.published.quarter_label(view.selection.period, view.lang)
    context = view.say("coverage_quarter", place=view.label("place", place), quarter=quarter)
    return Table(
        f"coverage-{place.lower()}", view.say("coverage_title"), context, head, rows, view.say("coverage_note")
    )


def coverage(view: View) -> Iterator[Any]:
    """The matrix of the chosen country; of the region, the way to each country with its two shares."""
    found = coverage_tables(view)
    if not found:
        yield html.P(view.say("coverage_none"), className="protected")
    elif view.selection.place == REGION:
        yield html.P(view.say("coverage_choose"), className="small")
        yield _countries(list(found), view)
    else:
        for table in found.values():
            drawn = [_drawn_matrix(table, view), html.P(table.note, className="small"), parts.downloads(table, view)]
            yield html.Div([html.H3(table.context), *drawn], className="breakdown")


def _countries(places: list[str], view: View) -> html.Table:
    """Countries that have a directory, each a link to its matrix, with what is published of it as a whole."""
    rows = view.published.totals(view.selection.calendar, view.selection.period)
    known = {code: row for code, row in view.published.indicators.items() if code in OF_COVERAGE}
    head = [view.say("place"), *(view.title(code) for code in known)]
    body: list[list[Any]] = [
        [
            parts.link(view.label("place", place), PATH, view.selection.but(place=place).query),
            *([parts.stacked(view.title(code)), parts.item_cell(cell(rows.get((code, place)), about, view.lang), view)]
              for code, about in known.items()),
        ]
        for place in places
    ]  # fmt: skip
    return parts.table(head, body, f"{view.say('coverage_title')}. {view.context}", name="series")


def _drawn_matrix(table: Table, view: View) -> html.Table:
    """Numbers with a shape and, where there is a gap or one member only, the word for it."""
    rows = [
        [
            row[0],
            *([parts.stacked(name), offered(item, view)] for name, item in zip(table.head[1:], row[1:], strict=True)),
        ]
        for row in table.rows
    ]
    return parts.table(list(table.head), rows, f"{table.title}. {table.context}", name="offices coverage")


def offered(item: Any, view: View) -> html.Span:
    """How many members offer a service: none and one are words, as each asks for something to be done."""
    shape, kind, words = NONE if item.number == 0 else ONE if item.number == 1 else MORE
    return html.Span(parts.shaped(shape, view.say(words, count=item.said(view.lang))), className=f"state {kind}")


# Who refers to whom


def referrals(view: View) -> Iterator[Any]:
    """Both drawings, each with its table."""
    pairs, countries = pairs_table(view), countries_table(view)
    first = next(iter(_of_pairs(view)), None)
    if pairs.rows and first:
        names = {code: view.say(f"end_{code}") for code in ("ngo", "authority", "service")}
        lead = view.say("pairs_lead", indicator=view.title(first))
        yield _drawing(pairs, lead, graphs.graph(names, _pair_arrows(first, view)), view)
    if countries.rows:
        lead = view.say("countries_lead", indicator=view.title(OF_COUNTRIES))
        yield _drawing(countries, lead, graphs.graph(_country_names(view), _country_arrows(view)), view)
    if not (pairs.rows or countries.rows):
        yield html.P(view.say("no_pairs"), className="protected")


def _drawing(table: Table, lead: str, drawn: dict[str, Any], view: View) -> html.Div:
    charted = parts.charted(table, drawn, view, graphs.HEIGHT)
    return html.Div([html.H3(table.title), html.P(lead, className="lead"), charted], className="breakdown")


def _of_pairs(view: View) -> list[str]:
    return [code for code in OF_PAIRS if blocks.is_broken_down(code, PAIRS, view)]


def pairs_table(view: View) -> Table:
    """Kinds of sender and receiver by what is published of them."""
    found = {code: blocks.by_category(code, PAIRS, view) for code in _of_pairs(view)}
    pairs = list(dict.fromkeys(pair for cells in found.values() for pair in cells))
    absent = cell(None, {}, view.lang)
    rows: tuple[tuple[Item, ...], ...]
    rows = tuple((view.label(PAIRS, pair), *(cells.get(pair, absent) for cells in found.values())) for pair in pairs)
    head = (view.say("pair"), *(view.title(code) for code in found))
    return Table("pairs", view.say("pairs_title"), blocks.where(view), head, rows)


def _pair_arrows(code: str, view: View) -> list[Arrow]:
    found = blocks.by_category(code, PAIRS, view)
    return [
        Arrow(*ENDS[pair], one, _at_arrow(one))
        for pair, one in found.items()
        if pair in ENDS and one.state != UNDEFINED
    ]


def countries_table(view: View) -> Table:
    """Countries that sent by countries that were sent to, whichever place is chosen: a drawing needs both ends."""
    found = _sent(view)
    receivers = list(dict.fromkeys(code for cells in found.values() for code in cells))
    absent = cell(None, {}, view.lang)
    rows: tuple[tuple[Item, ...], ...]
    rows = tuple(
        (view.label("place", place), *(cells.get(code, absent) for code in receivers)) for place, cells in found.items()
    )
    head = (view.say("from"), *(view.say("to", country=view.label(COUNTRIES, code)) for code in receivers))
    return Table("countries", view.say("countries_title"), view.context, head, rows)


def _sent(view: View) -> dict[str, dict[str, Cell]]:
    """Country that sent, country that was sent to, figure."""
    known, chosen = view.published.indicators.get(OF_COUNTRIES), view.selection
    if known is None:
        return {}
    asked = {
        place: view.published.by_category(OF_COUNTRIES, COUNTRIES, chosen.calendar, chosen.period, place)
        for place in view.published.countries
    }
    return {
        place: {code: cell(row, known, view.lang) for code, row in rows.items()}
        for place, rows in asked.items()
        if rows
    }


def _country_names(view: View) -> dict[str, str]:
    found = _sent(view)
    codes = dict.fromkeys([*found, *(code for cells in found.values() for code in cells)])
    return {code: view.label("place" if code in found else COUNTRIES, code) for code in codes}


def _country_arrows(view: View) -> list[Arrow]:
    return [
        Arrow(place, code, one, _at_arrow(one))
        for place, cells in _sent(view).items()
        for code, one in cells.items()
        if place != code
    ]


def _at_arrow(one: Cell) -> str:
    """The number with what it is a share of, or the mark of what stands in its place."""
    if not one.is_shown:
        return SHAPES[one.state]
    return f"{one.value} ({one.parts})" if one.parts else one.value


PAGE = Page(path=PATH, order=6, name="nav", title="title", body=body, words=WORDS, tables=tables,
            filters=("period", "calendar", "place"))  # fmt: skip
