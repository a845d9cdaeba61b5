"""Conditions in the plainest words, taken apart without a parser of SQL.

Nearly every condition compares a column with a code or a number. Loading SQLGlot costs as much as loading DuckDB, and
to count needs neither of its answers. What is not as plain as this gives None and goes to SQLGlot; what is plain
comes out as SQLGlot would write it, to the last character.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

# What is none of these stands alone, and no rule below takes it.
_TOKEN = re.compile(r"\w+|'(?:[^']|'')*'|<>|>=|<=|.", re.DOTALL)
# As SQLGlot names them.
_FUNCTIONS = {"is_known": "is_known", "len": "length", "length": "length"}
_SIGNS = frozenset({"=", "<>", ">=", "<=", ">", "<"})
_NAME, _NUMBER = re.compile(r"[a-z_][a-z0-9_]*"), re.compile(r"\d+")
_RESERVED = frozenset({"true", "false", "null", "and", "or", "not", "in", "is"})


class _NotPlainError(Exception):
    pass


@dataclass(frozen=True)
class Plain:
    """A condition: its words in order, which of them are columns, and the codes that each column is compared with."""

    words: tuple[tuple[str, str], ...]  # what it is ("column", "function" or ""), and its text
    codes: tuple[tuple[str, str], ...]
    joined_by: str  # AND or OR, where that joins several; the parts are then conditions of their own
    parts: tuple[Plain, ...] = ()

    @property
    def is_bracketed(self) -> bool:
        """Whether it is one pair of brackets and what stands in it."""
        return len(self.parts) == 1

    @property
    def columns(self) -> list[str]:
        """The columns that are named."""
        return [text for kind, text in self.words if kind == "column"]

    def sql(self, prefix: str = "", *, upper: bool = False) -> str:
        """The condition as SQL, each column under a prefix; `upper`: how functions are written."""
        return "".join(
            f"{prefix}{text}" if kind == "column" else text.upper() if kind == "function" and upper else text
            for kind, text in self.words
        )


@cache
def plain(text: str) -> Plain | None:
    """A condition, or None where it is not plain."""
    tokens = [word for word in _TOKEN.findall(text) if word.strip()]
    try:
        condition, rest = _chain(tokens)
    except (_NotPlainError, IndexError):
        return None
    return None if rest else condition


def _chain(tokens: Sequence[str]) -> tuple[Plain, Sequence[str]]:
    """Conditions joined by AND, or by OR; not by both, for then their order would matter."""
    first, tokens = _one(tokens)
    parts, word = [first], ""
    while tokens and tokens[0] in ("AND", "OR"):
        if word not in ("", tokens[0]):
            raise _NotPlainError
        word = tokens[0]
        part, tokens = _one(tokens[1:])
        parts.append(part)
    if not word:
        return first, tokens
    words = first.words
    for part in parts[1:]:
        words += (("", f" {word} "), *part.words)
    return Plain(words, tuple(code for part in parts for code in part.codes), word, tuple(parts)), tokens


def _one(tokens: Sequence[str]) -> tuple[Plain, Sequence[str]]:
    if tokens[0] == "NOT":
        inner, rest = _one(tokens[1:])
        return Plain((("", "NOT "), *inner.words), inner.codes, ""), rest
    if tokens[0] == "(":
        inner, rest = _chain(tokens[1:])
        if rest[0] != ")":
            raise _NotPlainError
        if inner.is_bracketed:
            raise _NotPlainError
        return Plain((("", "("), *inner.words, ("", ")")), inner.codes, "", (inner,)), rest[1:]
    return _compared(tokens)


def _compared(tokens: Sequence[str]) -> tuple[Plain, Sequence[str]]:
    """A column, or a function of one, alone or compared."""
    operand, tokens = _operand(tokens)
    column = next(text for kind, text in operand if kind == "column")
    if tokens and tokens[0] in _SIGNS:
        words = (*operand, ("", f" {tokens[0]} {_literal(tokens[1])}"))
        # An order among codes is none of ours.
        compared = [tokens[1]] if tokens[0] in ("=", "<>") else []
        return Plain(words, _codes(column, compared), ""), tokens[2:]
    if tokens and tokens[0] == "IN":
        end = tokens.index(")") if ")" in tokens else len(tokens)
        listed, commas = tokens[2:end:2], tokens[3:end:2]
        if tokens[1] != "(" or set(commas) - {","} or len(listed) != len(commas) + 1:
            raise _NotPlainError
        words = (*operand, ("", f" IN ({', '.join(map(_literal, listed))})"))
        return Plain(words, _codes(column, listed), ""), tokens[end + 1 :]
    if tokens and tokens[0] == "IS":
        negated = tokens[1] == "NOT"
        if tokens[1 + negated] != "NULL":
            raise _NotPlainError
        words = (*((("", "NOT "),) if negated else ()), *operand, ("", " IS NULL"))
        return Plain(words, (), ""), tokens[2 + negated :]
    return Plain(operand, (), ""), tokens


def _operand(tokens: Sequence[str]) -> tuple[tuple[tuple[str, str], ...], Sequence[str]]:
    if len(tokens) > 1 and tokens[1] == "(" and tokens[0] in _FUNCTIONS:
        if tokens[3] != ")":
            raise _NotPlainError
        return (("function", _FUNCTIONS[tokens[0]]), ("", "("), _column(tokens[2]), ("", ")")), tokens[4:]
    return (_column(tokens[0]),), tokens[1:]


def _column(token: str) -> tuple[str, str]:
    if not _NAME.fullmatch(token) or token in _RESERVED or token in _FUNCTIONS:
        raise _NotPlainError
    return "column", token


def _literal(token: str) -> str:
    if not (token.startswith("'") or _NUMBER.fullmatch(token)):
        raise _NotPlainError
    return token


def _codes(column: str, literals: Sequence[str]) -> tuple[tuple[str, str], ...]:
    return tuple((column, one[1:-1].replace("''", "'")) for one in literals if one.startswith("'"))
