"""Fields of neurons as columns of text, in tables and in attributes of nodes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ...guard import DataError, counted, plural
from ..convert import ATTRIBUTES, AXES
from ..weight_graph import WeightGraph

COLUMNS = (*ATTRIBUTES, *AXES)


def read_marks(columns: Mapping[str, Sequence[Any]], notes: list[str]) -> dict[str, Any]:
    """Fields of neurons from columns layer, role, name, type, x, y, z; what cannot be used is left out, and noted.

    None is a missing value. An empty text is a text, but no number.
    """
    marks: dict[str, Any] = {}
    for name in ("role", "name", "type"):
        texts = _complete(name, columns.get(name), notes)
        if texts is not None:
            marks[ATTRIBUTES[name]] = tuple(map(str, texts))
    layers = _numbers("layer", columns.get("layer"), _whole, "whole numbers of at least 0", notes)
    if layers is not None:
        marks["layers"] = layers
    axes = [_numbers(axis, columns.get(axis), float, "numbers", notes) for axis in AXES]
    given = [axis for axis in axes if axis is not None]
    if len(given) > 1 and None not in axes[: len(given)]:
        marks["positions"] = list(zip(*given, strict=True))
    elif given:
        notes.append("positions left out: x and y are needed")
    return marks


def check_texts(g: WeightGraph, allowed: str, what: str) -> None:
    """Refuse texts that a format cannot hold: `allowed` is a regular expression, `what` names the format.

    Raises
    ------
    DataError
        With the first neuron of such a text.
    """
    fits = re.compile(allowed)
    for field in ("names", "roles", "types"):
        for neuron, text in enumerate(getattr(g, field) or ()):
            if not fits.fullmatch(text):
                raise DataError(
                    f"{field}: that of neuron {neuron} holds a character that {what} cannot hold; change it, or write"
                    " another format (npz holds any text)"
                )


def _complete(name: str, values: Sequence[Any] | None, notes: list[str]) -> Sequence[Any] | None:
    if values is None:
        return None
    missing = sum(value is None for value in values)
    if not missing:
        return values
    if missing < len(values):
        notes.append(
            f"{name} left out: {missing} of {counted(len(values), 'neuron')} {plural(missing, 'has', 'have')} none"
        )
    return None


def _numbers(name: str, values: Sequence[Any] | None, parse: Any, kind: str, notes: list[str]) -> list[Any] | None:
    complete = _complete(name, values, notes)
    if complete is None:
        return None
    try:
        return [parse(value) for value in complete]
    except (TypeError, ValueError, OverflowError):
        notes.append(f"{name} left out: not all are {kind}")
        return None


def _whole(value: Any) -> int:
    number = int(value)
    if number != float(value) or not 0 <= number < 2**31:
        raise ValueError
    return number
