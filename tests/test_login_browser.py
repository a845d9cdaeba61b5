"""The login in a real browser: signing in by keyboard, being led back, going out, an ended session; both languages."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.browser import CLIPPED, Watched, arrived, barriers, running
from tests.logins import PASSWORDS, make_users
from tests.sample_edition import make_edition

KZ = "/?lang=en&period=2010-Q4&calendar=quarter&indicator=P01&place=KZ"
CHART = "/indicator?lang=en&period=2010-Q4&calendar=quarter&indicator=P01&place=KZ"
FIRST_PAGE_BYTES = 1_500_000
WORDS = {"en": ("Sign in", "User name or password is not right.", "Sign out"),
         "ru": ("Войти", "Имя пользователя или пароль указаны неверно.", "Выйти")}  # fmt: skip


@pytest.fixture(scope="module")
def login(tmp_path_factory):
    return make_users(tmp_path_factory.mktemp("login"))


@pytest.fixture(scope="module")
def address(login, tmp_path_factory):
    """Below a prefix, where an address that forgets it shows."""
    folder = tmp_path_factory.mktemp("editions")
    make_edition(folder)
    options = ["--login", str(login)]
    with running(folder, tmp_path_factory.mktemp("log") / "server.log", prefix="/esep", options=options) as served:
        yield served


@pytest.fixture
def watched(browser, address):
    reader = Watched(browser, address)
    yield reader
    reader.close()
    assert reader.faults == []


def enter(page, name, password=None):
    page.fill("#name", name)
    page.fill("#password", PASSWORDS[name] if password is None else password)
    page.keyboard.press("Enter")


@pytest.mark.parametrize("lang", WORDS)
def test_in_by_the_keyboard_to_what_was_asked_and_out_again(watched, lang):
    page = watched.page
    asked = KZ.replace("lang=en", f"lang={lang}")
    page.goto(watched.address + asked)
    assert urlsplit(page.url).path == "/esep/login"
    assert page.locator("html").get_attribute("lang") == lang
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "name", "after the two languages"
    assert page.get_by_role("button", name=WORDS[lang][0]).count() == 1
    enter(page, "kz.viewer")
    arrived(page, f"/esep{asked}")
    page.wait_for_selector(".tile")
    watched.drawn()  # to sign out earlier cuts an answer off
    assert page.locator(".tile h3").all_inner_texts() == ["Kazakhstan" if lang == "en" else "Казахстан"]
    account = page.locator("form.account")
    assert "kz.viewer" in account.inner_text() and "KZ" not in account.inner_text().replace("kz.viewer", "")
    page.get_by_role("button", name=WORDS[lang][2]).click()
    arrived(page, "/esep/login")
    watched.at_rest()
    page.goto(watched.address + asked)
    assert urlsplit(page.url).path == "/esep/login"


def test_a_wrong_password_is_said_and_read_out(browser, address):
    """The answer is 401, which the browser's console notes; nothing else may be there."""
    reader = Watched(browser, address)
    page = reader.page
    for lang, (_, said, _) in WORDS.items():
        page.goto(f"{address}/login?lang={lang}")
        enter(page, "kg.viewer", "not the password")
        assert page.get_by_role("alert").inner_text() == said
        assert page.locator("#password").get_attribute("aria-describedby") == "said"
        assert page.locator("#password").input_value() == ""
        reader.at_rest()
    reader.context.close()
    assert [fault for fault in reader.faults if "401" not in fault] == []


def test_a_session_that_ended_leads_to_the_form_and_back(browser, address):
    """While a page is open: the next click asks for the login, and what was chosen is there again after it."""
    reader = Watched(browser, address)
    page = reader.page
    page.goto(f"{address}/login?lang=en")
    enter(page, "officer")
    reader.drawn()
    reader.context.clear_cookies()
    loadings = []
    page.on("request", lambda asked: loadings.append(urlsplit(asked.url).path) if _loads(asked, page) else None)
    page.click("#filter-period")
    page.get_by_role("option", name="Q3 2010 (FY2010 Q4)", exact=True).click()
    arrived(page, "/esep/login")
    enter(page, "officer")
    arrived(page, "/esep/?", "period=2010-Q3")
    reader.drawn()
    assert loadings == ["/esep/", "/esep/login", "/esep/"], "one of them for all questions that were refused at once"
    reader.context.close()
    assert [fault for fault in reader.faults if "401" not in fault and "failed" not in fault] == []


@pytest.mark.parametrize("lang", WORDS)
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_of_the_form_is_cut_off(watched, lang, width):
    page = watched.page
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(f"{watched.address}/login?lang={lang}")
    assert page.evaluate(CLIPPED) == []
    assert barriers(page) == []
    for box in (page.locator(f"#{name}").bounding_box() for name in ("name", "password")):
        assert box["height"] >= 24 and box["width"] >= 200
    assert all(page.locator(f"label[for={name}]").count() == 1 for name in ("name", "password"))


@pytest.mark.parametrize(("path", "drawn"), [("/", ".tile"), (CHART, ".chart .xtick")])
def test_the_first_page_is_light(browser, address, path, drawn):
    """What goes over the line until a reader sees figures, or the chart of an indicator: nothing kept from before."""
    reader = Watched(browser, address)
    sizes = {}
    reader.page.on("response", lambda answer: sizes.update({answer.url: answer}))
    reader.page.goto(address + path)
    enter(reader.page, "officer")
    reader.page.wait_for_selector(drawn)
    reader.page.wait_for_load_state("networkidle")
    reader.at_rest()
    total = sum(_bytes(answer) for answer in sizes.values() if answer.status == 200)
    has_library = any(urlsplit(url).path.endswith("plotly.min.js") for url in sizes)
    reader.context.close()
    assert has_library == (path == CHART), "it is asked for where a chart is"
    assert 300_000 < total < FIRST_PAGE_BYTES
    assert reader.faults == []


def _loads(request, page):
    """Whether a request loads a document into the page."""
    return request.is_navigation_request() and request.frame == page.main_frame and request.method == "GET"


def _bytes(answer):
    if answer.headers.get("content-encoding") == "gzip":
        return int(answer.headers["content-length"])
    return len(answer.body())
