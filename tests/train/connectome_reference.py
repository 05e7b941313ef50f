"""Algorithm 1 of Fan and Mysore 2024 in plain NumPy, one network, loop by loop; shares no code with the project."""

import numpy as np


def sigmoid(s):
    return 1 / (1 + np.exp(-s))


SIGMA = {
    "tanh": np.tanh,
    "sigmoid": sigmoid,
    "shifted_sigmoid": lambda s: sigmoid(s) - 0.5,
    "relu": lambda s: np.maximum(s, 0),
    "clipped_relu": lambda s: np.minimum(np.maximum(s, 0), 1),
    "softplus": lambda s: np.log1p(np.exp(-np.abs(s))) + np.maximum(s, 0),
    "linear": lambda s: s,
}
BALANCE = {
    "tanh": lambda s: 1 / np.cosh(s) ** 2,
    "sigmoid": lambda s: sigmoid(s) * sigmoid(-s),
    "shifted_sigmoid": lambda s: sigmoid(s) * sigmoid(-s),
    "relu": lambda s: np.where(s > 0, 1.0, 0.0),
    "clipped_relu": lambda s: np.where((s > 0) & (s < 1), 1.0, 0.0),
    "softplus": sigmoid,
    "linear": lambda s: np.ones_like(s),
}


ENGINES = ("compiled", "tensor")
# what the paper leaves open: the clamp, the noise, self-synapses; every pair of readings occurs
READINGS = [
    ("constant", "independent", "kept"),
    ("constant", "shared", "none"),
    ("identity", "independent", "none"),
    ("identity", "shared", "kept"),
]


def prune(W, p):
    """Sort the magnitudes, the earlier index first among equals, and drop the first round(p n^2)."""
    flat = W.flatten()
    flat[np.argsort(np.abs(flat), kind="stable")[: round(p * flat.size)]] = 0
    return flat.reshape(W.shape)


def simulate(W, x, c, *, r, p, iterations, activation, clamp, clamped, self_synapses="kept", noise=None):
    """Return W, x, c after some iterations; `noise` (2 or 1, iterations, n) is that of rates and of credits."""
    n = len(x)
    for t in range(iterations):
        noise_x, noise_c = (0, 0) if noise is None else (noise[0, t], noise[-1, t])
        s = W @ x
        f = BALANCE[activation](s)
        J = W.T @ np.diag(f)
        fixed = np.zeros(n)
        if clamp == "identity":
            J[:clamped] = np.eye(n)[:clamped]
        else:
            J[:clamped] = 0
            fixed[:clamped] = 1
        x = SIGMA[activation](s) + noise_x
        c = J @ c + fixed + noise_c
        W = W + r * np.outer(c * f, x)
        if self_synapses == "none":
            W[np.arange(n), np.arange(n)] = 0
        W = prune(W, p)
    return W, x, c
