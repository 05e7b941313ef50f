"""Trained networks of other programs: tensors in files become layers, or it is asked how."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.utils import prune

from creditgraph.graphs import GraphFileWarning, WeightGraph, read_graph, write_graph
from creditgraph.guard import CreditgraphError, DataError, FileError, OptionError


class Recurrent(nn.Module):
    """A recurrent layer between two others."""

    def __init__(self, layer: Any) -> None:
        super().__init__()
        self.rnn, self.readout = layer, nn.Linear(9, 2)


def perceptron(seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(6, 9), nn.LayerNorm(9), nn.ReLU(), nn.Linear(9, 9), nn.ReLU(), nn.Linear(9, 3))


def linear(model: nn.Sequential) -> list[torch.Tensor]:
    return [layer.weight for layer in model if isinstance(layer, nn.Linear)]


def stored(tmp_path: Path, tensors: dict[str, torch.Tensor], name: str = "m.safetensors") -> Path:
    save_file({key: value.detach().contiguous() for key, value in tensors.items()}, tmp_path / name)
    return tmp_path / name


def quietly(path: Path, **options: Any) -> WeightGraph:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", GraphFileWarning)
        return read_graph(path, **options)


def random(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)))


def test_layers_of_a_model_are_those_in_memory(tmp_path: Path) -> None:
    """Guards against layers in another order, turned, or with biases among them, and tensors with a gradient."""
    model = perceptron()
    path = stored(tmp_path, model.state_dict())
    said = (
        r"layers read as 0.weight \(6 to 9\), 3.weight \(9 to 9\), 5.weight \(9 to 3\), rows as postsynaptic neurons; "
        r"tensors not read: 0.bias, 1.bias, 1.weight, 3.bias, 5.bias$"
    )
    with pytest.warns(GraphFileWarning, match=said):
        g = read_graph(path)
    assert g == WeightGraph.from_layers(linear(model))
    for block, weight in zip(g.to_layers(), linear(model), strict=True):
        np.testing.assert_array_equal(block, weight.detach().numpy())
    assert g.roles is not None
    assert g.roles[:6] == ("input",) * 6
    assert g.roles[-3:] == ("output",) * 3


def test_ten_layers_stand_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    """Guards against the order of texts, in which layer 10 follows layer 1."""
    blocks = {f"layers.{i}.weight": random(4, 4) for i in range(12)}
    g = quietly(stored(tmp_path, blocks))
    for i, block in enumerate(g.to_layers()):
        np.testing.assert_array_equal(block, blocks[f"layers.{i}.weight"].numpy())


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float64])
def test_narrow_and_wide_numbers_are_read(tmp_path: Path, dtype: torch.dtype) -> None:
    """Guards against a type that NumPy lacks and a library's traceback."""
    blocks = [random(5, 4).to(dtype), random(3, 5).to(dtype)]
    g = quietly(stored(tmp_path, {f"{i}.weight": block for i, block in enumerate(blocks)}))
    assert g == WeightGraph.from_layers([block.double() for block in blocks]) == WeightGraph.from_layers(blocks)


def test_rows_may_be_presynaptic(tmp_path: Path) -> None:
    """Guards against kernels of Keras, (input, output), that are read upside down where shapes tell."""
    blocks = [random(5, 4), random(3, 5)]
    path = stored(tmp_path, {f"dense_{i}.kernel": block.T for i, block in enumerate(blocks)})
    with pytest.warns(GraphFileWarning, match="rows as presynaptic neurons"):
        assert read_graph(path) == WeightGraph.from_layers(blocks)
    with pytest.raises(DataError, match=r"do not follow each other in any order, rows as postsynaptic"):
        read_graph(path, orientation="post_pre")


def test_recurrent_layers_of_pytorch(tmp_path: Path) -> None:
    """Guards against recurrent weights that are read as a layer of their own."""
    model = Recurrent(nn.RNN(4, 9, num_layers=2))
    tensors = model.state_dict()
    with pytest.warns(GraphFileWarning, match=r"rnn.weight_hh_l0 within a layer, rnn.weight_hh_l1 within a layer"):
        g = read_graph(stored(tmp_path, tensors))
    expected = WeightGraph.from_layers(
        [tensors["rnn.weight_ih_l0"], tensors["rnn.weight_ih_l1"], tensors["readout.weight"]],
        recurrent={1: tensors["rnn.weight_hh_l0"], 2: tensors["rnn.weight_hh_l1"]},
    )
    assert g == expected
    matrix = g.adjacency()
    np.testing.assert_array_equal(matrix[4:13, 4:13], tensors["rnn.weight_hh_l0"].numpy())
    np.testing.assert_array_equal(matrix[13:22, 4:13], tensors["rnn.weight_ih_l1"].numpy())


