"""`application` for a WSGI server: reads ESEP_EDITIONS, and is warm before it takes its first request.

Dash registers its callbacks during the first request; several first requests at once find them
missing and fail. So the first requests are made here, alone, and every page is drawn once.
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask

from dashboards.app import DRAWN, create_app
from dashboards.serve import EDITIONS_VARIABLE


def warm(server: Flask) -> Flask:
    """Make the first requests of a new server. Raises RuntimeError if one of them fails."""
    client = server.test_client()
    for path in ("/_dash-dependencies", "/_dash-layout", "/"):
        answer = client.get(path, follow_redirects=True)
        if answer.status_code != 200:
            raise RuntimeError(f"the dashboard did not start: {path} answered {answer.status_code}")
    for draw in server.extensions[DRAWN]:
        draw()
    return server


application = warm(create_app(Path(os.environ[EDITIONS_VARIABLE])))
