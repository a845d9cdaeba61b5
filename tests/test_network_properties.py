"""What holds for the measures of any network, whoever is in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from indicators.network import FUNCTIONS, Network, largest_component, single_points_of_failure
from tests.network_rows import member, sent

LAST = date(2010, 12, 31)


@st.composite
def graphs(draw: Any) -> Network:
    """A network of up to seven members and some referrals among them, oneself and an outsider."""
    names = [f"KZ-O{n}" for n in range(draw(st.integers(1, 7)))]
    ends = st.sampled_from([*names, "KZ-O99"])
    pairs = draw(st.lists(st.tuples(ends, ends), max_size=14))
    return Network(LAST, [member(name) for name in names], [sent(a, b) for a, b in pairs], ("KZ",))


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
    referred = [sent(new(r["from_organisation"]), new(r["to_organisation"])) for r in reversed(network.referrals)]
    return replace(network, organisations=members, referrals=referred)


@given(graphs(), st.randoms(use_true_random=False))
def test_names_and_order_do_not_matter(network: Network, chance: Any) -> None:
    names = [row["organisation_ref"] for row in network.organisations]
    others = dict(zip(names, chance.sample(names, len(names)), strict=True))
    assert answers(renamed(network, lambda name: others.get(name, name))) == answers(network)


@given(graphs(), st.data())
def test_a_referral_more_on_a_tie_or_to_oneself_changes_nothing(network: Network, data: Any) -> None:
    again = [data.draw(st.sampled_from(list(network.referrals)))] if network.referrals else []
    name = network.organisations[0]["organisation_ref"]
    more = replace(network, referrals=[*network.referrals, *again, sent(name, name), sent(name, "KZ-O99")])
    assert answers(more) == answers(network)


@given(graphs())
def test_one_isolated_member_more(network: Network) -> None:
    before, n = answers(network), len(network.organisations)
    after = answers(replace(network, organisations=[*network.organisations, member("KZ-O50")]))
    assert after["isolated_members"] == (before["isolated_members"][0] + 1, n + 1)
    assert after["density"] == (before["density"][0], (n + 1) * n)
    assert after["reciprocity"] == before["reciprocity"]
    assert after["largest_component"] == (before["largest_component"][0], n + 1)
    assert after["single_points_of_failure"] == (before["single_points_of_failure"][0], n + 1)


@given(graphs())
def test_turning_every_referral_round_exchanges_in_and_out_and_nothing_else(network: Network) -> None:
    before = answers(network)
    turned = [sent(row["to_organisation"], row["from_organisation"]) for row in network.referrals]
    after = answers(replace(network, referrals=turned))
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
    more = replace(network, referrals=[*network.referrals, sent(data.draw(ends), data.draw(ends))])
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
