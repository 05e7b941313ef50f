from __future__ import annotations

import itertools

import matplotlib
import numpy as np
import pandas as pd
import pytest

from creditgraph.guard import DataError
from creditgraph.reports.figures import rule, rule_training
from creditgraph.reports.figures.style import png, svg


def grid(**columns):
    return pd.DataFrame(list(itertools.product(*columns.values())), columns=list(columns))


def events():
    table = grid(seed=[0, 1], step=[1, 5, 9], quantity=["firing", "credit", "plasticity"], group=["input", "output"])
    return table.assign(change=np.where(table["step"] == 1, 1e-9, 1.0) * (table["seed"] + 1))


def sweep():
    table = grid(
        network=["layered", "recurrent"], seed=[0, 1], credit_every=[1, 10], plasticity_every=[1, 50], overlap=[30, 90]
    )
    return table.assign(angle=np.where(table["plasticity_every"] == 50, np.nan, table["credit_every"] * 2.0))


def amplitudes():
    parts = [
        ("balance", "0.25"),
        ("balance", "0.75"),
        ("state", "silent"),
        ("state", "balanced"),
        ("state", "saturated"),
    ]
    parts += [("correlation", name) for name in ("balance", "credit", "balance and credit")]
    table = grid(network=["sigmoid", "tanh"], seed=[0, 1], part=parts)
    return table.assign(
        by=[part[0] for part in table["part"]],
        group=[part[1] for part in table["part"]],
        value=np.random.default_rng(0).random(len(table)),
    )


def ratios():
    rng = np.random.default_rng(0)
    predicted = rng.standard_normal(50)
    return pd.DataFrame(
        {
            "measured": predicted * (1 + 1e-15),
            "predicted": predicted,
            "error": 1e-15,
            "rounding": rng.random(50) * 1e-14,
        }
    )


def development():
    table = grid(schedule=["falling", "constant"], seed=[0, 1], stage=[1, 2, 3])
    return table.assign(
        learning_rate=1 / table["stage"], iteration=table["stage"] * 10, within=0.2, across=0.1, ratio=0.5
    )


def training(key, names):
    table = grid(**{"learning_rate": [0.1, 0.3], key: names, "seed": [0, 1], "epoch": [0, 1, 2]})
    return table.assign(test_accuracy=table["epoch"] / 3, angle=1.0, distance=table["epoch"] * 0.1, silent=0.1)


def balance():
    table = grid(seed=[0, 1], epoch=[0, 1], layer=[1, 2])
    return table.assign(excitation=table["layer"] * 3.0, inhibition=1.0, difference=2.0, spread=1.0)


def costs():
    table = grid(balance=["derivative", "boxcar"], seed=[0, 1], step=[0, 10])
    return table.assign(angle=pd.array([5.0] * len(table), dtype="Float64"), loss=1.0)


FIGURES = {
    "raster": lambda: rule.timescale_raster(events(), input_window=(0, 6), output_window=(3, 9)),
    "angles": lambda: rule.timescale_angles(sweep()),
    "amplitude": lambda: rule.retrograde_amplitude(amplitudes()),
    "ratio": lambda: rule.synaptic_ratio(ratios()),
    "development": lambda: rule.development_modules(development()),
    "rules": lambda: rule_training.rule_curves(training("rule", ["credit", "hebbian"])),
    "dale": lambda: rule_training.dale_costs(training("network", ["dale", "released", "free"])),
    "balance": lambda: rule_training.dale_balance(balance()),
    "costs": lambda: rule_training.balance_costs(costs()),
}


@pytest.mark.parametrize("name", list(FIGURES))
def test_a_figure_asks_a_question_and_names_its_axes(name):
    """Guards against a figure without title, axis labels or legend, and one that cannot be written."""
    with matplotlib.rc_context():
        figure = FIGURES[name]()
    assert figure.get_suptitle().endswith("?")
    assert png(figure)[:4] == b"\x89PNG"
    assert svg(FIGURES[name]()) == svg(FIGURES[name]())
    panels = [axes for axes in figure.axes if axes.get_lines() or axes.collections]
    assert panels
    bottom = [axes for axes in panels if any(tick.label1.get_visible() for tick in axes.xaxis.get_major_ticks())]
    assert any(axes.get_xlabel() for axes in bottom)
    assert figure.legends or any(axes.get_legend() for axes in figure.axes)


@pytest.mark.parametrize("name", list(FIGURES))
def test_nothing_is_cut_off_or_drawn_over(name):
    """Guards against labels beyond the figure's edge, and axis labels that lie on another panel's."""
    figure = FIGURES[name]()
    figure.canvas.draw()
    edge = figure.bbox
    boxes = []
    for axes in figure.axes:
        for label in (axes.xaxis.label, axes.yaxis.label, axes.title, axes._left_title):
            if label.get_text() and label.get_visible():
                box = label.get_window_extent()
                assert box.x0 >= edge.x0 - 1, label.get_text()
                assert box.x1 <= edge.x1 + 1, label.get_text()
                assert box.y0 >= edge.y0 - 1, label.get_text()
                assert box.y1 <= edge.y1 + 1, label.get_text()
                boxes.append((label.get_text(), box))
    for (one, box), (other, there) in itertools.combinations(boxes, 2):
        assert not box.overlaps(there), (one, other)


def test_points_are_the_table_s():
    """Guards against a line that is drawn from other rows: all seeds and their mean, of each period."""
    figure = rule.timescale_angles(sweep())
    axes = figure.axes[0]
    points, mean = axes.get_lines()
    assert sorted(points.get_ydata()) == [2, 2, 20, 20]
    assert list(mean.get_ydata()) == [2, 20]
    assert len(axes.get_lines()) == 2


def test_weak_events_are_not_drawn():
    """Guards against strokes where nothing happened."""
    figure = rule.timescale_raster(events(), input_window=(0, 6), output_window=(3, 9), seed=1)
    strokes = sum(len(each.get_segments()) for each in figure.axes[1].collections if hasattr(each, "get_segments"))
    assert strokes == 6 * 2


@pytest.mark.parametrize(
    "draw",
    [
        lambda: rule.timescale_raster(events().head(0), input_window=(0, 1), output_window=(0, 1)),
        lambda: rule.timescale_angles(sweep().assign(angle=np.nan)),
        lambda: rule.retrograde_amplitude(amplitudes().head(0)),
        lambda: rule.synaptic_ratio(ratios().head(0)),
        lambda: rule.development_modules(development().head(0)),
        lambda: rule_training.rule_curves(training("rule", ["credit"]).head(0)),
        lambda: rule_training.dale_costs(training("network", ["dale"]).head(0)),
        lambda: rule_training.dale_balance(balance().head(0)),
        lambda: rule_training.balance_costs(costs().head(0)),
    ],
)
def test_nothing_to_draw_is_said(draw):
    """Guards against empty axes that look like a finding."""
    with pytest.raises(DataError, match="nothing to draw"):
        draw()
