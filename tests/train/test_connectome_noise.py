import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from creditgraph.train.connectome.noise import NOISE_BLOCK, Noise


def made(seeds=(3, 8), *, shared=False, ahead=False, dtype=torch.float32):
    noise = Noise(seeds, 5, scale=0.5, shared=shared, like=torch.zeros(0, dtype=dtype))
    if ahead:
        # as for a device that computes by itself
        noise._thread = ThreadPoolExecutor(1)
    return noise


@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize("shared", [False, True])
def test_noise_is_a_function_of_seed_and_block(ahead, shared):
    """Guards against noise that depends on the blocks before, on other seeds, or on who draws it."""
    noise = made(shared=shared, ahead=ahead)
    # one after the other, then back as a simulation that takes up an earlier state, then one that nobody foresaw
    for number in (0, 1, 1, 2, 0, 7):
        found = noise.block(number, further=number < 2)
        for place, seed in enumerate((3, 8)):
            shape = 1 if shared else 2, NOISE_BLOCK, 5
            drawn = np.random.default_rng([seed, 1, number]).standard_normal(shape, dtype=np.float32)
            np.testing.assert_array_equal(found[place].numpy(), drawn * np.float32(0.5))
    assert torch.equal(made([8], shared=shared, ahead=ahead).block(2)[0], made(shared=shared).block(2)[1])


def test_the_next_block_is_drawn_by_a_thread_where_another_device_computes(monkeypatch):
    """Guards against an accelerator that waits for the processor to draw, and blocks that nobody asks for."""
    drawn = []
    draw = Noise._draw

    def noted(noise, number):
        drawn.append((number, threading.current_thread() is threading.main_thread()))
        return draw(noise, number)

    monkeypatch.setattr(Noise, "_draw", noted)
    noise = made(ahead=True)
    noise.block(0, further=True)
    noise.block(1, further=True)
    noise.block(2, further=False)
    assert drawn == [(0, True), (1, False), (2, False)]
    drawn.clear()
    alone = made()
    alone.block(0, further=True)
    alone.block(1, further=True)
    assert drawn == [(0, True), (1, True)]
