"""Dale's law: excitatory and inhibitory neurons, whose synapses keep their sign while they learn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from ..guard import DataError, OptionError, finite_array, fraction, whole_number
from .layered import LayeredNetwork
from .plasticity import Learned
from .recurrent import RecurrentNetwork

NON_NEGATIVE = ("sigmoid", "relu", "clipped_relu", "softplus")
"""Activations whose rates are never negative: a negative rate would turn a synapse's sign about."""


def dale_signs(neurons: int, inhibitory: float, *, seed: int = 0) -> Tensor:
    """Draw which neurons are excitatory (+1) and which inhibitory (-1): ``round(inhibitory * neurons)`` of the latter.

    Returns
    -------
    Tensor
        (neurons,), float64.

    Examples
    --------
    >>> int((dale_signs(10, 0.2, seed=3) < 0).sum())
    2
    """
    count = round(fraction("inhibitory", inhibitory) * whole_number("neurons", neurons, 1))
    signs = np.ones(neurons)
    signs[np.random.default_rng([whole_number("seed", seed, 0), 2]).permutation(neurons)[:count]] = -1
    return torch.from_numpy(signs)


def project(weights: Tensor, signs: Tensor) -> Tensor:
    """Nearest weights that obey Dale's law: those of the wrong sign become 0.

    Parameters
    ----------
    weights
        (members, n_post, n_pre).
    signs
        Of the presynaptic neurons, +1 or -1, (members, n_pre).

    Returns
    -------
    Tensor
        As the weights.

    Examples
    --------
    >>> project(torch.tensor([[[0.5, 0.5], [-0.5, -0.5]]]), torch.tensor([[1.0, -1.0]])) + 0
    tensor([[[ 0.5000,  0.0000],
             [ 0.0000, -0.5000]]])
    """
    return torch.where(weights * signs.unsqueeze(1) > 0, weights, 0)


