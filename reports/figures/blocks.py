from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from ...guard import DataError
from .. import labels
from .heat import colour_bar, heat_map, symmetric
from .style import WIDTH, new_figure, styled

QUANTITIES = {
    "ratio": "observed / expected\n(log₂)",
    "mean": "mean |w| of existing\nand absent synapses",
    "density": "share of pairs\nwith a synapse",
}


@styled
def block_maps(blocks: pd.DataFrame) -> Figure:
    """How strongly communities are coupled to each other: weight beside what chance expects, mean weight, density.

    Rows are post-, columns presynaptic communities. The first panel is the logarithm (base 2) of the weight of a block
    over what the configuration model expects from the neurons' strengths: 1 is twice as much, -1 half; block-diagonal
    networks are warm on the diagonal, off-diagonal ones beside it.

    Parameters
    ----------
    blocks
        One row per pair of communities: `post`, `pre`, and those of `ratio`, `mean`, `density` that are to be shown.

    Returns
    -------
    Figure
        Not shown and not saved.

    Raises
    ------
    DataError
        If the table is empty or has none of the quantities.
    """
    shown = [name for name in QUANTITIES if name in blocks]
    if blocks.empty or not shown:
        raise DataError(f"blocks: no rows, or none of the columns {', '.join(QUANTITIES)}, so there is nothing to draw")
    communities = sorted(set(blocks["post"]) | set(blocks["pre"]))
    side = (WIDTH - 0.6) / len(shown) - 0.75
    figure = new_figure(side + 1.15, "Within or across: where do communities put their weight?")
    panels = figure.subplots(1, len(shown), squeeze=False)[0]
    for axes, name in zip(panels, shown, strict=True):
        wide = blocks.pivot_table(index="post", columns="pre", values=name, aggfunc="mean", dropna=False)
        values = wide.reindex(index=communities, columns=communities).astype("Float64").to_numpy(float, na_value=np.nan)
        if name == "ratio":
            values = np.log2(values, where=values > 0, out=np.full(values.shape, np.nan))
        known = values[np.isfinite(values)]
        limits = symmetric(values, 98) if name == "ratio" else (0.0, float(known.max()) if known.size else 1.0)
        image = heat_map(
            axes,
            values,
            rows=[str(each) for each in communities],
            columns=[str(each) for each in communities],
            size=(side, side),
            limits=limits,
            colours="PuOr_r" if name == "ratio" else "cividis",
            texts=[[labels.number(value, 2) if np.isfinite(value) else "" for value in row] for row in values],
            said=[
                [
                    f"from community {b} to {a}: {QUANTITIES[name].replace(chr(10), ' ')} {labels.number(values[i, j])}"
                    for j, b in enumerate(communities)
                ]
                for i, a in enumerate(communities)
            ],
        )
        axes.set_title(QUANTITIES[name])
        axes.set_xlabel("pre")
        colour_bar(figure, image, axes, "", extend="both" if name == "ratio" else "neither")
    panels[0].set_ylabel("post")
    return figure
