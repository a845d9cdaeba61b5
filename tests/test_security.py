"""The page on security keeps its word: its tests exist, modes hold whatever the umask, a planted secret is nowhere."""

from __future__ import annotations

import ast
import os
import re
import secrets
import stat
import traceback
from importlib.util import find_spec
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.cli import main
from pipelines.identity import KEY_NAME, store_key
from pipelines.lock import LOCK_NAME
from pipelines.sealed import KEY_FILE_VARIABLE, KEY_VARIABLE, warehouse_key
from pipelines.warehouse import FILE_NAME, LANDING_NAME
from tests.edition_story import Story

REPOSITORY = Path(__file__).resolve().parent.parent
PAGE = (REPOSITORY / "docs" / "security.md").read_text(encoding="utf-8")
THREATS = re.findall(r"^\| ([^|]+) \| ([^|]+) \| `(tests/test_\w+\.py)::(test_\w+)` \|$", PAGE, re.M)


def named_in(path: str) -> set[str]:
    tree = ast.parse((REPOSITORY / path).read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_every_threat_has_a_test_that_exists():
    table = PAGE.split("## Threats\n", 1)[1].split("\n## ", 1)[0]
    rows = [line for line in table.splitlines() if line.startswith("|")][2:]
    assert len(rows) == len(THREATS) > 25, "a row without a test, or one written otherwise"
    assert [f"{path}::{name}" for _, _, path, name in THREATS if name not in named_in(path)] == []


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0, 0o077], ids=["none", "all of others"])
def test_the_store_is_closed_and_editions_are_open_whatever_the_umask(tmp_path, umask):
    before = os.umask(umask)
    try:
        story = Story(tmp_path)
        story.send("cases")
        published = story.publish()
    finally:
        os.umask(before)
    curated = story.curated
    assert mode(curated) == mode(curated / LANDING_NAME) == 0o700
    assert {mode(curated / name) for name in (FILE_NAME, KEY_NAME, LOCK_NAME)} == {0o600}
    assert {mode(path) for path in (curated / LANDING_NAME).iterdir()} == {0o400}
    assert mode(curated / "editions") == mode(published.folder) == 0o755
    assert {mode(path) for path in published.folder.iterdir()} == {0o444}
    assert mode(curated / "editions" / "CURRENT") == 0o644


# A planted secret


COMMANDS = (
    ["status"], ["doctor"], ["doctor", "--json"], ["publish"], ["publish", "--period", "1999-Q1"], ["editions"],
    ["verify", "no-such-edition"], ["trace", "P01"], ["trace", "T99"], ["encrypt"], ["encrypt", "--off"],
    ["backup", "--to", "{folder}/b.tar"], ["check", "{folder}/kaz/KAZ_cases_2010-Q4.csv"],
    ["ingest", "--yes", "{folder}/kaz/KAZ_bad_2010-Q4.csv"],
)  # fmt: skip


def everything_said(result: Result) -> str:
    """What a command printed, and what an error would show with its traceback and all it was caused by."""
    error = result.exception
    return result.output + ("" if error is None else "".join(traceback.format_exception(error)))


@pytest.mark.skipif(find_spec("duckdb_extension_httpfs") is None, reason="needs the extra `encryption`")
def test_a_planted_secret_is_in_no_output_and_no_file(tmp_path, monkeypatch, caplog):
    """Commands that work and commands that fail, with the right key, with another, with a damaged warehouse."""
    planted = {"right": "right-" + secrets.token_hex(20), "wrong": "wrong-" + secrets.token_hex(20)}
    monkeypatch.setenv(KEY_VARIABLE, planted["right"])
    story = Story(tmp_path / "store")
    story.send("cases")
    (story.folder / "kaz" / "KAZ_bad_2010-Q4.csv").write_bytes(b"\0\1\2")
    told = {key.told for text in planted.values() if (key := warehouse_key({KEY_VARIABLE: text}))}
    of_store = {store_key(story.curated).hex()}
    said = _run_all(story)
    monkeypatch.setenv(KEY_VARIABLE, planted["wrong"])
    said += _run_all(story)
    (story.curated / FILE_NAME).write_bytes((story.curated / FILE_NAME).read_bytes()[:9000])
    said += _run_all(story)
    monkeypatch.setenv(KEY_FILE_VARIABLE, str(tmp_path))
    said += _run_all(story)
    assert "esep: " in said
    said += caplog.text
    looked_for = {*planted.values(), *told, *of_store}
    assert [secret[:6] for secret in looked_for if secret in said] == []
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert [path.name for path in files if any(secret.encode() in path.read_bytes() for secret in looked_for)] == []


def _run_all(story: Story) -> str:
    said = ""
    for command in COMMANDS:
        arguments = [one.replace("{folder}", str(story.folder)) for one in command]
        said += everything_said(CliRunner().invoke(main, [*arguments, "--curated", str(story.curated)]))
    return said
