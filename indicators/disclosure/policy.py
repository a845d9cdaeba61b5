"""The dated protection policy, from `disclosure.toml`."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from indicators.facts import SUBJECTS, DeclarationError

POLICY_FILE = Path(__file__).parent.parent / "disclosure.toml"
KEYS = {"decided_on", "decided_by", "threshold", "protects", "hide_zeros", "interval_width", "mostly_hidden"}

# The policy in the words of a reader; `{}` is the value, in words where it is a code.
MEANINGS: Mapping[str, tuple[str, str]] = {
    "decided_on": ("The rules were decided on {}.", "Правила приняты {}."),
    "threshold": (
        "A count from 1 up to, but not including, {} is hidden, and two counts of which one is part of the other are"
        " not both shown where they differ by so little.",
        "Число от 1 и меньше {} скрывается, а два числа, одно из которых входит в другое, не показываются вместе,"
        " если их разность так же мала.",
    ),
    "protects": ("Counts of these are protected: {}.", "Защищаются числа о следующих лицах: {}."),
    "hide_zeros": ("{}", "{}"),
    "interval_width": (
        "Nobody can work out a hidden number more closely than a range {} wide.",
        "Скрытое число нельзя вычислить точнее, чем в пределах диапазона шириной {}.",
    ),
    "mostly_hidden": (
        "A breakdown is left out where more than {} of its numbers would be hidden.",
        "Разбивка не показывается, если пришлось бы скрыть более {} её чисел.",
    ),
}
_ZEROS = {
    True: ("A zero is hidden as a small number is.", "Ноль скрывается так же, как малое число."),
    False: ("A zero is not hidden for its own sake.", "Ноль сам по себе не скрывается."),
}
_WHOM = {
    "survivors": ("survivors of trafficking", "пострадавшие от торговли людьми"),
    "callers": ("callers of hotlines", "звонившие на горячие линии"),
    "professionals": ("professionals", "специалисты"),
    "public": ("the public", "население"),
    "organisations": ("organisations", "организации"),
    "nobody": ("no people", "не люди"),
}
assert set(_WHOM) == set(SUBJECTS), "whoever a policy protects has a name"


@dataclass(frozen=True)
class Policy:
    """What is hidden, and how well: see `disclosure.toml` for what each value means."""

    profile: str
    decided_on: date
    threshold: int
    protects: frozenset[str]
    hide_zeros: bool
    interval_width: int
    mostly_hidden: Decimal
    digest: str

    def is_small(self, number: Decimal) -> bool:
        """Whether a count may not be shown by itself."""
        return 0 < number < self.threshold or (number == 0 and self.hide_zeros)

    def rows(self) -> list[tuple[str, str, str, str]]:
        """The policy as the edition states it: key, value, meaning in English and Russian."""
        values = {key: _said(value) for key, value in asdict(self).items()}
        in_words = {key: (value, value) for key, value in values.items()} | self._in_words()
        rows = [("profile", self.profile, "", "")]
        for key, (en, ru) in MEANINGS.items():
            english, russian = in_words[key]
            rows.append((key, values[key], en.format(english), ru.format(russian)))
        return rows

    def _in_words(self) -> dict[str, tuple[str, str]]:
        """Values that are no words of a reader, in English and Russian."""
        whom = [_WHOM[subject] for subject in SUBJECTS if subject in self.protects]
        share = f"{(self.mostly_hidden * 100).normalize():f}"
        return {
            "decided_on": (f"{self.decided_on}", f"{self.decided_on:%d.%m.%Y}"),
            "protects": (", ".join(en for en, _ in whom), ", ".join(ru for _, ru in whom)),
            "hide_zeros": _ZEROS[self.hide_zeros],
            "mostly_hidden": (f"{share}%", f"{share}\u00a0%"),
        }


def _said(value: object) -> str:
    return ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)


@cache
def policies(file: Path = POLICY_FILE) -> Mapping[str, Policy]:
    """Every profile of the policy by name, as its newest entry says. Raises DeclarationError with all its faults."""
    return {name: entries[-1] for name, entries in policy_history(file).items()}


@cache
def policy_history(file: Path = POLICY_FILE) -> Mapping[str, tuple[Policy, ...]]:
    """Every entry of every profile, oldest first: what editions were published under. Raises DeclarationError."""
    raw = tomllib.loads(file.read_text(encoding="utf-8"))
    faults = [fault for name, entries in raw.items() for fault in _profile_faults(file.name, name, entries)]
    if faults:
        raise DeclarationError(faults)
    return {
        name: tuple(sorted((_policy(name, values) for values in entries), key=lambda policy: policy.decided_on))
        for name, entries in raw.items()
    }


def policy_of(digest: str) -> Policy | None:
    """The entry under which an edition was published, by the hash it names; None for one that is not kept here."""
    return next(
        (policy for entries in policy_history().values() for policy in entries if policy.digest == digest), None
    )


def _policy(name: str, values: Mapping[str, Any]) -> Policy:
    said = json.dumps([name, values], sort_keys=True, default=str, ensure_ascii=False)
    return Policy(
        profile=name,
        decided_on=values["decided_on"],
        threshold=values["threshold"],
        protects=frozenset(values["protects"]),
        hide_zeros=bool(values["hide_zeros"]),
        interval_width=values["interval_width"],
        mostly_hidden=Decimal(str(values["mostly_hidden"])),
        digest=hashlib.sha256(said.encode()).hexdigest(),
    )


def _profile_faults(file: str, name: str, entries: object) -> Iterator[str]:
    if not isinstance(entries, list) or not entries or not all(isinstance(values, dict) for values in entries):
        yield f"{file}: {name} must be a list of dated entries, each under [[{name}]]"
        return
    days = [values.get("decided_on") for values in entries]
    for values, day in zip(entries, days, strict=True):
        yield from _faults(file, name, values)
        if type(day) is not date:
            yield from ([f"{file}: [[{name}]]: decided_on must be a day such as 2026-11-01"] if day is not None else [])
        elif days.count(day) > 1:
            yield f"{file}: [[{name}]]: two entries of {day}; which is in force?"


def _faults(file: str, name: str, values: Mapping[str, object]) -> list[str]:
    faults = [f"{file}: [[{name}]]: {key} is missing" for key in sorted(KEYS - set(values))]
    faults += [f"{file}: [[{name}]]: no such key: {key}" for key in sorted(set(values) - KEYS)]
    if faults:
        return faults
    threshold, width = values["threshold"], values["interval_width"]
    if not isinstance(threshold, int) or threshold < 2:
        faults.append(f"{file}: [[{name}]]: threshold must be a whole number of at least 2")
    elif not isinstance(width, int) or not 1 <= width <= threshold - 2 + (threshold == 2):
        faults.append(f"{file}: [[{name}]]: interval_width must be from 1 to threshold - 2")
    unknown = set(values["protects"]) - set(SUBJECTS)  # type: ignore[call-overload]
    faults += [
        f"{file}: [[{name}]]: protects: {subject} is none of {', '.join(SUBJECTS)}" for subject in sorted(unknown)
    ]
    return faults
