"""The backbone that an analysis is of: an option, and the part of a network that it leaves."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ...guard import DataError, OptionError, choice, counted, fraction, real_number, whole_number

if TYPE_CHECKING:
    from ...graphs import WeightGraph

NO_BACKBONE = "none"

# the parameter of each method, and the check of its value
PARAMETERS: dict[str, tuple[str, Callable[[str, object], float]]] = {
    "strongest": ("fraction", fraction),
    "top_k": ("k", partial(whole_number, minimum=1)),
    "disparity": ("alpha", partial(real_number, maximum=1.0, above=0.0)),
    "spanning_tree": ("fraction", fraction),
}
EXAMPLES = "strongest:0.1, top_k:5, disparity:0.05, spanning_tree:0.05"


def backbone_option(name: str, given: object) -> str:
    """Check for a backbone: ``none``, or a method and its parameter, such as ``disparity:0.05``.

    Raises
    ------
    OptionError
        If the method is unknown, or its parameter is missing or impossible.

    Examples
    --------
    >>> backbone_option("backbone", "top_k:5")
    'top_k:5'
    """
    if not isinstance(given, str):
        raise OptionError(name, given, f"{NO_BACKBONE}, or a method and its parameter such as {EXAMPLES}")
    method, colon, value = given.partition(":")
    choice(name, method, (NO_BACKBONE, *PARAMETERS))
    if method == NO_BACKBONE:
        if colon:
            raise OptionError(name, given, f"{NO_BACKBONE} without a parameter")
        return method
    parameter, check = PARAMETERS[method]
    try:
        number: object = int(value) if parameter == "k" else float(value)
    except ValueError:
        raise OptionError(name, given, f"{method} and its {parameter}", f"such as {EXAMPLES}") from None
    check(f"{name} {method}", number)
    return given


def backbone_of(g: WeightGraph, given: str) -> WeightGraph:
    """The backbone of a graph that an option checked by :func:`backbone_option` asks for, or all of it.

    Raises
    ------
    DataError
        If nothing of the graph is left.
    """
    if given == NO_BACKBONE:
        return g
    # igraph takes a second to load; a misspelt option is told before that
    from ...graphs import backbone

    method, _, value = given.partition(":")
    parameter = PARAMETERS[method][0]
    options: dict[str, Any] = {parameter: int(value) if parameter == "k" else float(value)}
    left = backbone(g, method, **options)
    if g.synapses and not left.synapses:
        raise DataError(
            f"backbone: {given} leaves none of {counted(g.synapses, 'synapse')}; ask for more, or for {NO_BACKBONE}"
        )
    return left
