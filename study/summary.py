"""What a command prints in the terminal when it is done."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

DIRECTIONS = {"maximise": "maximal Q", "minimise": "minimal Q"}


def print_effects(console: Console, effects: pd.DataFrame, trends: pd.DataFrame) -> None:
    """Print a table for each question: Q by learning rate, beside its null model."""
    for keys, rows in effects.groupby(["weights", "direction", "null"], sort=False):
        weights, direction, null = (str(key) for key in keys)
        table = Table(
            title=f"{DIRECTIONS[direction]} of {weights} weights, against {null}", title_justify="left", box=SIMPLE_HEAD
        )
        columns = ["learning rate", "pruning", "Q", "null", "Q - null", "95 % interval", "q", "seeds"]
        pruned = "pruning" in rows and len(set(rows["pruning"])) > 1
        for column in columns:
            if column != "pruning" or pruned:
                table.add_column(column, justify="right")
        for row in rows.to_dict("records"):
            alone = pd.isna(row["difference_low"])
            table.add_row(
                f"{row['learning_rate']:g}",
                *([f"{row['pruning']:g}"] if pruned else []),
                f"{row['quality_mean']:.3f}",
                f"{row['null_mean']:.3f}",
                f"{row['difference_mean']:+.3f}",
                "-" if alone else f"{row['difference_low']:+.3f}..{row['difference_high']:+.3f}",
                f"{row['q_value']:.1g}",
                f"{row['significant']} of {row['seeds']}",
            )
        console.print(table)
        mine = trends[(trends["weights"] == weights) & (trends["direction"] == direction) & (trends["null"] == null)]
        for row in mine.to_dict("records"):
            console.print(Text(_trend(row, pruned)))
    console.print(
        "q: the seeds' p-values combined (Fisher), corrected for all tests; seeds: how many alone have p <= 0.05."
    )


def _trend(row: dict[Hashable, Any], pruned: bool) -> str:
    where = f" at pruning {row['pruning']:g}" if pruned else ""
    if row["note"]:
        return f"Trend over learning rates{where}: not tested, {row['note']}."
    return (
        f"Trend of Q - null over {row['learning_rates']} learning rates{where}: {row['trend']}, Page's test over "
        f"{row['seeds']} seeds, p = {row['page_p']:.2g} (q = {row['q_value']:.2g})."
    )


def print_verification(console: Console, verification: pd.DataFrame) -> None:
    """Print the worst relative error for each kind of network, activation and loss."""
    table = Table(
        title="The rule's updates against autograd in float64: worst relative error",
        title_justify="left",
        box=SIMPLE_HEAD,
    )
    for column in ("network", "credit", "loss", "activation", "cases", "worst error", "bound", "holds"):
        table.add_column(column, justify="right" if column in ("cases", "worst error", "bound") else "left")
    groups = verification.groupby(["network", "credit", "loss", "activation"], sort=False)
    for keys, rows in groups:
        holds = bool(rows["holds"].all())
        table.add_row(
            *(str(key) for key in keys),
            str(len(rows)),
            f"{rows['error'].max():.1e}",
            f"{rows['bound'].min():.0e}",
            Text("yes") if holds else Text("NO", style="bold red"),
        )
    console.print(table)
    broken = int((~verification["holds"]).sum())
    console.print(
        f"All {len(verification)} cases hold."
        if not broken
        else f"{broken} of {len(verification)} cases break their bound."
    )
