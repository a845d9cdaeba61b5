"""The house stands as it was drawn: packages, shipped definitions, pins, lazy imports, sizes, words."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
PACKAGES = ("indicators", "oracle", "reports", "pipelines", "dashboards")
MODULES = sorted(path for package in PACKAGES for path in (REPOSITORY / package).rglob("*.py"))
LONGEST_MODULE = 300
LONGEST_FUNCTION = 60
HEAVY = {
    "duckdb",
    "pandas",
    "prefect",
    "great_expectations",
    "dash",
    "scipy",
    "networkx",
    "sqlglot",
    "sqlalchemy",
    "phonenumbers",
    "typst",
    "docx",
    "lxml",
    "xlsxwriter",
}
TEXT = {
    ".sql",
    ".service",
    ".timer",
    ".conf",
    ".env",
    ".proxy",
    ".py",
    ".toml",
    ".md",
    ".yaml",
    ".yml",
    ".lock",
    ".css",
    ".js",
    ".json",
    ".cfg",
    ".sh",
    ".svg",
    "",
}


def name_of(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


def committed_files() -> list[Path]:
    """Every file git knows here, and every new one it would not ignore."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=REPOSITORY,
        capture_output=True,
        check=True,
    )
    paths = (REPOSITORY / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def committed_texts() -> Iterator[tuple[Path, str]]:
    for path in committed_files():
        if path.suffix in TEXT and "data" not in path.relative_to(REPOSITORY).parts[:1]:
            yield path, path.read_text(encoding="utf-8")


def project() -> dict[str, Any]:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))


def locked() -> dict[str, set[str]]:
    """Package -> versions in the lock; a package has two where Python versions differ."""
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", (REPOSITORY / "requirements.lock").read_text(), re.M
    ):
        pins.setdefault(name, set()).add(version)
    return pins


# Packages


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_is_loaded_from_this_repository(package):
    """A second copy on the path would be tested in place of this one."""
    file = importlib.import_module(package).__file__
    assert file is not None, "a namespace package without __init__.py"
    assert Path(file).parent == REPOSITORY / package


def test_the_wheel_ships_every_file_of_the_packages(tmp_path):
    """An ignore rule that is not anchored drops definitions from a wheel without a word."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    shipped = set(zipfile.ZipFile(wheel).namelist())
    wanted = {name_of(path) for path in committed_files() if path.relative_to(REPOSITORY).parts[0] in PACKAGES}
    assert {name for name in wanted if name.endswith(".toml")}, "no definition was found in the packages"
    assert wanted - shipped == set()


def test_ignore_rules_are_anchored():
    """Unanchored names match in every folder; only caches that Python makes everywhere may."""
    rules = [line.strip() for line in (REPOSITORY / ".gitignore").read_text().splitlines()]
    loose = [r for r in rules if r and not r.startswith(("#", "/", "!/")) and r not in ("__pycache__/", "*.egg-info/")]
    assert loose == []


# Dependencies


@pytest.mark.parametrize(("lock", "least"), [("requirements.lock", 50), ("requirements-engines.lock", 4)])
def test_every_requirement_of_a_lock_is_pinned_and_hashed(lock, least):
    text = (REPOSITORY / lock).read_text()
    blocks = re.split(r"\n(?=\S)", text.strip())
    assert len(blocks) >= least
    unhashed = [b.splitlines()[0] for b in blocks if not re.search(r"^\S+==\S+.*\\\n\s+--hash=sha256:", b)]
    assert unhashed == []


def test_the_lock_holds_every_dependency_within_its_bounds():
    from packaging.requirements import Requirement

    declared = project()["project"]["dependencies"] + project()["dependency-groups"]["dev"]
    pins = locked()
    wrong = [
        str(wish)
        for wish in map(Requirement, declared)
        if not pins.get(wish.name) or not all(wish.specifier.contains(v) for v in pins[wish.name])
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("package", "bound", "why"),
    [
        ("duckdb", "~=1.5.5", "2.0 changes the Python API and cannot write encrypted files offline"),
        (
            "fastapi",
            "<0.151",
            "deploying with Prefect 3.8 stops after one deployment, and above 0.155 its server does not start",
        ),
        ("sqlalchemy", ">=2.0,<2.1", "the scheduler of Prefect 3.8 silently creates no runs above"),
        ("prefect", "~=3.8.8", "the line the two pins above were tried with"),
    ],
)
def test_the_versions_that_were_tried_together_are_locked(package, bound, why):
    from packaging.specifiers import SpecifierSet

    versions = locked()[package]
    assert versions, package
    assert all(version in SpecifierSet(bound) for version in versions), why


# Imports


def test_the_command_line_starts_without_heavy_libraries():
    """`esep --help` must answer at once; libraries are imported where they are used."""
    listed = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import pipelines.cli"],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    )
    loaded = {line.rsplit("|", 1)[-1].strip().split(".")[0] for line in listed.stderr.splitlines() if "|" in line}
    assert "pipelines" in loaded
    assert loaded & HEAVY == set()


# Sizes, words and types of the code


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
AnyFunction = ast.FunctionDef | ast.AsyncFunctionDef


def length(function: AnyFunction) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def public_functions(path: Path) -> list[AnyFunction]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    bodies = [tree.body, *(node.body for node in tree.body if isinstance(node, ast.ClassDef))]
    return [n for body in bodies for n in body if isinstance(n, FUNCTIONS) and not n.name.startswith("_")]


def typed(function: AnyFunction) -> Iterator[bool]:
    arguments = function.args
    for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
        yield argument.annotation is not None or argument.arg in ("self", "cls")


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_modules_stay_short(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) < LONGEST_MODULE


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_functions_stay_short(path):
    functions = (n for n in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(n, FUNCTIONS))
    assert [f.name for f in functions if length(f) > LONGEST_FUNCTION] == []


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_public_functions_say_their_meaning_and_their_types(path):
    assert [n.name for n in public_functions(path) if not ast.get_docstring(n)] == [], "without a docstring"
    assert [n.name for n in public_functions(path) if n.returns is None] == [], "without a return type"
    assert [n.name for n in public_functions(path) if not all(typed(n))] == [], "with an argument without a type"


# What committed files may not say. The words are put together here so that this file does not say them.

REGISTRY_HOSTS = [
    "py" + "pi.org",
    "files." + "pythonhosted",
    "registry." + "npmjs",
    "deb." + "debian",
    "--" + "index-url",
]
MACHINE_PATHS = ["/" + "work/", "/" + "tmp/", "/" + "home/", "/" + "root/", "C:" + "\\Users"]
HOW_IT_WAS_MADE = [
    "chat" + "gpt",
    "open" + "ai",
    "an" + "thropic",
    "clau" + "de",
    "co" + "pilot",
    "language" + " model",
    "ai" + "-generated",
    "as an" + " ai",
    "sub" + "agent",
    "pro" + "mpt engineer",
    "hand" + "over note",
]


@pytest.mark.parametrize("words", [REGISTRY_HOSTS, MACHINE_PATHS, HOW_IT_WAS_MADE], ids=["hosts", "paths", "making"])
def test_committed_files_speak_of_the_project_alone(words):
    said = [
        f"{name_of(path)}: {word}"
        for path, text in committed_texts()
        for word in words
        if re.search(rf"(?<![\w/.]){re.escape(word)}", text, re.IGNORECASE)
    ]
    assert said == []


def test_no_lock_file_names_a_host():
    for lock in REPOSITORY.glob("*.lock"):
        assert "://" not in lock.read_text(), lock.name
    assert not (REPOSITORY / "uv.lock").exists()
