"""Every page of the folder in a real browser: cut-off words, barriers, print, files, colours, other editions."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from urllib.parse import parse_qs, urlsplit

import pytest

from dashboards import pages
from dashboards.app import find_pages
from tests.browser import CLIPPED, arrived, barriers, cut_off, pick, running, watching
from tests.rich_edition import OLDER_ID, RICH_ID, make_rich_editions

PATHS = [
    path for path, page in {page.path: page for page in find_pages(pages).values()}.items() if page.order is not None
]
# Of a list of folds of one kind the first two stand for the others.
UNFOLD_SOME = """() => { for (const kind of ['family', 'definition', 'keys', 'sheet'])
  document.querySelectorAll(`details.${kind}`).forEach((one, place) => { one.open = place < 2; }); }"""
WIDTHS = (320, 360, 768, 1280)
LANGUAGES = ("en", "ru")
VIEW = "?lang={lang}&period=2010-Q4&calendar=quarter&indicator=P03&place=UZ&region=UZ-AN"


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    editions = make_rich_editions(tmp_path_factory.mktemp("rich"))
    with running(editions, tmp_path_factory.mktemp("log") / "server.log") as served:
        yield served


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("path", PATHS)
def test_nothing_is_cut_off_and_nobody_is_kept_out(watched, path, lang):
    """At every width, with everything that is folded away opened; no error, nothing asked for elsewhere."""
    page = watched.open(path + VIEW.format(lang=lang))
    page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
    for width in WIDTHS:
        assert cut_off(page, width) == [], width
    if lang == "en":  # the same elements in either language, and the rules take their time
        page.evaluate(UNFOLD_SOME)
        assert barriers(page) == []


def test_the_rules_see_a_barrier(watched):
    page = watched.open("/" + VIEW.format(lang="en"))
    page.evaluate("document.querySelectorAll('label').forEach((label) => label.remove())")
    assert any(found.startswith("label") for found in barriers(page))


def test_the_detector_sees_the_words_of_a_chart(watched):
    page = watched.open("/protection" + VIEW.format(lang="en"))
    page.locator(".chart svg text").first.wait_for(state="attached")
    page.add_style_tag(content=".chart svg text { font-size: 60px !important; }")
    assert any("words of a chart" in found for found in page.evaluate(CLIPPED))


@pytest.mark.parametrize("path", PATHS)
def test_the_printed_page_says_what_it_is_of(watched, tmp_path, path):
    if not shutil.which("pdftotext"):
        pytest.skip("needs pdftotext (apt-get install poppler-utils)")
    page = watched.open(path + VIEW.format(lang="en"))
    paper = tmp_path / "page.pdf"
    paper.write_bytes(page.pdf(format="A4"))
    command = ["pdftotext", "-layout", str(paper), "-"]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert RICH_ID in printed
    assert "Русский" not in printed and "Download:" not in printed, "links and filters stay on the screen"
    if page.locator(".box.period:visible").count():
        assert "Q4 2010 (FY2011 Q1)" in printed


def test_the_file_of_a_chart_says_what_its_table_says(watched):
    page = watched.open("/protection" + VIEW.format(lang="en"))
    block = page.locator("#funnel ~ .beside")
    with page.expect_download() as saved:
        block.get_by_text("CSV", exact=True).click()
    rows = list(csv.reader(io.StringIO(saved.value.path().read_text(encoding="utf-8"))))
    shown = block.locator("tbody tr").all()
    assert len(rows) - 1 == len(shown)
    for row, line in zip(rows[1:], shown, strict=True):
        assert row[0] in line.inner_text()
        assert f"{int(row[1]):,}" in line.inner_text() if row[1].isdigit() else row[1] in line.inner_text()


def test_the_summary_of_a_chart_follows_the_filters(watched):
    page = watched.open("/indicator" + VIEW.format(lang="en"))
    before = page.locator(".picture").first.get_attribute("aria-label")
    pick(watched, "place", "Kazakhstan")
    arrived(page, "place=KZ")
    page.locator(".context", has_text="Kazakhstan").first.wait_for()
    after = page.locator(".picture").first.get_attribute("aria-label")
    assert "Uzbekistan" in before and "Kazakhstan" in after and before != after


def test_an_older_edition_is_chosen_shared_and_left(watched, browser, address):
    page = watched.open("/indicator?lang=en&indicator=P03")
    pick(watched, "edition", OLDER_ID)
    arrived(page, f"edition={OLDER_ID}")
    page.locator(".edition", has_text=OLDER_ID).wait_for()
    page.locator(".older").wait_for()
    watched.drawn()
    with watching(browser, address) as other:
        copy = other.open(page.url.removeprefix(address))
        assert copy.locator("main").inner_text() == page.locator("main").inner_text()
    page.click(".older a")
    page.locator(".edition", has_text=RICH_ID).wait_for()
    assert "edition" not in parse_qs(urlsplit(page.url).query)


def test_from_the_region_to_a_country_to_its_region_to_an_indicator(watched):
    page = watched.open("/?lang=en&indicator=P01&period=2010-Q4&calendar=quarter&place=CA")
    page.click(".tile h3 a >> text=Uzbekistan")
    page.click(".regions a >> nth=0")
    page.locator("#in-region").wait_for()
    page.click(".list .more >> nth=0")
    arrived(page, "/indicator?", "by=region")
    watched.drawn()
    page.locator("#breakdown", has_text="Region").wait_for()
    for _ in range(3):
        page.go_back()
    page.locator(".answer", has_text="Central Asia").wait_for()


def test_a_state_is_told_without_colour(watched):
    """Every state on the page is a shape and a word; every bar stands beside its state."""
    page = watched.open("/?lang=en&indicator=P03")
    for state in page.locator("main .state:visible").all_inner_texts():
        shape, words = state.strip()[0], state.strip()[1:].strip()
        assert not shape.isalnum() and words
    for tile in page.locator(".tile").all():
        assert tile.locator(".bar").get_attribute("aria-hidden") == "true"
        assert tile.locator("> .state").count() == 1


def test_the_first_page_is_small_enough_for_a_slow_line(watched):
    """What a first visit brings, uncompressed: the chart library is not among it until a chart is."""
    sizes = []
    watched.page.on("response", lambda answer: sizes.append(int(answer.headers.get("content-length", 0))))
    watched.open("/?lang=en")
    assert 0 < sum(sizes) < 4_500_000
