"""The kernel of CUDA GPUs: run on one, or by Triton's interpreter where there is none, and compiled for several."""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import torch

from creditgraph.guard import DataError, OptionError
from creditgraph.train.activations import ACTIVATIONS, activation
from creditgraph.train.connectome import ConnectomeSimulation
from creditgraph.train.connectome.dynamics import Dynamics, Population
from creditgraph.train.connectome.engines import chosen_engine, made_engine
from creditgraph.train.pruning import MAGNITUDE_BITS

pytest.importorskip("triton")
from triton import language
from triton.runtime.interpreter import TensorHandle

from creditgraph.train.connectome import kernel as kernels
from creditgraph.train.connectome.cuda import SETTINGS, CudaIterations, compile_for

sys.path.insert(0, str(Path(__file__).parent))
from connectome_reference import READINGS, prune

GPU = torch.device("cuda")
DEVICE = GPU if torch.cuda.is_available() else torch.device("cpu")


@pytest.fixture(autouse=True)
def functions_of_the_interpreter(monkeypatch):
    """The interpreter has no functions of CUDA's library of mathematics."""

    def stand_in(function):
        # what overflows is infinite there, and nothing is said
        quiet = np.errstate(over="ignore")(function)
        return lambda x: language.tensor(TensorHandle(quiet(x.handle.data), x.handle.dtype), x.type)

    if DEVICE.type == "cpu":
        functions = {name: stand_in(getattr(np, name)) for name in ("exp", "log1p", "tanh")}
        monkeypatch.setattr(kernels, "libdevice", SimpleNamespace(**functions))


def dynamics(name="linear", *, self_synapses=True, divergence=1e6):
    return Dynamics(activation(name), "constant", 0, self_synapses, divergence)


def population(weights, counts, alive=None):
    """A state of silent networks that hold weights, driven by noise each of its own."""
    members, n, _ = weights.shape
    state = Population(
        weights=weights.clone(),
        rates=weights.new_zeros(members, n),
        credits=weights.new_zeros(members, n),
        learning_rates=weights.new_ones(members),
        pruned=torch.as_tensor(counts),
        seed_index=torch.arange(members),
        alive=torch.ones(members, dtype=torch.bool) if alive is None else torch.tensor(alive),
        iterations=torch.zeros(members, dtype=torch.int64),
        mean_balance=weights.new_zeros(members),
    )
    return Population(**{name: tensor.to(DEVICE) for name, tensor in vars(state).items()})


