"""The kernel of CUDA GPUs: run on one, or by Triton's interpreter where there is none, and compiled for several."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from creditgraph.guard import DataError, OptionError
from creditgraph.train.activations import activation
from creditgraph.train.connectome import ConnectomeSimulation
from creditgraph.train.connectome_dynamics import Dynamics, Population
from creditgraph.train.connectome_engines import chosen_engine, made_engine

pytest.importorskip("triton")
from creditgraph.train.connectome_cuda import FusedLearning, compile_for

sys.path.insert(0, str(Path(__file__).parent))
from connectome_reference import READINGS, prune

GPU = torch.device("cuda")
DEVICE = GPU if torch.cuda.is_available() else torch.device("cpu")


def population(weights, counts, alive=None):
    """A state that holds weights; the rest is made up."""
    members, n, _ = weights.shape
    state = Population(
        weights=weights.clone(),
        rates=weights.new_zeros(members, n),
        credits=weights.new_zeros(members, n),
        learning_rates=weights.new_ones(members),
        pruned=torch.as_tensor(counts),
        seed_index=torch.zeros(members, dtype=torch.int64),
        alive=torch.ones(members, dtype=torch.bool) if alive is None else torch.tensor(alive),
        iterations=torch.zeros(members, dtype=torch.int64),
        mean_balance=weights.new_zeros(members),
    )
    return Population(**{name: tensor.to(DEVICE) for name, tensor in vars(state).items()})


def dynamics(*, self_synapses=True, divergence=1e6):
    return Dynamics(activation("tanh"), "constant", 0, self_synapses, divergence)


def matrices(n, dtype):
    """Matrices of many kinds, with ties, zeros and denormals among them."""
    draw = np.random.default_rng(n)
    made = [
        draw.integers(-500, 500, (n, n)) / 64,
        draw.integers(-3, 4, (n, n)),
        np.zeros((n, n)),
        -np.ones((n, n)),
        np.where(draw.random((n, n)) < 0.8, -0.0, draw.integers(-500, 500, (n, n)) / 64),
        draw.integers(-50, 50, (n, n)) * np.finfo(dtype).smallest_subnormal,
        draw.integers(1, 100, (n, n)) * 2.0 ** draw.integers(-30, 10, (n, n)),
    ]
    return torch.from_numpy(np.stack(made).astype(dtype))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("n", "p"), [(1, 1.0), (6, 0.3), (6, 1.0), (33, 0.8)])
def test_the_smallest_are_pruned_as_by_sorting(dtype, n, p):
    """Guards against a threshold that is off by an entry, at ties, zeros and denormals, and after a wrong guess."""
    weights, k = matrices(n, dtype), round(p * n * n)
    state = population(weights, [k] * len(weights))
    learn = FusedLearning(state, dynamics())
    nothing = torch.zeros_like(state.rates)
    expected = torch.stack([torch.from_numpy(prune(w, p)) for w in weights.numpy()])
    for guess in (0, torch.iinfo(learn._guesses.dtype).max // 4):
        state.weights.copy_(weights)
        learn._guesses.fill_(guess)
        learn(state, dynamics(), nothing, nothing)
        assert torch.equal(state.weights.cpu(), expected)
    # the guesses are now where the thresholds are
    state.weights.copy_(weights)
    learn(state, dynamics(), nothing, nothing)
    assert torch.equal(state.weights.cpu(), expected)


@pytest.mark.parametrize("self_synapses", [True, False])
def test_members_learn_or_stay_as_they_are(self_synapses):
    """Guards against a member that goes on after it diverged, or is stopped by another's divergence."""
    draw = np.random.default_rng(0)
    n, names = 9, ["well", "dead", "beyond", "NaN", "infinite", "at the bound"]
    weights = torch.from_numpy(draw.integers(-64, 64, (len(names), n, n)) / 64)
    if not self_synapses:
        weights.diagonal(dim1=1, dim2=2).zero_()
    post, rates = (torch.from_numpy(draw.integers(-8, 8, (len(names), n)) / 8) for _ in range(2))
    post[2, 3], rates[2, 4] = 2000.0, 1.0
    post[3, 3] = torch.nan
    post[4, 3], rates[4, 4] = torch.inf, 1.0
    post[5], rates[5] = 0, 0
    weights[5, 2, 3] = -1000.0
    state = population(weights, [40] * len(names), alive=[name != "dead" for name in names])
    rules = dynamics(self_synapses=self_synapses, divergence=1000.0)
    FusedLearning(state, rules)(state, rules, post.to(DEVICE), rates.to(DEVICE))
    assert state.alive.tolist() == [name in ("well", "at the bound") for name in names]
    for m, name in enumerate(names):
        if name in ("well", "at the bound"):
            learned = weights[m] + torch.outer(post[m], rates[m])
            if not self_synapses:
                learned.fill_diagonal_(0)
            assert torch.equal(state.weights[m].cpu(), torch.from_numpy(prune(learned.numpy(), 40 / n**2)))
        else:
            assert torch.equal(state.weights[m].cpu(), weights[m])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_guesses_follow_the_thresholds(dtype):
    """Guards against a search that sets out from nowhere in each iteration, or a guess that runs away."""
    weights = torch.randn(3, 20, 20, generator=torch.Generator().manual_seed(0), dtype=dtype)
    counts = [0, 80, 320]
    state = population(weights, counts)
    learn, nothing = FusedLearning(state, dynamics()), torch.zeros_like(state.rates)
    for _ in range(3):
        state.weights.copy_(weights)
        learn(state, dynamics(), nothing, nothing)
        thresholds = learn._guesses.cpu().view(dtype)
        assert (weights.abs() < thresholds[:, None, None]).sum((1, 2)).tolist() == counts
    assert learn._guesses.tolist()[0] == 0
    assert (learn._reaches > 0).all()
    assert (learn._reaches[1:] < learn._setting.first).all()


