import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from creditgraph.train.connectome import ConnectomeSimulation

sys.path.insert(0, str(Path(__file__).parent))
from connectome_reference import ENGINES


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_member_alone_is_the_same_to_the_bit_whatever_the_batch_and_the_threads(dtype):
    """Guards against seeds, noise or sums that depend on the other members or on the number of threads."""
    options = {"n": 60, "learning_rates": [1e-3, 0.1, 0.3], "pruning": [0.5, 0.8], "seeds": [0, 1, 3], "dtype": dtype}
    together = ConnectomeSimulation(**options).run(80)
    threads = torch.get_num_threads()
    try:
        for m, threads_alone in ((0, 1), (4, 2), (13, 3), (17, 1)):
            torch.set_num_threads(threads_alone)
            row = together.members.iloc[m]
            alone = {"learning_rates": [row.learning_rate], "pruning": [row.pruning], "seeds": [row.seed]}
            result = ConnectomeSimulation(**(options | alone)).run(80)
            assert torch.equal(result.weights[0], together.weights[m])
    finally:
        torch.set_num_threads(threads)


@pytest.mark.slow
def test_compiled_code_is_kept_and_gives_the_same_bits_in_another_process(tmp_path):
    """Guards against compiling anew in each process, and results that differ between fresh and kept code."""
    script = (
        "import hashlib; from creditgraph.train import ConnectomeSimulation; "
        "weights = ConnectomeSimulation(n=40, learning_rates=[0.1], seeds=[3]).run(70).weights; "
        "print(hashlib.sha256(weights.numpy().tobytes()).hexdigest())"
    )
    digests, kept = [], []
    for _ in range(2):
        environment = os.environ | {"NUMBA_CACHE_DIR": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True
        )
        digests.append(done.stdout)
        kept.append({path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.nbc")})
    here = ConnectomeSimulation(n=40, learning_rates=[0.1], seeds=[3]).run(70).weights
    assert digests == [hashlib.sha256(here.numpy().tobytes()).hexdigest() + "\n"] * 2
    assert kept[0]
    assert kept[0] == kept[1]


@pytest.mark.parametrize("engine", ENGINES)
def test_two_runs_equal_one_long_run_to_the_bit(engine):
    """Guards against noise that starts anew, or state that is lost, when a simulation goes on."""
    options = {"n": 30, "learning_rates": [0.05], "seeds": [0, 1], "engine": engine}
    whole, parts = ConnectomeSimulation(**options), ConnectomeSimulation(**options)
    long = whole.run(200)
    parts.run(90)
    short = parts.run(110)
    assert torch.equal(long.weights, short.weights)
    assert torch.equal(whole.rates, parts.rates)
    assert torch.equal(whole.credits, parts.credits)
    assert torch.equal(long.initial_weights, short.initial_weights)
    assert short.members.iteration.tolist() == [200, 200]


@pytest.mark.parametrize("engine", ENGINES)
def test_two_runs_do_not_disturb_the_result_of_the_first(engine):
    """Guards against results that share memory with the running simulation."""
    simulation = ConnectomeSimulation(n=20, learning_rates=[0.1], engine=engine)
    first = simulation.run(20)
    kept = first.weights.clone()
    simulation.run(20)
    assert torch.equal(first.weights, kept)
