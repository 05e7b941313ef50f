import numpy as np
import pytest

from creditgraph.guard import DataError, finite_array, square_matrix


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_the_first_bad_value_is_named(bad):
    """Guards against NaN entering a computation unseen."""
    matrix = np.zeros((3, 3))
    matrix[1, 2] = bad
    with pytest.raises(DataError, match=r"^W: 1 value is NaN or infinite, the first at index \(1, 2\)$"):
        square_matrix("W", matrix)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.zeros((2, 3)), "2 x 3, expected a square one"),
        (np.zeros(4), "expected 2 dimensions"),
        ([[1, 2], [3]], "unequal length"),
        ([["a", "b"], ["c", "d"]], "expected real numbers"),
        (np.zeros((2, 2), dtype=complex), "expected real numbers"),
    ],
)
def test_what_is_no_square_matrix_of_numbers_is_refused(data, message):
    """Guards against a library's traceback for a matrix of the wrong kind."""
    with pytest.raises(DataError, match=message):
        square_matrix("W", data)


def test_data_that_are_fine_come_back_unchanged():
    """Guards against a check that alters or copies what it checks."""
    matrix = np.arange(4.0).reshape(2, 2)
    assert square_matrix("W", matrix) is matrix
    assert finite_array("x", [1, 2]).tolist() == [1, 2]


def test_what_is_finite_in_long_double_only_is_refused():
    """Guards against an infinity that only appears once the data are cast to double precision."""
    assert finite_array("x", np.array([1.5], dtype=np.longdouble)).dtype == np.float64
    if np.finfo(np.longdouble).max > np.finfo(np.float64).max:
        with pytest.raises(DataError, match="x: 1 value is NaN or infinite"):
            finite_array("x", np.array([np.longdouble(1e300) ** 2]))


def test_tensors_are_read_whatever_they_belong_to():
    """Guards against parameters of a model that cannot be given, and a gradient or a type that NumPy lacks."""
    torch = pytest.importorskip("torch")
    values = torch.tensor([[1.5, -2.0]])
    for tensor in (values, values.clone().requires_grad_(), values.bfloat16(), torch.nn.Parameter(values)):
        np.testing.assert_array_equal(finite_array("x", tensor), [[1.5, -2.0]])


def test_tensors_that_numpy_cannot_read_are_refused():
    """Guards against torch's traceback for a tensor without plain numbers."""
    torch = pytest.importorskip("torch")
    for tensor in (torch.eye(2).to_sparse(), torch.empty(2, device="meta")):
        with pytest.raises(DataError, match=r"^x: cannot be read as an array of real numbers \(") as caught:
            finite_array("x", tensor)
        assert "\n" not in str(caught.value)


def test_a_mask_is_not_dropped():
    """Guards against masked values that come back as the numbers below the mask."""
    masked = np.ma.masked_array(np.ones((2, 2)), mask=[[True, False], [False, True]])
    with pytest.raises(DataError, match=r"m: 2 values are masked.*filled\(0\)"):
        finite_array("m", masked)
    whole = np.ma.masked_array(np.ones((2, 2)), mask=False)
    assert np.array_equal(finite_array("m", whole), np.ones((2, 2)))
