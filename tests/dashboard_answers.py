"""What the dashboard sends to a browser, asked without one, and how to look into it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

CONTENT = ".._pages_content.children..._pages_store.data.."


def page_json(client: Any, search: str, path: str = "/") -> str:
    """What the browser is sent for a page's content."""
    inputs = [
        {"id": "_pages_location", "property": "pathname", "value": path},
        {"id": "_pages_location", "property": "search", "value": search},
    ]
    outputs = [{"id": "_pages_content", "property": "children"}, {"id": "_pages_store", "property": "data"}]
    body = {"output": CONTENT, "outputs": outputs, "inputs": inputs, "changedPropIds": ["_pages_location.search"]}
    answer = client.post("/_dash-update-component", json=body)
    assert answer.status_code == 200
    sent: str = answer.get_data(as_text=True)
    return sent


def frame_json(client: Any, search: str, path: str = "/") -> str:
    """What the browser is sent for the header and the filters."""
    (entry,) = [e for e in client.get("/_dash-dependencies").json if e["output"].startswith("..header.children")]
    names = [name.rsplit(".", 1) for name in entry["output"].strip(".").split("...")]
    inputs = [{"id": "_pages_location", "property": p, "value": v} for p, v in (("search", search), ("pathname", path))]
    outputs = [{"id": name, "property": prop} for name, prop in names]
    body = {"output": entry["output"], "outputs": outputs, "inputs": inputs, "changedPropIds": []}
    sent: str = client.post("/_dash-update-component", json=body).get_data(as_text=True)
    return sent


def walk(node: Any) -> Iterator[Any]:
    """Every component and list below a node of the sent layout."""
    yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(child)


def words_in(node: Any) -> Iterator[str]:
    """Every text a reader or a screen reader gets."""
    for found in walk(node):
        if isinstance(found, dict) and "props" in found:
            children = found["props"].get("children")
            listed = children if isinstance(children, list) else [children]
            yield from (child for child in listed if isinstance(child, str))
            yield from (found["props"][key] for key in ("aria-label", "title") if key in found["props"])
        if isinstance(found, dict) and isinstance(found.get("text"), list):
            yield from found["text"]
        if isinstance(found, dict) and "showarrow" in found:
            yield re.sub(r"</?\w+>", " ", found["text"])


def of_type(node: Any, kind: str) -> list[dict[str, Any]]:
    """The properties of every component of a kind."""
    return [found["props"] for found in walk(node) if isinstance(found, dict) and found.get("type") == kind]


def with_classes(node: Any, name: str) -> list[Any]:
    return [
        n for n in walk(node) if isinstance(n, dict) and name in str(n.get("props", {}).get("className", "")).split()
    ]


def said(node: Any) -> str:
    return " ".join(words_in(node))
