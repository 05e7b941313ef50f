"""How a network is analysed: with how many processes, and who is told how far that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from .networks import Network
from .options import FEWEST_STRUCTURE_SAMPLES, AnalysisOptions

# searches that count for a profile over resolutions of one network
RESOLUTIONS = 20


def _nobody(done: int, total: int) -> None:
    del done, total


@dataclass
class Pace:
    """The processes that searches of one network are shared among, and its course, counted in searches.

    Attributes
    ----------
    workers
        Processes. What is found does not depend on it.
    tell
        Told of the searches done and those in all, about.
    total, done
        These.
    """

    workers: int = 1
    tell: Callable[[int, int], None] = _nobody
    total: int = 1
    done: int = field(default=0, init=False)

    def advance(self, searches: int) -> None:
        """Some more searches are done."""
        self.done = min(self.done + searches, self.total)
        self.tell(self.done, self.total)

    def finish(self) -> None:
        """All are."""
        self.advance(self.total)


def searches_of(network: Network, options: AnalysisOptions, profile_samples: int) -> int:
    """About how many searches the analysis of a network takes: what takes time is the searching of null samples."""
    scores = sum(
        network.samples(options, null)
        for objective, _ in network.sought(options)
        for null in network.nulls(options, objective)
    )
    structure = 3 * max(network.samples(options, ""), FEWEST_STRUCTURE_SAMPLES) if "structure" in options.parts else 0
    profile = RESOLUTIONS * (1 + profile_samples) if "resolution" in options.parts else 0
    return 1 + scores + structure + profile
