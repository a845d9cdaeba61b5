"""Where a scheduled run finds its folders: below the working directory, or where the environment says."""

from __future__ import annotations

import os
from pathlib import Path

# ESEP_RAW, ESEP_CURATED, ESEP_OUT and ESEP_TEXTS; a worker hands its environment on to every run.
RAW = Path(os.environ.get("ESEP_RAW", "data/raw"))
CURATED = Path(os.environ.get("ESEP_CURATED", "data/curated"))
OUT = Path(os.environ.get("ESEP_OUT", str(CURATED / "reports")))
TEXTS = Path(os.environ.get("ESEP_TEXTS", "data/narratives"))
