from __future__ import annotations

import difflib
import math
import numbers
from collections.abc import Iterable, Mapping, Set
from typing import TypeGuard, TypeVar

import numpy as np

from .errors import OptionError

T = TypeVar("T")


def suggestion(given: object, allowed: Iterable[str]) -> str:
    """``did you mean 'x'?`` for the nearest allowed name, or an empty string where none is near.

    Capitals do not count. Of dotted names (``--layered.epochs``) those of the same section are compared by what comes
    after it, which they all share; the others whole.

    Examples
    --------
    >>> suggestion("ReLU", ["tanh", "relu"]), suggestion("nothing", ["tanh", "relu"])
    ("did you mean 'relu'?", '')
    """
    if not isinstance(given, str):
        return ""
    section = given.rpartition(".")[0]
    names = list(allowed)
    siblings = [name for name in names if section and name.rpartition(".")[0] == section]
    near = _nearest(given.removeprefix(f"{section}."), {name.removeprefix(f"{section}."): name for name in siblings})
    near = near or _nearest(given, {name: name for name in names if name not in siblings})
    return f"did you mean '{near}'?" if near else ""


def _nearest(given: str, names: Mapping[str, str]) -> str:
    """What the nearest of some names stands for, or nothing."""
    lower = {name.lower(): whole for name, whole in names.items()}
    near = difflib.get_close_matches(given.lower(), list(lower), n=1, cutoff=0.6)
    return lower[near[0]] if near else ""


def choice(option: str, given: object, allowed: Iterable[str]) -> str:
    """Return `given` if it is one of the allowed names.

    Raises
    ------
    OptionError
        With the allowed names, and the nearest of them.
    """
    names = list(allowed)
    if isinstance(given, str) and given in names:
        return given
    raise OptionError(option, given, "one of " + ", ".join(names), suggestion(given, names))


def true_or_false(option: str, given: object) -> bool:
    """Return `given` as a bool if it is one; texts such as "no" and numbers are refused, since they count as true."""
    if not isinstance(given, bool | np.bool_):
        raise OptionError(option, given, "True or False")
    return bool(given)


def whole_number(option: str, given: object, minimum: int | None = None, maximum: int | None = None) -> int:
    """Return `given` as an int if it is a whole number within the bounds (both inclusive)."""
    allowed = "a whole number" + _range(minimum, maximum)
    if isinstance(given, bool) or not isinstance(given, numbers.Integral):
        raise OptionError(option, given, allowed)
    value = int(given)
    if (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
        raise OptionError(option, given, allowed)
    return value


def real_number(
    option: str,
    given: object,
    minimum: float | None = None,
    maximum: float | None = None,
    *,
    above: float | None = None,
) -> float:
    """Return `given` as a float if it is finite and within the bounds (`above` is exclusive)."""
    allowed = "a finite number" + (f" above {above:g}" if above is not None else "") + _range(minimum, maximum)
    if isinstance(given, bool) or not isinstance(given, numbers.Real):
        raise OptionError(option, given, allowed)
    try:
        value = float(given)
    except OverflowError:
        # whole numbers have no largest, floats do
        value = math.inf
    if (
        not math.isfinite(value)
        or (above is not None and value <= above)
        or (minimum is not None and value < minimum)
        or (maximum is not None and value > maximum)
    ):
        raise OptionError(option, given, allowed)
    return value


def fraction(option: str, given: object) -> float:
    """Return `given` as a float if it lies between 0 and 1."""
    return real_number(option, given, 0.0, 1.0)


def whole_numbers(option: str, given: object, minimum: int | None = None) -> list[int]:
    """Return `given` as a non-empty list of distinct whole numbers."""
    values = [whole_number(option, value, minimum) for value in _sequence(option, given, "whole numbers")]
    return _distinct(option, given, values)


def real_numbers(
    option: str,
    given: object,
    minimum: float | None = None,
    maximum: float | None = None,
    *,
    above: float | None = None,
) -> list[float]:
    """Return `given` as a non-empty list of distinct finite numbers within the bounds."""
    values = [
        real_number(option, value, minimum, maximum, above=above) for value in _sequence(option, given, "numbers")
    ]
    return _distinct(option, given, values)


def layer_sizes(option: str, given: object, *, fewest: int = 0) -> list[int]:
    """Return `given` as a list of at least `fewest` layer sizes, whole numbers of at least 1."""
    if not several(given) or len(sizes := _listed(given)) < fewest:
        least = f"at least {fewest} layer sizes, the input first" if fewest else "the sizes of the hidden layers"
        raise OptionError(option, given, f"a list of {least}, such as [128, 64]")
    return [whole_number(option, size, 1) for size in sizes]


def several(given: object) -> TypeGuard[Iterable[object]]:
    """Whether something is a list, an array, a range, or the like; a text, or what has no order, is not."""
    if isinstance(given, str | bytes | Mapping | Set):
        return False
    # an array without dimensions is a number
    return isinstance(given, Iterable) and getattr(given, "ndim", 1) > 0


def _sequence(option: str, given: object, kind: str) -> list[object]:
    if not several(given):
        raise OptionError(option, given, f"a list of {kind}")
    values = _listed(given)
    if not values:
        raise OptionError(option, given, f"a list of at least one of {kind}")
    return values


def _listed(given: Iterable[object]) -> list[object]:
    """What is given one by one; of an array or a tensor as numbers of Python."""
    return list(given.tolist() if hasattr(given, "tolist") else given)


def _distinct(option: str, given: object, values: list[T]) -> list[T]:
    if len(set(values)) < len(values):
        raise OptionError(option, given, "a list without repeats")
    return values


def _range(minimum: float | None, maximum: float | None) -> str:
    if minimum is not None and maximum is not None:
        return f" from {_bound(minimum)} to {_bound(maximum)}"
    if minimum is not None:
        return f" of at least {_bound(minimum)}"
    if maximum is not None:
        return f" of at most {_bound(maximum)}"
    return ""


def _bound(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
