"""Success metrics of the NGO network, from the directory and the referrals.

Each function takes the network of one place on one day and gives a numerator and a denominator; a
denominator of 0 says that the measure is not defined there. What a tie, a criterion and a required
service are stands, dated, in `network.toml`. docs/network.md says what each measure means.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction as Exact
from typing import TYPE_CHECKING, Any

from indicators.facts import regions_in_force
from indicators.network_rules import Rules, Version, in_force, rules

if TYPE_CHECKING:
    import networkx

Rows = Sequence[Mapping[str, Any]]
Fraction = tuple[int | Exact, int | Exact]
LOOKS_BACK = 4  # quarters of referrals that make ties, the one measured among them (indicator registry N05)


@dataclass(frozen=True)
class Network:
    """The organisations of a place in force on a day, and the referrals sent from there in the last four quarters.

    `countries`: those whose first-level units it should cover. `earlier`: the directories of the quarters
    before, the latest first; empty where none was sent.
    """

    day: date
    organisations: Rows
    referrals: Rows = ()
    countries: tuple[str, ...] = ()
    earlier: Sequence[Rows] = ()
    rules: Rules = field(default_factory=rules)

    @property
    def members(self) -> list[Mapping[str, Any]]:
        """The organisations that are members, not merely receivers of referrals."""
        return [row for row in self.organisations if row["is_member"]]

    @property
    def units(self) -> list[str]:
        """The first-level units in force on the day."""
        return [unit for country in self.countries for unit in regions_in_force(country, self.day)]

    def rule(self, name: str) -> Version:
        """What is said of ties, criteria, dormancy or services on the day."""
        return in_force(self.rules, name, self.day)


# Facts each function reads; all of them must be reported for its figure to exist.
_DIRECTORY, _BOTH = ("organisations",), ("organisations", "referrals")
FACTS: dict[str, tuple[str, ...]] = {
    "active_members": _DIRECTORY, "regional_coverage": _DIRECTORY,
    "density": _BOTH, "reciprocity": _BOTH, "centralisation_in": _BOTH, "centralisation_out": _BOTH,
    "isolated_members": _BOTH, "largest_component": _BOTH, "single_points_of_failure": _BOTH,
    "criteria_compliance": _DIRECTORY, "service_coverage": _DIRECTORY, "services_with_one_provider": _DIRECTORY,
}  # fmt: skip
# Functions that judge each organisation by itself: only these may be told apart by a breakdown.
BY_ORGANISATION = frozenset({"active_members"})


def active_members(network: Network) -> Fraction:
    """Members that meet every mandatory criterion and are not dormant, over all members (registry N01)."""
    return len(active(network)), len(network.members)


def active(network: Network) -> list[Mapping[str, Any]]:
    """The rows of the active members. Whoever was not assessed has failed nothing and been silent in nothing."""
    mandatory = set(network.rule("criteria").get("mandatory", ()))
    dormant = _dormant(network)
    return [
        row
        for row in network.members
        if row["organisation_ref"] not in dormant and (not row["criteria_met"] or mandatory <= set(row["criteria_met"]))
    ]


def _dormant(network: Network) -> set[str]:
    """Members whom each of the last directories assessed and found silent."""
    rule = network.rule("dormancy")
    if not rule:
        return set()
    directories = [network.members, *network.earlier][: rule["quarters"]]
    if len(directories) < rule["quarters"]:
        return set()
    silent = [{row["organisation_ref"] for row in rows if _is_silent(row, rule)} for rows in directories]
    return set.intersection(*silent)


def _is_silent(row: Mapping[str, Any], rule: Version) -> bool:
    return bool(row["criteria_met"]) and rule["silent_without"] not in row["criteria_met"]


def regional_coverage(network: Network) -> Fraction:
    """First-level units that are the seat of an active member, over all of them (registry N03)."""
    seats = {row["region"] for row in active(network)}
    return sum(1 for unit in network.units if unit in seats), len(network.units)


def ties(network: Network) -> networkx.DiGraph[str]:
    """The members and their ties; a member without ties is a member, a tie with an outsider or oneself is none."""
    import networkx

    graph: networkx.DiGraph[str] = networkx.DiGraph()
    graph.add_nodes_from(row["organisation_ref"] for row in network.members)
    sent: dict[tuple[str, str], int] = {}
    for row in network.referrals:
        pair = (row["from_organisation"], row["to_organisation"])
        if pair[0] in graph and pair[1] in graph and pair[0] != pair[1]:
            sent[pair] = sent.get(pair, 0) + 1
    least = network.rule("tie").get("referrals", 1)
    graph.add_edges_from(pair for pair, referrals in sent.items() if referrals >= least)
    return graph


def density(network: Network) -> Fraction:
    """Directed ties over all possible ones, n(n-1) (indicator registry N05)."""
    graph = ties(network)
    nodes = graph.number_of_nodes()
    return graph.number_of_edges(), nodes * (nodes - 1)


def reciprocity(network: Network) -> Fraction:
    """Pairs tied both ways over pairs tied at all (registry N06: by dyads, not by arcs)."""
    graph = ties(network)
    pairs = {frozenset(edge) for edge in graph.edges}
    mutual = sum(1 for pair in pairs if all(graph.has_edge(a, b) for a in pair for b in pair if a != b))
    return mutual, len(pairs)


def centralisation_in(network: Network) -> Fraction:
    """Freeman's centralisation by ties received (registry N07)."""
    return _centralisation([degree for _, degree in ties(network).in_degree()])


