"""What a command prints in the terminal when it is done."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ..guard import printable
from ..reports import labels

DIRECTIONS = {"maximise": "maximal Q", "minimise": "minimal Q"}
DEMONSTRATION_ROWS = 16
"""A demonstration that has more quantities shows its first in the terminal."""


def print_effects(console: Console, effects: pd.DataFrame, trends: pd.DataFrame) -> None:
    """Print a table for each question: Q by learning rate, beside its null model."""
    for keys, rows in effects.groupby(["weights", "direction", "null"], sort=False):
        weights, direction, null = (str(key) for key in keys)
        table = Table(
            title=f"{DIRECTIONS[direction]} of {weights} weights, against {_null(null)}",
            title_justify="left",
            box=SIMPLE_HEAD,
            collapse_padding=True,
            pad_edge=False,
        )
        columns = ["learning\nrate", "pruning", "Q", "null", "Q - null", "95 % interval", "q", "seeds"]
        pruned = "pruning" in rows and len(set(rows["pruning"])) > 1
        for column in columns:
            if column != "pruning" or pruned:
                table.add_column(column, justify="right", no_wrap=True)
        for row in rows.to_dict("records"):
            table.add_row(
                f"{row['learning_rate']:g}",
                *([f"{row['pruning']:g}"] if pruned else []),
                f"{row['quality_mean']:.3f}",
                f"{row['null_mean']:.3f}",
                f"{row['difference_mean']:+.3f}",
                _interval(row),
                labels.probability(row["q_value"]),
                f"{row['significant']} of {row['seeds']}",
            )
        _print_whole(console, table)
        mine = trends[(trends["weights"] == weights) & (trends["direction"] == direction) & (trends["null"] == null)]
        for row in mine.to_dict("records"):
            console.print(Text(_trend(row, pruned)))
    console.print(
        "q: the p of all seeds together (Fisher), for either side of the null model, corrected for all tests.\n"
        "seeds: how many of the networks have p <= 0.05 alone, on the side that was sought: maximal Q above its null "
        "model, minimal Q below it. Networks on the other side count in q only.",
        highlight=False,
    )


def print_answer(console: Console, answer: Sequence[str]) -> None:
    """Print the answer of the report: which rule trained the networks if not the credit rule, and what was found."""
    if answer:
        console.print(Text(printable("\n".join(["", *answer, ""]))))


def _print_whole(console: Console, table: Table) -> None:
    """Print a table with every number whole: a terminal that is narrower breaks its lines."""
    # above the table, not in it, where it would be broken to the table's width
    console.print(Text(str(table.title), style="table.title"))
    table.title = None
    width = console.width
    console.width = 1_000
    needed = console.measure(table).maximum
    console.width = max(width, needed)
    console.print(table)
    console.width = width


def _trend(row: dict[Hashable, Any], pruned: bool) -> str:
    where = f" at pruning {row['pruning']:g}" if pruned else ""
    if row["note"]:
        return f"Trend over learning rates{where}: not tested, {row['note']}."
    told = row["trend"] if row["q_value"] <= 0.05 else "not told from none"
    return (
        f"Trend of Q - null over {labels.counted(row['learning_rates'], 'learning rate')}{where}: {told}, "
        "Page's test over "
        f"{labels.counted(row['seeds'], 'seed')}, {labels.equation('p', row['page_p'])} "
        f"({labels.equation('q', row['q_value'])})."
    )


def print_analysis(console: Console, tables: dict[str, pd.DataFrame]) -> None:
    """Print the scores of a network beside its null models, or of a run the effects at each learning rate."""
    if "effects" in tables:
        effects, trends = tables["effects"], tables["trends"]
        objective = "modularity" if "modularity" in set(effects["objective"]) else effects["objective"].iloc[0]
        if objective != "modularity":
            console.print(f"Q is {labels.objective(objective)}, not plain modularity.")
        print_effects(console, effects[effects["objective"] == objective], trends[trends["objective"] == objective])
        verdicts = tables["networks"]["verdict"].value_counts()
        counts = ", ".join(f"{name} {count}" for name, count in verdicts.items())
        console.print(f"Structure{_of_structure(tables)}: {counts}.")
        return
    views = ", ".join(dict.fromkeys(tables["scores"]["weights"]))
    table = Table(title=f"Scores, {views} weights", title_justify="left", box=SIMPLE_HEAD)
    for column in ("score", "null model", "Q", "null", "z", "q"):
        table.add_column(column, justify="left" if column in ("score", "null model") else "right", no_wrap=True)
    for row in tables["scores"].to_dict("records"):
        plain = row["objective"] == "modularity"
        table.add_row(
            DIRECTIONS[row["direction"]] + ("" if plain else f", {row['objective']}"),
            labels.null(row["null"]),
            f"{row['quality']:.3f}",
            f"{row['null_mean']:.3f}",
            f"{row['z']:.1f}",
            labels.probability(row["q_value"]),
        )
    _print_whole(console, table)
    console.print(
        "q: one-sided, on the side that was sought: maximal Q above its null model, minimal Q below it; on the other "
        "side it is near 1.",
        highlight=False,
    )
    network = tables["networks"].iloc[0]
    agreement = "" if pd.isna(network["agreement"]) else f", restarts agree at AMI {network['agreement']:.2f}"
    console.print(
        f"{labels.counted(network['communities'], 'community', 'communities')}{agreement}. "
        f"Structure{_of_structure(tables)}: {network['verdict']}."
    )


def _of_structure(tables: dict[str, pd.DataFrame]) -> str:
    """Of which weights the verdict is, where there is one."""
    kinds = tables.get("structure")
    if kinds is None or "weights" not in kinds:
        return ""
    first = kinds.iloc[0]
    return f" ({first['weights']} weights, undirected, beside {labels.null(first['null'])})"


def print_comparison(console: Console, tables: dict[str, pd.DataFrame]) -> None:
    """Print every group beside its null models, and how far groups are apart."""
    groups, differences = tables["groups"], tables["differences"]
    for keys, rows in groups.groupby(["weights", "objective", "direction", "null"], sort=False):
        weights, objective, direction, null = (str(key) for key in keys)
        name = DIRECTIONS[direction] + ("" if objective == "modularity" else f" ({objective})")
        table = _table(f"{name} of {weights} weights, against {_null(null)}")
        table.add_column("source", no_wrap=True)
        swept = groups["learning_rate"].notna().any()
        for column in (*(["r"] if swept else []), "Q", "null", "Q - null", "95 % interval", "q", "n"):
            table.add_column(column, justify="right", no_wrap=True)
        for row in rows.to_dict("records"):
            rate = "-" if pd.isna(row["learning_rate"]) else f"{row['learning_rate']:g}"
            table.add_row(
                Text(_name(row["source"])),
                *([rate] if swept else []),
                f"{row['quality_mean']:.3f}",
                f"{row['null_mean']:.3f}",
                f"{row['difference_mean']:+.3f}",
                _interval(row),
                labels.probability(row["q_value"]),
                str(row["seeds"]),
            )
        _print_whole(console, table)
    excess = differences[differences["measure"] == "excess"]
    tested = excess[excess["q_value"].notna()]
    apart = tested[tested["q_value"].astype(float) <= 0.05]
    if len(tested):
        console.print(
            f"{len(apart)} of {labels.counted(len(tested), 'tested difference')} of Q - null "
            f"{labels.plural(len(apart), 'has', 'have')} q <= 0.05."
        )
    elif len(excess):
        # one network beside another has an interval, of its null samples, and no test
        apart = excess[excess["difference_low"].notna()]
        without = (apart["difference_low"].astype(float) > 0) | (apart["difference_high"].astype(float) < 0)
        console.print(
            f"{labels.counted(len(excess), 'difference')} of Q - null between single networks, which have no test; the "
            f"95 % interval of {int(without.sum())} is without 0."
        )
    size = apart["difference_mean"].astype(float).abs().sort_values(ascending=False)
    largest = apart.loc[size.index]
    for row in largest.head(3).to_dict("records"):
        line = (
            f"  {row['difference_mean']:+.3f} ({_interval(row)}) {DIRECTIONS[row['direction']]}"
            f"{'' if row['objective'] == 'modularity' else ' (' + row['objective'] + ')'} against "
            f"{labels.null(row['null'])}, "
            f"{_name(row['group'])} less {_name(row['other'])}"
        )
        console.print(Text(line), soft_wrap=True)
    _print_verdicts(console, tables["networks"])


def _print_verdicts(console: Console, networks: pd.DataFrame) -> None:
    """Print how many networks of each source have which structure, where it was tested."""
    if set(networks["verdict"]) == {"not tested"}:
        return
    lines = []
    for source, own in networks.groupby("source", sort=False):
        counts = ", ".join(f"{verdict} {count}" for verdict, count in own["verdict"].value_counts().items())
        lines.append(f"  {_name(source)}: {counts}")
    console.print(Text("\n".join(["Structure, networks of each kind:", *lines])), soft_wrap=True)


def _null(name: str) -> str:
    """A null model in words, and as the option that takes it is called."""
    words = labels.null(name)
    return words if words == name else f"{words} ({name})"


def _name(given: object) -> str:
    """A name from outside in one line, without control characters."""
    return labels.short(given, labels.LONGEST)


def _interval(row: dict[Hashable, Any]) -> str:
    alone = pd.isna(row["difference_low"])
    return "-" if alone else f"{row['difference_low']:+.3f}..{row['difference_high']:+.3f}"


def print_verification(console: Console, verification: pd.DataFrame) -> None:
    """Print the worst relative errors: by activation, loss and depth against autograd, then of the other checks."""
    against = verification[verification["check"] == "gradient"]
    layered = against[against["network"] == "layered"].assign(column=lambda rows: "depth " + rows["depth"].astype(str))
    recurrent = against[against["network"] != "layered"].assign(column=lambda rows: rows["credit"])
    for name, rows in (("Layered", layered), ("Recurrent", recurrent)):
        worst = rows.pivot_table(
            index=["activation", "loss"], columns="column", values="error", aggfunc="max", sort=False
        )
        table = _table(f"{name} networks against autograd, float64: relative error, bound {rows['bound'].max():.0e}")
        for column in ("activation", "loss", *worst.columns):
            table.add_column(column, justify="left" if column in worst.index.names else "right")
        for keys, errors in zip(worst.index, worst.to_numpy(), strict=True):
            table.add_row(*map(str, keys), *(f"{error:.0e}" for error in errors))
        console.print(table)
    table = _table("Other checks, float64: worst relative error")
    for column in ("compared with", "network", "credit", "balance", "cases", "error", "bound"):
        table.add_column(column, justify="right" if column in ("cases", "error", "bound") else "left")
    others = verification[verification["check"] != "gradient"]
    for keys, rows in others.groupby(["check", "network", "credit", "balance"], sort=False):
        table.add_row(*map(str, keys), str(len(rows)), f"{rows['error'].max():.0e}", f"{rows['bound'].min():.0e}")
    console.print(table)
    for row in verification[~verification["holds"]].to_dict("records"):
        console.print(Text(f"BROKEN: {', '.join(f'{name} {value}' for name, value in row.items())}", style="bold red"))
    broken, worst_error = int((~verification["holds"]).sum()), verification.groupby("network")["error"].max()
    worst_errors = ", ".join(f"{network} {error:.1e}" for network, error in worst_error.items())
    console.print(
        f"{len(verification) - broken} of {labels.counted(len(verification), 'case')} hold their bound; "
        f"worst errors: {worst_errors}."
    )


def print_demonstration(console: Console, what: str, summary: pd.DataFrame) -> None:
    """Print the summary of a demonstration, its first rows: each quantity's mean over seeds, least and largest."""
    table = _table(f"{what}: mean over seeds, least and largest")
    table.add_column("quantity")
    for column in ("seeds", "mean", "low", "high"):
        table.add_column(column, justify="right")
    for row in summary.head(DEMONSTRATION_ROWS).to_dict("records"):
        table.add_row(
            Text(_name(row["quantity"])), str(row["seeds"]), *(f"{row[name]:.3g}" for name in ("mean", "low", "high"))
        )
    console.print(table)
    more = len(summary) - DEMONSTRATION_ROWS
    if more > 0:
        console.print(f"{labels.counted(more, 'more is', 'more are')} in summary.csv and on the page.")


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=SIMPLE_HEAD)
