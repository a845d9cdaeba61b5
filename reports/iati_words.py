"""What IATI files say besides figures, from `iati.toml`, and how it becomes elements."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from indicators.facts import LANGUAGES
from reports.xml_text import allowed

FILE = Path(__file__).parent / "iati.toml"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@cache
def settings() -> Mapping[str, Any]:
    """The publisher, codes and words."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


def said(key: str, **names: Mapping[str, Any] | str | int) -> dict[str, str]:
    """Words by language; a name may have a value for each language."""
    return {
        language: settings()["words"][key][language].format(
            **{name: value[language] if isinstance(value, Mapping) else value for name, value in names.items()}
        )
        for language in LANGUAGES
    }


def element(parent: Any, tag: str, /, **attributes: str) -> Any:
    """A new child; `_` in the name of an attribute is `-`."""
    from lxml import etree

    return etree.SubElement(parent, tag, {key.replace("_", "-"): value for key, value in attributes.items()})


def narrated(parent: Any, tag: str, words: Mapping[str, str], /, **attributes: str) -> Any:
    """A child with a narrative in each language; English is the default of the file."""
    child = element(parent, tag, **attributes)
    for language, text in words.items():
        narrative = element(child, "narrative")
        if language != "en":
            narrative.set(XML_LANG, language)
        narrative.text = allowed(text)
    return child
