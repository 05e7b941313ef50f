"""Figures beside small pictures of themselves as they were when somebody looked at them.

Pictures are compared 120 pixels wide, where fonts make hardly a difference and colours, places and shapes still do.
With CREDITGRAPH_WRITE_REFERENCES=1 in the environment the references are written anew: then look at them.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import synthetic_findings as made
import synthetic_rules as ruled
from matplotlib.figure import Figure
from PIL import Image
from synthetic_comparison import comparison

from creditgraph import reports
from creditgraph.reports.figures import png

REFERENCES = Path(__file__).parent / "references"
WIDTH = 120
MEAN, TAIL = 2.0, 45.0
"""Allowed difference, of 255: the mean over all pixels, and the 99th percentile."""

FIGURES: dict[str, Callable[..., Figure]] = {
    "modularity": lambda content: reports.modularity_curves(content.effects, content.communities),
    "differences": lambda content: reports.modularity_differences(content.effects),
    "null-samples": lambda content: reports.null_distributions(
        content.nulls, content.communities, [0.001, 0.5], weights="absolute"
    ),
    "matrices": lambda content: reports.reordered_matrices(content.matrices, scores=content.communities),
    "matrix": lambda content: reports.reordered_matrix(content.matrices[1], scores=content.communities),
    "learning": lambda content: reports.training_curves(content.training, content.kind),
    "exactness": lambda content: reports.verification_errors(content.verification),
    "stability": lambda content: reports.stability_map(content.communities),
    "phases": lambda _: reports.phase_diagram(made.phases()),
    "similarity": lambda _: reports.similarity_map(*made.similarity()),
    "flow": lambda _: reports.community_flow(made.memberships()),
    "roles": lambda _: reports.neuron_roles(made.roles()),
    "lesions": lambda _: reports.lesion_matrix(made.lesions()),
    "selectivity": lambda _: reports.class_selectivity(made.selectivity()),
    "blocks": lambda _: reports.block_maps(made.blocks()),
    "layers": lambda _: reports.network_drawing(*made.layered_graph()),
    "circle": lambda _: reports.network_drawing(*made.all_to_all_graph()),
    "resolution": lambda _: reports.resolution_curves(made.profile()),
    "events": lambda _: reports.trajectory_events(made.events()),
    "matched-loss": lambda _: reports.matched_loss_curves(made.matched_loss()),
    "power": lambda _: reports.power_curves(made.power(), seeds=5),
    "balance": lambda _: reports.balance_curves(made.balance(), "layered"),
    "scores": lambda _: reports.score_samples(*made.scores()),
    "amplitude": lambda _: reports.retrograde_amplitude(made.amplitudes()),
    "synaptic-ratio": lambda _: reports.synaptic_ratio(ruled.ratios()),
    "timescale-raster": lambda _: reports.timescale_raster(
        ruled.events(), input_window=(0, 40), output_window=(20, 60)
    ),
    "timescale-angles": lambda _: reports.timescale_angles(ruled.angles()),
    "development": lambda _: reports.development_modules(ruled.development()),
    "rules": lambda _: reports.rule_curves(ruled.rules()),
    "dale-costs": lambda _: reports.dale_costs(ruled.dale()),
    "dale-balance": lambda _: reports.dale_balance(ruled.inputs()),
    "balance-costs": lambda _: reports.balance_costs(ruled.costs()),
    "null-band": lambda _: reports.resolution_curves(beside_null(made.profile())),
    "groups": lambda _: reports.group_scores(comparison().groups),
    "group-differences": lambda _: reports.group_differences(comparison().differences.query("measure == 'excess'")),
    "group-similarity": lambda _: reports.group_similarity_map(comparison().similarity),
    "accuracy": lambda _: reports.accuracy_curves(comparison().accuracy),
}


def beside_null(profile: pd.DataFrame) -> pd.DataFrame:
    """The profile with that of a null model, below it."""
    found = profile.assign(null="rewire", samples=9)
    for name in ("communities", "agreement", "next_similarity"):
        mean = profile[name].astype(float) * 0.6
        found[f"null_{name}"], found[f"null_{name}_low"], found[f"null_{name}_high"] = mean, mean * 0.8, mean * 1.2
    return found


def small(figure: Figure) -> np.ndarray:
    """The figure in 120 pixels' width, each the mean of what it covers: (height, 120, 3)."""
    image = Image.open(io.BytesIO(png(figure, dpi=60))).convert("RGB")
    height = round(image.height * WIDTH / image.width)
    return np.asarray(image.resize((WIDTH, height), Image.Resampling.BOX))


def alike(one: np.ndarray, other: np.ndarray) -> bool:
    if one.shape != other.shape:
        return False
    difference = np.abs(one.astype(float) - other)
    return bool(difference.mean() <= MEAN and np.percentile(difference, 99) <= TAIL)


@pytest.mark.parametrize("name", FIGURES)
def test_figures_look_as_they_did(name, content):
    """Guards against colours, places and shapes that change without anybody having looked."""
    found, path = small(FIGURES[name](content)), REFERENCES / f"{name}.png"
    if os.environ.get("CREDITGRAPH_WRITE_REFERENCES"):
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(found).save(path, optimize=True)
    with Image.open(path) as image:
        assert alike(found, np.asarray(image)), f"{name} has changed: look at it"


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("flow", lambda: reports.community_flow(made.memberships(communities=4))),
        ("blocks", lambda: reports.block_maps(made.blocks().assign(post=lambda table: 4 - table["post"]))),
        ("lesions", lambda: reports.lesion_matrix(made.lesions().assign(excess=lambda table: -table["excess"]))),
        ("resolution", lambda: reports.resolution_curves(made.profile().drop(columns="plateau"))),
    ],
)
def test_changes_are_seen(name, changed):
    """Guards against a comparison so tolerant that it sees nothing."""
    with Image.open(REFERENCES / f"{name}.png") as image:
        assert not alike(small(changed()), np.asarray(image))


def test_references_stay_small():
    """Guards against a repository that grows by its pictures."""
    assert sum(path.stat().st_size for path in REFERENCES.iterdir()) < 1_000_000
    assert {path.stem for path in REFERENCES.iterdir()} == set(FIGURES)
