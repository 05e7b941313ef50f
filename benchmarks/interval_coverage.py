"""How often 95 % intervals over few seeds hold what they should: the project's, and SciPy's plain bootstraps.

    python benchmarks/interval_coverage.py [--quick] [--out DIR]

Values are drawn from distributions whose mean is known, a few at a time as the seeds of a sweep are, and intervals of
their mean, of d_z and of the dominance are drawn from each set. Beside the coverage stands the median width: an
interval that is never wrong may just be wide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd
from measure import parser, write_results
from scipy import stats

from creditgraph.analysis import effect_sizes, mean_interval

Draws = npt.NDArray[np.float64]
Bounds = tuple[Draws, Draws]

SEEDS = (3, 5, 10, 20)
EFFECTS = (0.0, 0.5, 1.0, 2.0)
RESAMPLES = 999


def main() -> None:
    """Draw, judge, print and write."""
    arguments = parser(__doc__).parse_args()
    sets = 200 if arguments.quick else 2_000
    rows = [row for n in SEEDS for row in (*of_means(n, sets), *of_effects(n, sets))]
    table = pd.DataFrame(rows, columns=["of", "distribution", "seeds", "interval", "coverage", "width"])
    shown = table.pivot_table(
        index=["of", "distribution", "seeds"], columns="interval", values="coverage", sort=False, observed=True
    )
    print(f"Coverage of 95 % intervals, {sets} sets each (standard error {np.sqrt(0.95 * 0.05 / sets):.3f})\n")
    print(shown.to_string(float_format="{:.3f}".format, na_rep=""))
    write_results("interval_coverage", table, arguments.out)


def of_means(n: int, sets: int) -> Iterator[tuple[object, ...]]:
    """Rows of the intervals of a mean."""
    generator = np.random.default_rng((0, n))
    distributions: dict[str, tuple[Draws, float]] = {
        "normal": (generator.normal(size=(sets, n)), 0.0),
        "uniform": (generator.uniform(-1, 1, (sets, n)), 0.0),
        "lognormal (0.5)": (generator.lognormal(0.0, 0.5, (sets, n)), float(np.exp(0.125))),
        "exponential": (generator.exponential(size=(sets, n)), 1.0),
        "Student's t (3)": (generator.standard_t(3, (sets, n)), 0.0),
    }
    for name, (draws, mean) in distributions.items():
        for interval, bounds in (
            ("student", each(draws, lambda values: mean_interval(values, method="student"))),
            ("studentised bootstrap", each(draws, lambda values: mean_interval(values, method="bootstrap"))),
            ("percentile bootstrap", scipy_bootstrap(draws, np.mean, "percentile")),
            ("BCa bootstrap", scipy_bootstrap(draws, np.mean, "BCa")),
        ):
            yield "mean", name, n, interval, *judged(bounds, mean)


def of_effects(n: int, sets: int) -> Iterator[tuple[object, ...]]:
    """Rows of the intervals of the effect sizes of normal differences."""
    for effect in EFFECTS:
        draws = np.random.default_rng((1, n, int(10 * effect))).normal(effect, 1.0, (sets, n))
        dominance = 2 * float(stats.norm.cdf(effect)) - 1
        for interval, name in (("exact", "exact"), ("bootstrap", "percentile bootstrap")):
            sizes = [effect_sizes(values, interval=interval) for values in draws]
            for of, truth in (("d_z", effect), ("dominance", dominance)):
                low, high = (
                    np.array([getattr(size, f"{of}_{bound}") for size in sizes], dtype=np.float64)
                    for bound in ("low", "high")
                )
                yield of, f"normal, d_z = {effect:g}", n, name, *judged((low, high), truth)


def each(draws: Draws, interval: Callable[[Draws], tuple[float, float] | tuple[None, None]]) -> Bounds:
    """Bounds of an interval of every set; NaN where it has none."""
    bounds = np.array([interval(values) for values in draws], dtype=np.float64)
    return bounds[:, 0], bounds[:, 1]


def scipy_bootstrap(draws: Draws, statistic: Callable[..., Draws], method: str) -> Bounds:
    """Bounds of SciPy's bootstrap intervals of every set."""
    lows, highs = [], []
    for block in np.array_split(draws, max(1, len(draws) // 100)):
        with np.errstate(all="ignore"):
            found = stats.bootstrap(
                (block,), statistic, axis=-1, n_resamples=RESAMPLES, method=method, rng=np.random.default_rng(0)
            ).confidence_interval
        lows.append(found.low)
        highs.append(found.high)
    return np.concatenate(lows), np.concatenate(highs)


def judged(bounds: Bounds, truth: float) -> tuple[float | None, float | None]:
    """Coverage and median width; None for an interval that so few values do not have."""
    low, high = bounds
    if np.isnan(low).all():
        return None, None
    # SciPy's BCa has no bounds where all resamples are on one side: they hold nothing
    return float(((low <= truth) & (truth <= high)).mean()), float(np.nanmedian(high - low))


if __name__ == "__main__":
    main()
