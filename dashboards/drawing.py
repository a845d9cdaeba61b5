"""The library that draws charts, as little of it as we use, in the place of the whole that the package brings.

A page without a chart asks for neither. `vendor/plotly-basic.min.js` is the publisher's own bundle of the same
version (a test compares them), and draws lines, bars and shares of a whole.
"""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask, Response, request, send_file

BASIC = Path(__file__).parent / "vendor" / "plotly-basic.min.js"
WHOLE = re.compile(r"/_dash-component-suites/plotly/package_data/plotly(\.[\w-]+)?\.min\.js")


def draw_with_less(server: Flask) -> None:
    """Give the small library to whoever asks for the large one. After the login, which lets everybody have it."""

    @server.before_request
    def give_small() -> Response | None:
        if request.method not in ("GET", "HEAD") or not WHOLE.fullmatch(request.path):
            return None
        # Its address does not name its version, so browsers ask each time whether it is still the same.
        return send_file(BASIC, mimetype="text/javascript", max_age=0)
