import numpy as np
import pytest
import torch

from creditgraph.guard import DataError, OptionError
from creditgraph.train import kernels
from creditgraph.train.pruning import prune_smallest, pruned_count, smallest


def by_sorting(matrix, fraction):
    """The definition: a stable sort of magnitudes, the first round(p n^2) become zero."""
    flat = matrix.flatten()
    flat[np.argsort(np.abs(flat), kind="stable")[: round(fraction * flat.size)]] = 0
    return flat.reshape(matrix.shape)


def as_bits(array):
    return array.view(np.int32 if array.dtype == np.float32 else np.int64)


def matrices(dtype):
    draw = np.random.default_rng(0)
    tiny, huge = np.finfo(dtype).smallest_subnormal, np.finfo(dtype).max
    yield "normal", draw.standard_normal((40, 40))
    yield "many ties", draw.integers(-3, 4, (40, 40))
    yield "all equal", np.full((7, 7), -0.25)
    yield "all zero", np.zeros((6, 6))
    yield "negative zeros", np.where(draw.random((20, 20)) < 0.7, -0.0, draw.standard_normal((20, 20)))
    yield "denormals", draw.integers(-50, 50, (30, 30)) * tiny
    yield (
        "all magnitudes",
        np.exp2(draw.uniform(np.log2(tiny), np.log2(huge), (50, 50))) * draw.choice([-1, 1], (50, 50)),
    )
    yield "one entry", np.array([[2.0]])
    yield "already sparse", np.where(draw.random((60, 60)) < 0.9, 0, draw.standard_normal((60, 60)))
    yield "rectangular", draw.standard_normal((5, 33))
    yield "beyond one block of the count", draw.standard_normal((150, 150))


CASES = [(name, dtype) for dtype in (np.float32, np.float64) for name, _ in matrices(dtype)]
FRACTIONS = (0.0, 0.013, 0.5, 0.8, 0.999, 1.0)


@pytest.mark.parametrize(("name", "dtype"), CASES)
@pytest.mark.parametrize("fraction", FRACTIONS)
def test_equals_a_stable_sort(name, dtype, fraction):
    """Guards against a threshold that is off by one entry, by one bit, or that breaks ties in another order."""
    matrix = dict(matrices(dtype))[name].astype(dtype)
    pruned = prune_smallest(matrix, fraction)
    np.testing.assert_array_equal(as_bits(pruned), as_bits(by_sorting(matrix, fraction)))
    tensor = torch.from_numpy(matrix.reshape(1, -1))
    marked = smallest(tensor, torch.tensor([pruned_count(fraction, matrix.size)]))
    np.testing.assert_array_equal(as_bits(tensor.masked_fill(marked, 0).numpy()).reshape(matrix.shape), as_bits(pruned))


def test_exactly_k_zeros_and_the_largest_survive():
    """Guards against pruning more or fewer than round(p n^2) entries, or a survivor smaller than a pruned one."""
    matrix = np.random.default_rng(1).standard_normal((30, 30))
    pruned = prune_smallest(matrix, 0.8)
    assert (pruned == 0).sum() == 720
    assert np.abs(matrix[pruned != 0]).min() > np.abs(matrix[pruned == 0]).max()
    np.testing.assert_array_equal(pruned[pruned != 0], matrix[pruned != 0])


def test_ties_fall_by_lowest_index():
    """Guards against ties pruned at random or from the end."""
    np.testing.assert_array_equal(prune_smallest(np.array([[1.0, -1], [1, 1]]), 0.5), [[0, 0], [1, 1]])


def test_a_half_entry_is_rounded_to_even():
    """Guards against a count that depends on which engine rounds: round(0.5 * 9) = 4."""
    assert (prune_smallest(np.arange(1.0, 10).reshape(3, 3), 0.5) == 0).sum() == 4


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_batch_is_pruned_matrix_by_matrix(dtype):
    """Guards against a threshold shared among the matrices of a batch."""
    batch = np.random.default_rng(2).standard_normal((2, 3, 20, 20)).astype(dtype)
    batch *= np.arange(1, 7).reshape(2, 3, 1, 1)
    for index in np.ndindex(2, 3):
        np.testing.assert_array_equal(prune_smallest(batch, 0.7)[index], by_sorting(batch[index], 0.7))


def test_a_tensor_comes_back_as_a_tensor_and_an_array_as_an_array():
    """Guards against results of another kind, dtype or shape than what was given."""
    matrix = np.random.default_rng(3).standard_normal((9, 9)).astype(np.float32)
    from_array, from_tensor = prune_smallest(matrix, 0.5), prune_smallest(torch.from_numpy(matrix), 0.5)
    assert isinstance(from_array, np.ndarray)
    assert isinstance(from_tensor, torch.Tensor)
    assert from_array.dtype == np.float32
    np.testing.assert_array_equal(from_array, from_tensor.numpy())


