import pytest
import torch

from creditgraph.study import cli, command_parser
from creditgraph.study.out_of_memory import is_out_of_memory


def test_memory_errors_are_known_by_class_name_and_words():
    """Guards against a library's traceback where memory ran out, and other errors taken for that."""
    assert is_out_of_memory(MemoryError())
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory"))
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**60, dtype=torch.uint8)
    assert is_out_of_memory(caught.value)
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    assert not is_out_of_memory(ValueError("not enough memory"))


@pytest.mark.parametrize("error", [MemoryError("Unable to allocate 298. GiB"), torch.OutOfMemoryError("CUDA")])
def test_the_command_answers_in_one_line(monkeypatch, capsys, error):
    """Guards against a traceback, and a run that is said to be lost."""

    def fail(options):
        raise error

    monkeypatch.setattr(command_parser, "verify_rule", fail)
    assert cli.main(["verify"]) == 2
    printed = capsys.readouterr().err.strip()
    assert printed.startswith("creditgraph: out of memory (")
    assert len(printed.splitlines()) == 1


def test_other_runtime_errors_are_not_hidden(monkeypatch):
    """Guards against a fault of ours that passes for want of memory."""

    def fail(options):
        raise RuntimeError("a fault")

    monkeypatch.setattr(command_parser, "verify_rule", fail)
    with pytest.raises(RuntimeError, match="a fault"):
        cli.main(["verify"])
