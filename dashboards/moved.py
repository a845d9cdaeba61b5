"""Addresses below a prefix. Pages write theirs as if the dashboard stood at the root; here they are moved."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.exceptions import NotFound
from werkzeug.middleware.dispatcher import DispatcherMiddleware

ADDRESSES = ("href", "action", "src")


def below(prefix: str, node: Any) -> Any:
    """The same components, with every address of this server below the prefix."""
    if not prefix:
        return node
    if isinstance(node, list | tuple):
        return [below(prefix, child) for child in node]
    for name in ADDRESSES:
        address = getattr(node, name, None)
        if isinstance(address, str) and address.startswith("/") and not address.startswith((prefix + "/", "//")):
            setattr(node, name, prefix + address)
    if hasattr(node, "children"):
        below(prefix, node.children)
    return node


def mount(server: Flask, prefix: str) -> None:
    """Answer below the prefix alone. The proxy in front passes the whole path on."""
    if prefix:
        server.wsgi_app = DispatcherMiddleware(NotFound(), {prefix: server.wsgi_app})  # type: ignore[method-assign]
