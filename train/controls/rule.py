"""What a rule of learning is, and the register of rules by name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

import numpy as np
from torch import Tensor

from ...guard import OptionError, choice, whole_number
from ..layered import LayeredNetwork, Rates
from ..members import member_generators, normal_weights
from ..plasticity import Update

RULES: dict[str, type[ControlRule]] = {}
R = TypeVar("R", bound="type[ControlRule]")


class ControlRule(ABC):
    """A way to change the synapses of a layered network, to be compared with the credit rule.

    Parameters
    ----------
    seed
        Seed of what a rule draws for itself (random feedback); a member's own seed counts too.

    Attributes
    ----------
    name
        Its name in the register.
    """

    name: ClassVar[str]

    def __init__(self, *, seed: int = 0) -> None:
        self.seed = whole_number("seed", seed, 0)
        self._feedback: tuple[object, list[Tensor]] | None = None

    @abstractmethod
    def update(self, network: LayeredNetwork, x: Any, y: Any) -> Update[list[Tensor]]:
        """Changes of all weights and biases at learning rate 1, the mean over the batch; the network is left alone."""

    def learn(self, network: LayeredNetwork, x: Any, y: Any, learning_rate: float | Tensor) -> None:
        """One learning step: add the update times the learning rate."""
        network.apply(self.update(network, x, y), learning_rate)

    def random_feedback(self, network: LayeredNetwork, shapes: Sequence[tuple[int, int]]) -> list[Tensor]:
        """Fixed random matrices for each member, one of each shape (rows, columns), drawn from N(0, 1 / columns).

        They depend on the rule's seed, the member's seed and their place in the list alone, and are other draws than
        those of the network's initial weights. They are drawn once for the same members and shapes, and kept.
        """
        like = network.weights[0]
        asked = (tuple(network.seeds), tuple(shapes), like.dtype, like.device)
        if self._feedback is None or self._feedback[0] != asked:
            self._feedback = asked, self._drawn(network, shapes)
        return self._feedback[1]

    def _drawn(self, network: LayeredNetwork, shapes: Sequence[tuple[int, int]]) -> list[Tensor]:
        like, matrices = network.weights[0], []
        for place, (rows, columns) in enumerate(shapes):
            entropy = [np.random.SeedSequence([self.seed, seed, place, 3]) for seed in network.seeds]
            seeds = [int(each.generate_state(1)[0]) for each in entropy]
            drawn = normal_weights(member_generators(seeds), rows, columns, 1 / columns)
            matrices.append(drawn.to(like.dtype).to(like.device))
        return matrices


def register_rule(rule: R) -> R:
    """Class decorator: enter a rule under its ``name``.

    Raises
    ------
    OptionError
        If another class has that name.
    """
    if not (isinstance(rule, type) and issubclass(rule, ControlRule) and isinstance(getattr(rule, "name", None), str)):
        raise OptionError("rule", getattr(rule, "__name__", rule), "a subclass of ControlRule with a text as its name")
    known = RULES.get(rule.name)
    if known is not None and known.__qualname__ != rule.__qualname__:
        raise OptionError("name", rule.name, "a name that no rule has yet: " + ", ".join(RULES) + " are taken")
    RULES[rule.name] = rule
    return rule


def control_rule(name: str, *, seed: int = 0) -> ControlRule:
    """Return a rule by its name.

    Raises
    ------
    OptionError
        If the name is unknown.

    Examples
    --------
    >>> import torch
    >>> net = LayeredNetwork([3, 4, 2])
    >>> update = control_rule("readout_only").update(net, torch.ones(5, 3), torch.zeros(5, 2))
    >>> float(update.weights[0].abs().max())
    0.0
    """
    return RULES[choice("rule", name, RULES)](seed=seed)


def output_credit(network: LayeredNetwork, rates: Rates, y: Any) -> Tensor:
    """Effective credit of the output layer, clamp times balance: the delta rule's error, (members, batch, n_out)."""
    return network.loss.clamp(rates[-1], y) * rates.balances[-1]
