"""How often the verdict on a network's structure is right: power and false positives on planted networks.

    python benchmarks/structure_power.py [--quick] [--out DIR]

Networks of each structure are drawn at several strengths, and each is tested against its own null samples. The second
part asks what a null model sees: structure of the weights or of the wiring, against shuffles, rewiring and models that
keep strengths.
"""

from __future__ import annotations

from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from measure import parser, write_results
from scipy import stats

from creditgraph.analysis import planted_structure, structure
from creditgraph.guard import cores, work_through

NEURONS, GROUPS, DENSITY, SAMPLES, RESTARTS = 48, 3, 0.4, 59, 1
KINDS = ("block-diagonal", "off-diagonal", "core-periphery")
STRENGTHS = (1.5, 2.0, 3.0)
SIDE_STRENGTH = 3.0
NULLS = ("shuffle_nonzero", "rewire", "strength", "shuffle_strength")
VERDICTS = (*KINDS, "none")
MARKERS = dict(zip(KINDS, "osD", strict=True))


class Case(NamedTuple):
    """A planted network and the null model that it is tested against."""

    kind: str
    strength: float
    place: str
    null: str
    seed: int


def judged(case: Case) -> tuple[Case, str]:
    """Verdict on one network."""
    planted = planted_structure(
        case.kind,
        n=NEURONS,
        groups=GROUPS,
        strength=case.strength,
        density=DENSITY,
        place=case.place,
        seed=case.seed,
    )
    found = structure(planted.graph, null=case.null, samples=SAMPLES, restarts=RESTARTS, seed=case.seed)
    return case, found.verdict


def cases(networks: int, side_networks: int) -> list[Case]:
    """All networks to judge; no two share a seed."""
    questions = [(kind, strength, "weights", NULLS[0], networks) for kind in KINDS for strength in STRENGTHS]
    questions.append(("none", 1.0, "weights", NULLS[0], 2 * networks))
    for kind in KINDS:
        questions += [(kind, SIDE_STRENGTH, "weights", null, side_networks) for null in NULLS[1:]]
        questions += [(kind, SIDE_STRENGTH, "wiring", null, side_networks) for null in NULLS]
    questions += [("none", 1.0, "weights", null, networks) for null in NULLS[1:]]
    found = [(*question[:4],) for question in questions for _ in range(question[4])]
    return [Case(*question, seed) for seed, question in enumerate(found)]


def table_of(verdicts: list[tuple[Case, str]]) -> pd.DataFrame:
    """Share of each verdict for every question, with a 95 % Wilson interval of the right one."""
    rows = pd.DataFrame([case._asdict() | {"verdict": verdict} for case, verdict in verdicts])
    found = []
    for key, group in rows.groupby(["kind", "strength", "place", "null"]):
        right = int((group["verdict"] == key[0]).sum())
        interval = stats.binomtest(right, len(group)).proportion_ci(method="wilson")
        shares = {verdict: float((group["verdict"] == verdict).mean()) for verdict in VERDICTS}
        found.append(
            dict(zip(("kind", "strength", "place", "null"), key, strict=True))
            | {"networks": len(group), "right": right / len(group), "low": interval.low, "high": interval.high}
            | {f"said {verdict}": share for verdict, share in shares.items()}
        )
    return pd.DataFrame(found)


def figure_of(table: pd.DataFrame) -> Figure:
    """Power against strength, and the false positives."""
    figure, axes = plt.subplots(figsize=(5.5, 3.6), layout="constrained")
    main = table[(table["place"] == "weights") & (table["null"] == NULLS[0])]
    for kind in KINDS:
        own = main[main["kind"] == kind].sort_values("strength")
        errors = np.abs(own[["low", "high"]].to_numpy().T - own["right"].to_numpy())
        axes.errorbar(own["strength"], own["right"], yerr=errors, label=kind, marker=MARKERS[kind], capsize=3)
    none = main[main["kind"] == "none"].iloc[0]
    axes.axhline(1 - none["right"], color="black", linestyle=":", label="some structure where there is none")
    axes.set(xlabel="strength of the planted structure", ylabel="share of right verdicts", ylim=(-0.02, 1.02))
    axes.set_xticks(STRENGTHS)
    axes.legend(frameon=False)
    return figure


def main() -> None:
    """Judge all networks, print and write the table."""
    options = parser(__doc__).parse_args()
    networks, side_networks = (6, 3) if options.quick else (100, 20)
    verdicts = list(work_through(judged, cases(networks, side_networks), workers=cores()))
    table = table_of(sorted(verdicts, key=lambda found: found[0].seed))
    with pd.option_context("display.width", 200, "display.max_columns", None):
        print(table.round(3).to_string(index=False))
    settings = {
        "neurons": NEURONS,
        "groups": GROUPS,
        "density": DENSITY,
        "samples": SAMPLES,
        "restarts": RESTARTS,
        "table": table,
    }
    write_results("structure_power", settings, options.out, figure=figure_of(table))


if __name__ == "__main__":
    main()