@pytest.mark.slow
# both of each that the paper leaves open
@pytest.mark.parametrize(("clamp", "noise_mode", "self_synapses"), READINGS[1:3])
def test_simulations_are_those_of_plain_tensors(clamp, noise_mode, self_synapses):
    """Guards against an engine that drifts from the other over iterations, divergence included."""
    options = {
        "n": 20, "learning_rates": [1e-3, 0.3, 1e3], "pruning": [0.0, 0.8], "seeds": [2], "dtype": torch.float64,
        "clamp": clamp, "noise_mode": noise_mode, "self_synapses": self_synapses, "engine": "tensor", "iterations": 20,
        "divergence": 100.0, "device": DEVICE,
    }  # fmt: skip
    plain, fused = ConnectomeSimulation(**options), ConnectomeSimulation(**options)
    fused._engine = made_engine("compiled", GPU, at_once=2)
    expected, found = plain.run(), fused.run()
    assert set(expected.members["status"]) == {"completed", "diverged"}
    pd.testing.assert_frame_equal(found.members, expected.members)
    pd.testing.assert_frame_equal(found.training, expected.training, rtol=1e-8)
    torch.testing.assert_close(found.weights, expected.weights, rtol=1e-8, atol=1e-8)


COMPILE = """
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from creditgraph.train.connectome_cuda import SETTINGS
from creditgraph.train.connectome_kernel import learn_and_prune as kernel

# 300 neurons at addresses of 16 bytes, as at launch, and where nothing is aligned
for setting, real, whole in zip(SETTINGS.values(), ("fp32", "fp64"), ("i32", "i64"), strict=True):
    for capability, n, kept, aligned in ((90, 300, True, range(7)), (75, 301, False, ())):
        types = dict(weights=real, post=real, rates=real, counts="i64", alive="i8", guesses=whole, reaches=whole)
        constants = dict(n=n, SELF=kept, BLOCK=setting.block)
        signature = {name: "constexpr" if name in constants else "*" + types[name] if name in types else whole
                     for name in kernel.arg_names}
        source = ASTSource(kernel, signature=signature, constexprs=constants,
                           attrs={(place,): [["tt.divisibility", 16]] for place in aligned})
        options = dict(num_warps=setting.warps, enable_fp_fusion=False)
        compiled = triton.compile(source, target=GPUTarget("cuda", capability, 32), options=options)
        assert len(compiled.asm["cubin"]) > 1000
        print("compiled")
"""


@pytest.mark.slow
def test_the_kernel_compiles_for_gpus(tmp_path):
    """Guards against what the interpreter takes and the compiler does not; no GPU is needed to compile."""
    # else compiled code is taken from an earlier run
    environment = {**os.environ, "TRITON_INTERPRET": "0", "TRITON_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", COMPILE], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("compiled") == 4


def test_a_gpu_without_a_compiler_falls_back(monkeypatch):
    """Guards against Triton's traceback where it lacks a C compiler or a driver."""

    def broken(**options):
        raise RuntimeError("Failed to find C compiler.\nPlease specify via CC")

    options = {"n": 3, "self_synapses": True, "dtype": torch.float32, "device": GPU}
    monkeypatch.setattr("creditgraph.train.connectome_cuda.compile_for", broken)
    assert chosen_engine("auto", **options) == "tensor"
    told = r"^engine: got 'compiled', expected tensor or auto.*\(Failed to find C compiler\. Please specify via CC\)$"
    with pytest.raises(OptionError, match=told):
        chosen_engine("compiled", **options)
    monkeypatch.setattr("creditgraph.train.connectome_cuda.compile_for", lambda **options: None)
    assert chosen_engine("auto", **options) == chosen_engine("compiled", **options) == "compiled"
    assert chosen_engine("tensor", **options) == "tensor"
    with pytest.raises(OptionError, match="not on mps"):
        chosen_engine("compiled", **{**options, "device": torch.device("mps")})


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_trial_runs(dtype):
    """Guards against a GPU that always falls back because the trial itself is wrong."""
    compile_for(n=5, self_synapses=True, dtype=dtype, device=DEVICE)
    with pytest.raises(DataError, match="n: got 46341, expected at most 46340"):
        compile_for(n=46341, self_synapses=True, dtype=dtype, device=DEVICE)
