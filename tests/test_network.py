"""The network's measures against small networks counted by hand, and the network of the newsletter."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from indicators.calendars import FISCAL_YEAR, QUARTER, Quarter, window
from indicators.counted import create_example_tables
from indicators.definitions import HERE, definitions
from indicators.disclosure import policies
from indicators.engine import measure
from indicators.examples import read_table
from indicators.facts import DeclarationError
from indicators.figures import REGION_TOTAL, SHOWN, TOTAL, UNDEFINED, Figure, Reporting
from indicators.funding import life_start
from indicators.network import coverage
from indicators.network_counts import networks
from pipelines.demo_directory import directory
from pipelines.edition_network import coverage_rows
from pipelines.inputs import Inputs

VECTORS = tomllib.loads((Path(__file__).parent / "network_vectors.toml").read_text(encoding="utf-8"))
OF_TIES = ("N05", "N06", "N07_IN", "N07_OUT", "N08", "N11", "N14")
LETTERS = "ABCDEFGXY"
WINTER = window(QUARTER, Quarter(2010, 4), life_start())
MATRIX = {
    (unit, service): number for unit, row in VECTORS["coverage"]["matrix"].items() for service, number in row.items()
}
Record = dict[str, Any]


# Small networks counted by hand, through the engine


def counted(
    codes: Iterable[str], tables: Mapping[str, Sequence[Mapping[str, Any]]], places: Sequence[str]
) -> dict[tuple[str, ...], Figure]:
    """The figures of the last quarter of 2010, by code, place, breakdown and category."""
    catalogue = {code: definitions()[code] for code in codes}
    names = {name for definition in catalogue.values() for name in definition.facts}
    owed = frozenset((place, name, "2010-Q4") for place in places for name in names)
    with duckdb.connect() as con:
        create_example_tables(con, tables)
        figures = measure(con, catalogue, [WINTER], Reporting(owed, owed))
    return {(f.indicator, f.place, f.breakdown, f.category): f for f in figures}


def said(figure: Figure) -> str:
    """A figure as the vectors write it."""
    if figure.status == UNDEFINED:
        return "undefined"
    assert figure.status == SHOWN, figure
    return f"{figure.numerator}" if figure.denominator is None else f"{figure.numerator}/{figure.denominator}"


def organisation(text: str, place: str = "KZ") -> Record:
    """A member as the vectors write it: a letter, and until when it was one or that it never was."""
    letter, *rest = text.split()
    return {
        "place": place, "office": place.lower(), "organisation_ref": f"{place}-O{LETTERS.index(letter) + 1}",
        "is_member": rest != ["outsider"], "member_to": date.fromisoformat(rest[1]) if "until" in rest else None,
    }  # fmt: skip


def referral(text: str) -> Record:
    """A referral as the vectors write it: sender, receiver and perhaps the day."""
    sender, receiver, *day = text.split()
    return {
        "place": "KZ", "office": "kz", "from_organisation": organisation(sender)["organisation_ref"],
        "to_organisation": organisation(receiver)["organisation_ref"],
        "sent_on": date.fromisoformat(day[0]) if day else date(2010, 11, 1),
    }  # fmt: skip


@pytest.mark.parametrize("vector", VECTORS["network"], ids=lambda v: v["name"])
def test_a_small_network_is_what_was_counted_by_hand(vector: dict[str, Any]) -> None:
    tables = {
        "organisations": [organisation(text) for text in vector["members"]],
        "referrals": [referral(text) for text in vector["referrals"]],
    }
    figures = counted(OF_TIES, tables, ["KZ"])
    assert {code: said(figures[code, "KZ", TOTAL, TOTAL]) for code in OF_TIES} == {c: vector[c] for c in OF_TIES}


def test_what_crosses_a_border_ties_the_region_and_no_country() -> None:
    """Two members, one referral from Kazakhstan to Uzbekistan: 0 of 0 in each, 1 of 2 in the region."""
    sent = {**referral("A B"), "to_organisation": "UZ-O1"}
    tables = {"organisations": [organisation("A"), organisation("A", "UZ")], "referrals": [sent]}
    figures = counted(["N05", "N08"], tables, ["KZ", "UZ"])
    assert [said(figures["N05", place, TOTAL, TOTAL]) for place in ("KZ", "UZ", REGION_TOTAL)] == [
        "undefined", "undefined", "1/2"
    ]  # fmt: skip
    assert [said(figures["N08", place, TOTAL, TOTAL]) for place in ("KZ", "UZ", REGION_TOTAL)] == ["1", "1", "0"]


def test_ties_of_four_quarters_need_the_reports_of_four_quarters() -> None:
    """Without the referrals of the summer nobody knows how dense the network of the winter is."""
    density, members = definitions()["N05"], definitions()["N01"]
    owed = {("KZ", name, f"2010-Q{number}") for name in density.facts for number in (3, 4)}
    whole = Reporting(frozenset(owed), frozenset(owed))
    lacking = replace(whole, received=frozenset(owed - {("KZ", "referrals", "2010-Q3")}))
    assert whole.has(density, WINTER, "KZ")
    assert not lacking.has(density, WINTER, "KZ")
    assert lacking.has(members, WINTER, "KZ"), "who is a member is read from the directory"


def test_joint_activities_of_a_quarter_need_no_earlier_one() -> None:
    joint = definitions()["N12"]
    owed = {("KZ", name, f"2010-Q{number}") for name in ("activities", "training_events") for number in (3, 4)}
    winter = {cell for cell in owed if cell[2] == "2010-Q4"}
    assert Reporting(frozenset(owed), frozenset(winter)).has(joint, WINTER, "KZ")
    assert not Reporting(frozenset(owed), frozenset(winter - {("KZ", "training_events", "2010-Q4")})).has(
        joint, WINTER, "KZ"
    )


def test_a_measure_of_the_whole_network_has_no_parts(tmp_path: Path) -> None:
    text = (HERE / "definitions" / "N05.toml").read_text(encoding="utf-8")
    (tmp_path / "N05.toml").write_text(text.replace("by = []", 'by = ["region"]'), encoding="utf-8")
    with pytest.raises(DeclarationError, match="by: density is measured of the whole network and has no parts"):
        definitions(tmp_path)


# Services by region, broken chains


def test_the_matrix_of_services_is_what_was_counted_by_hand() -> None:
    given_rows = VECTORS["coverage"]
    tables = {"organisations": read_table("organisations", given_rows["organisations"], given_rows["place"])}
    figures = counted(["N04", "N15"], tables, ["TM"])
    assert {code: said(figures[code, "TM", TOTAL, TOTAL]) for code in ("N04", "N15")} == {
        code: given_rows[code] for code in ("N04", "N15")
    }
    with duckdb.connect() as con:
        create_example_tables(con, tables)
        found = networks(con, WINTER, ["TM"], ["organisations"])["TM"]
    assert {cell: len(members) for cell, members in coverage(found).items()} == MATRIX


def test_the_edition_s_table_of_services_is_the_matrix_where_a_directory_was_received() -> None:
    inputs = _inputs()
    rows = _coverage_rows(inputs)
    assert len(rows) == len(MATRIX), "once, though the quarter ends a year to date too"
    assert {(region, service): number for _, _, region, service, number in rows} == MATRIX
    assert {row[:2] for row in rows} == {("2010-Q4", "TM")}, "the Uzbek directory did not come"
    protecting = replace(inputs.policy, protects=frozenset({*inputs.policy.protects, "organisations"}))
    assert _coverage_rows(replace(inputs, policy=protecting)) == []


def _coverage_rows(inputs: Inputs) -> list[Any]:
    given_rows = VECTORS["coverage"]
    with duckdb.connect() as con:
        create_example_tables(
            con, {"organisations": read_table("organisations", given_rows["organisations"], given_rows["place"])}
        )
        return list(coverage_rows(con, inputs))


def _inputs() -> Inputs:
    """Two countries, of which one has sent its directory; a quarter and a year to date."""
    sent = frozenset({("TM", "organisations", "2010-Q4")})
    return Inputs(
        period="2010-Q4", source="programme", last_day=WINTER.end, files=(), completeness=(),
        reporting=Reporting(sent | {("UZ", "organisations", "2010-Q4")}, sent),
        windows=(WINTER, window(FISCAL_YEAR, Quarter(2010, 4), life_start())), places=("TM", "UZ"), offices={},
        policy=policies()["default"], key=b"",
    )  # fmt: skip


def test_broken_chains_are_what_was_counted_by_hand() -> None:
    chains = VECTORS["chains"]
    figures = counted(["N16", "N17", "P09"], {"referrals": read_table("referrals", chains["rows"], "KZ")}, ["KZ"])
    assert [said(figures[code, "KZ", TOTAL, TOTAL]) for code in ("N16", "N17")] == [chains["N16"], chains["N17"]]
    outcomes = {c: figures["N17", "KZ", "referral_outcome", c].numerator for c in chains["outcomes"]}
    assert outcomes == chains["outcomes"]
    assert figures["P09", "KZ", TOTAL, TOTAL].numerator == outcomes["in_time"], "what is published ties the two"


# The network of the newsletter


def test_the_network_of_the_newsletter_has_fifteen_members_in_five_velayats() -> None:
    listed = [{**row, "place": row["country"], "office": "region"} for row in directory("2010-Q4")["organisations"]]
    figures = counted(["N01", "N03"], {"organisations": listed}, ["TM"])
    assert said(figures["N01", "TM", TOTAL, TOTAL]) == "15"
    assert said(figures["N03", "TM", TOTAL, TOTAL]) == "5/6", "the sixth unit is the city of Ashgabat"
    seats = {cell: f.numerator for (code, _, name, cell), f in figures.items() if (code, name) == ("N01", "region")}
    assert seats == dict.fromkeys(("TM-A", "TM-B", "TM-D", "TM-L", "TM-M"), 3)