@pytest.mark.parametrize("kind", [np.array, torch.tensor])
def test_in_place_changes_what_was_given_and_a_copy_does_not(kind):
    """Guards against an input that changes unasked, or that does not change when asked."""
    weights = kind([[1.0, 2.0], [3.0, 4.0]])
    assert prune_smallest(weights, 0.5) is not weights
    assert float(weights[0, 0]) == 1
    assert prune_smallest(weights, 0.5, in_place=True) is weights
    assert weights.tolist() == [[0, 0], [3, 4]]


def test_in_place_reaches_weights_that_do_not_lie_in_one_piece():
    """Guards against pruning a hidden copy of a transposed or strided matrix."""
    for whole in (np.random.default_rng(4).standard_normal((6, 12)), torch.randn(6, 12, dtype=torch.float64)):
        view = whole[:, ::2].T
        wanted = by_sorting(np.asarray(view), 0.5)
        prune_smallest(view, 0.5, in_place=True)
        np.testing.assert_array_equal(np.asarray(view), wanted)


@pytest.mark.parametrize("make", [lambda w: w[::-1], lambda w: w[:, ::-1], lambda w: w.T, np.asfortranarray])
def test_arrays_lie_in_memory_as_they_like(make):
    """Guards against errors of torch's, which takes no reversed arrays."""
    weights = make(np.random.default_rng(0).normal(size=(4, 5)))
    wanted = prune_smallest(np.ascontiguousarray(weights), 0.5)
    np.testing.assert_array_equal(prune_smallest(weights, 0.5), wanted)
    assert prune_smallest(weights, 0.5, in_place=True) is weights
    np.testing.assert_array_equal(weights, wanted)


@pytest.mark.filterwarnings("error")
def test_what_may_not_be_changed_is_not(tmp_path):
    """Guards against writing through read-only arrays, which kills the process where they are a file's."""
    weights = np.random.default_rng(0).normal(size=(4, 5))
    np.save(tmp_path / "weights.npy", weights)
    read_only = weights.copy()
    read_only.setflags(write=False)
    for given in (read_only, np.load(tmp_path / "weights.npy", mmap_mode="r"), np.broadcast_to(weights, (2, 4, 5))):
        np.testing.assert_array_equal(
            prune_smallest(given, 0.5), np.broadcast_to(prune_smallest(weights, 0.5), given.shape)
        )
        with pytest.raises(DataError, match="prune a copy"):
            prune_smallest(given, 0.5, in_place=True)
        np.testing.assert_array_equal(given, np.broadcast_to(weights, given.shape))
    with pytest.raises(DataError, match="prune a copy"):
        prune_smallest(torch.from_numpy(weights).expand(3, 4, 5), 0.5, in_place=True)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.array([[1.0, np.nan]]), "NaN or infinite"),
        (torch.tensor([[1.0, torch.inf]]), "NaN or infinite"),
        (np.array([[1, 2]]), "float32 or float64"),
        ([[1.0, 2.0]], "float32 or float64"),
        (np.array([1.0, 2.0]), "shape"),
        (np.zeros((0, 0)), "shape"),
    ],
)
def test_weights_that_cannot_be_pruned(weights, message):
    """Guards against NaN that is silently kept or pruned, and against errors from within a library."""
    with pytest.raises(DataError, match=message):
        prune_smallest(weights, 0.5)


@pytest.mark.parametrize("fraction", [-0.1, 1.1, np.nan, "half", None, True])
def test_fraction_out_of_range(fraction):
    """Guards against fractions that wrap around or fail inside a library."""
    with pytest.raises(OptionError, match="fraction"):
        prune_smallest(np.eye(3), fraction)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_search_from_any_guess_with_any_reach(dtype):
    """Guards against a search that depends on where it sets out, that overruns its room, or that never ends."""
    draw = np.random.default_rng(1)
    cell = kernels.new_cell(dtype)
    found = kernels.new_room(np.empty(1, dtype))
    for name, matrix in matrices(dtype):
        values = np.ascontiguousarray(matrix, dtype).ravel()
        # as many as no room holds, and as few as any window does
        values = np.tile(values, -(-3 * kernels.ROOM // values.size)) if name in ("normal", "all equal") else values
        magnitudes = np.sort(np.abs(values))
        for k in {1, values.size // 2, values.size - 1, values.size}:
            for guess in (0, np.finfo(dtype).smallest_subnormal, magnitudes[values.size // 3], 1, np.finfo(dtype).max):
                guess = dtype(guess)
                reach = np.array(draw.choice([1, 1000, kernels.first_reach(cell)[0], 2**30], 2))
                pruned = values.copy()
                limit = kernels.pruning_limit(pruned, k, guess, int((np.abs(values) < guess).sum()), reach, found, cell)
                kernels.zero_up_to(pruned, limit)
                expected = by_sorting(values, k / values.size)
                assert (as_bits(pruned + dtype(0)) == as_bits(expected + dtype(0))).all(), (name, k, guess)
                assert (reach >= 1).all()
