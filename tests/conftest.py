"""What every test shares: the folders, the real data where it is, and no way out of this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from reports.edition import Edition

REPOSITORY = Path(__file__).resolve().parent.parent
LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")

# The same examples on every machine and in every run: a red test is red for everyone. The search
# for new ones is `HYPOTHESIS_PROFILE=explore make test`.
# How long examples take to make says something about the machine, not about us.
SLOW_IS_FINE = [HealthCheck.too_slow]
settings.register_profile(
    "repeatable", derandomize=True, deadline=None, max_examples=50, suppress_health_check=SLOW_IS_FINE
)
settings.register_profile("explore", deadline=None, max_examples=500, suppress_health_check=SLOW_IS_FINE)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

_outside: list[str] = []


def _note_outside_calls(event: str, arguments: tuple[Any, ...]) -> None:
    """Refuse, and remember, any look-up or connection that leaves this machine."""
    if event == "socket.getaddrinfo":
        host = arguments[0]
    elif event == "socket.connect":
        host = arguments[1][0] if isinstance(arguments[1], tuple) else None
    else:
        return
    name = host.decode() if isinstance(host, bytes) else host
    if name and not str(name).startswith(LOOPBACK):
        _outside.append(f"{event} {name}")
        raise ConnectionRefusedError(f"the tests stay on this machine; something asked for {name}")


sys.addaudithook(_note_outside_calls)


# The files that take longest, so that no process is left with one of them at the end. A file that is not
# listed comes after them; where it does is a matter of minutes, never of a result.
LONGEST = ("test_flow", "test_cycle", "test_kill", "test_disclosure", "test_mess", "test_relations", "test_returns",
           "test_counting", "test_preview", "test_return_privacy", "test_oracle", "test_intake",
           "test_restatements", "test_flow_runs", "test_kill_output", "test_faults", "test_screening", "test_templates",
           "test_narrative", "test_verify", "test_dashboard_screens", "test_no_row_is_lost")  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Longest files first; within a file nothing moves."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.stem, len(LONGEST)))


@pytest.fixture(autouse=True)
def stays_on_this_machine() -> Iterator[None]:
    """Fail the test during which anything in this process reached for the network, even if it was hushed up."""
    seen = len(_outside)
    yield
    assert _outside[seen:] == [], "a library reached for the network"


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of this repository."""
    return REPOSITORY


@pytest.fixture(scope="session")
def real() -> Path:
    """The folder of data that real institutions published; tests that need it are skipped without it."""
    folder = REPOSITORY.parent / "shared" / "real"
    if not folder.is_dir():
        pytest.skip(f"needs the published data in {folder}, which is not on this machine")
    return folder


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Edition]:
    """The hand-made edition with a results framework, for tests of what donors are handed."""
    from tests.donor_files import edition_with

    opened = edition_with(tmp_path_factory.mktemp("editions"))
    yield opened
    opened.connection.close()


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the hand-made edition, for tests of the dashboard that need no other."""
    from tests.sample_edition import make_edition

    folder = tmp_path_factory.mktemp("editions")
    make_edition(folder)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One headless browser for the tests of a file; they are skipped without it."""
    from tests.browser import chromium

    with chromium() as launched:
        yield launched


@pytest.fixture
def watched(browser: Any, address: str) -> Iterator[Any]:
    """A page of the server at `address`, which a file starts; any fault of it fails the test."""
    from tests.browser import watching

    with watching(browser, address) as one:
        yield one