def centralisation_out(network: Network) -> Fraction:
    """Freeman's centralisation by ties sent (registry N07)."""
    return _centralisation([degree for _, degree in ties(network).out_degree()])


def _centralisation(degrees: Sequence[int]) -> Fraction:
    """sum(max - degree) over (n-1)^2: a star is exactly 1; fewer than three members have none."""
    if len(degrees) < 3:
        return 0, 0
    return sum(max(degrees) - degree for degree in degrees), (len(degrees) - 1) ** 2


def isolated_members(network: Network) -> Fraction:
    """Members without any tie (registry N08)."""
    graph = ties(network)
    return sum(1 for _, degree in graph.degree() if degree == 0), graph.number_of_nodes()


def largest_component(network: Network) -> Fraction:
    """Members in the largest group that ties hold together, whichever way they point, over all (registry N11)."""
    import networkx

    graph = ties(network)
    return max(map(len, networkx.weakly_connected_components(graph)), default=0), graph.number_of_nodes()


def single_points_of_failure(network: Network) -> Fraction:
    """Members whose loss would break a group of tied members apart (articulation points), over all."""
    import networkx

    graph = ties(network)
    return len(set(networkx.articulation_points(graph.to_undirected()))), graph.number_of_nodes()


def criteria_compliance(network: Network) -> Fraction:
    """Criteria met over those that apply, the mean over members assessed (registry N02: not assessed is not failed)."""
    applicable = set(network.rule("criteria").get("applicable", ()))
    shares = [
        Exact(len(applicable & set(row["criteria_met"])), len(applicable))
        for row in network.members
        if row["criteria_met"] and applicable
    ]
    return sum(shares, Exact(0)), len(shares)


def service_coverage(network: Network) -> Fraction:
    """Pairs of a first-level unit and a required service that a member offers, over all such pairs (registry N04)."""
    matrix = coverage(network)
    return sum(1 for offered in matrix.values() if offered), len(matrix)


def services_with_one_provider(network: Network) -> Fraction:
    """Pairs of a first-level unit and a required service that hang on one member alone, over pairs offered."""
    providers = [len(offered) for offered in coverage(network).values() if offered]
    return sum(1 for number in providers if number == 1), len(providers)


def coverage(network: Network) -> dict[tuple[str, str], tuple[str, ...]]:
    """Which members offer each required service in each first-level unit in force; an empty tuple is a gap.

    A member works in the units it says it covers, and where it says none, in that of its seat.
    """
    required = network.rule("services").get("required", ())
    found: dict[tuple[str, str], tuple[str, ...]] = {
        (unit, service): () for unit in network.units for service in required
    }
    for unit, service, member in sorted(set(_offers(network))):
        if (unit, service) in found:
            found[unit, service] += (member,)
    return found


def _offers(network: Network) -> Iterator[tuple[str, str, str]]:
    for row in network.members:
        seat = [row["region"]] if row["region"] else []
        for unit in row["regions_covered"] or seat:
            for service in row["services"] or ():
                yield unit, service, row["organisation_ref"]


FUNCTIONS: dict[str, Callable[[Network], Fraction]] = {
    "active_members": active_members, "regional_coverage": regional_coverage, "density": density,
    "reciprocity": reciprocity, "centralisation_in": centralisation_in,
    "centralisation_out": centralisation_out, "isolated_members": isolated_members,
    "largest_component": largest_component, "single_points_of_failure": single_points_of_failure,
    "criteria_compliance": criteria_compliance, "service_coverage": service_coverage,
    "services_with_one_provider": services_with_one_provider,
}  # fmt: skip
