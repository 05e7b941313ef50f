"""Figures of what an analysis found beyond scores: structure, similarity, function, trajectory, statistics."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .. import labels
from ..figures import (
    block_maps,
    class_selectivity,
    community_flow,
    lesion_matrix,
    matched_loss_curves,
    network_drawing,
    neuron_roles,
    power_curves,
    resolution_curves,
    similarity_map,
    trajectory_events,
)
from ..figures.network import strongest_synapses
from ..figures.statistics import by_null
from ..figures.style import LEVEL
from ..findings import Findings, asked_of
from .illustration import Illustration, extent, numbered
from .similarity_data import similarity_data

_TOGETHER = ", all searched together (multislice modularity)"


def structure(findings: Findings) -> list[Illustration]:
    """Blocks of the weights, and the network as a drawing."""
    found = []
    blocks = findings.table("blocks")
    if blocks is not None:
        count = blocks["post"].nunique()
        caption = (
            f"Coupling of {labels.counted(count, 'community', 'communities')}{_of(findings)}{_neurons(findings)}: "
            "weight of each block over what the configuration model expects from the neurons' strengths "
            "(log₂; that model is the null), mean |w| of all pairs, share of pairs with a synapse. Rows "
            "post-, columns presynaptic."
        )
        own = blocks[blocks["post"] == blocks["pre"]]
        across = blocks[blocks["post"] != blocks["pre"]]
        means = [labels.number(float(of[name].mean())) for name in ("mean", "density") for of in (own, across)]
        alternative = (
            f"Heat maps. Mean |w| within communities {means[0]}, across {means[1]}; share of pairs with a synapse "
            f"{means[2]} and {means[3]}."
        )
        found.append(Illustration("blocks", block_maps(blocks), caption, alternative, blocks))
    if findings.drawing is not None:
        graph, membership = findings.drawing.graph, np.asarray(findings.drawing.membership)
        within = membership[graph.pre] == membership[graph.post]
        drawn, total = strongest_synapses(graph), len(graph.weight)
        some = len(drawn) < total
        shown = (
            f"The {len(drawn):,} strongest of {labels.counted(total, 'synapse')}"
            if some
            else f"{labels.plural(total, 'The', 'All')} {labels.counted(total, 'synapse')}"
        )
        layers = "layers in columns" if graph.layers is not None else "on a circle"
        caption = (
            f"{shown}{_of(findings)}: n = {labels.counted(graph.n, 'neuron')}, {layers}, ordered and "
            "coloured by community; lines in the colour of the community that they stay in, grey across. No null model."
        )
        alternative = (
            f"Drawing of a network of {labels.counted(graph.n, 'neuron')} and {labels.counted(total, 'synapse')} in "
            f"{labels.counted(len(np.unique(membership)), 'community', 'communities')}. Within one community are "
            f"{100 * float(within.mean()):.0f} % of all its synapses"
            + (
                f", and {100 * float(within[drawn].mean()):.0f} % of the {len(drawn):,} strongest, drawn."
                if some
                else ", all drawn."
            )
        )
        data = pd.DataFrame({"neuron": np.arange(graph.n), "community": membership})
        if graph.layers is not None:
            data["layer"] = graph.layers
        synapses = pd.DataFrame({"post": graph.post[drawn], "pre": graph.pre[drawn], "weight": graph.weight[drawn]})
        figure = network_drawing(graph, membership)
        found.append(Illustration("network", figure, caption, alternative, data, further={"synapses": synapses}))
    return found


def similarity(findings: Findings) -> list[Illustration]:
    """Whether partitions are alike across learning rates and seeds, and over resolutions."""
    found = []
    if findings.similarities is not None:
        matrix, groups = np.asarray(findings.similarities.matrix), list(map(str, findings.similarities.groups))
        same = np.equal.outer(groups, groups)
        others = ~np.eye(len(groups), dtype=bool)
        within, between = (
            labels.decimals(matrix[mask].mean(), 2) if mask.any() else labels.MISSING for mask in (same & others, ~same)
        )
        each = np.unique(groups, return_counts=True)[1]
        size = f"{each.max()}{' at most' if each.min() < each.max() else ''}"
        caption = (
            f"Similarity of the communities of n = {labels.counted(len(groups), 'network')}{_neurons(findings)} in "
            f"{labels.counted(len(each), 'group')}, every one with every other (1: the same; AMI, so that 0 is "
            f"what chance gives). Squares on the diagonal: networks of one group, {size}: its seeds, and "
            "prunings where there are several. No other null model."
        )
        alternative = (
            f"Heat map. Mean similarity of networks within a group {within}, of networks of different groups {between}."
        )
        data, further = similarity_data(matrix, groups)
        figure = similarity_map(matrix, groups)
        found.append(Illustration("similarity", figure, caption, alternative, data, further=further))
    memberships = findings.table("memberships")
    if memberships is not None:
        found.append(_flow(findings, memberships, "learning_rate", "flow"))
    resolution = findings.table("resolution")
    if resolution is not None:
        caption = (
            f"Communities{asked_of(resolution)} over the resolution γ{_of(findings)}{_neurons(findings)}: their "
            "number, how far restarts agree, and how alike the partitions of neighbouring resolutions are (AMI). "
            "Shaded: plateaus, where the partition stays. " + _null_of_resolution(resolution)
        )
        counts = resolution["communities"]
        plateaus = f"{labels.counted(resolution['plateau'].nunique(), 'plateau')}" if "plateau" in resolution else ""
        ends = [labels.number(float(edge)) for edge in (resolution["resolution"].min(), resolution["resolution"].max())]
        alternative = (
            f"Line plots over {labels.counted(len(resolution), 'resolution')}, {extent(*ends)}: "
            f"{_communities(counts)}; {plateaus or 'plateaus were not looked for'}."
        )
        found.append(Illustration("resolution", resolution_curves(resolution), caption, alternative, resolution))
    return found


def function(findings: Findings) -> list[Illustration]:
    """What neurons and communities do."""
    found = []
    roles = findings.table("roles")
    if roles is not None and not roles[["participation", "within_module_z"]].isna().any(axis=1).all():
        hubs = int((roles["within_module_z"] >= 2.5).sum())
        caption = (
            f"Participation coefficient against within-module z, each point one of n = "
            f"{labels.counted(len(roles), 'neuron')}{_of(findings)}. Dotted: the bounds of Guimerà and Amaral (2005), "
            "R1 ultra-peripheral, R2 peripheral, R3 connector, R4 kinless; hubs: R5 provincial, R6 connector, R7 "
            "kinless. Their bounds come from unweighted networks: take them as names. No null model."
        )
        alternative = (
            f"Scatter plot of {labels.counted(len(roles), 'neuron')}. Mean participation "
            f"{labels.number(roles['participation'].mean(), 2)}; {labels.counted(hubs, 'hub')} with z of 2.5 or more."
        )
        found.append(Illustration("roles", neuron_roles(roles), caption, alternative, roles))
    lesions = findings.table("lesions")
    if lesions is not None:
        passed = int((lesions["q_value"].astype("Float64") <= LEVEL).sum())
        caption = (
            f"Loss of each class on {_count(lesions, 'test_samples', 'test sample')}, one community{_of(findings)}"
            f"{_neurons(findings)} silenced, less the mean loss with "
            f"{_count(lesions, 'controls', 'random set')} of neurons of the same composition silenced (the null). Red: "
            "the class needs the community. Dot: q ≤ 0.05 over all cells (Benjamini and Hochberg)."
            f"{_without_control(lesions)}"
        )
        worst = lesions.dropna(subset=["excess"]).sort_values("excess")
        alternative = (
            f"Heat map of community by class. {passed} of {labels.counted(len(lesions), 'cell')} have q ≤ 0.05."
        )
        if len(worst):
            row = worst.iloc[-1]
            where = f"community {row['community']}, class {row['class']}"
            alternative += f" Largest excess loss {labels.number(row['excess'])}: {where}."
        found.append(Illustration("lesions", lesion_matrix(lesions), caption, alternative, lesions))
    selectivity = findings.table("selectivity")
    if selectivity is not None:
        passed = int((selectivity["q_value"].astype("Float64") <= LEVEL).sum())
        caption = (
            f"Class selectivity of {labels.counted(selectivity['community'].nunique(), 'community', 'communities')}"
            f"{_of(findings)}{_neurons(findings)} over {_count(selectivity, 'test_samples', 'test sample')}, beside "
            f"{_count(selectivity, 'shuffles', 'shuffle')} of the neurons among communities (the null; grey: mean ± 2 "
            "s.d.). Full: q ≤ 0.05."
        )
        ends = [labels.number(edge, 2) for edge in selectivity["selectivity"].agg(["min", "max"])]
        alternative = (
            f"Dot plot. {passed} of {labels.counted(len(selectivity), 'test')} have q ≤ 0.05; selectivity "
            f"{extent(*ends)}, shuffled "
            f"{labels.number(selectivity['null_mean'].mean(), 2)} on average."
        )
        found.append(Illustration("selectivity", class_selectivity(selectivity), caption, alternative, selectivity))
    return found


def trajectory(findings: Findings) -> list[Illustration]:
    """Communities over training."""
    found = []
    course = findings.table("course")
    if course is not None:
        found.append(_flow(findings, course, "step", "course"))
    slices = findings.table("slices")
    if slices is not None:
        found.append(_flow(findings, slices, "step", "multislice"))
    events = findings.table("events")
    if events is not None:
        counts = events["event"].value_counts()
        seeds = events["seed"].nunique() if "seed" in events else 1
        caption = (
            f"What happened to communities between snapshots of training{_of(findings) if seeds == 1 else ''}"
            f"{_neurons(findings)}: events by kind, mean over {labels.counted(seeds, 'seed')}. No null model: "
            "matching partitions of which restarts agree little makes events by itself."
        )
        listed = labels.listed([f"{count} × {labels.short(kind)}" for kind, count in counts.items()])
        alternative = f"Stacked bars over {labels.counted(events['step'].nunique(), 'snapshot')}. In all: {listed}."
        found.append(Illustration("events", trajectory_events(events), caption, alternative, events))
    return found


def statistics(findings: Findings) -> list[Illustration]:
    """The comparison at matched loss, and power."""
    found = []
    matched = findings.table("matched")
    parts = [] if matched is None else by_null(matched)
    for place, matched in enumerate(parts):
        nulls = labels.listed([labels.null(name) for name in labels.distinct(matched, "null")])
        seeds = f"{labels.counted(int(matched['seeds'].max()), 'seed')} at most" if "seeds" in matched else "seeds"
        caption = (
            "Q minus the mean of the null samples after the same number of steps, and where networks first reach the "
            f"same training loss: mean and 95 % interval over {seeds}{_neurons(findings)}; null: {nulls}. Learning "
            "rates that did not reach a loss have no point."
        )
        targets = labels.listed([labels.number(t) for t in labels.distinct(matched, "target") if not labels.missing(t)])
        alternative = f"Line plots over the learning rate, at a fixed step and at training loss {targets or 'none'}."
        name = numbered("matched-loss", place, len(parts))
        found.append(Illustration(name, matched_loss_curves(matched), caption, alternative, matched))
    power = findings.table("power")
    if power is not None:
        caption = (
            "Power of the test of a mean difference over seeds (Student's t, 5 % level) against the number of seeds, "
            "for true effects in standard deviations of the differences. Computed, not simulated: n is the number of "
            "seeds along the axis, the null is a mean difference of 0, and no network of this study is in it."
        )
        alternative = " ".join(
            f"Effect {labels.number(effect, 2)}: power {own['power'].min():.2f} with "
            f"{labels.counted(int(own['seeds'].min()), 'seed')}, "
            f"{own['power'].max():.2f} with {int(own['seeds'].max())}."
            for effect, own in power.groupby("effect")
        )
        found.append(Illustration("power", power_curves(power), caption, f"Line plots. {alternative}", power))
    return found


def _flow(findings: Findings, memberships: pd.DataFrame, over: str, name: str) -> Illustration:
    places = memberships[over].nunique()
    what = "learning rate" if over == "learning_rate" else "snapshot"
    of = _of(findings) if over == "step" else _seed(memberships)
    # below 0: in no community
    counts = memberships[memberships["community"] >= 0].groupby(over)["community"].nunique()
    caption = (
        f"Communities of n = {labels.counted(memberships['neuron'].nunique(), 'neuron')} over "
        f"{labels.counted(places, what)}{of}{_TOGETHER if name == 'multislice' else ''}: blocks are communities, bands "
        "the neurons that go from one to another, colours aligned labels. No null model: "
        + (
            "the tie of a neuron to itself in the next snapshot keeps communities together by construction."
            if name == "multislice"
            else "partitions of which restarts agree little flow apart by themselves."
        )
    )
    wide = memberships.pivot_table(index="neuron", columns=over, values="community").to_numpy(float)
    kept = float((wide[:, 1:] == wide[:, :-1]).mean()) if wide.shape[1] > 1 else 1.0
    alternative = (
        f"Alluvial diagram over {labels.counted(places, what)}: {_communities(counts)}; "
        f"{100 * kept:.0f} % of neurons keep their community from one to the next."
    )
    return Illustration(name, community_flow(memberships, over=over), caption, alternative, memberships)


def _communities(counts: pd.Series[int]) -> str:
    """``3 to 5 communities``, ``1 community``."""
    low, high = int(counts.min()), int(counts.max())
    return f"{extent(f'{low:,}', f'{high:,}')} {'community' if high == 1 else 'communities'}"


def _null_of_resolution(resolution: pd.DataFrame) -> str:
    if "null_communities" not in resolution:
        return "No null model."
    drawn = "Without markers: the null model, mean over its samples"
    if "null" not in resolution:
        return f"{drawn}."
    samples = labels.counted(int(resolution["samples"].iloc[0]), "sample")
    return (
        f"{drawn} (null: {samples} of {labels.null(str(resolution['null'].iloc[0]))}), bands from the least to the "
        "largest. A plateau where the null's partition stays as well is none of the network's own."
    )


def _without_control(lesions: pd.DataFrame) -> str:
    """Which communities nothing can be said of."""
    zero = lesions.groupby("community", sort=False)["excess"].agg(lambda excess: bool((excess == 0).all()))
    if not zero.any():
        return ""
    return " A row of zeros: all its neurons that may be silenced are all of their layers, so it has no other control."


def _count(table: pd.DataFrame, column: str, singular: str) -> str:
    """How many there were, where the table tells."""
    return labels.counted(int(table[column].max()), singular) if column in table else f"{singular}s"


def _seed(table: pd.DataFrame) -> str:
    seeds = labels.distinct(table, "seed")
    return f" of seed {seeds[0]}" if len(seeds) == 1 else ""


def _of(findings: Findings) -> str:
    return f" of the network {findings.network}" if findings.network else ""


def _neurons(findings: Findings) -> str:
    """How many neurons a network has, where one of the tables tells."""
    for name in ("roles", "memberships", "course"):
        table = findings.table(name)
        if table is not None:
            return f" (n = {labels.counted(table['neuron'].nunique(), 'neuron')})"
    return ""
