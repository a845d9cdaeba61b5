"""`application` for a WSGI server: reads the settings, and is warm before it takes its first request."""

from __future__ import annotations

import os

from dashboards.app import create_app, warm
from dashboards.settings import read

_settings = read(os.environ)
application = warm(create_app(_settings.editions, settings=_settings))
