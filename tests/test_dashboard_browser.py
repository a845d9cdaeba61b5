"""The dashboard in a real browser: what a person sees, types, shares and prints."""

from __future__ import annotations

import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import parse_qs, urlsplit
from urllib.request import Request, urlopen

import pytest

from tests.browser import CLIPPED, Watched, arrived, holds, pick, running, says
from tests.sample_edition import EDITION_ID

ONE = "/indicator?lang={lang}&period=2010-Q4&calendar=quarter&indicator=P01&place=KZ"
P01 = "/?lang={lang}&period=2010-Q4&calendar=quarter&indicator=P01&place=KZ"


@pytest.fixture(scope="module")
def address(editions, tmp_path_factory):
    with running(editions, tmp_path_factory.mktemp("log") / "server.log") as served:
        yield served


def chosen(page):
    query = parse_qs(urlsplit(page.url).query)
    return {name: values[0] for name, values in query.items()}


def test_the_answer_stands_there_before_anything_is_touched(watched):
    page = watched.open("/?lang=en")
    assert page.title().startswith("Are we on target?")
    assert page.locator(".answer").inner_text().startswith("Central Asia: 3 of the 5 indicators")
    names = page.locator(".tile h3").all_inner_texts()
    assert names == ["Kazakhstan", "Kyrgyzstan", "Tajikistan", "Turkmenistan", "Uzbekistan"]
    words = page.locator(".tile > .state").all_inner_texts()
    assert all(len(word.split()) >= 2 for word in words), "a shape and a word on every tile"
    assert chosen(page)["period"] == "2010-Q4", "the address says what is shown"


def test_a_filter_changes_figures_and_address_and_keeps_the_focus(watched):
    page = watched.open(P01.format(lang="en"))
    before = page.locator(".tile .value").first.inner_text()
    pick(watched, "period", "Q3 2010 (FY2010 Q4)")
    says(page.locator(".context").first, "Q3 2010")
    assert chosen(page)["period"] == "2010-Q3"
    assert (before, page.locator(".tile .value").first.inner_text()) == ("48", "41")
    assert page.evaluate("document.activeElement.id") == "filter-period"


def test_the_keyboard_alone_changes_the_quarter(watched):
    page = watched.open(P01.format(lang="en"))
    page.focus("#filter-period")
    page.keyboard.press("Enter")
    page.get_by_role("option").first.wait_for()
    watched.at_rest()  # the list opens first, and only then stands at what is chosen
    page.keyboard.press("ArrowDown")
    page.locator("[role=option][data-combobox-selected]", has_text="Q3 2010").wait_for()
    page.keyboard.press("Enter")
    says(page.locator(".context").first, "Q3 2010")


def test_a_shared_address_shows_the_same(watched, browser, address):
    page = watched.open("/?lang=en")
    pick(watched, "indicator", "People reached directly by campaigns")
    pick(watched, "calendar", "Calendar year to date")
    says(page.locator(".context").first, "2010 to the end")
    other = Watched(browser, address)
    copy = other.open(page.url.removeprefix(address))
    assert copy.locator("main").inner_text() == page.locator("main").inner_text()
    holds(copy.locator("#filter-indicator"), "People reached directly by campaigns")
    other.close()
    assert other.faults == []


def test_back_undoes_one_choice_at_a_time(watched):
    page = watched.open(P01.format(lang="en"))
    pick(watched, "period", "Q3 2010 (FY2010 Q4)")
    pick(watched, "place", "Uzbekistan")
    arrived(page, "place=UZ")
    for period, place, label in (("2010-Q3", "KZ", "Q3 2010 (FY2010 Q4)"), ("2010-Q4", "KZ", "Q4 2010 (FY2011 Q1)")):
        page.go_back()
        holds(page.locator("#filter-period"), label)
        holds(page.locator("#filter-place"), "Kazakhstan")
        assert (chosen(page)["period"], chosen(page)["place"]) == (period, place)
    says(page.locator(".tile .value").first, "48")


def test_a_tile_leads_to_its_country(watched):
    page = watched.open("/?lang=en&indicator=T02")
    page.click(".tile h3 a >> text=Uzbekistan")
    says(page.locator(".crumbs"), "Uzbekistan")
    assert page.locator(".answer").inner_text().startswith("Uzbekistan: ")
    holds(page.locator("#filter-place"), "Uzbekistan")
    page.click(".crumbs a >> text=Central Asia")
    holds(page.locator("#filter-place"), "Central Asia")


def test_filters_survive_going_to_another_page(watched):
    page = watched.open(P01.format(lang="en"))
    pick(watched, "place", "Uzbekistan")
    arrived(page, "place=UZ")
    page.click(".menu a >> text=Indicator")
    arrived(page, "/indicator?")
    watched.drawn()
    says(page.locator(".context").first, "Uzbekistan")
    assert chosen(page) == {"lang": "en", "period": "2010-Q4", "calendar": "quarter", "indicator": "P01", "place": "UZ"}
    watched.at_rest()  # a reload that cuts an answer off is a failed answer
    page.reload()
    watched.drawn()
    says(page.locator(".context").first, "Uzbekistan")
    holds(page.locator("#filter-place"), "Uzbekistan")


