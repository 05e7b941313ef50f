from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from creditgraph.analysis import (
    Partition,
    flexibility,
    leiden,
    multislice,
    planted_structure,
    trajectory,
    trajectory_summary,
)
from creditgraph.guard import DataError, OptionError

NA = None


def events(found) -> list[tuple]:
    table = found.events.astype(object).where(found.events.notna(), NA)
    return [tuple(row) for row in table[["step", "event", "community", "other"]].to_numpy().tolist()]


def lives(found) -> list[tuple]:
    return [tuple(row) for row in found.lifetimes[["community", "born", "began", "last", "ended"]].to_numpy().tolist()]


def sequence(*rows: str) -> dict[int, list[int]]:
    """Snapshots at steps 0, 10, 20, ...: a letter a community, a dot a neuron alone."""
    found = {}
    for step, row in enumerate(rows):
        found[10 * step] = [ord(letter) if letter != "." else 1000 + place for place, letter in enumerate(row)]
    return found


def test_nothing_happens_to_communities_that_stay() -> None:
    """Fails when another label, or a change of up to a tenth, is an event."""
    found = trajectory(sequence("a" * 11 + "bbbb", "x" * 10 + "." + "yyyy", "b" * 10 + "." + "aaaa"))
    assert events(found) == []
    assert lives(found) == [(0, 0, "start", 20, "end"), (1, 0, "start", 20, "end")]
    assert found.labels[:, 0].tolist() == [0, 0, 0]
    assert found.labels[:, 10].tolist() == [0, -1, -1]
    assert found.labels[:, 14].tolist() == [1, 1, 1]


def test_birth_and_death() -> None:
    """Fails when a community that comes from nowhere has a parent, or one that dissolves an heir."""
    found = trajectory(sequence("aaaa....", "aaaabbbb", "....bbbb"))
    assert events(found) == [(10, "birth", 1, NA), (20, "death", 0, NA)]
    assert lives(found) == [(0, 0, "start", 10, "death"), (1, 10, "birth", 20, "end")]
    assert found.events["neurons_after"].tolist()[0] == 4
    assert found.events["neurons_before"].tolist()[1] == 4


def test_split_and_merge() -> None:
    """Fails when the larger part does not keep its number, or the smaller forgets where it is from."""
    found = trajectory(sequence("aaaaaaaaaa", "aaaaaabbbb", "cccccccccc"))
    assert events(found) == [
        (10, "contraction", 0, NA),
        (10, "split", 1, 0),
        (20, "merge", 1, 0),
        (20, "growth", 0, NA),
    ]
    assert lives(found) == [(0, 0, "start", 20, "end"), (1, 10, "split", 10, "merge")]
    assert found.events["jaccard"].tolist()[::3] == [0.6, 0.6]


def test_a_small_part_splits_off_a_large_community() -> None:
    """Fails when a part whose Jaccard with its origin is small passes for a birth."""
    found = trajectory(sequence("a" * 20, "a" * 18 + "bb"))
    assert events(found) == [(10, "split", 1, 0)]
    assert events(trajectory(sequence("a" * 18 + "bb", "a" * 20)))[0] == (10, "merge", 1, 0)


def test_falling_into_equal_parts_and_back() -> None:
    """Fails when a community without continuation dies of its split, or one that others merge into is born."""
    found = trajectory(sequence("a" * 16, "aaaabbbbccccdddd", "e" * 16))
    assert [event[:2] for event in events(found)] == [(10, "split")] * 4 + [(20, "merge")] * 4
    assert {event[3] for event in events(found)} == {0, 5}
    assert lives(found)[0] == (0, 0, "start", 0, "split")
    assert lives(found)[5] == (5, 20, "merge", 20, "end")
    # a Jaccard of exactly the threshold is enough
    at_threshold = trajectory(sequence("a" * 16, "aaaabbbbccccdddd"), threshold=0.25)
    assert [event[1] for event in events(at_threshold)] == ["contraction", "split", "split", "split"]


def test_the_greatest_overlap_comes_first() -> None:
    """Fails when a community is continued by the first that passes the threshold and not by the most alike."""
    found = trajectory(sequence("aaaaaaaabb", "aaabbbbbbb"), threshold=0.1)
    # J(a, first) = 3/8, J(a, second) = 5/10, J(b, second) = 2/7
    assert found.labels[1].tolist() == [2] * 3 + [0] * 7
    assert events(found) == [(10, "merge", 1, 0), (10, "split", 2, 0), (10, "contraction", 0, NA)]


def test_options_decide() -> None:
    """Fails when threshold, ancestry, change or smallest have no effect, or the opposite one."""
    rows = sequence("aaaaaabbbb", "aaaabbbbbb")
    assert events(trajectory(rows)) == [(10, "contraction", 0, NA), (10, "growth", 1, NA)]
    assert events(trajectory(rows, change=0.6)) == []
    assert [event[1] for event in events(trajectory(rows, threshold=0.9))] == ["merge", "merge", "split", "split"]
    mixed = sequence("aaabbbccc", "abcabcabc")
    assert [e[1] for e in events(trajectory(mixed))] == ["death"] * 3 + ["birth"] * 3
    assert "split" in {e[1] for e in events(trajectory(mixed, ancestry=0.3))}
    alone = trajectory(sequence("aab", "aab"), smallest=1)
    assert alone.labels.tolist() == [[0, 0, 1]] * 2
    assert (alone.threshold, alone.ancestry, alone.change, alone.smallest) == (0.3, 0.5, 0.1, 1)


