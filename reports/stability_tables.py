"""The tables of how firm communities are: over restarts, seeds and resolutions, and neuron by neuron."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd

from . import labels
from .community_tables import WHO
from .findings import Findings, asked_of
from .table import Column, Table
from .tables import interval_of, two_decimals, whole, yes_or_no

MEASURES = {"ami": "AMI", "nmi": "NMI", "ari": "ARI", "vi": "VI", "element_centric": "element-centric"}
MEASURED = (
    "AMI and ARI are adjusted for chance (1: the same, about 0: unrelated), NMI and element-centric similarity are not "
    "(1: the same), VI is a distance in nats (0: the same)"
)
LEAST = 12
"""Neurons that the table of the least stable ones has."""


def stability_tables(findings: Findings) -> list[Table]:
    """Agreement over seeds, the consensus of restarts, and plateaus: what there is of them."""
    made = {"seed_agreement": seed_agreement_table, "consensus": consensus_table, "plateaus": plateaus_table}
    return _made(findings, made)


def folded_stability_tables(findings: Findings) -> list[Table]:
    """Agreement of restarts, and the least stable neurons: what there is of them."""
    made = {"restart_agreement": restart_agreement_table, "neuron_agreement": unstable_neurons_table}
    return _made(findings, made)


def _made(findings: Findings, made: Mapping[str, Callable[[pd.DataFrame], Table]]) -> list[Table]:
    return [make(data) for name, make in made.items() if (data := findings.table(name)) is not None]


def seed_agreement_table(agreement: pd.DataFrame) -> Table:
    """How alike the communities of seeds are, by every measure."""
    return _agreement(
        "seed-agreement",
        f"How alike the communities of different seeds are: mean over pairs of seeds. {MEASURED}; intervals are "
        "jackknife over seeds, 95 %.",
        agreement,
        [
            Column("learning_rate", "learning rate r", labels.rate, True),
            Column("pruning", "pruning", labels.number, True),
            Column("seeds", "seeds", whole, True),
        ],
    )


def restart_agreement_table(agreement: pd.DataFrame) -> Table:
    """How alike the partitions of restarts are, by every measure."""
    return _agreement(
        "restart-agreement",
        f"How alike the partitions of restarts are: mean over pairs of restarts. {MEASURED}; intervals are jackknife "
        "over restarts, 95 %.",
        agreement,
        [*_which(agreement), Column("restarts", "restarts", whole, True)],
    )


def unstable_neurons_table(neurons: pd.DataFrame) -> Table:
    """The neurons whose communities are least alike over seeds, of those given, and what chance gives."""
    shown = neurons.sort_values(["element_centric", "neuron"], kind="stable").head(LEAST)
    seeds, total = int(neurons["seeds"].iloc[0]), len(neurons)
    caption = (
        f"The {len(shown)} of {labels.counted(total, 'neuron')} whose communities are least alike over "
        f"{labels.counted(seeds, 'seed')} at r = {labels.rate(neurons['learning_rate'].iloc[0])}: element-centric "
        "similarity, mean over pairs of seeds, beside its mean where labels are permuted among the neurons of each "
        "seed (the null, in closed form). Neurons of two seeds are the same by their place only, save inputs and "
        "outputs; the least of many are picked, so that one is no finding."
    )
    columns = [
        *WHO,
        Column("element_centric", "element-centric similarity", two_decimals, True),
        Column("expected", "by chance", two_decimals, True),
    ]
    return Table("unstable-neurons", caption, shown, columns)


def consensus_table(consensus: pd.DataFrame) -> Table:
    """What restarts have in common, and the threshold below which co-assignment counted as none."""
    which = _which(consensus)
    columns = [
        *which,
        Column("communities", "communities", whole, True),
        Column("alone", "neurons alone", whole, True),
        Column("threshold", "threshold of co-assignment", two_decimals, True),
        Column("similarity", "AMI with restarts", two_decimals, True),
        Column("rounds", "rounds", whole, True),
        Column("converged", "converged", yes_or_no),
        Column("restarts", "restarts", whole, True),
    ]
    threshold = labels.number(float(consensus["threshold"].iloc[0]), 2)
    caption = (
        "Consensus of restarts. Two neurons count as together where they share a community in more than a share "
        f"{threshold} of the restarts: what is expected if labels are permuted within each restart (the null, in "
        "closed form), and so again in every round."
    )
    return Table("consensus", caption, consensus, columns, heads=sum(each.key in consensus for each in which))


def plateaus_table(plateaus: pd.DataFrame) -> Table:
    """Ranges of resolutions over which the communities stay, beside the widest of the null model."""
    which = _which(plateaus)
    columns = [
        *which,
        Column("low", "from γ", labels.number, True),
        Column("high", "to γ", labels.number, True),
        Column("communities", "communities", whole, True),
        Column("width", "width, ln(to / from)", labels.number, True),
        Column("null_width", "widest of null", labels.number, True),
        Column("p_value", "p", labels.probability, True),
        Column("agreement", "agreement of restarts (AMI)", two_decimals, True),
        Column("lowest_similarity", "least AMI of neighbours", two_decimals, True),
    ]
    caption = f"Plateaus: ranges of resolutions over which the communities{asked_of(plateaus)} stay, the widest first."
    if "null" in plateaus:
        samples = int(plateaus["samples"].iloc[0])
        caption += (
            f" Null: the widest plateau of each of {labels.counted(samples, 'sample')} of "
            f"{labels.null(str(plateaus['null'].iloc[0]))}, its mean; p is (1 + samples with one as wide) / (1 + "
            f"samples), never below {labels.probability(1 / (samples + 1))}."
        )
    else:
        caption += " No null model."
    return Table("plateaus", caption, plateaus, columns, heads=1 + sum(each.key in plateaus for each in which))


def _which(table: pd.DataFrame) -> list[Column]:
    """Which network a row is of, by learning rate and seed where it has some, and what was asked of which weights."""
    network = [Column("network", "network", labels.short)]
    if "learning_rate" in table:
        network = [
            Column("learning_rate", "learning rate r", labels.rate, True),
            Column("pruning", "pruning", labels.number, True),
            Column("seed", "seed", whole, True),
        ]
    asked = [
        Column("weights", "weights", labels.weights),
        Column("objective", "objective", labels.objective),
        Column("direction", "score", labels.direction),
    ]
    return [*network, *asked]


def _agreement(name: str, caption: str, agreement: pd.DataFrame, keys: list[Column]) -> Table:
    data = agreement.assign(**{f"{measure}_interval": interval_of(agreement, measure) for measure in MEASURES})
    columns = list(keys)
    for measure, word in MEASURES.items():
        columns += [
            Column(measure, word, two_decimals, True),
            Column(f"{measure}_interval", "95 % interval", str, True, True),
        ]
    return Table(name, caption, data, columns, heads=sum(column.key in data for column in keys))