@pytest.mark.parametrize(("layer", "kind"), [(nn.LSTM(4, 9), "an LSTM"), (nn.GRU(4, 9), "a GRU")])
def test_gates_are_no_matrix_of_synapses(tmp_path: Path, layer: nn.Module, kind: str) -> None:
    """Guards against the stacked weights of gates that are taken for so many neurons."""
    path = stored(tmp_path, Recurrent(layer).state_dict())
    for weight in (None, "rnn.weight_hh_l0", "rnn.weight_ih_l0", "rnn.weight_ih_l0,recurrent:rnn.weight_hh_l0"):
        with pytest.raises(DataError, match=f"the weights of the gates of {kind}"):
            read_graph(path, weight=weight)
    assert quietly(path, weight="readout.weight").n == 11


def test_gates_of_layers_that_run_backwards_or_are_projected(tmp_path: Path) -> None:
    """Guards against stacked weights that are taken for neurons because their names or shapes are unusual."""
    for layer, weight in (
        (nn.GRU(4, 6, bidirectional=True), "weight_ih_l0_reverse"),
        (nn.LSTM(4, 9, proj_size=3), "weight_ih_l0"),
    ):
        with pytest.raises(DataError, match="the weights of the gates of"):
            read_graph(stored(tmp_path, layer.state_dict()), weight=weight)
    for odd in (random(3, 2, 2), random(4), random(0, 0)):
        g = quietly(stored(tmp_path, {"weight_ih_l0": random(5, 4), "weight_hh_l0": odd}))
        assert g.n == 9


def test_what_names_and_shapes_leave_open_is_asked_for(tmp_path: Path) -> None:
    """Guards against a guess whether a square matrix is a layer's or within one, and at an order."""
    tensors = {"W_in": random(9, 4), "W_rec": random(9, 9), "W_out": random(2, 9)}
    path = stored(tmp_path, tensors)
    proposed = r"weight='W_in,W_rec,W_out' or weight='W_in,recurrent:W_rec,W_out', or it alone.* with weight='W_rec'$"
    with pytest.raises(DataError, match=proposed):
        read_graph(path)
    for names in (("i2h", "h2h", "h2o"), ("W_in1", "W_rec1", "W_out1"), ("in2hid", "hid2hid", "hid2out")):
        others = dict(zip((f"{name}.weight" for name in names), tensors.values(), strict=True))
        with pytest.raises(DataError, match=f"{names[1]}.weight .* or be within a layer"):
            read_graph(stored(tmp_path, others, "others.safetensors"))
    within = quietly(path, weight="W_in,recurrent:W_rec,W_out")
    assert within == WeightGraph.from_layers([tensors["W_in"], tensors["W_out"]], recurrent={1: tensors["W_rec"]})
    between = quietly(path, weight="W_in, W_rec, W_out")
    assert between == WeightGraph.from_layers([tensors["W_in"], tensors["W_rec"], tensors["W_out"]])
    alone = quietly(path, weight="W_rec")
    assert alone == WeightGraph.from_matrix(tensors["W_rec"].numpy())
    coder = stored(tmp_path, {"encoder": random(3, 7), "decoder": random(7, 3)})
    with pytest.raises(DataError, match=r"the order of decoder .* cannot be told from names and shapes"):
        read_graph(coder)
    with pytest.raises(DataError, match=r"weight='decoder,encoder' or weight='encoder,decoder'$"):
        read_graph(coder)
    assert quietly(coder, weight="encoder,decoder").to_layers()[0].shape == (3, 7)


def test_other_names_stand_in_the_only_order_that_shapes_allow(tmp_path: Path) -> None:
    """Guards against the order of the alphabet, and against a search that takes for ever."""
    tensors = {"hidden1.w": random(5, 4), "hidden2.w": random(5, 5), "a_readout.w": random(2, 5)}
    g = quietly(stored(tmp_path, tensors))
    assert g == WeightGraph.from_layers([tensors["hidden1.w"], tensors["hidden2.w"], tensors["a_readout.w"]])
    many = {f"{chr(97 + i)}{'x' * i}1.weight": random(*((4, 3), (3, 4))[i % 2]) for i in range(16)}
    with pytest.raises(DataError, match=r"cannot be told from names and shapes.*,\.\.\.'$"):
        read_graph(stored(tmp_path, many))
    # no order that goes on to the odd one is found in time, and none that lacks it is proposed
    odd = {
        **many,
        **{f"{name}.weight": random(*shape) for name, shape in zip("pqrs", [(4, 3), (3, 4)] * 2, strict=True)},
    }
    odd["odd"] = random(5, 7)
    with pytest.raises(DataError, match=r"cannot be told from names and shapes: .* of the layers with weight=$"):
        read_graph(stored(tmp_path, odd))


