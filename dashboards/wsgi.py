"""`application` for a WSGI server: reads ESEP_EDITIONS, and is warm before it takes its first request."""

from __future__ import annotations

import os
from pathlib import Path

from dashboards.app import create_app, warm
from dashboards.serve import EDITIONS_VARIABLE

application = warm(create_app(Path(os.environ[EDITIONS_VARIABLE])))
