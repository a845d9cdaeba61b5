"""The folder of the pages of checks: an index, and a page for each office and quarter."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from pipelines.checked_files import CheckedFile
from pipelines.files import replace
from pipelines.validation_index import index_page
from pipelines.validation_page import validation_page

INDEX, UNKNOWN = "index.html", "unknown.html"
_PAGE = re.compile(r"(?P<office>\w+)-(?P<period>\d{4}-Q[1-4]|all)\.html")

Group = tuple[str, str]


def write_pages(folder: Path, files: Sequence[CheckedFile], keep: Collection[Group] = ()) -> Path:
    """Write the page of every group and the index, and give its path; of other pages only those to `keep` stay."""
    folder.mkdir(mode=0o700, exist_ok=True)
    groups: dict[Group, list[CheckedFile]] = defaultdict(list)
    for file in files:
        groups[file.group].append(file)
    for group, some in groups.items():
        _write(folder / page_name(group), validation_page(group, some, INDEX))
    others = set(_pages_in(folder)) - groups.keys()
    for group in others - set(keep):
        (folder / page_name(group)).unlink()
    _write(folder / INDEX, index_page(files, _named([*groups, *(others & set(keep))])))
    return folder / INDEX


def page_name(group: Group) -> str:
    """The file name of the page of an office and quarter."""
    return f"{group[0]}-{group[1]}.html" if group[0] else UNKNOWN


def _named(groups: Collection[Group]) -> Mapping[Group, str]:
    return {group: page_name(group) for group in groups}


def _pages_in(folder: Path) -> Iterator[Group]:
    for path in folder.glob("*.html"):
        named = _PAGE.fullmatch(path.name)
        if path.name == UNKNOWN or named:
            yield (named["office"], named["period"]) if named else ("", "")


def _write(path: Path, page: str) -> None:
    replace(path, page.encode("utf-8"))
