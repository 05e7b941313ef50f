"""The tables of the communities of one network: what they are, what they are made of, and every neuron's place."""

from __future__ import annotations

import pandas as pd

from . import labels
from .table import Column, Table
from .tables import two_decimals, whole, word, yes_or_no

WHO = (
    Column("neuron", "neuron", whole, True),
    Column("name", "name", labels.short),
    Column("layer", "layer", whole, True),
    Column("role", "role", labels.short),
    Column("type", "type", labels.short),
)
"""Which neuron a row is of."""


def communities_table(communities: pd.DataFrame) -> Table:
    """The communities of one network."""
    columns = [
        Column("community", "community", whole, True),
        Column("size", "neurons", whole, True),
        Column("weight_within", "weight within", labels.number, True),
        Column("share_within", "share of its weight", two_decimals, True),
        Column("density_within", "density within", labels.number, True),
        Column("ratio_within", "weight over expected", labels.number, True),
    ]
    return Table("communities", "Communities of the best partition, the largest first.", communities, columns)


def composition_table(composition: pd.DataFrame) -> Table:
    """What communities are made of."""
    columns = [
        Column("community", "community", whole, True),
        Column("mark", "mark"),
        Column("value", "value"),
        Column("neurons", "neurons", whole, True),
        Column("expected", "expected", labels.number, True),
        Column("ratio", "ratio", labels.number, True),
        Column("q_value", "q", labels.probability, True),
    ]
    return Table("composition", "Layers, roles and types in each community, beside chance.", composition, columns)


EXPLAINED = {
    "stability": "stability: how alike its companions are over restarts (element-centric, 1: always the same)",
    "consensus": "consensus: its community in what restarts have in common",
    "core": "core: whether it is in the core of the best core and periphery",
    "participation": "participation: how evenly its synapses are spread over communities (0: all in one)",
    "within_module_z": "within-module z: its strength within its community, in standard deviations from the mean",
    "gateway": "gateway: participation in which synapses count by what they lead to",
    "place": "place: the name for within-module z and participation together (Guimera and Amaral 2005)",
}
"""What columns of the table of neurons say of a neuron."""


def neurons_table(neurons: pd.DataFrame) -> Table:
    """Every neuron: where it belongs, how firmly, and its place there."""
    columns = [
        *WHO,
        Column("community", "community", whole, True),
        Column("stability", "stability", two_decimals, True),
        Column("consensus", "consensus", whole, True),
        Column("anti_community", "group of minimal Q", whole, True),
        Column("core", "in the core", yes_or_no),
        Column("participation", "participation", two_decimals, True),
        Column("within_module_z", "within-module z", two_decimals, True),
        Column("gateway", "gateway", two_decimals, True),
        Column("place", "place", word),
    ]
    explained = [words for name, words in EXPLAINED.items() if name in neurons and neurons[name].notna().any()]
    caption = "Neurons and their communities."
    if explained:
        told = "; ".join(explained)
        caption += f" {told[0].upper()}{told[1:]}."
    return Table("neurons", caption, neurons, columns)
