"""The tables of a comparison, from those of each source's analysis."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd

from ...analysis import effects, false_discovery, group_similarity, mean_interval, score_differences
from ...reports import labels
from ..analyses.likeness import Communities, connected_in_all
from ..analyses.tables import Tables
from .groups import NO_SEED, Group, Pair, belong_together, corresponding, groups_of, in_folder, pairs_of
from .sources import Compared

ASKED = ["weights", "objective", "direction", "null"]
WHERE = ["source", "learning_rate", "pruning"]


def compared_tables(
    compared: Sequence[Compared], found: Mapping[str, Tables], neurons: str, paired: str = "auto"
) -> Tables:
    """All tables of a comparison.

    Parameters
    ----------
    compared
        The sources.
    found
        Tables of the analysis of each, by its label.
    neurons
        How neurons correspond, see :func:`corresponding`.
    paired
        Whose networks belong together, see :func:`belong_together`.
    """
    groups = [group for each in compared for group in groups_of(each)]
    network_groups = {(group.source, name): group for group in groups for name in group.networks.values()}
    scores = _with_groups(_together(found, "scores"), network_groups)
    nulls = _with_groups(_together(found, "nulls"), network_groups)
    networks = _with_groups(_together(found, "networks"), network_groups)
    accuracy = _accuracy(compared, groups)
    pairs = pairs_of(groups, accuracy)
    source = {group.name: group.source for group in groups}
    together = {
        (one.label, other.label)
        for one, other in itertools.combinations(compared, 2)
        if belong_together(one, other, paired)
    }
    by_seed = [(pair.group, pair.other) for pair in pairs if (source[pair.group], source[pair.other]) in together]
    between = [(pair.group, pair.other) for pair in pairs]
    tables: Tables = {
        "sources": _sources(compared, networks),
        "networks": networks,
        "scores": scores.assign(q_value=false_discovery(scores["p_value"].to_numpy(np.float64))),
        "nulls": nulls,
        "groups": _effects(scores, nulls, groups),
        "differences": _of_files(_named(score_differences(scores, between, paired=by_seed), groups, pairs), compared),
    }
    if len(accuracy):
        tables["accuracy"] = accuracy
    if all(group.pruning is None for group in groups):
        # files, and networks that learn a task, have none
        tables = {name: _without_pruning(table) for name, table in tables.items()}
    alike = _similarity(compared, found, groups, pairs, neurons, together)
    if len(alike):
        tables["similarity"] = alike
    return tables


OF_FILES = {
    "paired seeds": "files of one name",
    "independent seeds": "independent networks",
    "one network beside seeds": "one network beside several",
}
"""What an interval rests on where no seeds are known: that of the networks of files."""


def _of_files(differences: pd.DataFrame, compared: Sequence[Compared]) -> pd.DataFrame:
    """The differences, of which those that files have part in speak of networks and not of seeds."""
    files = {each.label for each in compared if each.study is None}
    first, second = (differences[name].isin(files) for name in ("source", "other_source"))
    # what several networks are beside a single one, that side says
    several = (first & (differences["networks"] > 1)) | (second & (differences["other_networks"] > 1))
    alone = differences["basis"] == "one network beside seeds"
    concerned = (several & alone) | ((first | second) & ~alone)
    basis = differences["basis"].where(~concerned, differences["basis"].replace(OF_FILES))
    return differences.assign(basis=basis)


def _without_pruning(table: pd.DataFrame) -> pd.DataFrame:
    return table.drop(columns=[name for name in ("pruning", "other_pruning") if name in table])


def _together(found: Mapping[str, Tables], name: str) -> pd.DataFrame:
    return pd.concat(
        [tables[name].assign(source=label) for label, tables in found.items() if name in tables], ignore_index=True
    )


def _with_groups(table: pd.DataFrame, groups: Mapping[tuple[str, str], Group]) -> pd.DataFrame:
    """The table with its group and seed, its keys first."""
    own = [groups[source, name] for source, name in zip(table["source"], table["network"], strict=True)]
    table = table.assign(
        group=[group.name for group in own],
        learning_rate=pd.array([group.learning_rate for group in own], dtype="Float64"),
        pruning=pd.array([group.pruning for group in own], dtype="Float64"),
        seed=table["seed"].fillna(NO_SEED).astype(np.int64) if "seed" in table else NO_SEED,
    )
    first = ["source", "group", "network", "learning_rate", "pruning", "seed"]
    return table[[*first, *(name for name in table if name not in first)]]


def _sources(compared: Sequence[Compared], networks: pd.DataFrame) -> pd.DataFrame:
    """A row a source: what it is."""
    rows = []
    for each in compared:
        own = networks[networks["source"] == each.label]
        study = each.study
        rows.append(
            {
                "source": each.label,
                "about": each.source.about,
                "kind": labels.plural(len(own), "graph file", "graph files") if study is None else study.experiment,
                "rule": _rule(each),
                "networks": len(own),
                "neurons": int(own["neurons"].median()),
                "synapses": int(own["synapses"].median()),
                "density": float(own["density"].mean()),
                "reciprocity": own["reciprocity"].mean(),
                "path": str(each.path),
                "checksum": each.source.checksum,
            }
        )
    return pd.DataFrame(rows).astype({"reciprocity": "Float64", "rule": "string"})


def _rule(compared: Compared) -> str | None:
    study = compared.study
    if study is None:
        return None
    return study.layered.rule if study.experiment == "layered" else "credit"


def _effects(scores: pd.DataFrame, nulls: pd.DataFrame, groups: Sequence[Group]) -> pd.DataFrame:
    """Each group against its null models: `effects`, with the place of a group in the list in the learning rate's."""
    place = {group.name: float(i) for i, group in enumerate(groups)}
    parts = []
    for objective, own in scores.groupby("objective", sort=False):
        samples = nulls[nulls["objective"] == objective]
        tables = [
            table.drop(columns="pruning").assign(learning_rate=table["group"].map(place)) for table in (own, samples)
        ]
        parts.append(effects(*tables).assign(objective=objective))
    table = pd.concat(parts, ignore_index=True)
    chosen = [groups[int(i)] for i in table["learning_rate"]]
    table = table.assign(
        group=[group.name for group in chosen],
        source=[group.source for group in chosen],
        learning_rate=pd.array([group.learning_rate for group in chosen], dtype="Float64"),
        pruning=pd.array([group.pruning for group in chosen], dtype="Float64"),
        q_value=false_discovery(table["p_value"].to_numpy(np.float64)),
    )
    # as the questions were asked, and the groups as they were named
    order = {
        question: i for i, question in enumerate(scores[ASKED].drop_duplicates().itertuples(index=False, name=None))
    }
    asked = [order[question] for question in table[ASKED].itertuples(index=False, name=None)]
    table = table.assign(asked=asked, place=table["group"].map(place)).sort_values(["asked", "place"])
    table = table.drop(columns=["asked", "place"]).reset_index(drop=True)
    first = ["group", *WHERE, *ASKED]
    return table[[*first, *(name for name in table if name not in first)]]


