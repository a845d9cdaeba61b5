"""The tables of the oracle: every fact with its joined and derived columns, made in Python and never by SQL.

Each derived column is written here a second time, from the registry's text and the codebook's, so that a wrong
expression of a fact cannot agree with itself. `DERIVED` must name every derived column of every fact.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pandas as pd

from indicators.facts import PROVENANCE, Fact, all_facts
from oracle.days import months_after

Row = Mapping[str, Any]
Made = Callable[[Sequence[Row]], list[Any]]

# The last year of each band of the CTDC.
BANDS = {8: "0-8", 17: "9-17", 20: "18-20", 23: "21-23", 26: "24-26", 29: "27-29", 38: "30-38", 47: "39-47"}


def each(of: Callable[[Row], Any]) -> Made:
    """A column that a row says of itself."""
    return lambda rows: [of(row) for row in rows]


def _age_band(case: Row) -> str:
    if case["age"] is None:
        return case["age_band_given"] or "U"
    return next((band for last, band in BANDS.items() if case["age"] <= last), "48+")


def _age_group(case: Row) -> str:
    """Minor is under 18; where years are not given the band says it, and where no band is, the office."""
    if case["age"] is not None:
        return "minor" if case["age"] < 18 else "adult"
    if case["age_band_given"] in ("0-8", "9-17"):
        return "minor"
    return "adult" if case["age_band_given"] not in (None, "U") else case["age_group_given"] or "U"


def _client_history(services: Sequence[Row]) -> list[str]:
    """New on the first day on which the person was ever assisted in this country."""
    first: dict[tuple[str, str], date] = {}
    for one in services:
        who = (one["place"], one["person_ref"])
        first[who] = min(first.get(who, one["delivered_on"]), one["delivered_on"])
    days = [(one["delivered_on"], first[one["place"], one["person_ref"]]) for one in services]
    return ["new" if day == earliest else "continuing" for day, earliest in days]


def _days_to_first_service(services: Sequence[Row]) -> list[int | None]:
    """On the very first service of a person; a service before the registration is an error and says nothing."""
    firsts: dict[tuple[str, str], tuple[tuple[Any, ...], int]] = {}
    for number, one in enumerate(services):
        who = (one["place"], one["person_ref"] or one["case_ref"])
        order = (one["delivered_on"], one["assistance_type"], one["case_ref"])
        if who not in firsts or order < firsts[who][0]:
            firsts[who] = (order, number)
    found: list[int | None] = [None] * len(services)
    for _, number in firsts.values():
        one = services[number]
        if one["identified_on"] is not None and one["delivered_on"] >= one["identified_on"]:
            found[number] = (one["delivered_on"] - one["identified_on"]).days
    return found


def _service_key(one: Row) -> str:
    parts = (one["person_ref"] or one["case_ref"], one["assistance_type"], one["delivered_on"], one["organisation_ref"])
    return "|".join(str(part) for part in parts if part is not None)


def _thirtieth_day(referral: Row) -> date:
    sent: date = referral["sent_on"]
    return sent + timedelta(days=30)


def _received_in_time(referral: Row) -> bool:
    return referral["received_on"] is not None and referral["received_on"] <= _thirtieth_day(referral)


def _referral_outcome(referral: Row) -> str:
    if referral["received_on"] is not None:
        return "in_time" if _received_in_time(referral) else "late"
    return "declined" if referral["declined"] else "open"


def _days_to_service(referral: Row) -> int | None:
    return None if referral["received_on"] is None else (referral["received_on"] - referral["sent_on"]).days


def _year_is_over(recommendation: Row) -> date | None:
    return None if recommendation["referred_on"] is None else months_after(recommendation["referred_on"], 12)


def _implemented_in_time(recommendation: Row) -> bool:
    over, closed = _year_is_over(recommendation), recommendation["closed_on"]
    return recommendation["state"] == "implemented" and None not in (over, closed) and closed <= over


def _of_both_tests(of: Callable[[Decimal, Decimal], Any]) -> Made:
    def said(one: Row) -> Any:
        before, after = one["pre_test"], one["post_test"]
        return None if None in (before, after) else of(before, after)

    return each(said)


def _of_possible_gain(before: Decimal, after: Decimal) -> Decimal | None:
    return None if before >= 100 else cents(100 * (after - before) / (100 - before))


def _person_hours(one: Row) -> Decimal | None:
    return None if None in (one["hours"], one["headcount"]) else cents(one["hours"] * one["headcount"])


def cents(number: Decimal) -> Decimal:
    """Two decimals, half up."""
    return number.quantize(Decimal("0.01"), ROUND_HALF_UP)


DERIVED: Mapping[str, Mapping[str, Made]] = {
    "cases": {"age_band": each(_age_band), "age_group": each(_age_group)},
    "assistance": {
        "client_history": _client_history,
        "days_to_first_service": _days_to_first_service,
        "service_key": each(_service_key),
    },
    "referrals": {
        "due_on": each(_thirtieth_day),
        "received_in_time": each(_received_in_time),
        "days_to_service": each(_days_to_service),
        "referral_outcome": each(_referral_outcome),
        "to_country": each(lambda one: one["to_organisation"][:2]),
        "is_cross_border": each(lambda one: one["from_organisation"][:2] != one["to_organisation"][:2]),
    },
    "recommendations": {"due_on": each(_year_is_over), "implemented_in_time": each(_implemented_in_time)},
    "participants": {
        "gain": _of_both_tests(lambda before, after: after - before),
        "is_improved": _of_both_tests(lambda before, after: after > before),
        "normalised_gain": _of_both_tests(_of_possible_gain),
        "person_hours": each(_person_hours),
    },
    "owed_files": {
        "is_received": each(lambda one: one["first_on"] is not None),
        "is_in_time": each(lambda one: one["first_on"] is not None and (one["first_on"] - one["due_on"]).days <= 0),
        "has_rows_held_back": each(lambda one: bool(one["held_for"])),
    },
    "training_events": {"days": each(lambda one: (one["end_on"] - one["start_on"]).days + 1)},
}


def tables(given: Mapping[str, Sequence[Row]]) -> dict[str, pd.DataFrame]:
    """Every fact as a frame. Joined and derived columns that the rows hold already are left as they are."""
    found: dict[str, list[dict[str, Any]]] = {}
    for fact in all_facts().values():
        found[fact.name] = _completed(fact, given.get(fact.name, ()), found)
    return {
        name: pd.DataFrame(rows, columns=_columns(all_facts()[name]), dtype=object).astype(object)
        for name, rows in found.items()
    }


def _columns(fact: Fact) -> list[str]:
    return list(dict.fromkeys((*PROVENANCE, "snapshot", *fact.counted_columns())))


def _completed(fact: Fact, given: Sequence[Row], others: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]]:
    held = {name for row in given for name in row}
    rows = [{**dict.fromkeys(_columns(fact)), **row} for row in given]
    for join in fact.joins:
        known = {(other["office"], other[join.on]): other for other in others[join.fact]}
        for row in rows:
            other = known.get((row["office"], row[join.on]), {})
            row.update({name: other.get(name) for name in join.columns if name not in held})
    for name, made in DERIVED.get(fact.name, {}).items():
        if name not in held:
            for row, value in zip(rows, made(rows), strict=True):
                row[name] = value
    return rows