@given(seed=st.integers(0, 10_000))
def test_accounts_balance(seed: int) -> None:
    """Fails when a community begins or ends without an event, or labels and lifetimes disagree."""
    generator = np.random.default_rng(seed)
    given_memberships = {step: generator.integers(0, 4, 20) for step in (0, 3, 9, 27)}
    given_memberships[9] = np.where(generator.random(20) < 0.2, 7, given_memberships[3])
    found = trajectory(given_memberships)
    assert found.steps.tolist() == [0, 3, 9, 27]
    for row, (step, membership) in zip(found.labels, sorted(given_memberships.items()), strict=True):
        for label in np.unique(membership):
            members = row[membership == label]
            assert len(set(members.tolist())) == 1
            assert (members[0] == -1) == (len(members) < 2)
        alive = found.lifetimes[(found.lifetimes["born"] <= step) & (found.lifetimes["last"] >= step)]
        assert sorted(alive["community"]) == sorted(set(row[row >= 0].tolist()))
    counts = found.events["event"].value_counts()
    lifetimes = found.lifetimes
    assert (lifetimes["began"] == "birth").sum() == counts.get("birth", 0)
    assert (lifetimes["began"] == "split").sum() == counts.get("split", 0)
    assert (lifetimes["ended"] == "merge").sum() == counts.get("merge", 0)
    assert (lifetimes["ended"] == "death").sum() == counts.get("death", 0)
    permuted = trajectory({step: (membership + 2) % 9 for step, membership in given_memberships.items()})
    assert permuted.lifetimes["snapshots"].sum() == lifetimes["snapshots"].sum()


def test_flexibility_by_hand() -> None:
    """Fails when the share is of snapshots and not of transitions, or a return is no change."""
    labels = [[0, 0, 0, -1], [0, 1, 1, -1], [0, 0, 1, 2], [0, 0, 1, 2]]
    assert flexibility(labels).tolist() == [0, 2 / 3, 1 / 3, 1 / 3]


def test_partitions_of_a_growing_network() -> None:
    """Fails when partitions are not read, or planted groups that stay are not followed through training."""
    partitions: dict[int, Partition] = {}
    for step, strength in ((100, 6.0), (0, 1.0), (1000, 9.0)):
        planted = planted_structure("block-diagonal", n=60, strength=strength, density=0.5, seed=1)
        partitions[step] = leiden(planted.graph)
    found = trajectory(partitions)
    assert found.steps.tolist() == [0, 100, 1000]
    assert (found.labels[1] == found.labels[2]).all()
    assert len(set(found.labels[1].tolist())) == 3


def test_summary_counts_events() -> None:
    """Fails when a count is of another event, or learning rates come in another order."""
    calm = trajectory(sequence("aaaabbbb", "aaaabbbb"))
    busy = trajectory(sequence("aaaaaabb....", "aaaabbbbcccc"))
    table = trajectory_summary({(0.3, 0): busy, (0.1, 1): calm, (0.1, 0): calm})
    assert table[["learning_rate", "seed"]].to_numpy().tolist() == [[0.1, 0], [0.1, 1], [0.3, 0]]
    assert table["births"].tolist() == [0, 0, 1]
    assert table[["splits", "merges", "deaths"]].to_numpy().sum() == 0
    assert table["communities_first"].tolist() == [2, 2, 2]
    assert table["communities_last"].tolist() == [2, 2, 3]
    assert table["lifetime"].tolist() == [1, 1, pytest.approx((1 + 1 + 0.5) / 3)]
    assert table["flexibility"].tolist() == [0, 0, pytest.approx(6 / 12)]
    alone = trajectory_summary({(0.1, 0): trajectory({0: [0, 0, 1, 1]})})
    assert alone["flexibility"].isna().all()


def test_mistakes_are_told() -> None:
    """Fails when snapshots that cannot be compared get a traceback of a library."""
    with pytest.raises(DataError, match="at least one snapshot"):
        trajectory({})
    with pytest.raises(DataError, match="got 2 labels"):
        trajectory({0: [0, 0, 1], 1: [0, 1]})
    with pytest.raises(DataError, match="no neurons"):
        trajectory({0: []})
    with pytest.raises(OptionError, match="threshold: got 0"):
        trajectory({0: [0, 0]}, threshold=0)
    with pytest.raises(OptionError, match="memberships: got 'first'"):
        trajectory({"first": [0, 0]})
    with pytest.raises(DataError, match="at least 2 snapshots"):
        flexibility([[0, 1]])
    with pytest.raises(DataError, match="expected at least one, by learning rate"):
        trajectory_summary({})


def test_multislice_partitions_can_be_followed() -> None:
    """Fails when the memberships of a multislice partition do not fit, or groups that stay look flexible."""
    strengths = {0: 4.0, 10: 5.0, 20: 6.0}
    planted = [
        planted_structure("block-diagonal", n=45, strength=strength, density=0.5, seed=step)
        for step, strength in strengths.items()
    ]
    slices = multislice([each.graph for each in planted], restarts=2).memberships
    assert flexibility(slices).tolist() == [0.0] * 45
    found = trajectory(dict(zip(strengths, slices, strict=True)))
    assert events(found) == []
    assert len(found.lifetimes) == 3