def _named(table: pd.DataFrame, groups: Sequence[Group], pairs: Sequence[Pair]) -> pd.DataFrame:
    """Differences with the sources and learning rates of their groups, and why these two are compared."""
    by_name = {group.name: group for group in groups}
    at = {(pair.group, pair.other): pair.at for pair in pairs}
    table = table.copy()
    for column, prefix in (("group", ""), ("other", "other_")):
        chosen = [by_name[name] for name in table[column]]
        table[f"{prefix}source"] = [group.source for group in chosen]
        for key in ("learning_rate", "pruning"):
            table[f"{prefix}{key}"] = pd.array([getattr(group, key) for group in chosen], dtype="Float64")
    table["at"] = [at[pair] for pair in zip(table["group"], table["other"], strict=True)]
    return table


def _accuracy(compared: Sequence[Compared], groups: Sequence[Group]) -> pd.DataFrame:
    """Accuracy after training of each group that learned a task: on validation data where a study has some."""
    rows = []
    for each in compared:
        if each.source.run is None or each.study is None or each.study.experiment == "connectome":
            continue
        training = each.source.run.read_table("training")
        column = "validation_accuracy" if "validation_accuracy" in training else "test_accuracy"
        last = training[training["epoch"] == training["epoch"].max()]
        name = column.replace("_accuracy", "_largest_class")
        members = each.source.run.read_table("members").drop_duplicates("seed")
        for group in (group for group in groups if group.source == each.label):
            own = last[(last["learning_rate"] == group.learning_rate) & last["seed"].isin(list(group.networks))]
            values = own[column].dropna().to_numpy(np.float64)
            largest = own["seed"].map(members.set_index("seed")[name].to_dict()).mean() if name in members else None
            if not len(values):
                continue
            low, high = mean_interval(values)
            rows.append(
                {
                    "group": group.name,
                    "source": group.source,
                    "learning_rate": group.learning_rate,
                    "of": column.removesuffix("_accuracy"),
                    "seeds": len(values),
                    "accuracy_mean": values.mean(),
                    "accuracy_low": low,
                    "accuracy_high": high,
                    "largest_class": largest,
                }
            )
    numbers = ("accuracy_mean", "accuracy_low", "accuracy_high", "largest_class")
    columns = ["group", "source", "learning_rate", "of", "seeds", *numbers]
    return pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(numbers, "Float64"))


