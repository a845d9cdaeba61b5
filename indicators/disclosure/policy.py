"""The dated protection policy, from `disclosure.toml`."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from indicators.facts import SUBJECTS, DeclarationError

POLICY_FILE = Path(__file__).parent.parent / "disclosure.toml"
KEYS = {"threshold", "protects", "hide_zeros", "interval_width", "mostly_hidden"}

# The policy in the words of a reader; `{}` is the value.
MEANINGS = {
    "decided_on": ("The rules were decided on {}.", "Правила приняты {}."),
    "threshold": (
        "A count from 1 up to, but not including, {} is hidden.",
        "Число от 1 и меньше {} скрывается.",
    ),
    "protects": ("Counts of these are protected: {}.", "Защищаются числа о следующих лицах: {}."),
    "hide_zeros": ("Zeros are hidden: {}.", "Нули скрываются: {}."),
    "interval_width": (
        "Nobody can work out a hidden number more closely than a range {} wide.",
        "Скрытое число нельзя вычислить точнее, чем в пределах диапазона шириной {}.",
    ),
    "mostly_hidden": (
        "A breakdown is left out where more than this share of its numbers would be hidden: {}.",
        "Разбивка не показывается, если скрыта была бы большая доля её чисел, чем {}.",
    ),
}


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
        rows = [("profile", self.profile, "", "")]
        return rows + [(k, values[k], en.format(values[k]), ru.format(values[k])) for k, (en, ru) in MEANINGS.items()]


def _said(value: object) -> str:
    return ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)


@cache
def policies(file: Path = POLICY_FILE) -> Mapping[str, Policy]:
    """Every profile of the policy by name. Raises DeclarationError with all its faults."""
    text = file.read_bytes()
    raw = tomllib.loads(text.decode("utf-8"))
    profiles = {name: values for name, values in raw.items() if isinstance(values, dict)}
    faults = [fault for name, values in profiles.items() for fault in _faults(file.name, name, values)]
    if faults:
        raise DeclarationError(faults)
    return {name: _policy(name, raw["decided_on"], values, text) for name, values in profiles.items()}


def _policy(name: str, decided_on: date, values: Mapping[str, object], text: bytes) -> Policy:
    return Policy(
        profile=name,
        decided_on=decided_on,
        threshold=int(str(values["threshold"])),
        protects=frozenset(values["protects"]),  # type: ignore[call-overload]
        hide_zeros=bool(values["hide_zeros"]),
        interval_width=int(str(values["interval_width"])),
        mostly_hidden=Decimal(str(values["mostly_hidden"])),
        digest=hashlib.sha256(text).hexdigest(),
    )


def _faults(file: str, name: str, values: Mapping[str, object]) -> list[str]:
    faults = [f"{file}: [{name}]: {key} is missing" for key in sorted(KEYS - set(values))]
    faults += [f"{file}: [{name}]: no such key: {key}" for key in sorted(set(values) - KEYS)]
    if faults:
        return faults
    threshold, width = values["threshold"], values["interval_width"]
    if not isinstance(threshold, int) or threshold < 2:
        faults.append(f"{file}: [{name}]: threshold must be a whole number of at least 2")
    elif not isinstance(width, int) or not 1 <= width <= threshold - 2 + (threshold == 2):
        faults.append(f"{file}: [{name}]: interval_width must be from 1 to threshold - 2")
    unknown = set(values["protects"]) - set(SUBJECTS)  # type: ignore[call-overload]
    faults += [f"{file}: [{name}]: protects: {subject} is none of {', '.join(SUBJECTS)}" for subject in sorted(unknown)]
    return faults
