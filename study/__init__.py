"""What a user runs: studies, from their options to their report, on the command line and in Python."""

if __name__ != "creditgraph.study":
    raise ImportError("import creditgraph.study: the bare name study would load a second copy of every class")

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .analyses.options import AnalysisOptions
from .config import CommunitiesOptions, NullOptions, Study, SweepOptions
from .experiments import ConnectomeOptions, LayeredOptions, RecurrentOptions

if TYPE_CHECKING:
    from .analyses.pipeline import AnalysisResult, analyse
    from .comparisons.pipeline import ComparisonResult, compare
    from .demonstrations import demonstrate
    from .exactness import verify
    from .pipeline import RunResult, run
    from .reporting import report
    from .store import RunDirectory, Snapshot

# torch, igraph and pandas take seconds to load: a misspelt option and --help are answered before that
_LOADED_WHEN_USED = {
    "AnalysisResult": ".analyses.pipeline",
    "ComparisonResult": ".comparisons.pipeline",
    "analyse": ".analyses.pipeline",
    "compare": ".comparisons.pipeline",
    "RunDirectory": ".store",
    "RunResult": ".pipeline",
    "Snapshot": ".store",
    "demonstrate": ".demonstrations",
    "report": ".reporting",
    "run": ".pipeline",
    "verify": ".exactness",
}

__all__ = [
    "AnalysisOptions",
    "AnalysisResult",
    "CommunitiesOptions",
    "ComparisonResult",
    "ConnectomeOptions",
    "LayeredOptions",
    "NullOptions",
    "RecurrentOptions",
    "RunDirectory",
    "RunResult",
    "Snapshot",
    "Study",
    "SweepOptions",
    "analyse",
    "compare",
    "demonstrate",
    "report",
    "run",
    "verify",
]


def __getattr__(name: str) -> Any:
    if name not in _LOADED_WHEN_USED:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LOADED_WHEN_USED[name], __name__), name)
