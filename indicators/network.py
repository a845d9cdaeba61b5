"""Success metrics of the NGO network, from the directory and the referrals.

Each function takes the organisations in force and the referrals of the last four quarters of one
place, as lists of dictionaries, and gives a numerator and a denominator (or nothing where the
measure is not defined).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

Rows = Sequence[dict[str, Any]]
Fraction = tuple[int, int]

# Facts each function reads; the engine hands them over in this order.
FACTS: dict[str, tuple[str, ...]] = {"density": ("organisations", "referrals")}


def density(organisations: Rows, referrals: Rows) -> Fraction:
    """Directed ties between members over all possible ties, n(n-1).

    A tie is at least one referral in the last four quarters; members without ties stay in n
    (indicator registry N05).
    """
    import networkx

    graph: networkx.DiGraph[str] = networkx.DiGraph()
    graph.add_nodes_from(row["organisation_ref"] for row in organisations if row["is_member"])
    graph.add_edges_from(
        (row["from_organisation"], row["to_organisation"])
        for row in referrals
        if row["from_organisation"] in graph
        and row["to_organisation"] in graph
        and row["from_organisation"] != row["to_organisation"]
    )
    nodes = graph.number_of_nodes()
    return graph.number_of_edges(), nodes * (nodes - 1)


FUNCTIONS: dict[str, Callable[[Rows, Rows], Fraction]] = {"density": density}