def test_the_other_language_is_the_whole_document(watched):
    page = watched.open(P01.format(lang="en"))
    page.click("text=Русский")
    arrived(page, "lang=ru")
    watched.drawn()
    assert page.locator("html").get_attribute("lang") == "ru"
    assert page.title().startswith("Выполняется ли план?")
    assert chosen(page) == {"lang": "ru", "period": "2010-Q4", "calendar": "quarter", "indicator": "P01", "place": "KZ"}
    holds(page.locator("#filter-place"), "Казахстан")


def test_the_keyboard_opens_a_definition(watched):
    page = watched.open(P01.format(lang="en"))
    summary = page.locator(".definition summary").first
    words = page.locator(".definition dl").first
    summary.focus()
    assert not words.is_visible()
    page.keyboard.press("Enter")
    words.wait_for()
    assert "A person counts once" in words.inner_text()
    page.keyboard.press("Enter")
    words.wait_for(state="hidden")


def test_the_keyboard_opens_the_reference_sheet(watched):
    page = watched.open(ONE.format(lang="en"))
    page.locator(".sheet summary").focus()
    page.keyboard.press("Enter")
    page.locator(".sheet dl").wait_for()
    assert "A person counts once" in page.locator(".sheet dl").inner_text()


def test_tab_reaches_everything_in_reading_order(watched):
    page = watched.open(P01.format(lang="en"))
    page.evaluate("document.activeElement.blur()")
    tour = []
    for _ in range(40):
        page.keyboard.press("Tab")
        tour.append(page.evaluate("document.activeElement.id || document.activeElement.textContent.trim()"))
    menu = page.locator(".menu a").all_inner_texts()
    assert tour[: len(menu) + 3] == ["Skip to the figures", *menu, "English", "Русский"]
    filters = ["filter-period", "filter-calendar", "filter-place", "filter-indicator"]
    assert [one for one in tour if one.startswith("filter-")] == filters
    tiles = ["Kazakhstan", "Kyrgyzstan", "Tajikistan", "Turkmenistan", "Uzbekistan"]
    after = tour.index("filter-indicator")
    assert [one for one in tour[after:] if one in tiles] == tiles


def test_the_detector_sees_what_is_cut_off(watched):
    page = watched.open(P01.format(lang="en"))
    page.add_style_tag(content=".tile { width: 4rem; overflow-wrap: normal !important; }")
    assert page.evaluate(CLIPPED) != []


def test_every_row_of_a_stacked_table_names_its_place(watched):
    page = watched.open(P01.format(lang="en"))
    page.set_viewport_size({"width": 360, "height": 900})
    labels = page.locator("table.figures tbody tr").first.locator(".stacked-label")
    labels.first.wait_for()  # the page follows the window a moment later
    assert [label for label in labels.all_inner_texts() if label][:2] == ["Central Asia", "Kazakhstan"]


def test_a_chart_offers_a_picture_of_itself_and_to_send_itself_nowhere(watched):
    page = watched.open(ONE.format(lang="en"))
    buttons = page.locator(".modebar-btn")
    buttons.first.wait_for(state="attached")
    assert {button.get_attribute("data-title") for button in buttons.all()} == {"Save as a picture"}
    assert page.get_by_text("Share chart").count() == 0
    with page.expect_download() as saved:
        buttons.first.click()
    assert saved.value.suggested_filename.endswith(".png")


def test_the_printed_page_says_what_it_shows(watched, tmp_path):
    if not shutil.which("pdftotext"):
        pytest.skip("needs pdftotext (apt-get install poppler-utils)")
    page = watched.open(P01.format(lang="en"))
    paper = tmp_path / "page.pdf"
    paper.write_bytes(page.pdf(format="A4", landscape=True))
    printed = subprocess.run(
        ["pdftotext", "-layout", str(paper), "-"], capture_output=True, text=True, check=True
    ).stdout
    for words in ("Quarter · Q4 2010 (FY2011 Q1)", EDITION_ID, "Kazakhstan", "Not reported", "Suppressed"):
        assert words in printed
    assert "Русский" not in printed, "links and filters stay on the screen"


def test_many_first_readers_at_once(editions, tmp_path):
    """A server that had not registered its callbacks yet would answer some of them with an error."""
    search = P01.format(lang="en").removeprefix("/")

    def ask(served):
        with urlopen(served + "/_dash-dependencies", timeout=180) as answer:
            listed = json.load(answer)
        (frame,) = [entry for entry in listed if entry["output"].startswith("..header.children")]
        inputs = [{"id": "_pages_location", "property": "search", "value": search},
                  {"id": "_pages_location", "property": "pathname", "value": "/"}]  # fmt: skip
        names = [name.rsplit(".", 1) for name in frame["output"].strip(".").split("...")]
        outputs = [{"id": name, "property": what} for name, what in names]
        body = {"output": frame["output"], "outputs": outputs, "inputs": inputs, "changedPropIds": []}
        headers = {"Content-Type": "application/json"}
        with urlopen(
            Request(served + "/_dash-update-component", json.dumps(body).encode(), headers), timeout=180
        ) as got:
            return got.status

    with running(editions, tmp_path / "log", workers=2) as served, ThreadPoolExecutor(50) as readers:
        assert set(readers.map(ask, [served] * 50)) == {200}