def test_numbers_that_are_sizes_are_no_order(tmp_path: Path) -> None:
    """Guards against a model that is read backwards because its names tell sizes."""
    blocks = {"W_64_32": random(32, 64), "W_32_10": random(10, 32)}
    assert quietly(stored(tmp_path, blocks)) == WeightGraph.from_layers(list(blocks.values()))


def test_one_matrix_stored_several_times_is_no_stack_of_layers(tmp_path: Path) -> None:
    """Guards against weights before and after training that are read as two layers."""
    with pytest.raises(DataError, match=r"epoch_0 \(8 x 8\) may lead from one layer to the next"):
        read_graph(stored(tmp_path, {"epoch_0": random(8, 8), "epoch_100": random(8, 8)}))
    assert quietly(stored(tmp_path, {f"{i}.weight": random(8, 8) for i in (0, 2)})).n == 24
    np.savez(tmp_path / "h.npz", weight_0=np.ones((8, 8)), weight_500=np.ones((8, 8)))
    with pytest.raises(DataError, match=r"weight_0 .* may lead from one layer to the next"):
        read_graph(tmp_path / "h.npz")
    xyz, matrix = random(7, 3).numpy(), random(7, 7).numpy()
    for arrays in ((matrix, xyz), (xyz, matrix)):
        np.savez(tmp_path / "c.npz", *arrays)
        with pytest.warns(GraphFileWarning, match="arrays not read: arr_"):
            assert read_graph(tmp_path / "c.npz").n == 7


