"""Which of the declared libraries a command loads: what it costs to load them is the floor it stands on."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata

from benchmarks.clock import REPOSITORY


def floor_of(arguments: Sequence[str]) -> list[str]:
    """A command that imports, and does nothing with, the declared libraries that `esep ARGUMENTS` loads."""
    loaded = loaded_modules(arguments) & declared_modules()
    return [sys.executable, "-c", f"import {', '.join(sorted(loaded))}"]


def loaded_modules(arguments: Sequence[str]) -> set[str]:
    """Top-level modules that `esep ARGUMENTS` imports."""
    command = [sys.executable, "-X", "importtime", "-c", "from pipelines.cli import main; main()", *arguments]
    said = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True).stderr
    return {
        line.rsplit("|", 1)[-1].strip().split(".")[0] for line in said.splitlines() if line.startswith("import time")
    }


def declared_modules() -> set[str]:
    """Top-level modules of the libraries that this project declares."""
    declared = {_plain(re.split(r"[<>=!~;\[ ]", wish)[0]) for wish in metadata.requires("esep") or []}
    return {
        module
        for module, distributions in metadata.packages_distributions().items()
        if declared & {_plain(name) for name in distributions}
    }


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")
