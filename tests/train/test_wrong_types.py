"""Values of a wrong type are answered in one line that names the option, never with a library's traceback."""

import pytest
import torch

from creditgraph.guard import CreditgraphError
from creditgraph.train import (
    DaleLaw,
    LayeredNetwork,
    RecurrentNetwork,
    angle,
    angle_to_gradient,
    develop,
)

NETWORK = LayeredNetwork([3, 4, 2])
X, Y = torch.ones(5, 3), torch.zeros(5, 2)


@pytest.mark.parametrize(
    ("call", "named"),
    [
        (lambda: develop(3), "schedule"),
        (lambda: develop("fast"), "schedule"),
        (lambda: DaleLaw("network"), "network"),
        (lambda: angle(None, None), "angle"),
        (lambda: angle([X], [3]), "angle"),
        (lambda: angle_to_gradient(None, X, Y), "net"),
        (lambda: angle_to_gradient(NETWORK, X, Y, balances=[3]), "balances"),
        (lambda: angle_to_gradient(NETWORK, X, Y, balances=3), "balances"),
        (lambda: RecurrentNetwork(3, 4, 2, mask="random", mask_options=[1]), "mask_options"),
        (lambda: NETWORK.assign_credit([], Y), "rates"),
        (lambda: NETWORK.plasticity(None, None), "rates"),
    ],
)
def test_a_wrong_type_is_told_in_one_line(call, named):
    with pytest.raises(CreditgraphError, match=named) as raised:
        call()
    assert "\n" not in str(raised.value)
