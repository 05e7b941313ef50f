"""How an option of a study is declared and checked: each once, with its default, its help and its check."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any, ClassVar

import numpy as np

from ..guard import OptionError, choice, layer_sizes, real_numbers, several, whole_number, whole_numbers

Check = Callable[[str, Any], Any]

ACTIVATIONS = ("tanh", "sigmoid", "shifted_sigmoid", "relu", "clipped_relu", "softplus", "linear")
DTYPES = ("float32", "float64")
LARGEST_SEED = 10**9 - 1
FIRST_NULL_SEED = LARGEST_SEED + 1
"""Networks of null models have seeds from here on, apart from every seed that a study trains with."""
MOST_SEEDS = 10_000
MOST_SNAPSHOTS = 1000
LARGEST_LEARNING_RATE = 1e6
MOST = 10**7
"""Bound of counts, far above what a machine gets through."""


def option(default: Any, about: str, check: Check) -> Any:
    """Declare an option of a study: its default, its help text, and the check that returns its value."""
    return field(default=default, metadata={"about": about, "check": check})


@dataclass(frozen=True)
class Section:
    """A group of options; checks each of them when it is made."""

    section: ClassVar[str] = ""

    def __post_init__(self) -> None:
        for each in fields(self):
            if "check" in each.metadata:
                name = f"{self.section}.{each.name}" if self.section else each.name
                object.__setattr__(self, each.name, each.metadata["check"](name, getattr(self, each.name)))


def one_of(*allowed: str) -> Check:
    """Check for one of the allowed names."""
    return partial(choice, allowed=allowed)


def some_of(*allowed: str) -> Check:
    """Check for one of the allowed names or a list of them."""
    return partial(_choices, allowed=allowed)


def text(name: str, given: object) -> str:
    """Check for a text that is not blank."""
    if not isinstance(given, str) or not given.strip():
        raise OptionError(name, given, "some text")
    return given


def study_name(name: str, given: object) -> str:
    """Check for a name that can be a folder's."""
    name_ = text(name, given)
    if len(name_) > 100 or not all(c.isalnum() or c in "-_." for c in name_) or name_.startswith("."):
        raise OptionError(name, given, "at most 100 letters, digits, '-', '_' and '.', for it names a folder")
    return name_


def seeds(name: str, given: object) -> tuple[int, ...]:
    """Check for a number of seeds, from 0 on, or a list of them."""
    if isinstance(given, int | np.integer) and not isinstance(given, bool):
        count = int(given)
        if not 1 <= count <= MOST_SEEDS:
            raise OptionError(
                name, given, f"a number of seeds of at least 1 and at most {MOST_SEEDS:,}, or a list of them"
            )
        return tuple(range(count))
    if not several(given):
        raise OptionError(name, given, "a number of seeds, or a list of seeds")
    return tuple(whole_number(name, seed, 0, LARGEST_SEED) for seed in whole_numbers(name, given, minimum=0))


def sizes(name: str, given: object) -> tuple[int, ...]:
    """Check for one layer size or a list of them, which may be empty."""
    return tuple(layer_sizes(name, _listed(given)))


def learning_rates(name: str, given: object) -> tuple[float, ...]:
    """Check for one learning rate or a list of them; they come in order."""
    return tuple(sorted(real_numbers(name, _listed(given), maximum=LARGEST_LEARNING_RATE, above=0.0)))


def fractions(name: str, given: object) -> tuple[float, ...]:
    """Check for one number from 0 to 1 or a list of them; they come in order."""
    return tuple(sorted(real_numbers(name, _listed(given), 0.0, 1.0)))


def yes_or_no(name: str, given: object) -> bool:
    """Check for true or false."""
    if not isinstance(given, bool):
        raise OptionError(name, given, "true or false")
    return given


def optional_text(name: str, given: object) -> str | None:
    """Check for a text, or none."""
    return None if given is None else text(name, given)


def optional_options(name: str, given: object) -> dict[str, Any] | None:
    """Check for named numbers, texts and lists of them, or none."""
    if given is None or given == {}:
        return None
    if not isinstance(given, Mapping) or not all(isinstance(key, str) for key in given):
        raise OptionError(name, given, "options by name, such as {bits: 8}")
    for key, value in given.items():
        _plain(f"{name}.{key}", value)
    return dict(sorted(given.items()))


def optional_numbers(name: str, given: object) -> tuple[float, ...] | None:
    """Check for one number above 0 or a list of them, or none; they come in falling order."""
    if given is None or (isinstance(given, list | tuple) and not given):
        return None
    return tuple(sorted(real_numbers(name, _listed(given), above=0.0), reverse=True))


def optional_count(name: str, given: object) -> int | None:
    """Check for a whole number of at least 1, or none."""
    return None if given is None else whole_number(name, given, 1, MOST)


def snapshots(name: str, given: object) -> int | tuple[int, ...] | None:
    """Check for a number of snapshots, 0 or at least 2, or a list of steps; None stands for the default."""
    if given is None:
        return None
    if several(given):
        return tuple(sorted(whole_number(name, step, 0, MOST) for step in whole_numbers(name, given, minimum=0)))
    if given == 1:
        raise OptionError(name, given, "0, at least 2 (before and after training), or a list of steps")
    return whole_number(name, given, 0, MOST_SNAPSHOTS)


def _listed(given: object) -> object:
    """A number or a name as a list of one; anything else as it is."""
    return [given] if isinstance(given, numbers.Number | str) else given


def _plain(name: str, value: object) -> None:
    if isinstance(value, list | tuple):
        for each in value:
            _plain(name, each)
    elif isinstance(value, float) and not math.isfinite(value):
        raise OptionError(name, value, "a finite number")
    elif value is not None and not isinstance(value, bool | int | float | str):
        raise OptionError(name, value, "a number, a text, true or false, or a list of them")


def _choices(name: str, given: object, allowed: tuple[str, ...]) -> tuple[str, ...]:
    listed = _listed(given)
    if not isinstance(listed, list | tuple) or not listed:
        raise OptionError(name, given, "a list of one or more of " + ", ".join(allowed))
    values = tuple(choice(name, value, allowed) for value in listed)
    if len(set(values)) < len(values):
        raise OptionError(name, given, "a list without repeats")
    return values
