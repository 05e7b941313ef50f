"""What every room checks at its doors: options, data and files, each problem said in one clear line."""

if __name__ != "creditgraph.guard":
    raise ImportError("import creditgraph.guard: the bare name guard would load a second copy of every class")

from .counting import counted, plural
from .data import finite_array, square_matrix
from .errors import CreditgraphError, DataError, FileError, OptionError, WorkerError
from .files import sha256, write_whole
from .memory import byte_count, in_bytes
from .options import (
    choice,
    fraction,
    layer_sizes,
    real_number,
    real_numbers,
    several,
    suggestion,
    true_or_false,
    whole_number,
    whole_numbers,
)
from .spelling import options_named, setting, spelt, spelt_for_command
from .terminal import printable
from .workers import cores, work_through, worker_count

__all__ = [
    "CreditgraphError",
    "DataError",
    "FileError",
    "OptionError",
    "WorkerError",
    "byte_count",
    "choice",
    "cores",
    "counted",
    "finite_array",
    "fraction",
    "in_bytes",
    "layer_sizes",
    "options_named",
    "plural",
    "printable",
    "real_number",
    "real_numbers",
    "setting",
    "several",
    "sha256",
    "spelt",
    "spelt_for_command",
    "square_matrix",
    "suggestion",
    "true_or_false",
    "whole_number",
    "whole_numbers",
    "work_through",
    "worker_count",
    "write_whole",
]
