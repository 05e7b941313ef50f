"""How many learning steps surely leave all weights within bounds, so that none of them need be looked at meanwhile."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

BOUNDED = ("tanh", "sigmoid", "shifted_sigmoid", "clipped_relu")
"""Activations whose rates are at most 1 in magnitude."""
MOST = 100
"""Steps foreseen at most: by then, looking costs nothing to speak of."""
ROUNDING = 1.001
"""Factor by which each step's bounds are widened, far more than rounding can do in single precision."""
LARGEST_NUMBER = 1e15
"""Bound of rates and credits: the product of two is still finite in single precision."""


@dataclass(frozen=True)
class SafeSteps:
    r"""Bounds of layered networks that learn by the credit rule.

    Of matrices, over neurons and the samples of a batch of B, the Frobenius norm is no less than the largest magnitude,
    and that of a product no more than the product of theirs. With slopes f of at most 1, as all activations here have,

    .. math::
        |X_l| \le |W_l| |X_{l-1}| + \sqrt{B} |b_l| + \log 2 \sqrt{B n_l}, \quad
        |E_m| \le \tfrac{r}{B} |C_m|, \quad |E_{l-1}| \le |W_l| |E_l|

    and in a step weights grow by at most :math:`|E_l| |X_{l-1}|`, biases by :math:`|E_l| \sqrt{B}`. Bounded activations
    have :math:`|X_l| \le \sqrt{B n_l}`, and clamps :math:`|C_m| \le \sqrt{2 B}` with softmax, else
    :math:`\sqrt{B} + |X_m|`. (Ours.)

    Attributes
    ----------
    sizes
        Neurons of each layer.
    batch
        Samples a step.
    activation
        Its name.
    softmax
        Whether the outputs are linear and compared by softmax.
    largest_input
        Largest Euclidean norm of a sample.
    largest_weight
        Bound that weights and biases are to stay within.

    Examples
    --------
    >>> safe = SafeSteps([2, 3, 2], batch=4, activation="tanh", softmax=True, largest_input=1.0, largest_weight=1e6)
    >>> safe.count([1.0, 1.0], [0.0, 0.0], 0.1), safe.count([1.0, 1e6], [0.0, 0.0], 0.1)
    (100, 0)
    """

    sizes: Sequence[int]
    batch: int
    activation: str
    softmax: bool
    largest_input: float
    largest_weight: float

    def count(self, weights: Sequence[float], biases: Sequence[float], learning_rate: float) -> int:
        """Steps that are surely safe for all networks with norms and learning rates of at most these.

        Parameters
        ----------
        weights, biases
            Frobenius norm of each layer's.
        learning_rate
            r.
        """
        w, b, root = list(weights), list(biases), math.sqrt(self.batch)
        for step in range(MOST):
            rates = self._rates(w, b)
            credit = learning_rate / self.batch * (math.sqrt(2) * root if self.softmax else root + rates[-1])
            for layer in reversed(range(len(w))):
                before = w[layer]
                w[layer] = ROUNDING * (before + credit * rates[layer])
                b[layer] = ROUNDING * (b[layer] + credit * root)
                if not (max(w[layer], b[layer]) <= self.largest_weight and credit <= LARGEST_NUMBER):
                    return step
                credit *= ROUNDING * before
            if not max(rates) <= LARGEST_NUMBER:
                return step
        return MOST

    def _rates(self, w: Sequence[float], b: Sequence[float]) -> list[float]:
        """Bounds of the rates of each layer."""
        root = math.sqrt(self.batch)
        rates = [self.largest_input * root]
        for layer, neurons in enumerate(self.sizes[1:]):
            within = math.sqrt(self.batch * neurons)
            linear = self.softmax and layer == len(w) - 1
            if self.activation in BOUNDED and not linear:
                rates.append(within)
            else:
                rates.append(ROUNDING * (w[layer] * rates[-1] + root * b[layer] + math.log(2) * within))
        return rates
