"""One look for all figures: colours, sizes, axes, and how a figure becomes a file."""

from __future__ import annotations

import contextlib
import functools
import io
import re
import warnings
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, ParamSpec

import matplotlib
import numpy as np
import pandas as pd
import seaborn
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import Colormap, LogNorm, Normalize, to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.ticker import FixedLocator, Formatter, LogFormatter, NullFormatter
from matplotlib.transforms import Bbox
from PIL import Image

from .. import labels

WIDTH = 7.2
"""Width of a figure in inches: two columns of a journal, 183 mm."""

TALLEST = 9.0
"""Height of a printed page in inches: no figure takes more."""

LEVEL = 0.05
"""Up to this q a difference is called one."""

EDGE = 0.05
"""Inches around a figure that stay empty."""

LEAST_HALF_RANGE = 1e-3
"""An axis of Q reaches at least so far above and below its middle: less is rounding, or what no table shows."""

PNG_DPI = 300
SVG_DPI = 150
"""Resolution of the parts of an SVG or PDF that are pixels; matrices keep their own."""

# of Okabe and Ito's palette, like the first communities; a test holds that readers with any colour vision tell those
# of one kind apart
DIRECTION_COLOURS = {"maximise": "#0072B2", "minimise": "#D55E00"}
NULL_LOOKS: dict[str, dict[str, Any]] = {
    "shuffle_nonzero": {"color": "#6E7C8A", "linestyle": "--", "marker": "o"},
    "initial": {"color": "#67146B", "linestyle": ":", "marker": "s"},
    "shuffle_block": {"color": "#00A37A", "linestyle": "-.", "marker": "^"},
    "shuffle_dyads": {"color": "#966B3A", "linestyle": (0, (4, 1, 1, 1)), "marker": "v"},
    "sign_shuffle": {"color": "#1A10CC", "linestyle": (0, (6, 2)), "marker": "P"},
    "rewire": {"color": "#092330", "linestyle": (0, (1, 1)), "marker": "X"},
    "strength": {"color": "#A968EE", "linestyle": (0, (3, 1, 1, 1, 1, 1)), "marker": "h"},
    "shuffle_strength": {"color": "#570196", "linestyle": (0, (5, 1, 1, 1, 1, 1)), "marker": "p"},
    "shuffle_dyads_strength": {"color": "#8A393F", "linestyle": (0, (2, 2)), "marker": "*"},
    "shuffled_labels": {"color": "#523F00", "linestyle": (0, (8, 2, 2, 2)), "marker": "<"},
}
"""Colour, line style and marker of each null model; diamonds are for what is held against them."""
LOSS_COLOURS = {"squared_error": "#0072B2", "cross_entropy": "#D55E00"}
INK = "#222222"
COMMUNITY_COLOURS = (
    *("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00"),
    *("#332288", "#999933", "#882255", "#F0E442", "#8A4FE8", "#7A4B2A"),
)
REST_COLOUR = "#B8B8B8"
SUPERSCRIPTS = str.maketrans("0123456789-−", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁻")

# matplotlib types the names of its settings one by one; seaborn does not
RC: Any = {
    **seaborn.axes_style("ticks"),
    "figure.autolayout": False,
    "figure.constrained_layout.use": False,
    "font.family": ["DejaVu Sans"],
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.labelsize": 8,
    "axes.titleweight": "normal",
    "axes.linewidth": 0.8,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 7.5,
    "ytick.labelsize": 7.5,
    "xtick.major.size": 3.5,
    "ytick.major.size": 3.5,
    "xtick.minor.size": 2,
    "legend.fontsize": 7.5,
    "legend.frameon": False,
    "figure.titlesize": 10,
    "figure.titleweight": "bold",
    "lines.linewidth": 1.5,
    "savefig.facecolor": "white",
    "figure.facecolor": "white",
    # a name may hold a dollar sign; the few formulas say that they are formulas
    "text.parse_math": False,
    # widths of words are the same at every resolution and in SVG, so that places found at one hold at all
    "text.hinting": "none",
    "svg.fonttype": "path",
    "svg.hashsalt": "creditgraph",
}

P = ParamSpec("P")


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw a figure in the house style, whatever style the caller has set, and leave that style alone."""

    @functools.wraps(draw)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with matplotlib.rc_context(RC):
            figure = draw(*args, **kwargs)
        for axes in figure.axes:
            for axis in (axes.xaxis, axes.yaxis):
                if isinstance(formatter := axis.get_major_formatter(), LogFormatter):
                    axis.set_major_formatter(PlainPowers(formatter))
                if isinstance(formatter := axis.get_minor_formatter(), LogFormatter):
                    axis.set_minor_formatter(PlainPowers(formatter))
        return figure

    return wrapper


class PlainPowers(Formatter):
    """Labels of a logarithmic axis without formulas: 10⁻³, 2×10⁻³."""

    def __init__(self, formatter: LogFormatter) -> None:
        self.formatter = formatter

    def set_axis(self, axis: Any) -> None:
        """Pass the axis on."""
        self.formatter.set_axis(axis)

    def set_locs(self, locs: Any) -> None:
        """Pass the places of the ticks on."""
        self.formatter.set_locs(locs)

    def __call__(self, x: float, pos: int | None = None) -> str:
        """The label of a tick."""
        found = re.match(r"\$\\mathdefault\{(.*?)(\d+)\^\{(.*)\}\}\$", self.formatter(x, pos))
        if found is None:
            return labels.number(x) if self.formatter(x, pos) else ""
        factor, base, power = found.groups()
        return factor.replace(r"\times", "×").replace("-", "−") + base + power.translate(SUPERSCRIPTS)


class RoundedLayout(ConstrainedLayoutEngine):
    """Constrained layout with places that are rounded: its solver adds up in any order, and names go by places."""

    def execute(self, fig: Figure) -> Any:
        """Find the places."""
        found = super().execute(fig)
        for axes in fig.axes:
            corners = np.round(axes.get_position(original=True).get_points(), 9)
            axes._set_position(Bbox(corners), which="original")  # type: ignore[attr-defined]
        return found


def new_figure(height: float, title: str, width: float = WIDTH) -> Figure:
    """An empty figure with the question it answers as its title; it belongs to no window and no pyplot."""
    # words that touch the edge of a file are cut off by the first printer that is a hair out
    across, along = EDGE / width, EDGE / height
    room = (across, along, 1 - 2 * across, 1 - 2 * along)
    figure = Figure(figsize=(width, height), layout=RoundedLayout(rect=room))
    FigureCanvasAgg(figure)
    figure.suptitle(title)
    return figure


def lay_out(figure: Figure) -> None:
    """Find the places of everything once and keep them, so that files of several kinds cost no more passes."""
    engine = figure.get_layout_engine()
    if engine is not None:
        with matplotlib.rc_context(RC), _boxes_for_missing_glyphs():
            engine.execute(figure)
            # no engine at all: with a placeholder in its place, saving would still draw everything twice
            figure.set_layout_engine(None)


def svg(figure: Figure) -> bytes:
    """The figure as SVG, byte for byte the same at every call."""
    text = _saved(figure, "svg", SVG_DPI, {"Date": None, "Creator": None}).decode()
    return re.sub(r"data:image/png;base64,([A-Za-z0-9+/=\s]+)", _smaller, text).encode()


def png(figure: Figure, dpi: int = PNG_DPI) -> bytes:
    """The figure as PNG."""
    # the usual level packs hardly better and takes three times as long
    return _saved(figure, "png", dpi, {"Software": None}, pil_kwargs={"compress_level": 3})


def pdf(figure: Figure) -> bytes:
    """The figure as PDF, its fonts embedded, byte for byte the same at every call."""
    return _saved(figure, "pdf", SVG_DPI, {"CreationDate": None, "Creator": None, "Producer": None})


def _saved(figure: Figure, kind: str, dpi: int, metadata: dict[str, Any], **options: Any) -> bytes:
    with matplotlib.rc_context(RC), _boxes_for_missing_glyphs():
        stream = io.BytesIO()
        figure.savefig(stream, format=kind, dpi=dpi, metadata=metadata, **options)
        return stream.getvalue()


@contextlib.contextmanager
def _boxes_for_missing_glyphs() -> Iterator[None]:
    """A name in a script that the font lacks is drawn as boxes; that is no reason to have no figure."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        yield


def _smaller(found: re.Match[str]) -> str:
    """An embedded picture of at most 256 colours with a palette in place of four numbers a pixel: the same pixels."""
    image = Image.open(io.BytesIO(b64decode(found[1])))
    pixels = np.asarray(image.convert("RGBA"))
    colours, places = np.unique(pixels.reshape(-1, 4).view(np.uint32), return_inverse=True)
    if len(colours) > 256 or (pixels[..., 3] < 255).any():
        return found[0]
    small = Image.fromarray(places.reshape(pixels.shape[:2]).astype(np.uint8), mode="P")
    small.putpalette(colours.view(np.uint8).reshape(-1, 4)[:, :3].tobytes())
    stream = io.BytesIO()
    small.save(stream, format="png")
    return f"data:image/png;base64,{b64encode(stream.getvalue()).decode()}"


def community_colours(communities: Iterable[int]) -> dict[int, str]:
    """The colour of each community: its label says which, so it is the same in every figure.

    Labels 0 to 11 have colours that readers with any colour vision tell apart, 12 to 23 the same, paler; all others,
    and labels below 0, are grey. As labels go by falling size, or are aligned, what is grey is small or short-lived.

    Examples
    --------
    >>> community_colours([0, 12, 400])
    {0: '#0072B2', 12: '#80b8d8', 400: '#B8B8B8'}
    """
    colours = {}
    for label in dict.fromkeys(map(int, communities)):
        own = COMMUNITY_COLOURS[label % len(COMMUNITY_COLOURS)]
        if 0 <= label < len(COMMUNITY_COLOURS):
            colours[label] = own
        elif 0 <= label < 2 * len(COMMUNITY_COLOURS):
            red, green, blue = to_rgb(own)
            colours[label] = to_hex(((1 + red) / 2, (1 + green) / 2, (1 + blue) / 2))
        else:
            colours[label] = REST_COLOUR
    return colours


def null_looks(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Colour, line style and marker of each null model: the same in every figure.

    One that creditgraph does not know looks like one that is not among the names; what is beyond those is in ink.
    """
    asked = list(names)
    spare = iter([look for name, look in NULL_LOOKS.items() if name not in asked])
    return {
        name: NULL_LOOKS.get(name) or next(spare, {"color": INK, "linestyle": "-", "marker": "*"}) for name in asked
    }


def learning_rate_colours(rates: Sequence[float]) -> tuple[Colormap, Normalize]:
    """Colour map and logarithmic scale of learning rates, dark to light without the palest colours."""
    colours = matplotlib.colormaps["viridis"](np.linspace(0.0, 0.88, 256))
    low, high = min(rates), max(rates)
    if low == high:
        low, high = low / 2, high * 2
    return matplotlib.colors.ListedColormap(colours, name="learning_rate"), LogNorm(low, high)


def shown_rates(rates: Sequence[float], width: float, size: float = 7.5) -> list[float]:
    """Those learning rates whose labels fit side by side on a logarithmic axis `width` inches long.

    The first and the last come first, then powers of ten, then the rest in order.
    """
    ordered = sorted(set(rates))
    if len(ordered) < 2:
        return ordered
    logs = np.log10(ordered)
    places = dict(zip(ordered, (logs - logs[0]) / (logs[-1] - logs[0]) * width, strict=True))
    half = {rate: len(labels.rate(rate, 3)) * size * 0.6 / 72 / 2 for rate in ordered}
    decades = [rate for rate in ordered if abs(np.log10(rate) - round(np.log10(rate))) < 1e-9]
    chosen: list[float] = []
    for rate in dict.fromkeys([ordered[0], ordered[-1], *decades, *ordered]):
        if all(abs(places[rate] - places[other]) > half[rate] + half[other] + 0.07 for other in chosen):
            chosen.append(rate)
    return sorted(chosen)


def learning_rate_axis(axes: Axes, rates: Sequence[float], width: float, label: bool = True) -> None:
    """Make x a logarithmic axis with a tick at every learning rate and a label wherever one fits.

    Parameters
    ----------
    axes
        The axes.
    rates
        Learning rates of the sweep (1, per step).
    width
        Length of the axis in inches, about.
    label
        Whether the axis gets its name.
    """
    ordered = sorted(set(rates))
    axes.set_xscale("log")
    margin = (ordered[-1] / ordered[0]) ** 0.06 if len(ordered) > 1 else 2.0
    axes.set_xlim(ordered[0] / margin, ordered[-1] * margin)
    shown = shown_rates(ordered, width / 1.12)
    axes.xaxis.set_major_locator(FixedLocator(shown))
    axes.xaxis.set_major_formatter(lambda value, _: labels.rate(value, 3))
    axes.xaxis.set_minor_locator(FixedLocator([rate for rate in ordered if rate not in shown]))
    axes.xaxis.set_minor_formatter(NullFormatter())
    if label:
        axes.set_xlabel("learning rate r")


def steady(*panels: Axes) -> None:
    """Keep y axes of a score, or of differences of scores, from magnifying rounding errors: 0.002 high at least."""
    for axes in panels:
        low, high = axes.get_ylim()
        if high - low < 2 * LEAST_HALF_RANGE:
            middle = (low + high) / 2
            axes.set_ylim(middle - LEAST_HALF_RANGE, middle + LEAST_HALF_RANGE)


def pick(table: pd.DataFrame, **keys: Any) -> pd.DataFrame:
    """Rows of a table with the given values; a key that is None, or no column of the table, is left out."""
    keep = pd.Series(True, index=table.index)
    for column, value in keys.items():
        if value is not None and column in table.columns:
            keep &= table[column] == value
    return table[keep]


def rows_of(table: pd.DataFrame) -> list[tuple[str, float | None]]:
    """The rows of panels: each view of the weights with each pruning (None where the study does not prune)."""
    prunings: list[float | None] = sorted(labels.distinct(table, "pruning")) or [None]
    return [(view, pruning) for view in labels.distinct(table, "weights") for pruning in prunings]


def row_title(view: str, pruning: float | None, prunings: int) -> str:
    """What a row of panels shows."""
    return labels.brief(view) + (f", pruning {pruning:g}" if pruning is not None and prunings > 1 else "")
