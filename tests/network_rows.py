"""Rows of a network for tests of its measures: members and referrals, as the functions read them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Record = dict[str, Any]


def member(name: str, *, met: Sequence[str] = (), **more: Any) -> Record:
    """A member that meets these criteria, without services or a known seat unless they are given."""
    return {
        "organisation_ref": name, "is_member": True, "criteria_met": list(met), "services": [],
        "regions_covered": [], "region": None, **more,
    }  # fmt: skip


def sent(sender: str, receiver: str) -> Record:
    """A referral from one organisation to another."""
    return {"from_organisation": sender, "to_organisation": receiver}