def learn(state, post=None, rates=None, *, iterations=None, **options):
    """One iteration in which linear neurons get their rates, and what they learn, from noise alone."""
    nothing = torch.zeros_like(state.rates)
    drive = [nothing if each is None else each.to(DEVICE) for each in (rates, post)]
    iterations = CudaIterations() if iterations is None else iterations
    iterations(state, dynamics(**options), torch.stack(drive, 1).unsqueeze(2), range(1))


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
    expected = torch.stack([torch.from_numpy(prune(w, p)) for w in weights.numpy()])
    iterations = CudaIterations()
    # at first thresholds are looked for around 0, then where they are, then far above
    for guess in (None, None, torch.iinfo(MAGNITUDE_BITS[weights.dtype][0]).max // 4):
        if guess is not None:
            iterations._search[0].fill_(guess)
        state = population(weights, [k] * len(weights))
        learn(state, iterations=iterations)
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
    before = Population(**{name: tensor.clone() for name, tensor in vars(state).items()})
    learn(state, post, rates, self_synapses=self_synapses, divergence=1000.0)
    assert state.alive.tolist() == [name in ("well", "at the bound") for name in names]
    for m, name in enumerate(names):
        if name in ("well", "at the bound"):
            learned = weights[m] + torch.outer(post[m], rates[m])
            if not self_synapses:
                learned.fill_diagonal_(0)
            assert torch.equal(state.weights[m].cpu(), torch.from_numpy(prune(learned.numpy(), 40 / n**2)))
            assert torch.equal(state.rates[m].cpu(), rates[m])
            assert torch.equal(state.credits[m].cpu(), post[m])
            assert (state.iterations[m], state.mean_balance[m]) == (1, 1)
        else:
            for of in ("weights", "rates", "credits", "iterations", "mean_balance"):
                assert torch.equal(getattr(state, of)[m], getattr(before, of)[m])


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_guesses_follow_the_thresholds(dtype):
    """Guards against a search that sets out from nowhere in each iteration, or a guess that runs away."""
    weights = torch.randn(3, 20, 20, generator=torch.Generator().manual_seed(0), dtype=dtype)
    counts = [0, 80, 320]
    iterations = CudaIterations()
    for _ in range(3):
        learn(population(weights, counts), iterations=iterations)
        guesses, reaches = iterations._search
        thresholds = guesses.cpu().view(dtype)
        assert (weights.abs() < thresholds[:, None, None]).sum((1, 2)).tolist() == counts
    assert guesses.tolist()[0] == 0
    assert (reaches > 0).all()
    assert (reaches[1:] < SETTINGS[dtype].first).all()


@pytest.mark.slow
# both of each that the paper leaves open
@pytest.mark.parametrize(("clamp", "noise_mode", "self_synapses"), READINGS[1:3])
def test_simulations_are_those_of_plain_tensors(clamp, noise_mode, self_synapses):
    """Guards against an engine that drifts from the other over iterations, divergence included."""
    options = {
        "n": 20, "learning_rates": [1e-3, 0.3, 1e3], "pruning": [0.0, 0.8], "seeds": [2], "dtype": torch.float64,
        "clamp": clamp, "noise_mode": noise_mode, "self_synapses": self_synapses, "engine": "tensor", "iterations": 12,
        "divergence": 100.0, "device": DEVICE,
    }  # fmt: skip
    found = assert_as_plain_tensors(options)
    assert set(found.members["status"]) == {"completed", "diverged"}


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_every_activation_is_that_of_plain_tensors(name, monkeypatch):
    """Guards against a sigma or balance of its own, tiles of which only the first counts, and launches that overlap."""
    options = {
        "n": 70, "learning_rates": [0.1], "pruning": [0.5], "seeds": [3], "iterations": 2, "dtype": torch.float64,
        "activation": name, "noise": 3.0, "engine": "tensor", "device": DEVICE,
    }  # fmt: skip
    monkeypatch.setattr("creditgraph.train.connectome.cuda.MOST_ENTRIES", 70**2)
    assert_as_plain_tensors(options)


def assert_as_plain_tensors(options):
    """Run the kernel beside plain tensors."""
    plain, fused = ConnectomeSimulation(**options), ConnectomeSimulation(**options)
    fused._engine = made_engine("compiled", GPU, at_once=2)
    expected, found = plain.run(), fused.run()
    pd.testing.assert_frame_equal(found.members, expected.members)
    pd.testing.assert_frame_equal(found.training, expected.training, rtol=1e-8)
    for of in ("weights", "rates", "credits"):
        torch.testing.assert_close(getattr(fused, of), getattr(plain, of), rtol=1e-8, atol=1e-8)
    return found


COMPILE = """
import triton
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource
from creditgraph.train.connectome.cuda import SETTINGS
from creditgraph.train.connectome.kernel import advance as kernel

COUNTS = ("counts", "seed_index", "iterations")
# 300 neurons at addresses of 16 bytes, as at launch, and where nothing is aligned
cases = (("fp32", "i32", 90, 300, True, "tanh"), ("fp64", "i64", 75, 301, False, "softplus"))
for setting, (real, whole, capability, n, kept, sigma) in zip(SETTINGS.values(), cases, strict=True):
    pointers = kernel.arg_names[: kernel.arg_names.index("start")]
    types = {name: "*" + ("i64" if name in COUNTS else real) for name in pointers}
    types |= dict(alive="*i8", guesses="*" + whole, reaches="*" + whole)
    types |= dict(start="i32", stop="i32", clamped="i32", bound=whole, widest=whole)
    constants = dict(n=n, BLOCK_OF_NOISE=64, SHARED=kept, ACTIVATION=sigma, IDENTITY=kept, SELF=kept,
                     ROWS=setting.rows, COLUMNS=setting.columns, SIDE=setting.side)
    signature = {name: types.get(name, "constexpr") for name in kernel.arg_names}
    aligned = range(len(pointers)) if kept else ()
    source = ASTSource(kernel, signature=signature, constexprs=constants,
                       attrs={(place,): [["tt.divisibility", 16]] for place in aligned})
    options = dict(num_warps=setting.warps, maxnreg=setting.registers, enable_fp_fusion=False)
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
    assert done.stdout.count("compiled") == 2


def test_a_gpu_without_a_compiler_falls_back(monkeypatch):
    """Guards against Triton's traceback where it lacks a C compiler or a driver."""

    def broken(**options):
        raise RuntimeError("Failed to find C compiler.\nPlease specify via CC")

    options = {"n": 3, "dynamics": dynamics(), "shared": True, "dtype": torch.float32, "device": GPU}
    monkeypatch.setattr("creditgraph.train.connectome.cuda.compile_for", broken)
    assert chosen_engine("auto", **options) == "tensor"
    told = r"^engine: got 'compiled', expected tensor or auto.*\(Failed to find C compiler\. Please specify via CC\)$"
    with pytest.raises(OptionError, match=told):
        chosen_engine("compiled", **options)
    monkeypatch.setattr("creditgraph.train.connectome.cuda.compile_for", lambda **options: None)
    assert chosen_engine("auto", **options) == chosen_engine("compiled", **options) == "compiled"
    assert chosen_engine("tensor", **options) == "tensor"
    with pytest.raises(OptionError, match="not on mps"):
        chosen_engine("compiled", **{**options, "device": torch.device("mps")})


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_the_trial_runs(dtype):
    """Guards against a GPU that always falls back because the trial itself is wrong."""
    options = {"dynamics": dynamics(), "shared": False, "dtype": dtype, "device": DEVICE}
    compile_for(n=5, **options)
    with pytest.raises(DataError, match="n: got 46341, expected at most 46340"):
        compile_for(n=46341, **options)
