"""A comparison as a study would hand it to its page, with numbers made up."""

import itertools

import numpy as np
import pandas as pd

from creditgraph.reports import ComparisonContent, MatrixExample

RATES = (0.01, 0.1)
NULLS = ("shuffle_block", "initial")
DIRECTIONS = ("maximise", "minimise")


def comparison(sources=("credit", "backprop", "worm"), *, rates=RATES, seed=0, **changes):
    """Sources of two learning rates each, but the last, which is a single network; all tables fit each other."""
    random = np.random.default_rng(seed)
    groups, differences, scores, networks = [], [], [], []
    every = [(name, rate) for name in sources[:-1] for rate in rates] + [(sources[-1], pd.NA)]
    names = {key: f"{key[0]}, r = {key[1]}" if key[1] is not pd.NA else key[0] for key in every}
    for direction, null in itertools.product(DIRECTIONS, NULLS):
        asked = {"weights": "absolute", "objective": "modularity", "direction": direction, "null": null}
        for place, (source, rate) in enumerate(every):
            single = rate is pd.NA
            mean = 0.02 * place - 0.03
            keys = {"group": names[source, rate], "source": source, "learning_rate": rate, "pruning": pd.NA}
            groups.append(
                {
                    **keys,
                    **asked,
                    "seeds": 1 if single else 5,
                    "quality_mean": 0.1 + mean,
                    "quality_low": pd.NA if single else 0.09 + mean,
                    "quality_high": pd.NA if single else 0.11 + mean,
                    "null_mean": 0.1,
                    "difference_mean": mean,
                    "difference_low": pd.NA if single else mean - 0.01,
                    "difference_high": pd.NA if single else mean + 0.01,
                    "z_mean": 50 * mean,
                    "p_value": 0.001 if mean > 0 else 0.5,
                    "q_value": 0.002 if mean > 0 else 0.6,
                }
            )
            for network in range(1 if single else 5):
                scores.append(
                    {
                        **keys,
                        **asked,
                        "network": f"n{network}",
                        "seed": -1 if single else network,
                        "quality": 0.1 + mean + 0.002 * random.normal(),
                        "communities": 4,
                        "agreement": 0.5,
                        "null_mean": 0.1,
                        "null_sd": 0.01,
                        "z": 50 * mean,
                        "p_value": 0.05,
                        "q_value": 0.06,
                        "samples": 20,
                    }
                )
                if (direction, null) == (DIRECTIONS[0], NULLS[0]):
                    networks.append({**keys, "network": f"n{network}", "verdict": "none"})
        for (one, other), measure in itertools.product(itertools.combinations(every, 2), ("excess", "quality")):
            apart = 0.01 * (every.index(one) - every.index(other))
            differences.append(
                {
                    **asked,
                    "measure": measure,
                    "group": names[one],
                    "other": names[other],
                    "source": one[0],
                    "other_source": other[0],
                    "learning_rate": one[1],
                    "other_learning_rate": other[1],
                    "pruning": pd.NA,
                    "other_pruning": pd.NA,
                    "networks": 5,
                    "other_networks": 5,
                    "basis": "paired seeds",
                    "difference_mean": apart,
                    "difference_low": apart - 0.015,
                    "difference_high": apart + 0.015,
                    "p_value": 0.01,
                    "q_value": 0.02 if abs(apart) > 0.015 else 0.3,
                    "note": "",
                    "at": "the same learning rate" if one[1] == other[1] else "every learning rate",
                }
                if one[1] is not pd.NA and other[1] is not pd.NA
                else {
                    **asked,
                    "measure": measure,
                    "group": names[one],
                    "other": names[other],
                    "source": one[0],
                    "other_source": other[0],
                    "learning_rate": one[1],
                    "other_learning_rate": other[1],
                    "pruning": pd.NA,
                    "other_pruning": pd.NA,
                    "networks": 5,
                    "other_networks": 1,
                    "basis": "one network beside seeds",
                    "difference_mean": apart,
                    "difference_low": pd.NA,
                    "difference_high": pd.NA,
                    "p_value": pd.NA,
                    "q_value": pd.NA,
                    "note": "too few",
                    "at": "every learning rate",
                }
            )
    trained = [key for key in every if key[1] is not pd.NA]
    accuracy = [
        {
            "group": names[key],
            "source": key[0],
            "learning_rate": key[1],
            "of": "validation",
            "seeds": 5,
            "accuracy_mean": 0.7 + 0.03 * i,
            "accuracy_low": 0.68 + 0.03 * i,
            "accuracy_high": 0.72 + 0.03 * i,
            "largest_class": 0.11,
        }
        for i, key in enumerate(trained)
    ]
    similarity = [
        {
            "group": names[one],
            "other": names[other],
            "source": one[0],
            "other_source": other[0],
            "method": method,
            "neurons": 300,
            "seeds": 5,
            "same_seed": pd.NA if one == other else 0.6,
            "same_seed_low": pd.NA if one == other else 0.5,
            "same_seed_high": pd.NA if one == other else 0.7,
            "other_seed": 0.2,
            "p_value": pd.NA if one == other else 0.008,
            "at": pd.NA if one == other else "the same learning rate",
        }
        for one, other in itertools.combinations_with_replacement(trained, 2)
        for method in ("ami", "element_centric")
    ]
    kinds = [*["layered"] * (len(sources) - 1), "graph file"]
    about = pd.DataFrame(
        {
            "source": list(sources),
            "about": [f"the run {name}" for name in sources],
            "kind": kinds,
            "rule": pd.array([*list(sources)[:-1], pd.NA], dtype="string"),
            "networks": [*[10] * (len(sources) - 1), 1],
            "neurons": 40,
            "synapses": 300,
            "density": 0.2,
            "reciprocity": 0.1,
        }
    )
    matrix = random.normal(size=(30, 30)) * (random.random((30, 30)) < 0.4)
    example = MatrixExample(0.1, None, 0, "", matrix, np.repeat([0, 1, 2], 10), 0.12, 0.1, 2.0, 0.05, name=sources[0])
    given = {
        "title": "rules",
        "question": "Do they differ?",
        "sources": about,
        "groups": pd.DataFrame(groups),
        "differences": pd.DataFrame(differences),
        "scores": pd.DataFrame(scores),
        "networks": pd.DataFrame(networks),
        "accuracy": pd.DataFrame(accuracy),
        "similarity": pd.DataFrame(similarity),
        "matrices": [example],
        "configuration": {"analysis": {"restarts": 5, "samples": 20}},
        "environment": {"python": "3.11"},
        "command": "creditgraph compare rules",
        "notes": [],
    }
    return ComparisonContent(**{**given, **changes})
