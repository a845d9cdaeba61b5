"""The network's measures: small graphs counted by hand, properties that hold for any graph, and dated rules."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.calendars import QUARTER, Quarter, window
from indicators.counted import create_example_tables
from indicators.definitions import definitions
from indicators.engine import measure
from indicators.examples import read_table
from indicators.facts import DeclarationError
from indicators.figures import REGION_TOTAL, SHOWN, TOTAL, UNDEFINED, Figure, Reporting
from indicators.funding import life_start
from indicators.network import (
    FUNCTIONS,
    Network,
    active,
    coverage,
    largest_component,
    single_points_of_failure,
)
from indicators.network_counts import networks
from indicators.network_rules import SHIPPED, rules
from pipelines.demo_directory import directory

VECTORS = tomllib.loads((Path(__file__).parent / "network_vectors.toml").read_text(encoding="utf-8"))
OF_TIES = ("N05", "N06", "N07_IN", "N07_OUT", "N08", "N11", "N14")
LAST = date(2010, 12, 31)
LETTERS = "ABCDEFGXY"
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
        span = window(QUARTER, Quarter(2010, 4), life_start())
        figures = measure(con, catalogue, [span], Reporting(owed, owed))
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
    span = window(QUARTER, Quarter(2010, 4), life_start())
    owed = {("KZ", name, f"2010-Q{number}") for name in density.facts for number in (3, 4)}
    whole = Reporting(frozenset(owed), frozenset(owed))
    lacking = replace(whole, received=frozenset(owed - {("KZ", "referrals", "2010-Q3")}))
    assert whole.has(density, span, "KZ")
    assert not lacking.has(density, span, "KZ")
    assert lacking.has(members, span, "KZ"), "who is a member is read from the directory"


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
        found = networks(con, window(QUARTER, Quarter(2010, 4), life_start()), ["TM"], ["organisations"])["TM"]
    matrix = {(unit, service): number for unit, row in given_rows["matrix"].items() for service, number in row.items()}
    assert {cell: len(members) for cell, members in coverage(found).items()} == matrix


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


# Properties of any network


@st.composite
def graphs(draw: Any) -> Network:
    """A network of up to seven members and some referrals among them, oneself and an outsider."""
    names = [f"KZ-O{n}" for n in range(draw(st.integers(1, 7)))]
    ends = st.sampled_from([*names, "KZ-O99"])
    sent = draw(st.lists(st.tuples(ends, ends), max_size=14))
    return Network(LAST, [_member(name) for name in names], [_sent(a, b) for a, b in sent], ("KZ",))


def _member(name: str, *, met: Sequence[str] = (), **more: Any) -> Record:
    return {
        "organisation_ref": name, "is_member": True, "criteria_met": list(met), "services": [],
        "regions_covered": [], "region": None, **more,
    }  # fmt: skip


def _sent(sender: str, receiver: str) -> Record:
    return {"from_organisation": sender, "to_organisation": receiver}


Answers = dict[str, tuple[Any, Any]]
_OF_GRAPHS: tuple[str, ...] = (
    "density", "reciprocity", "centralisation_in", "centralisation_out", "isolated_members", "largest_component",
    "single_points_of_failure",
)  # fmt: skip


def answers(network: Network) -> Answers:
    """What every measure of ties says."""
    return {name: FUNCTIONS[name](network) for name in _OF_GRAPHS}


def renamed(network: Network, new: Callable[[str], str]) -> Network:
    """The same network under other names, in another order."""
    members = [{**row, "organisation_ref": new(row["organisation_ref"])} for row in reversed(network.organisations)]
    sent = [_sent(new(r["from_organisation"]), new(r["to_organisation"])) for r in reversed(network.referrals)]
    return replace(network, organisations=members, referrals=sent)


@given(graphs(), st.randoms(use_true_random=False))
def test_names_and_order_do_not_matter(network: Network, chance: Any) -> None:
    names = [row["organisation_ref"] for row in network.organisations]
    others = dict(zip(names, chance.sample(names, len(names)), strict=True))
    assert answers(renamed(network, lambda name: others.get(name, name))) == answers(network)


@given(graphs(), st.data())
def test_a_referral_more_on_a_tie_or_to_oneself_changes_nothing(network: Network, data: Any) -> None:
    again = [data.draw(st.sampled_from(list(network.referrals)))] if network.referrals else []
    name = network.organisations[0]["organisation_ref"]
    more = replace(network, referrals=[*network.referrals, *again, _sent(name, name), _sent(name, "KZ-O99")])
    assert answers(more) == answers(network)


@given(graphs())
def test_one_isolated_member_more(network: Network) -> None:
    before, n = answers(network), len(network.organisations)
    after = answers(replace(network, organisations=[*network.organisations, _member("KZ-O50")]))
    assert after["isolated_members"] == (before["isolated_members"][0] + 1, n + 1)
    assert after["density"] == (before["density"][0], (n + 1) * n)
    assert after["reciprocity"] == before["reciprocity"]
    assert after["largest_component"] == (before["largest_component"][0], n + 1)
    assert after["single_points_of_failure"] == (before["single_points_of_failure"][0], n + 1)


@given(graphs())
def test_turning_every_referral_round_exchanges_in_and_out_and_nothing_else(network: Network) -> None:
    before = answers(network)
    sent = [_sent(row["to_organisation"], row["from_organisation"]) for row in network.referrals]
    after = answers(replace(network, referrals=sent))
    assert after["centralisation_in"] == before["centralisation_out"]
    assert after["centralisation_out"] == before["centralisation_in"]
    same = [name for name in _OF_GRAPHS if not name.startswith("centralisation")]
    assert [after[name] for name in same] == [before[name] for name in same]


@given(graphs())
def test_every_share_lies_between_nothing_and_the_whole(network: Network) -> None:
    for name, (numerator, denominator) in answers(network).items():
        assert 0 <= numerator <= denominator, name


@given(graphs(), st.data())
def test_one_tie_more_never_splits_a_group(network: Network, data: Any) -> None:
    names = [row["organisation_ref"] for row in network.organisations]
    ends = st.sampled_from(names)
    more = replace(network, referrals=[*network.referrals, _sent(data.draw(ends), data.draw(ends))])
    assert largest_component(more)[0] >= largest_component(network)[0]


@given(graphs())
def test_losing_a_single_point_of_failure_leaves_more_groups(network: Network) -> None:
    """Of the members of its own group at least two no longer reach each other."""
    names = {row["organisation_ref"] for row in network.organisations}
    broken = {name for name in names if _groups(network, names - {name}) > _groups(network, names)}
    assert single_points_of_failure(network) == (len(broken), len(names))


def _groups(network: Network, names: set[str]) -> int:
    """How many groups hang together among some members, by walking from one to the next."""
    left, found = set(names), 0
    pairs = {(row["from_organisation"], row["to_organisation"]) for row in network.referrals}
    while left:
        found, reached = found + 1, [left.pop()]
        while reached:
            here = reached.pop()
            near = {b if a == here else a for a, b in pairs if here in (a, b)} & left
            left -= near
            reached += near
    return found


# Rules and their dates


LATER = """
[[tie]]
valid_from = 2011-01-01
referrals = 2
decided_by = "a test"

