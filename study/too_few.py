"""Whether so few null samples and seeds can tell anything from chance, before hours of work."""

from __future__ import annotations

import itertools

from ..analysis import least_p_value
from ..analysis.sweep_table import LEVEL
from ..reports import labels


def too_few(samples: int, option: str, *, seeds: int | None = None, sides: int = 2, called: str = "seed") -> str | None:
    """What to say where no test can come out, with how many null samples one could; None where one can.

    Parameters
    ----------
    samples
        Of each null model.
    option
        What sets them, as the caller types it.
    seeds
        Networks of a group, whose p are combined; None of a network that no seeds stand beside.
    sides
        Of the test.
    called
        What one of these networks is called.

    Examples
    --------
    >>> too_few(12, "samples", sides=1)
    'with 12 null samples no q can be below 0.077, so nothing can be told from chance: take samples=19 or more'
    >>> too_few(19, "samples", sides=1) is None, too_few(10, "samples", seeds=3) is None
    (True, False)
    """

    def least(count: int) -> float:
        return sides / 2 * least_p_value([count] * (seeds or 1))

    if least(samples) <= LEVEL:
        return None
    enough = next(count for count in itertools.count(samples) if least(count) <= LEVEL)
    beside, more = ("", "") if seeds is None else (f" and {labels.counted(seeds, called)}", f", or more {called}s")
    lowest = labels.probability(least(samples))
    return (
        f"with {labels.counted(samples, 'null sample')}{beside} no q can be below {lowest}, so nothing can be told "
        f"from chance: take {option}={enough} or more{more}"
    )
