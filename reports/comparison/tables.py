"""The tables of a comparison's page."""

from __future__ import annotations

from typing import Any

import pandas as pd

from .. import labels
from ..table import Column, Table
from ..tables import interval_of, whole, without_constants
from .content import FILES
from .words import compared_at

SAID = ("objective", "direction", "null", "basis", "at", "measure")
"""Columns that the caption says where they are the same in every row."""


def sources_table(sources: pd.DataFrame) -> Table:
    """What is compared."""
    columns = [
        Column("source", "called", labels.short),
        Column("about", "what it is", _name),
        Column("kind", "kind", labels.short),
        Column("rule", "rule", _rule),
        Column("networks", "networks", whole, True),
        Column("neurons", "neurons", whole, True),
        Column("synapses", "synapses", whole, True),
        Column("density", "density", labels.number, True),
        Column("reciprocity", "reciprocity", labels.number, True),
    ]
    caption = "What is compared; neurons and synapses are medians over networks"
    return Table("sources", caption, _filled(sources), columns)


def groups_table(groups: pd.DataFrame) -> Table:
    """Scores of every group beside each null model."""
    data = groups.assign(
        interval=interval_of(groups, "quality"),
        difference_interval=interval_of(groups, "difference"),
    )
    columns = [
        Column("group", "group", _name),
        Column("difference_mean", "Q − null", labels.score, True),
        Column("difference_interval", "95 % interval", str, True, True),
        Column("q_value", "q", labels.probability, True),
        *_asked(),
        Column("seeds", "networks", whole, True),
        Column("z_mean", "z", labels.number, True),
        Column("quality_mean", "Q", labels.score, True),
        Column("interval", "95 % interval of Q", str, True, True),
        Column("null_mean", "null Q", labels.score, True),
    ]
    caption = "Scores of every group of networks beside each null model"
    return Table("groups", *without_constants(caption, _filled(data), columns, SAID))


def differences_table(differences: pd.DataFrame) -> Table:
    """Differences between groups."""
    data = differences.assign(interval=interval_of(differences, "difference"))
    columns = [
        Column("group", "first", _name),
        Column("other", "second", _name),
        Column("difference_mean", "difference", labels.score, True),
        Column("interval", "95 % interval", str, True, True),
        Column("p_value", "p", labels.probability, True),
        Column("q_value", "q", labels.probability, True),
        Column("measure", "of", _measure),
        *_asked(),
        Column("basis", "interval over", labels.short),
        Column("at", "compared", compared_at),
        Column("networks", "networks", whole, True),
        Column("other_networks", "of the second", whole, True),
    ]
    caption = "Differences between groups, first minus second"
    return Table("differences", *without_constants(caption, _filled(data), columns, SAID), heads=2)


def similarity_table(similarity: pd.DataFrame, sources: pd.DataFrame) -> Table:
    """Likeness of communities between groups whose neurons correspond."""
    one, several = ("name", "names") if sources["kind"].isin(FILES).all() else ("seed", "seeds")
    data = similarity.assign(
        interval=[
            labels.MISSING if labels.missing(low) else f"{labels.number(low, 2)} to {labels.number(high, 2)}"
            for low, high in zip(similarity["same_seed_low"], similarity["same_seed_high"], strict=True)
        ]
    )
    columns = [
        Column("group", "group", _name),
        Column("other", "other", _name),
        Column("method", "measure", _method),
        Column("neurons", "neurons", whole, True),
        Column("seeds", f"shared {several}", whole, True),
        Column("same_seed", f"same {one}", _two, True),
        Column("interval", "95 % interval", str, True, True),
        Column("other_seed", f"different {several}", _two, True),
        Column("p_value", f"p ({several} matter)", labels.probability, True),
    ]
    return Table("similarity", "Likeness of communities, where neurons correspond", data, columns, heads=2)


def every_score_table(scores: pd.DataFrame, sources: pd.DataFrame) -> Table:
    """Every network on its own; of files their names, of others their seeds."""
    files = set(sources.loc[sources["kind"].isin(FILES), "source"])
    of_files = scores["source"].isin(files)
    scores = scores.assign(file=scores["network"].where(of_files), seed=scores["seed"].mask(of_files))
    columns = [
        Column("source", "source", _name),
        Column("file", "file", _name),
        Column("learning_rate", "learning rate r", labels.rate, True),
        Column("pruning", "pruning", labels.number, True),
        Column("seed", "seed", _seed, True),
        Column("quality", "Q", labels.score, True),
        Column("null_mean", "null Q", labels.score, True),
        Column("z", "z", labels.number, True),
        Column("p_value", "p", labels.probability, True),
        Column("q_value", "q", labels.probability, True),
        *_asked(),
        Column("communities", "communities", whole, True),
        Column("agreement", "agreement of restarts (AMI)", _two, True),
        Column("null_sd", "null s.d.", labels.number, True),
    ]
    caption = "Every network against every null model (p and q on the side that was sought)"
    return Table("all-scores", *without_constants(caption, _filled(scores), columns, SAID))


def _filled(table: pd.DataFrame) -> pd.DataFrame:
    """The table without columns in which no row has a value."""
    return table.drop(
        columns=[
            name
            for name in ("learning_rate", "pruning", "file", "seed", "rule")
            if name in table and table[name].isna().all()
        ]
    )


def _asked() -> list[Column]:
    return [
        Column("weights", "weights", labels.weights),
        Column("objective", "objective", labels.objective),
        Column("direction", "score", labels.direction),
        Column("null", "null model", labels.null),
    ]


def _name(value: Any) -> str:
    return labels.short(value, labels.LONGEST)


def _rule(value: Any) -> str:
    return labels.short(str(value).replace("_", " "))


def _measure(value: Any) -> str:
    return {"excess": "Q − null mean", "quality": "Q"}.get(str(value), labels.short(value))


def _method(value: Any) -> str:
    return {"ami": "AMI", "element_centric": "element-centric"}.get(str(value), labels.short(value))


def _two(value: Any) -> str:
    return labels.number(value, 2)


def _seed(value: Any) -> str:
    return labels.MISSING if int(value) < 0 else whole(value)


def verdict_tables(networks: pd.DataFrame) -> list[Table]:
    """How many networks of each group have which structure; none where it was not tested."""
    if set(networks["verdict"]) == {"not tested"}:
        return []
    counts = (
        networks.groupby(["source", "group"], sort=False)["verdict"].value_counts().rename("networks").reset_index()
    )
    columns = [
        Column("group", "group", lambda value: labels.short(value, labels.LONGEST)),
        Column("verdict", "structure", labels.short),
        Column("networks", "networks", whole, True),
    ]
    return [Table("verdicts", "Structure of the networks of each group.", counts, columns)]