def _similarity(
    compared: Sequence[Compared],
    found: Mapping[str, Tables],
    groups: Sequence[Group],
    pairs: Sequence[Pair],
    neurons: str,
    together: Collection[tuple[str, str]],
) -> pd.DataFrame:
    """Likeness of communities of the pairs whose neurons correspond, and of each of these groups within itself.

    Of `neurons` neurons: those that have synapses in all networks of both groups.
    """
    by_label = {each.label: each for each in compared}
    tables = []
    for order in corresponding(compared, neurons):
        communities = {}
        for group in (group for group in groups if group.source in order):
            own = found[group.source]["neurons"]
            communities[group.name] = {
                seed: Communities.of(own[own["network"] == name]).ordered(order[group.source][name])
                for seed, name in group.networks.items()
            }
        source = {group.name: group.source for group in groups}
        chosen = [(pair.group, pair.other) for pair in pairs if pair.group in communities and pair.other in communities]
        within = [(name, name) for name in communities if len(communities[name]) > 1]
        for method, pair in itertools.product(("ami", "element_centric"), [*chosen, *within] if chosen else []):
            both = {name: communities[name] for name in pair}
            there = connected_in_all([each for own in both.values() for each in own.values()])
            sources = [source[name] for name in pair]
            # files of folders share no seeds, unless it is said that their names pair them
            apart = any(in_folder(by_label[label]) for label in sources) and tuple(sources) not in together
            if there.any():
                partitions = {
                    name: {(name, seed) if apart else seed: each.labels[there] for seed, each in own.items()}
                    for name, own in both.items()
                }
                tables.append(group_similarity(partitions, [pair], method=method).assign(neurons=int(there.sum())))
    if not tables:
        return pd.DataFrame()
    table = pd.concat(tables, ignore_index=True)
    by_name = {group.name: group for group in groups}
    at = {(pair.group, pair.other): pair.at for pair in pairs}
    return table.assign(
        at=pd.array([at.get(pair) for pair in zip(table["group"], table["other"], strict=True)], dtype="string"),
        source=[by_name[name].source for name in table["group"]],
        other_source=[by_name[name].source for name in table["other"]],
    )
