import itertools

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from creditgraph.analysis import compare, group_similarity, score_differences
from creditgraph.guard import DataError, OptionError


def table(**groups):
    """Scores of groups of networks, whose null means are 0.1 and whose null samples spread by 0.01."""
    rows = [
        {
            "group": name,
            "seed": seed,
            "weights": "absolute",
            "objective": "modularity",
            "direction": "maximise",
            "null": "initial",
            "quality": 0.1 + excess,
            "null_mean": 0.1,
            "null_sd": 0.01,
        }
        for name, values in groups.items()
        for seed, excess in enumerate(values)
    ]
    return pd.DataFrame(rows)


def only(differences, measure="excess"):
    (row,) = differences[differences["measure"] == measure].to_dict("records")
    return row


A, B = [0.05, 0.07, 0.04, 0.08, 0.06], [0.01, 0.05, 0.02, 0.03, 0.05]


def test_paired_seeds_have_the_interval_and_p_of_scipys_paired_t_test():
    """Guards against a wrong sign, interval or p, and against pairing by place instead of by seed."""
    mixed = table(a=A, b=B).sample(frac=1.0, random_state=0)
    row = only(score_differences(mixed, [("a", "b")], paired=[("b", "a")]))
    expected = stats.ttest_rel(A, B)
    interval = expected.confidence_interval(0.95)
    assert row["basis"] == "paired seeds"
    np.testing.assert_allclose(row["difference_mean"], np.mean(A) - np.mean(B))
    np.testing.assert_allclose([row["difference_low"], row["difference_high"]], [interval.low, interval.high])
    np.testing.assert_allclose(row["p_value"], expected.pvalue)


def test_only_shared_seeds_are_paired():
    """Guards against the mean over all networks standing beside an interval over some."""
    scores = table(a=A, b=B[:3])
    row = only(score_differences(scores, paired=[("a", "b")]))
    assert row["networks"] == row["other_networks"] == 3
    np.testing.assert_allclose(row["difference_mean"], np.mean(A[:3]) - np.mean(B[:3]))


def test_independent_seeds_have_welchs_interval():
    """Guards against pooled variances, which are too narrow where the smaller group spreads more."""
    few = [0.01, 0.09, 0.02]
    row = only(score_differences(table(a=A, b=few)))
    expected = stats.ttest_ind(A, few, equal_var=False)
    interval = expected.confidence_interval(0.95)
    assert row["basis"] == "independent seeds"
    np.testing.assert_allclose([row["difference_low"], row["difference_high"]], [interval.low, interval.high])
    np.testing.assert_allclose(row["p_value"], expected.pvalue)


@pytest.mark.parametrize("turned", [False, True])
def test_a_single_network_beside_seeds_has_the_prediction_interval(turned):
    """Guards against the interval of a mean, which calls two draws of one population different far too often."""
    scores = table(b=[0.02], a=A) if turned else table(a=A, b=[0.02])
    row = only(score_differences(scores))
    sign, mean, spread = (-1 if turned else 1), np.mean(A), np.std(A, ddof=1)
    reach = stats.t.ppf(0.975, 4) * spread * np.sqrt(1 + 1 / 5)
    assert row["basis"] == "one network beside seeds"
    np.testing.assert_allclose(row["difference_mean"], sign * (mean - 0.02))
    np.testing.assert_allclose(row["difference_high"] - row["difference_low"], 2 * reach)
    t = (mean - 0.02) / (spread * np.sqrt(1.2))
    np.testing.assert_allclose(row["p_value"], 2 * stats.t.sf(t, 4))


def test_a_single_network_of_the_same_kind_is_called_different_in_one_of_twenty_cases():
    """Guards against a test of single networks whose error rate is not what it says."""
    generator, called = np.random.default_rng(0), 0
    for _ in range(400):
        draws = generator.normal(size=6)
        called += only(score_differences(table(a=draws[:5], b=draws[5:])))["p_value"] <= 0.05
    assert stats.binomtest(called, 400, 0.05).pvalue > 0.01


@pytest.mark.parametrize("noise", [0.5, 1.0, 6.0])
def test_a_single_network_known_no_better_than_its_null_samples_is_not_called_different_more_often(noise):
    """Guards against an interval of the seeds' spread around a network whose own score is far noisier."""
    generator, called = np.random.default_rng(1), 0
    for _ in range(200):
        scores = table(a=generator.normal(size=3), b=[generator.normal(scale=noise)])
        scores.loc[scores["group"] == "b", "null_sd"] = noise
        called += only(score_differences(scores))["p_value"] <= 0.05
    assert called <= stats.binom.ppf(0.999, 200, 0.05)
    assert noise < 6 or called >= stats.binom.ppf(0.001, 200, 0.05)


def test_two_single_networks_have_an_interval_of_their_null_samples_and_no_p():
    """Guards against a test of two observations."""
    differences = score_differences(table(a=[0.05], b=[0.01]))
    row = only(differences)
    assert row["basis"] == "null samples"
    np.testing.assert_allclose(row["difference_high"] - row["difference_mean"], 1.96 * np.sqrt(2) * 0.01)
    assert pd.isna(row["p_value"])
    assert pd.isna(row["q_value"])
    assert pd.isna(only(differences, "quality")["difference_low"])