[[criteria]]
valid_from = 2011-01-01
applicable = ["registered", "trained_staff"]
mandatory = ["registered"]
decided_by = "a test"

[[dormancy]]
valid_from = 2011-01-01
silent_without = "reports_quarterly"
quarters = 3
decided_by = "a test"

[[services]]
valid_from = 2011-01-01
required = ["shelter"]
decided_by = "a test"
"""
SAFE = ("registered", "protection_policy", "referral_protocol")
LISTED = [
    _member("TM-O1", met=[*SAFE, "reports_quarterly"], region="TM-A", services=["legal"]),
    _member("TM-O2", met=[*SAFE, "reports_quarterly", "trained_staff"], region="TM-B", services=["shelter"]),
    _member("TM-O3", met=SAFE, region="TM-M"),
    _member("TM-O4", met=["registered", "trained_staff", "reports_quarterly"], region="TM-L"),
]
SENT = [_sent("TM-O1", "TM-O2"), _sent("TM-O2", "TM-O3"), _sent("TM-O2", "TM-O3")]


def on(day: date, file: Path = SHIPPED) -> dict[str, Fraction | None]:
    """What every measure says of one network on a day, by the rules of a file."""
    silent = [_member("TM-O3", met=SAFE)]
    seen = Network(day, LISTED, SENT, ("TM",), [silent, []], rules(file))
    found = {name: function(seen) for name, function in FUNCTIONS.items()}
    return {name: Fraction(a) / Fraction(b) if b else None for name, (a, b) in found.items()}


@pytest.fixture
def later(tmp_path: Path) -> Path:
    """The shipped rules, and another version of each from 2011 on."""
    path = tmp_path / "network.toml"
    path.write_text(SHIPPED.read_text(encoding="utf-8") + LATER, encoding="utf-8")
    return path


@pytest.mark.parametrize("day", [date(2010, 9, 30), date(2010, 12, 31)])
def test_a_new_version_changes_no_figure_of_a_day_before_it(later: Path, day: date) -> None:
    assert on(day, later) == on(day)


def test_a_new_version_holds_from_its_day_on(later: Path) -> None:
    before, after = on(date(2010, 12, 31), later), on(date(2011, 1, 1), later)
    # O1 and O2; O3 is silent twice, O4 lacks two mandatory criteria. Then all: three silent quarters are needed.
    assert (before["active_members"], after["active_members"]) == (Fraction(2, 4), Fraction(4, 4))
    # (4/5 + 5/5 + 3/5 + 3/5) / 4, then (1/2 + 2/2 + 1/2 + 2/2) / 4.
    assert (before["criteria_compliance"], after["criteria_compliance"]) == (Fraction(15, 20), Fraction(3, 4))
    # Two ties of twelve; then only the one on which two referrals were sent.
    assert (before["density"], after["density"]) == (Fraction(2, 12), Fraction(1, 12))
    # Two of six units times five services; then one of six units.
    assert (before["service_coverage"], after["service_coverage"]) == (Fraction(2, 30), Fraction(1, 6))


def test_before_the_criteria_were_drawn_up_every_member_counts() -> None:
    before, after = on(date(2010, 10, 1)), on(date(2010, 10, 2))
    assert (before["active_members"], after["active_members"]) == (Fraction(4, 4), Fraction(2, 4))
    assert (before["criteria_compliance"], after["criteria_compliance"]) == (None, Fraction(15, 20))


REPORTING, SILENT, UNASSESSED = [*SAFE, "reports_quarterly"], list(SAFE), list[str]()


@pytest.mark.parametrize(
    ("now", "before", "is_active"),
    [
        (SILENT, [SILENT], False),
        (SILENT, [REPORTING], True),
        (REPORTING, [SILENT], True),
        (SILENT, [UNASSESSED], True),
        (UNASSESSED, [SILENT], True),
        (SILENT, [], True),
    ],
)
def test_two_silent_quarters_in_a_row_make_a_member_dormant(
    now: list[str], before: list[list[str]], is_active: bool
) -> None:
    earlier = [[_member("KZ-O1", met=met)] for met in before] or [[]]
    seen = Network(LAST, [_member("KZ-O1", met=now)], countries=("KZ",), earlier=earlier)
    assert bool(active(seen)) == is_active


FAULTY = {
    "no such list": ("[[tie]]", "[[ties]]", "there is no version of it"),
    "an unknown criterion": ('mandatory = ["registered"', 'mandatory = ["founded"', "'founded' is not in the list"),
    "mandatory, not applicable": ('applicable = ["registered", ', "applicable = [", "that is not applicable"),
    "an unknown service": ('required = ["shelter"', 'required = ["tent"', "'tent' is not in the list assistance_type"),
    "no number": ("referrals = 1", "referrals = 0", "expected a whole number from 1, got 0"),
    "nobody decided": ('decided_by = "indicator registry N05: the default"', "", "tie 1: expected decided_by"),
    "no day": ("valid_from = 2010-10-02", 'valid_from = "soon"', "valid_from: expected a date"),
    "no TOML": ("[[tie]]", "[[tie]", "not TOML"),
}


@pytest.mark.parametrize(("good", "bad", "message"), FAULTY.values(), ids=FAULTY)
def test_a_fault_in_the_rules_is_named(tmp_path: Path, good: str, bad: str, message: str) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert good in text
    path = tmp_path / "network.toml"
    path.write_text(text.replace(good, bad, 1), encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        rules(path)
    assert any(message in fault for fault in caught.value.faults), caught.value.faults


def test_versions_stand_in_the_order_of_their_days(tmp_path: Path) -> None:
    path = tmp_path / "network.toml"
    path.write_text(SHIPPED.read_text(encoding="utf-8") + LATER.replace("2011-01-01", "2000-01-01"), encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        rules(path)
    assert len(caught.value.faults) == 4
    assert all("valid_from must be later" in fault for fault in caught.value.faults)