@pytest.mark.parametrize(
    ("weight", "error", "message"),
    [
        ("W_in,W_ot", OptionError, "did you mean 'W_out'"),
        ("W_in,W_in", OptionError, "got 'W_in' twice"),
        ("recurrent:W_rec", OptionError, "first a matrix that leads to the layer of W_rec"),
        ("W_out,W_in", DataError, "in the order given, rows as postsynaptic neurons: .* or say orientation='pre_post'"),
        ("bias", OptionError, "expected matrices by name"),
        ("W_in,recurrent:W_out", DataError, "no square matrix"),
        ("W_in,recurrent:W_rec,recurrent:more", OptionError, "one matrix within the layer that W_in leads to"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, weight: str, error: type[CreditgraphError], message: str) -> None:
    """Guards against a library's traceback, and against layers in another order than was said."""
    tensors = {"W_in": random(9, 4), "W_rec": random(9, 9), "W_out": random(2, 9), "bias": random(9)}
    tensors["more"] = random(9, 9)
    with pytest.raises(error, match=message):
        read_graph(stored(tmp_path, tensors), weight=weight)


def test_a_single_matrix(tmp_path: Path) -> None:
    """Guards against a square matrix that is read as two layers, and another that is refused."""
    matrix = random(6, 6)
    with pytest.warns(GraphFileWarning, match="kernel read as the matrix of a recurrent network, rows as postsynaptic"):
        assert read_graph(stored(tmp_path, {"kernel": matrix})) == WeightGraph.from_matrix(matrix.numpy())
    turned = quietly(stored(tmp_path, {"kernel": matrix}), orientation="pre_post")
    assert turned == WeightGraph.from_matrix(matrix.numpy().T)
    block = random(3, 6)
    assert quietly(stored(tmp_path, {"w": block})) == WeightGraph.from_layers([block])


def test_files_without_matrices_and_damaged_ones(tmp_path: Path) -> None:
    """Guards against a library's traceback, and against pickles that are opened."""
    with pytest.raises(FileError, match=r"got conv \(4 x 3 x 2 x 2\), expected the weight matrices of layers"):
        read_graph(stored(tmp_path, {"conv": random(4, 3, 2, 2)}))
    with pytest.raises(FileError, match="got no tensors"):
        read_graph(stored(tmp_path, {}))
    with pytest.raises(DataError, match=r"0\.weight: 1 value is NaN or infinite"):
        read_graph(stored(tmp_path, {"0.weight": torch.tensor([[1.0, float("nan")]])}))
    whole = stored(tmp_path, perceptron().state_dict()).read_bytes()
    for damaged in (b"", b"abc", whole[:200], b"\xff" * 300):
        (tmp_path / "d.safetensors").write_bytes(damaged)
        with pytest.raises(FileError, match="cannot be read as safetensors"):
            read_graph(tmp_path / "d.safetensors")
    for suffix in (".pt", ".pth", ".ckpt", ".pkl"):
        with pytest.raises(FileError, match="files of pickled objects are not read"):
            read_graph(tmp_path / f"m{suffix}")
    with pytest.raises(FileError, match="not written as safetensors"):
        write_graph(WeightGraph.from_matrix([[0, 1], [0, 0]]), tmp_path / "g.safetensors")
    with pytest.raises(OptionError, match="nothing for a file of format safetensors"):
        read_graph(tmp_path / "d.safetensors", source="pre")


def test_pruned_weights_are_no_synapses(tmp_path: Path) -> None:
    """Guards against pruned synapses that come back, since PyTorch keeps them beside a mask."""
    model = perceptron()
    for layer in model:
        if isinstance(layer, nn.Linear):
            prune.l1_unstructured(layer, "weight", amount=0.8)
    path = stored(tmp_path, model.state_dict())
    np.savez(tmp_path / "m.npz", **{name: value.numpy() for name, value in model.state_dict().items()})
    expected = WeightGraph.from_layers(linear(model))
    assert expected.synapses < 50
    alone = WeightGraph.from_matrix(linear(model)[1].detach().numpy())
    for file in (path, tmp_path / "m.npz"):
        assert quietly(file, weight="3.weight") == alone
        with pytest.warns(GraphFileWarning, match=r"without what their masks prune: 0\.weight, 3\.weight, 5\.weight"):
            assert read_graph(file) == expected
        assert quietly(file, weight="0.weight,3.weight,5.weight") == expected


def test_a_model_is_the_same_in_either_format(tmp_path: Path) -> None:
    """Guards against one matrix of a model that is taken for the network, and turned, in an archive of NumPy."""
    for tensors in (Recurrent(nn.RNN(4, 9)).state_dict(), perceptron().state_dict()):
        np.savez(tmp_path / "m.npz", **{name: value.numpy() for name, value in tensors.items()})
        assert quietly(tmp_path / "m.npz") == quietly(stored(tmp_path, tensors))
    names = {"encoder.weight": random(9, 6), "hidden.weight": random(4, 9)}
    np.savez(tmp_path / "m.npz", **{name: value.numpy() for name, value in names.items()})
    assert quietly(tmp_path / "m.npz") == quietly(stored(tmp_path, names))
    own = {"W_in": random(9, 4), "W_rec": random(9, 9), "W_out": random(2, 9)}
    np.savez(tmp_path / "m.npz", **{name: value.numpy() for name, value in own.items()})
    with pytest.raises(DataError, match=r"W_rec .* may lead from one layer to the next or be within a layer"):
        read_graph(tmp_path / "m.npz")


def test_layers_in_an_archive_of_numpy(tmp_path: Path) -> None:
    """Guards against the one square layer that is taken for the network, and against two matrices taken for layers."""
    model = perceptron()
    np.savez(tmp_path / "m.npz", *[each.detach().numpy() for each in model.parameters()])
    with pytest.warns(
        GraphFileWarning, match=r"arr_0 \(6 to 9\), arr_4 \(9 to 9\), arr_6 \(9 to 3\).* arrays not read"
    ):
        assert read_graph(tmp_path / "m.npz") == WeightGraph.from_layers(linear(model))
    assert quietly(tmp_path / "m.npz", weight="arr_0,arr_4").to_layers()[1].shape == (9, 9)
    assert quietly(tmp_path / "m.npz", weight="arr_6").to_layers()[0].shape == (3, 9)
    np.savez(tmp_path / "two.npz", W0=np.eye(4), W1=np.ones((4, 4)))
    with pytest.raises(FileError, match="expected one square matrix"):
        read_graph(tmp_path / "two.npz")


def test_untrained_weights_of_another_file(tmp_path: Path) -> None:
    """Guards against changes of other neurons, or of other layers of the same count."""
    before, after = perceptron(0), perceptron(1)
    first = stored(tmp_path, before.state_dict(), "before.safetensors")
    second = stored(tmp_path, after.state_dict(), "after.safetensors")
    g = quietly(second, initial=first)
    assert g == WeightGraph.from_layers(linear(after), initial=linear(before))
    expected = [(w - v).detach().double().numpy() for v, w in zip(linear(before), linear(after), strict=True)]
    for block, change in zip(g.view("change").to_layers(), expected, strict=True):
        np.testing.assert_allclose(block, change, atol=1e-6)
    other = stored(tmp_path, {"0.weight": random(6, 9), "1.weight": random(9, 6), "2.weight": random(6, 9)})
    with pytest.raises(DataError, match=r"got 30 neurons in layers of 9-6-9-6, expected 27 in layers of 6-9-9-3"):
        read_graph(second, initial=other)
    with pytest.raises(FileError, match=r"none\.safetensors: cannot be read"):
        read_graph(second, initial=tmp_path / "none.safetensors")
