import pytest

from creditgraph.guard import OptionError, byte_count, in_bytes

GIB = 1024**3


@pytest.mark.parametrize(
    "given", ["4 elephants", "", "GiB", "-1", "0", "0.1", "1.5", 0, 1.5, True, "1e9", "inf", "9" * 400]
)
def test_bytes_that_cannot_be_read_are_refused(given):
    """Guards against a limit of memory that is taken for another one."""
    with pytest.raises(OptionError, match=r"^memory: got"):
        byte_count(given)


def test_bytes_in_words():
    """Guards against units that are mixed up."""
    read = {"4 GiB": 4 * GIB, "4gib": 4 * GIB, "1.5 GB": 1_500_000_000, "10": 10, "2 kB": 2000, "1 TiB": 2**40, 7: 7}
    assert {given: byte_count(given) for given in read} == read
    assert byte_count(None) is None


@pytest.mark.parametrize("count", [1, 999, 1024**2 - 1, 1024**2, 2357200, 4 * GIB, 4 * GIB + 1, 5 * 1024**4])
def test_bytes_that_are_asked_for_are_enough_when_they_are_given(count):
    """Guards against a rounded number that is refused when a user gives it."""
    said = in_bytes(count)
    assert int(said.split()[0]) == count
    if "(" in said:
        assert count <= byte_count(said.partition("(")[2].rstrip(")")) <= 1.1 * count
