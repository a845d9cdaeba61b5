"""What a person sees of the login: the form, the line in the header, and the page that is closed to a role."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from dash import dcc, html

from dashboards.accounts import User
from dashboards.document import document
from dashboards.login_words import words
from dashboards.roles import ROLES
from dashboards.texts import LANGUAGES, text
from dashboards.view import View

BODY = """<body class="login">
<header><span class="programme">{programme}</span>
<nav aria-label="{language}">{languages}</nav></header>
<main>
<h1>{title}</h1>
<p>{lead}</p>
{said}
<form method="post" action="{action}">
<label for="name">{name}</label>
<input id="name" name="name" type="text" value="" maxlength="64" autocomplete="username" autocapitalize="none"
 spellcheck="false" required{mark}>
<label for="password">{password}</label>
<input id="password" name="password" type="password" maxlength="200" autocomplete="current-password" required{mark}>
<input type="hidden" name="form" value="{token}">
<button type="submit">{send}</button>
</form>
</main>
</body>"""


def page(lang: str, token: str, onward: str, root: str, styles: list[str], said: str = "") -> str:
    """The document with the form. `said` is why the last try did not succeed, `root` where the dashboard stands."""
    here = f"{root}/login"
    links = [_link(here, other, onward, is_here=other == lang) for other in LANGUAGES]
    keys = ("title", "lead", "name", "password", "send", "language")
    css = "\n".join(f'<link rel="stylesheet" href="{escape(style)}">' for style in styles)
    body = BODY.format(
        token=escape(token),
        programme=escape(text("programme", lang)),
        languages=" ".join(links),
        action=escape(here + "?" + urlencode({"lang": lang, "next": onward})),
        said=f'<p id="said" class="said" role="alert">{escape(said)}</p>' if said else "",
        mark=' aria-describedby="said"' if said else "",
        **{key: escape(words(key, lang)) for key in keys},
    )
    return document(lang, words("title", lang), css, body)


def _link(here: str, lang: str, onward: str, is_here: bool) -> str:
    address = escape(f"{here}?{urlencode({'lang': lang, 'next': onward})}")
    current = ' aria-current="true"' if is_here else ""
    return f'<a href="{address}" lang="{lang}" hreflang="{lang}"{current}>{LANGUAGES[lang]}</a>'


def account(user: User, token: str, root: str, view: View) -> html.Form:
    """Who is signed in, for which countries, and the way out."""
    lang, scope = view.lang, user.scope
    role = ROLES[user.role].ru if lang == "ru" else ROLES[user.role].en
    named = [view.label("place", place) for place in sorted(scope.places or ())]
    places = ", ".join(named) or words("whole_region", lang)
    said = html.Span([words("signed_in", lang, name=user.name), html.Span(f"{role}, {places}", className="small")])
    way_out = html.Button(words("sign_out", lang), type="submit")
    hidden = dcc.Input(type="hidden", name="form", value=token)
    return html.Form(
        [said, hidden, way_out], action=f"{root}/logout", method="post", className="account",
        **{"aria-label": words("account", lang)},
    )  # fmt: skip


def closed(lang: str) -> html.Div:
    """The content of a page that is closed to the reader's role."""
    return html.Div([html.H1(words("closed_title", lang)), html.P(words("closed_text", lang))])
