"""Compiled search for a core and its periphery: moves of single neurons, as in Kernighan and Lin."""

from __future__ import annotations

import numpy as np
from numba import njit

from .core_periphery import EQUAL

# A pass of moves that raises the correlation by no more than this is the last.
PROGRESS = 1e-12


@njit(nogil=True, cache=True)
def correlation(core_sum, core_square, rest_sum, rest_square, size, n):  # type: ignore[no-untyped-def]
    """Correlation of being in the core with the weights of pairs, from sums and sums of squares over core and rest.

    Minus infinity where it is not defined: fewer than two neurons in core or rest, or no variance.
    """
    rest = n - size
    core_pairs, rest_pairs = size * (size - 1) / 2, rest * (rest - 1) / 2
    if core_pairs <= 0 or rest_pairs <= 0:
        return -np.inf
    pairs = core_pairs + rest_pairs
    mean = (core_sum + rest_sum) / pairs
    variance = (core_square + rest_square) / pairs - mean * mean
    if variance <= EQUAL:
        return -np.inf
    gap = core_sum / core_pairs - rest_sum / rest_pairs
    return gap * np.sqrt(core_pairs * rest_pairs / variance) / pairs


@njit(nogil=True, cache=True)
def strongest_core(matrix, order):  # type: ignore[no-untyped-def]
    """Best of the cores that are the first k neurons of `order`, for all k, shape (n,), bool."""
    n = order.size
    core = np.zeros(n, np.bool_)
    rest_sum = matrix.sum() / 2
    rest_square = (matrix * matrix).sum() / 2
    core_sum = core_square = 0.0
    best, best_size = -np.inf, 0
    for size in range(1, n + 1):
        joined = order[size - 1]
        for j in range(n):
            value = matrix[joined, j]
            if core[j]:
                core_sum += value
                core_square += value * value
            else:
                rest_sum -= value
                rest_square -= value * value
        core[joined] = True
        reached = correlation(core_sum, core_square, rest_sum, rest_square, size, n)
        if reached > best:
            best, best_size = reached, size
    core[:] = False
    for place in range(best_size):
        core[order[place]] = True
    return core


@njit(nogil=True, cache=True)
def climb(matrix, core):  # type: ignore[no-untyped-def]
    """Move neurons into and out of the core, in place, until a pass of moves no longer gains.

    In a pass every neuron moves once, the best move first even where it loses; what is kept is the best state on the
    way.
    """
    n = core.size
    # sums and sums of squares of each neuron's weights with the core, and with the rest
    near, near_square = np.empty(n), np.empty(n)
    far, far_square = np.empty(n), np.empty(n)
    order = np.empty(n, np.int64)
    side, moved = np.empty(n, np.bool_), np.empty(n, np.bool_)
    while True:
        core_sum = core_square = rest_sum = rest_square = 0.0
        size = 0
        for i in range(n):
            near[i] = near_square[i] = far[i] = far_square[i] = 0.0
            for j in range(n):
                value = matrix[i, j]
                if core[j]:
                    near[i] += value
                    near_square[i] += value * value
                else:
                    far[i] += value
                    far_square[i] += value * value
            if core[i]:
                core_sum += near[i] / 2
                core_square += near_square[i] / 2
                size += 1
            else:
                rest_sum += far[i] / 2
                rest_square += far_square[i] / 2
        start = correlation(core_sum, core_square, rest_sum, rest_square, size, n)
        best, best_length = start + PROGRESS, 0
        side[:] = core
        moved[:] = False
        for length in range(1, n + 1):
            chosen, gain = -1, -np.inf
            for i in range(n):
                if not moved[i]:
                    sign = -1 if side[i] else 1
                    value = correlation(
                        core_sum + sign * near[i],
                        core_square + sign * near_square[i],
                        rest_sum - sign * far[i],
                        rest_square - sign * far_square[i],
                        size + sign,
                        n,
                    )
                    if value > gain:
                        chosen, gain = i, value
            if chosen < 0:
                break
            sign = -1 if side[chosen] else 1
            core_sum += sign * near[chosen]
            core_square += sign * near_square[chosen]
            rest_sum -= sign * far[chosen]
            rest_square -= sign * far_square[chosen]
            size += sign
            for j in range(n):
                value = sign * matrix[chosen, j]
                square = sign * matrix[chosen, j] * matrix[chosen, j]
                near[j] += value
                near_square[j] += square
                far[j] -= value
                far_square[j] -= square
            side[chosen] = not side[chosen]
            moved[chosen] = True
            order[length - 1] = chosen
            if gain > best:
                best, best_length = gain, length
        if best_length == 0:
            return
        for place in range(best_length):
            core[order[place]] = not core[order[place]]
