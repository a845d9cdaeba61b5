"""Nothing hidden can be worked out: random tables, an attacker by elimination, and what must fail."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from indicators.definitions import definitions
from indicators.disclosure import Policy, Unsafe, examine, is_protected, policies, release, whole_block
from indicators.disclosure.attacker import Reader, attack
from indicators.disclosure.elimination import determined
from indicators.disclosure.intervals import Bounds, InconsistentSystem
from indicators.disclosure.policy import POLICY_FILE, policy_history, policy_of
from indicators.disclosure.system import build
from indicators.disclosure.unknowns import Relation, Unknown
from indicators.disclosure.whole_block import WholeBlock
from indicators.facts import DeclarationError
from indicators.figures import SHOWN, SUPPRESSED, Figure
from indicators.labels import labels
from tests.counting import all_windows, random_figures

CATALOGUE = definitions()
POLICY = policies()["default"]
SEEDS = [(1, 12), (2, 40)]


@cache
def _released(seed: int, size: int) -> tuple[Figure, ...]:
    return release(random_figures(seed, size), CATALOGUE, all_windows(), POLICY).figures


@pytest.fixture(scope="module", params=SEEDS, ids=str)
def tables(request: pytest.FixtureRequest) -> tuple[list[Figure], tuple[Figure, ...]]:
    seed, size = request.param
    return random_figures(seed, size), _released(seed, size)


def _small(figure: Figure) -> bool:
    numbers = [figure.numerator]
    if figure.denominator is not None and figure.numerator is not None:
        numbers += [figure.denominator, figure.denominator - figure.numerator]
    return any(number is not None and 0 < number < POLICY.threshold for number in numbers)


def test_no_small_count_of_people_is_shown(tables: tuple[list[Figure], tuple[Figure, ...]]) -> None:
    for figure in tables[1]:
        if figure.status == SHOWN and is_protected(CATALOGUE[figure.indicator], POLICY):
            # Ties between organisations, and what is left of one form of exploitation, are no count of their own.
            definition = CATALOGUE[figure.indicator]
            numerator_only = bool(definition.function) or definition.denominator_by == "whole"
            small = POLICY.is_small(figure.numerator or Decimal(0)) if numerator_only else _small(figure)
            assert not small, figure.key


def test_what_is_shown_is_what_was_counted(tables: tuple[list[Figure], tuple[Figure, ...]]) -> None:
    counted, released = tables
    for before, after in zip(counted, released, strict=True):
        assert after == before or (after.status, after.value) == (SUPPRESSED, None)


def test_hidden_is_a_mark_and_never_a_zero(tables: tuple[list[Figure], tuple[Figure, ...]]) -> None:
    hidden = [figure for figure in tables[1] if figure.status == SUPPRESSED]
    assert hidden
    assert all(f.value is None and f.numerator is None and f.denominator is None and f.reason for f in hidden)


def test_elimination_recovers_no_small_count(tables: tuple[list[Figure], tuple[Figure, ...]]) -> None:
    """Exact linear algebra over the equations, written without the solver: no small count is determined."""
    counted, released = tables
    system = build([f for f in released if is_protected(CATALOGUE[f.indicator], POLICY)], CATALOGUE, all_windows())
    truth = {figure.key: figure for figure in counted}
    shown = {u for row in system.rows if row.figure.status != SUPPRESSED for u in row.unknowns}
    small = {
        row.numerator
        for row in system.rows
        if row.numerator not in shown and POLICY.is_small(truth[row.figure.key].numerator or Decimal(0))
    }
    assert small and not small & _determined(system.relations, shown)


def _determined(relations: tuple[Relation, ...], known: set[Unknown]) -> set[Unknown]:
    found: set[Unknown] = set()
    for equations in _tied_together([r for r in relations if r.is_equality], known):
        hidden = sorted({u for r in equations for u in r.unknowns if u not in known})
        place = {unknown: i for i, unknown in enumerate(hidden)}
        matrix = np.zeros((len(equations), len(hidden)))
        for i, relation in enumerate(equations):
            for unknown, factor in relation.terms:
                if unknown in place:
                    matrix[i, place[unknown]] += factor
        # A count is determined when no direction of the null space moves it.
        _, sizes, directions = np.linalg.svd(matrix)
        null_space = directions[(sizes > 1e-9).sum() :]
        found |= {unknown for unknown, i in place.items() if np.abs(null_space[:, i]).max(initial=0) < 1e-9}
    return found


def _tied_together(equations: list[Relation], known: set[Unknown]) -> list[list[Relation]]:
    """Equations in groups that share no hidden unknown: one matrix for all of them would take minutes."""
    ties: nx.Graph[int | Unknown] = nx.Graph()
    for i, relation in enumerate(equations):
        ties.add_edges_from((i, unknown) for unknown in relation.unknowns if unknown not in known)
    groups = nx.connected_components(ties)
    return [[equations[i] for i in sorted(one for one in group if isinstance(one, int))] for group in groups]


def test_hiding_only_the_small_counts_is_found_out() -> None:
    counted = random_figures(2, 40)
    hidden = [
        replace(f, numerator=None, denominator=None, status=SUPPRESSED, reason="small_numbers")
        if _small(f) and is_protected(CATALOGUE[f.indicator], POLICY)
        else f
        for f in counted
    ]
    for known in ((), counted):
        with pytest.raises(Unsafe, match="hidden figures can be worked out"):
            examine(hidden, CATALOGUE, all_windows(), POLICY, counted=known)


def test_the_attacker_finds_nothing_in_what_is_released(tables: tuple[list[Figure], tuple[Figure, ...]]) -> None:
    assert examine(tables[1], CATALOGUE, all_windows(), POLICY)["figures_worked_out"] == "0"


def test_the_attacker_finds_the_same_wherever_he_sets_out(tables: tuple[list[Figure], tuple[Figure, ...]]) -> None:
    counted, released = tables
    others = random_figures(3, 12)
    alone = examine(released, CATALOGUE, all_windows(), POLICY)
    assert examine(released, CATALOGUE, all_windows(), POLICY, counted=counted) == alone
    assert examine(released, CATALOGUE, all_windows(), POLICY, counted=others) == alone, "what does not fit is no help"


def test_same_figures_same_pattern() -> None:
    again = release(list(random_figures(1, 12)), CATALOGUE, all_windows(), POLICY).figures
    assert again == _released(1, 12)


def test_relations_hold_for_whatever_is_counted() -> None:
    for seed in range(10, 16):
        counted = random_figures(seed, 25)
        values: dict[Unknown, Decimal] = {}
        system = build(counted, CATALOGUE, all_windows())
        for row in system.rows:
            said = [(row.numerator, row.number), (row.denominator, row.figure.denominator)]
            for unknown, value in said:
                if unknown is not None:
                    assert values.setdefault(unknown, value or Decimal(0)) == (value or 0), (row.figure.key, unknown)
        for relation in system.relations:
            if all(unknown in values for unknown in relation.unknowns):
                total = sum(values[unknown] * factor for unknown, factor in relation.terms)
                assert total == 0 if relation.is_equality else total >= 0, relation


# -- the attacker by itself --

A, B, C, T = (Unknown("p", (letter,), ("2010-Q4",), "KZ") for letter in "ABCT")
SUM = Relation(((T, 1), (A, -1), (B, -1), (C, -1)), True)


def _intervals(
    known: dict[Unknown, int], bounds: dict[Unknown, Bounds], width: int
) -> dict[Unknown, tuple[int, int | None]]:
    numbers = {unknown: Decimal(value) for unknown, value in known.items()}
    targets = dict.fromkeys([u for u in (A, B, C, T) if u not in known], width)
    return {u: (i.low, i.high) for u, i in attack(Reader((SUM,)), numbers, bounds, targets).items()}


def test_a_single_hidden_part_is_recovered() -> None:
    assert _intervals({T: 20, A: 10, B: 7}, {}, 2) == {C: (3, 3)}


def test_two_hidden_parts_whose_sum_is_small_are_too_narrow() -> None:
    bounds = {B: Bounds(1, 4), C: Bounds(1, 4)}
    assert _intervals({T: 13, A: 10}, bounds, 2) == {B: (1, 2), C: (1, 2)}


def test_two_hidden_parts_with_room_are_safe() -> None:
    assert _intervals({T: 30, A: 10}, {B: Bounds(1, 4), C: Bounds(1)}, 2) == {}


def test_a_hidden_whole_without_upper_bound_is_safe() -> None:
    assert _intervals({A: 10, B: 7}, {}, 2) == {}


def test_figures_that_contradict_each_other_never_pass_for_safe() -> None:
    with pytest.raises(InconsistentSystem):
        _intervals({T: 5, A: 10, B: 1}, {C: Bounds(1)}, 2)


# -- elimination --

_NAMES = [Unknown("p", (letter,), ("2010-Q4",), "KZ") for letter in "abcdefghij"]


@pytest.mark.parametrize("large", [0, 10], ids=["interior point", "simplex"])
def test_a_table_that_fits_is_found_by_either_method(monkeypatch: pytest.MonkeyPatch, large: int) -> None:
    monkeypatch.setattr(whole_block, "_LARGE", large)
    whole, *parts = (Unknown("p", (letter,), ("2010-Q4",), "KZ") for letter in "tabc")
    relations = [Relation(((whole, 1), *((part, -1) for part in parts)), True)]
    block = WholeBlock(parts, relations, {whole: Decimal(9)}, {parts[0]: Bounds(2)})
    assert block._found_inside()
    table = block.fitting()
    assert abs(sum(table.values()) - 9) < 1e-6 and table[parts[0]] > 2 - 1e-6
    with pytest.raises(InconsistentSystem):
        WholeBlock(parts, relations, {whole: Decimal(1)}, {parts[0]: Bounds(2)}).fitting()


@st.composite
def _equations(draw: st.DrawFn) -> tuple[tuple[Relation, ...], set[Unknown]]:
    term = st.tuples(st.sampled_from(_NAMES), st.sampled_from([1, -1]))
    terms = st.lists(term, min_size=2, max_size=5, unique_by=lambda one: one[0])
    made = draw(st.lists(terms, min_size=1, max_size=9))
    return tuple(Relation(tuple(one), True) for one in made), draw(st.sets(st.sampled_from(_NAMES), max_size=5))


@given(_equations())
def test_elimination_by_a_prime_finds_what_the_null_space_says(
    case: tuple[tuple[Relation, ...], set[Unknown]],
) -> None:
    relations, known = case
    assert determined(relations, known) == _determined(relations, known)


def test_elimination_finds_nothing_in_bounds() -> None:
    assert determined([Relation(((T, 1), (A, -1)), False)], {T}) == set()


# -- the policy --


def test_the_threshold_is_changed_in_one_file(tmp_path: Path) -> None:
    file = tmp_path / "disclosure.toml"
    raised = POLICY.threshold + 3
    text = re.sub(r"threshold = \d+", f"threshold = {raised}", POLICY_FILE.read_text(encoding="utf-8"))
    file.write_text(text, encoding="utf-8")
    stricter: Policy = policies(file)["default"]
    figures = random_figures(1, 12)
    strict = release(figures, CATALOGUE, all_windows(), stricter).figures
    assert stricter.digest != POLICY.digest
    assert examine(strict, CATALOGUE, all_windows(), stricter)["figures_worked_out"] == "0"
    assert any(f.status == SHOWN and POLICY.threshold <= (f.numerator or 0) < raised for f in _released(1, 12))
    protected = [f for f in strict if is_protected(CATALOGUE[f.indicator], stricter)]
    assert not any(f.status == SHOWN and f.denominator is None and 0 < (f.numerator or 0) < raised for f in protected)


def test_all_faults_of_the_policy_are_named_at_once(tmp_path: Path) -> None:
    file = tmp_path / "disclosure.toml"
    text = POLICY_FILE.read_text(encoding="utf-8")
    text = text.replace("threshold =", "treshold =", 1)
    file.write_text(text.replace("interval_width = 5", "interval_width = 10"), encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        policies(file)
    assert len(caught.value.faults) == 3


ENTRY = POLICY_FILE.read_text(encoding="utf-8").partition("[[ctdc]]")[2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[ctdc]" + ENTRY, "ctdc must be a list of dated entries, each under [[ctdc]]"),
        ("[[ctdc]]" + re.sub("decided_on = .*", "", ENTRY), "decided_on is missing"),
        ("[[ctdc]]" + re.sub("decided_on = .*", "decided_on = 2026", ENTRY), "decided_on must be a day"),
        (f"[[ctdc]]{ENTRY}[[ctdc]]{ENTRY}", "two entries of 2026-11-01; which is in force?"),
        ("[[ctdc]]" + ENTRY.replace('["survivors",', '["everybody",'), "everybody is none of"),
    ],
)
def test_an_entry_that_is_not_dated_or_cannot_be_meant_is_a_fault(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "disclosure.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        policies(tmp_path / "disclosure.toml")
    assert any(said in fault for fault in caught.value.faults), caught.value.faults


def test_the_newest_entry_of_a_profile_is_in_force_and_those_before_it_are_kept(tmp_path: Path) -> None:
    """A stricter rule is added, not written over the one that editions were published under; the others stay as is."""
    file = tmp_path / "disclosure.toml"
    newer = ENTRY.replace("2026-11-01", "2027-02-01").replace("threshold = 11", "threshold = 15")
    file.write_text(f"[[default]]{newer}\n{POLICY_FILE.read_text(encoding='utf-8')}", encoding="utf-8")
    now, kept = policies(file), policy_history(file)["default"]
    assert (now["default"].threshold, now["default"].decided_on) == (15, date(2027, 2, 1))
    assert [policy.threshold for policy in kept] == [POLICY.threshold, 15]
    assert kept[0] == POLICY and now["ctdc"] == policies()["ctdc"]
    assert policy_of(POLICY.digest) == POLICY and policy_of(now["default"].digest) is None


def test_a_profile_of_a_higher_threshold_protects_no_fewer_people_and_no_less_widely() -> None:
    """The strictest of the profiles that contracts name is taken by its threshold: it may be weaker in nothing else."""
    ordered = sorted(policies().values(), key=lambda policy: policy.threshold)
    for weaker, stricter in pairwise(ordered):
        assert stricter.protects >= weaker.protects and stricter.interval_width >= weaker.interval_width
        assert stricter.hide_zeros >= weaker.hide_zeros
    assert policies()["ctdc"].threshold == 11


@pytest.mark.parametrize("profile", policies())
def test_a_policy_is_said_in_words_of_its_readers(profile):
    """Codes of ours (`survivors`, False, 0.5) stand in the value alone; rules are sentences in each language."""
    for key, value, english, russian in policies()[profile].rows():
        if key != "profile":
            assert english.endswith(".") and russian.endswith("."), key
            assert not re.search("[A-Za-z]|0\\.\\d", russian) and "False" not in english and "0." not in english
            assert value


def test_countries_come_in_the_order_of_their_code_list():
    found = [code for name, code, *_ in labels((), ("UZ", "KG", "KZ"), {}) if name == "place"]
    assert found == ["CA", "KZ", "KG", "UZ"]
