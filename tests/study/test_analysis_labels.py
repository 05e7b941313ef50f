from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from creditgraph.study.analyses.labels import aligned, named_after

# two seeds at two learning rates: communities of 12 neurons
PARTITIONS = {
    ("a", 0, 0.1): [0] * 6 + [1] * 4 + [2] * 2,
    ("b", 0, 0.2): [0] * 4 + [1] * 6 + [2] * 2,
    ("c", 1, 0.1): [0] * 5 + [1] * 5 + [2] * 2,
    ("d", 1, 0.2): [0] * 3 + [1] * 9,
}


def tables(renaming: dict[str, dict[int, int]] | None = None) -> dict[str, pd.DataFrame]:
    """Tables of four networks, whose labels may be renamed network by network."""
    found: dict[str, list[pd.DataFrame]] = {
        name: [] for name in ("neurons", "blocks", "lesions", "course", "events", "lifetimes", "slices", "composition")
    }
    for (network, seed, rate), partition in PARTITIONS.items():
        new = (renaming or {}).get(network, {label: label for label in range(3)})
        labels = [new[label] for label in partition]
        keys = {"network": network, "learning_rate": rate, "seed": seed}
        found["neurons"].append(
            pd.DataFrame(
                {
                    **keys,
                    "neuron": range(12),
                    "community": labels,
                    "anti_community": labels[::-1],
                    "consensus": [9] * 7 + [4] * 5,
                }
            )
        )
        own = [new[label] for label in dict.fromkeys(partition)]
        found["blocks"].append(pd.DataFrame({**keys, "post": own, "pre": own[::-1], "mean": range(len(own))}))
        for name in ("lesions", "composition"):
            found[name].append(pd.DataFrame({**keys, "community": own, "excess": range(len(own))}))
        # by the last snapshot numbers 3, 4 and 5 are the communities of the trained network, 7 is gone
        numbers = {label: number for number, label in enumerate(dict.fromkeys(partition), 3)}
        last = [numbers[label] for label in partition]
        found["course"].append(
            pd.DataFrame(
                {
                    **keys,
                    "step": [0] * 12 + [9] * 12,
                    "neuron": [*range(12)] * 2,
                    "community": [7] * 3 + [-1] + last[4:] + last,
                }
            )
        )
        found["events"].append(
            pd.DataFrame({**keys, "step": 9, "event": "merge", "community": [7], "other": pd.array([3], "Int64")})
        )
        found["lifetimes"].append(pd.DataFrame({**keys, "community": [7, 3, 4]}))
        found["slices"].append(
            pd.DataFrame({**keys, "step": [0] * 12 + [9] * 12, "neuron": [*range(12)] * 2, "community": [*last, *last]})
        )
    return {name: pd.concat(parts, ignore_index=True) for name, parts in found.items()}


def test_a_permutation_of_labels_changes_no_colour_anywhere():
    """Guards against colours that hang on the numbers that a search happens to give."""
    renaming = {"a": {0: 2, 1: 0, 2: 1}, "b": {0: 1, 1: 0, 2: 2}, "c": {0: 8, 1: 5, 2: 0}, "d": {0: 1, 1: 0}}
    one, other = aligned(tables()), aligned(tables(renaming))
    assert one.keys() == other.keys()
    for name, table in one.items():
        pd.testing.assert_frame_equal(table, other[name])


def test_every_table_has_the_labels_of_the_memberships():
    """Guards against two colours for one community on a page, or one for two."""
    found = aligned(tables())
    memberships = found["memberships"].merge(found["neurons"], on=["network", "neuron"], suffixes=("", "_own"))
    assert (memberships["community"] == memberships["community_own"]).all()
    for network, own in found["neurons"].groupby("network"):
        labels = list(dict.fromkeys(own["community"]))
        blocks, lesions, course, events, lifetimes = (
            found[name][found[name]["network"] == network]
            for name in ("blocks", "lesions", "course", "events", "lifetimes")
        )
        assert blocks["post"].tolist() == lesions["community"].tolist() == labels
        assert blocks["pre"].tolist() == labels[::-1]
        # the last snapshot has the communities of the trained network; who is gone has a label of its own
        assert course.loc[course["step"] == 9, "community"].tolist() == own["community"].tolist()
        gone = course["community"].iloc[0]
        assert gone not in set(found["memberships"]["community"])
        assert course["community"].iloc[3] == -1
        assert events["community"].tolist() == [gone]
        assert events["other"].tolist() == [labels[0]]
        assert lifetimes["community"].tolist() == [gone, *labels[:2]]


def test_neighbouring_rates_and_seeds_share_labels():
    """Guards against chains that are aligned in themselves only."""
    found = aligned(tables())["memberships"]
    labels = {name: own["community"].tolist() for name, own in found.groupby("network")}
    assert labels["a"] == PARTITIONS["a", 0, 0.1]
    assert labels["b"] == PARTITIONS["b", 0, 0.2]
    assert labels["c"] == PARTITIONS["c", 1, 0.1]
    assert labels["d"] == PARTITIONS["d", 1, 0.2]


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        ([3, 3, 3, 1, 1], [5, 5, 5, 2, 2], [5, 5, 5, 2, 2]),
        ([3, 3, 3, 1, 1], [5, 5, 5, 5, 5], [5, 5, 5, 9, 9]),
        ([-1, 0, 0, 1, 1], [4, 7, 7, 4, 4], [-1, 7, 7, 4, 4]),
        ([0, 0, 1], [-1, -1, -1], [9, 9, 10]),
    ],
)
def test_labels_after_another_partition(own, other, expected):
    """Guards against neurons in no community that name one, and against labels that are used twice."""
    assert named_after(pd.Series(own), pd.Series(other), 9).tolist() == expected


def test_groups_of_minimal_q_have_one_set_of_labels():
    """Guards against matrices of minimal Q whose groups are numbered anew in each network."""
    renamed = aligned(tables({"b": {0: 2, 1: 0, 2: 1}, "d": {0: 1, 1: 0}}))["neurons"]
    groups = {name: own.sort_values("neuron")["anti_community"].tolist() for name, own in renamed.groupby("network")}
    assert groups == {name: partition[::-1] for (name, _, _), partition in PARTITIONS.items()}


def test_consensus_has_the_labels_of_the_communities_it_overlaps():
    """Guards against a third set of labels in the table of neurons."""
    neurons = aligned(tables())["neurons"]
    first = neurons[neurons["network"] == "a"]
    np.testing.assert_array_equal(first["consensus"], [0] * 7 + [1] * 5)