class DaleLaw:
    r"""Bind a network to Dale's law: all synapses of a neuron excite, or all inhibit, before and after each step.

    .. math:: W \leftarrow P(W + r (c * f(s)) x^T), \quad P(w_{ij}) = \sigma_j \max(\sigma_j w_{ij}, 0)

    with :math:`\sigma_j` the sign of neuron j. P is the projection on the weights that obey, so that with
    :math:`f = \sigma'` learning is projected gradient descent, exactly. Biases are free: they stand for no neuron.

    Parameters
    ----------
    network
        A layered or a recurrent network; its weights are changed here, to

        .. math:: w_{ij} = |w_{ij}| \text{ for excitatory } j, \quad -|w_{ij}| \, n_E / n_I \text{ for inhibitory } j

        so that excitation and inhibition are alike at equal rates (:math:`n_E, n_I` neurons among those of a layer,
        or among all that have synapses in a recurrent network).
    inhibitory
        Share of inhibitory neurons among those of each layer, the input's too (the last of a layered network has no
        synapses); in a recurrent network among all. Drawn by each member's seed.

    Attributes
    ----------
    network
        The network.
    signs
        +1 or -1 of the presynaptic neurons, (members, n_pre), one tensor for each of the network's weight tensors.

    Raises
    ------
    OptionError
        If the activation has negative rates, the loss makes the outputs of a recurrent network linear, or the share
        is not between 0 and 1.

    Notes
    -----
    Not in the paper, which names neither sign constraints nor separate populations. The output layer of a layered
    network may be linear: no synapse comes from it.

    Examples
    --------
    >>> net = LayeredNetwork([4, 5, 2], activation="sigmoid")
    >>> dale = DaleLaw(net, inhibitory=0.2)
    >>> _ = dale.learn(torch.ones(3, 4), torch.zeros(3, 2), 0.1)
    >>> dale.broken()
    0
    """

    def __init__(self, network: LayeredNetwork | RecurrentNetwork, *, inhibitory: float = 0.2) -> None:
        if not isinstance(network, LayeredNetwork | RecurrentNetwork):
            raise DataError(f"network: got {type(network).__name__}, expected a LayeredNetwork or a RecurrentNetwork")
        if network.activation.name not in NON_NEGATIVE:
            raise OptionError(
                "activation", network.activation.name, "one of " + ", ".join(NON_NEGATIVE), "rates must not be negative"
            )
        if isinstance(network, RecurrentNetwork) and network.loss.linear_outputs:
            raise OptionError("loss", network.loss.name, "squared_error", "linear outputs may fire at negative rates")
        self.network = network
        self.signs = []
        for block, weights in enumerate(self._blocks()):
            seeds = [seed * len(self._blocks()) + block for seed in network.seeds]
            signs = torch.stack([dale_signs(weights.shape[2], inhibitory, seed=seed) for seed in seeds])
            self.signs.append(signs.to(weights))
            excitatory = (signs > 0).sum(1, keepdim=True)
            ratio = excitatory / (signs < 0).sum(1, keepdim=True).clamp(min=1)
            scale = torch.where((signs < 0) & (excitatory > 0), -ratio, signs).to(weights)
            weights.abs_().mul_(scale.unsqueeze(1))

    def learn(self, x: object, y: object, learning_rate: float | Tensor) -> Learned:
        """One learning step of the network, then the projection.

        Raises
        ------
        DataError
            If x has a negative rate, besides all that :meth:`LayeredNetwork.learn` raises.
        """
        _no_negative(x)
        learned = self.network.learn(x, y, learning_rate)
        self.impose()
        return learned

    def impose(self) -> None:
        """Project the network's weights, in place."""
        for weights, signs in zip(self._blocks(), self.signs, strict=True):
            weights.copy_(project(weights, signs))

    def broken(self) -> int:
        """Count of synapses of the wrong sign, over all members: 0 after each step."""
        pairs = zip(self._blocks(), self.signs, strict=True)
        return sum(int((weights * signs.unsqueeze(1) < 0).sum()) for weights, signs in pairs)

    def inputs(self, rates: Tensor | list[Tensor]) -> list[tuple[Tensor, Tensor]]:
        r"""Excitatory and inhibitory input of each neuron.

        .. math:: E_i = \sum_{j: \sigma_j > 0} w_{ij} x_j, \quad I_i = -\sum_{j: \sigma_j < 0} w_{ij} x_j, \quad
            s_i = E_i - I_i + b_i

        Parameters
        ----------
        rates
            What the network's ``fire`` returned.

        Returns
        -------
        list of tuple
            E and I, (members, batch, n_post) each, for each tensor of weights; not negative where no rate is.
        """
        pre = rates[:-1] if isinstance(rates, list) else [rates]
        found = []
        for weights, signs, x in zip(self._blocks(), self.signs, pre, strict=True):
            excitatory = torch.where(signs.unsqueeze(1) > 0, weights, 0)
            found.append((torch.bmm(x, excitatory.mT), torch.bmm(x, (excitatory - weights).mT)))
        return found

    def balance(self, x: object) -> pd.DataFrame:
        """Excitation and inhibition of the neurons at equilibrium, by member and layer.

        Returns
        -------
        pandas.DataFrame
            seed, layer (1 is the first after the input; 1 for all free neurons of a recurrent network), excitation and
            inhibition (means over samples and neurons), difference (mean E - I), spread (standard deviation of E - I),
            ratio (mean E over mean I; missing where there is no inhibition), correlation (Pearson, of E and I over
            samples and neurons; missing where either is constant).

        Raises
        ------
        DataError
            If x has a negative rate, which no neuron under the law has.
        """
        _no_negative(x)
        network = self.network
        rows = []
        for layer, (excitation, inhibition) in enumerate(self.inputs(network.fire(x)), start=1):
            skip = network.inputs if isinstance(network, RecurrentNetwork) else 0
            for seed, e, i in zip(network.seeds, excitation[..., skip:], inhibition[..., skip:], strict=True):
                mean_e, mean_i, apart = float(e.mean()), float(i.mean()), (e - i)
                constant = any(bool((each == each.flatten()[0]).all()) for each in (e, i))
                rows.append(
                    {
                        "seed": seed,
                        "layer": layer,
                        "excitation": mean_e,
                        "inhibition": mean_i,
                        "difference": float(apart.mean()),
                        "spread": float(apart.std(correction=0)),
                        "ratio": mean_e / mean_i if mean_i > 0 else np.nan,
                        "correlation": np.nan
                        if constant
                        else float(torch.corrcoef(torch.stack([e.flatten(), i.flatten()]))[0, 1]),
                    }
                )
        return pd.DataFrame(rows)

    def _blocks(self) -> list[Tensor]:
        weights = self.network.weights
        return weights if isinstance(weights, list) else [weights]


def _no_negative(x: object) -> None:
    given = x if isinstance(x, Tensor) else torch.from_numpy(np.array(finite_array("x", x), dtype=np.float64))
    if bool((given < 0).any()):
        raise DataError(f"x: got rates down to {float(given.min()):g}, expected none below 0 under Dale's law")