def test_q_is_corrected_within_each_measure_over_rows_that_have_a_p():
    """Guards against a family of tests that leaves some out, or counts the same twice."""
    scores = table(a=A, b=B, c=[0.5, 0.51, 0.49, 0.5, 0.52], d=[0.3])
    differences = score_differences(scores)
    for _, own in differences.groupby("measure"):
        p = own["p_value"].dropna().astype(float)
        expected = stats.false_discovery_control(p, method="bh")
        np.testing.assert_allclose(own["q_value"].dropna().astype(float), expected)
    assert len(differences) == 2 * 6


def test_groups_are_compared_in_the_questions_that_both_answer():
    """Guards against a difference of one question's score and another's."""
    scores = table(a=A, b=B)
    scores.loc[scores["group"] == "b", "null"] = "rewire"
    assert score_differences(scores).empty


def test_mistakes_are_told():
    """Guards against a misspelt group that vanishes, and a network that counts as two."""
    scores = table(a=A, b=B)
    with pytest.raises(DataError, match="pairs: there is no group 'c'"):
        score_differences(scores, [("a", "c")])
    with pytest.raises(DataError, match="paired: there is no group 'c' among a, b"):
        score_differences(scores, paired=[("a", "c")])
    numbered = scores.assign(group=scores["group"].map({"a": 1, "b": 2}))
    with pytest.raises(DataError, match="pairs: there is no group 3 among 1, 2"):
        score_differences(numbered, [(1, 3)])
    with pytest.raises(DataError, match="pairs: got 5, expected pairs of groups"):
        score_differences(scores, [5])
    with pytest.raises(DataError, match="pairs: got 'ab', expected pairs of groups"):
        score_differences(scores, ["ab"])
    with pytest.raises(DataError, match="pairs: there is no group 'z'"):
        group_similarity({"a": {0: [0, 1]}}, [("a", "z")])
    with pytest.raises(DataError, match="expected for each group its partitions by seed"):
        group_similarity({"a": [[0, 1]]})
    with pytest.raises(DataError, match="twice"):
        score_differences(pd.concat([scores, scores]))
    with pytest.raises(DataError, match="no column null_sd"):
        score_differences(scores.drop(columns="null_sd"))


def test_similarity_of_groups_is_the_mean_over_the_pairs_that_it_says():
    """Guards against same and different seeds that are mixed up."""
    generator = np.random.default_rng(1)
    first = {seed: generator.integers(0, 3, 40) for seed in (3, 1, 2)}
    second = {seed: np.where(generator.random(40) < 0.7, first[seed], 0) for seed in (1, 2, 3)}
    found = group_similarity({"a": first, "b": second}).set_index(["group", "other"])
    row = found.loc["a", "b"]
    same = [compare(first[seed], second[seed]) for seed in (1, 2, 3)]
    apart = [compare(first[i], second[j]) for i in first for j in second if i != j]
    np.testing.assert_allclose([row["same_seed"], row["other_seed"]], [np.mean(same), np.mean(apart)])
    within = [compare(first[i], first[j]) for i, j in itertools.combinations(first, 2)]
    np.testing.assert_allclose(found.loc[("a", "a"), "other_seed"], np.mean(within))
    assert pd.isna(found.loc[("a", "a"), "same_seed"])
    # of the six ways to pair three seeds, the true one is the best
    assert row["p_value"] == pytest.approx(1 / 6)


def test_p_of_seeds_that_do_not_matter_is_uniform():
    """Guards against a test of pairings that finds likeness where there is none."""
    generator = np.random.default_rng(2)
    p = [
        group_similarity(
            {name: {seed: generator.integers(0, 4, 30) for seed in range(5)} for name in "ab"}, [("a", "b")]
        )["p_value"].iloc[0]
        for _ in range(150)
    ]
    assert stats.kstest(np.asarray(p, dtype=float), "uniform").pvalue > 0.01


def test_many_seeds_are_paired_by_chance_draws_of_the_seed_given():
    """Guards against p values that change from call to call, or are 0."""
    generator = np.random.default_rng(3)
    first = {seed: generator.integers(0, 3, 30) for seed in range(8)}
    groups = {"a": first, "b": first}
    one, two = (group_similarity(groups, [("a", "b")], seed=4)["p_value"].iloc[0] for _ in range(2))
    assert one == two == pytest.approx(1 / 5001, rel=0.5)


def test_p_of_a_pair_does_not_depend_on_the_other_pairs():
    """Guards against one stream of random numbers through all pairs."""
    generator = np.random.default_rng(5)
    groups = {name: {seed: generator.integers(0, 3, 30) for seed in range(8)} for name in "abc"}
    alone = group_similarity(groups, [("b", "c")])["p_value"].iloc[0]
    among = group_similarity(groups).set_index(["group", "other"]).loc[("b", "c"), "p_value"]
    assert alone == among
    with pytest.raises(OptionError, match="seed"):
        group_similarity(groups, seed=-1)
