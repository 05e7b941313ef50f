"""What the benchmarks share: contestants timed in turns, ratios with their spread, results with their machine."""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import sys
import textwrap
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import seaborn as sns
import torch
from matplotlib.figure import Figure

from creditgraph.guard import OptionError, whole_number, write_whole
from creditgraph.train.members import usable_device

RESULTS = Path(__file__).parent / "results"
VERSIONS = ("numpy", "numba", "torch", "igraph", "leidenalg", "networkx", "scikit-learn")


@dataclass(frozen=True)
class Ratio:
    """How many times slower one contestant is than another, over the repeats.

    Attributes
    ----------
    median, low, high
        Median, lowest and highest of the ratios of the single repeats.
    """

    median: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.3g} ({self.low:.3g} to {self.high:.3g})"


def parser(description: str | None, *, processor_only: bool = False) -> argparse.ArgumentParser:
    """Parser with what every benchmark takes: ``--quick``, ``--out`` and ``--device``.

    A device that is not there, or none but ``cpu`` where the benchmark is of the processor only, ends the program in
    one line, with code 2.
    """
    made = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--quick", action="store_true", help="small sizes, to see that it runs")
    made.add_argument("--out", default=RESULTS, type=Path, help="folder for the results")
    made.add_argument(
        "--device",
        default="cpu",
        type=lambda name: _device(name, processor_only=processor_only),
        help="cpu" if processor_only else "cpu, cuda or mps",
    )
    return made


def _device(name: str, *, processor_only: bool) -> str:
    try:
        if processor_only and name != "cpu":
            raise OptionError("device", name, "cpu: this measures the processor")
        return str(usable_device(name))
    except OptionError as error:
        print(error, file=sys.stderr)
        raise SystemExit(2) from error


def side_by_side(contestants: Mapping[str, Callable[[], object]], *, repeats: int, device: str = "cpu") -> pd.DataFrame:
    """Time contestants in turns, so that a machine that slows down slows them all.

    Each is called once untimed, which compiles and warms up, and then once a repeat. Each repeat begins with the next
    contestant, so that none always comes first.

    Parameters
    ----------
    contestants
        What to time, by name.
    repeats
        Timed calls of each.
    device
        Where the contestants compute: a call on ``cuda`` or ``mps`` ends when the device has done its work.

    Returns
    -------
    pandas.DataFrame
        One row a contestant and repeat: contestant, repeat, seconds.
    """
    whole_number("repeats", repeats, minimum=1)
    for run in contestants.values():
        run()
    names = list(contestants)
    rows = []
    for repeat in range(repeats):
        first = repeat % len(names)
        for name in names[first:] + names[:first]:
            synchronise(device)
            start = time.perf_counter()
            contestants[name]()
            synchronise(device)
            rows.append((name, repeat, time.perf_counter() - start))
    return pd.DataFrame(rows, columns=["contestant", "repeat", "seconds"])


def synchronise(device: str) -> None:
    """Wait until an accelerator has done what it was given; the processor is never waited for."""
    kind = torch.device(device).type
    if kind == "cuda":
        torch.cuda.synchronize(device)
    elif kind == "mps":
        torch.mps.synchronize()


def ratio(seconds: pd.DataFrame, slow: str, fast: str) -> Ratio:
    """Seconds of `slow` over those of `fast` in the same repeat: median, lowest and highest over the repeats.

    Contestants that do different amounts of work are made comparable by dividing their seconds before.
    """
    table = seconds.pivot_table(index="repeat", columns="contestant", values="seconds")
    for name in (slow, fast):
        if name not in table:
            raise OptionError("contestant", name, "one of " + ", ".join(map(str, table.columns)))
    ratios = (table[slow] / table[fast]).tolist()
    return Ratio(statistics.median(ratios), min(ratios), max(ratios))


def ratio_figure(ratios: Mapping[str, Ratio], *, title: str, caption: str) -> Figure:
    """Ratios with their ranges, one below the other, on a logarithmic scale beside a line at 1.

    Parameters
    ----------
    ratios
        By what they compare.
    title
        The question that they answer.
    caption
        What was measured, where, and how often.
    """
    figure = Figure(figsize=(8, 1.6 + 0.45 * len(ratios)), layout="constrained")
    axes = figure.subplots()
    for place, each in enumerate(ratios.values()):
        spread = [[each.median - each.low], [each.high - each.median]]
        axes.errorbar(each.median, place, xerr=spread, fmt="o", capsize=3, color=sns.color_palette("colorblind")[0])
        axes.annotate(
            str(each), (each.median, place), (0, 7), textcoords="offset points", ha="center", fontsize="small"
        )
    axes.axvline(1, color="0.6", linewidth=1)
    axes.set(
        xscale="log",
        ylim=(len(ratios) - 0.4, -0.7),
        xlabel="ratio of seconds: median, lowest and highest of the repeats",
    )
    for numbers in (axes.xaxis.set_major_formatter, axes.xaxis.set_minor_formatter):
        numbers("{x:g}")
    axes.set_yticks(range(len(ratios)), [textwrap.fill(name, 40) for name in ratios])
    axes.grid(axis="x", which="major", alpha=0.3)
    axes.set_title(title, loc="left")
    figure.supxlabel(caption, fontsize="small")
    return figure


def place(device: str) -> str:
    """Where something was measured, for captions: the device's name, or the processor's and the threads."""
    found = machine(device)
    return (
        f"{found['processor']}, {found['threads']} threads" if torch.device(device).type == "cpu" else str(found["gpu"])
    )


def machine(device: str = "cpu") -> dict[str, Any]:
    """What the figures depend on: processor, cores, threads, accelerator, system, versions."""
    kind = torch.device(device).type
    gpu = {"cuda": lambda: torch.cuda.get_device_name(device), "mps": platform.processor}.get(kind)
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(os.cpu_count() or 1)
    return {
        "processor": _processor(),
        "cores": len(cores),
        "threads": torch.get_num_threads(),
        "gpu": "not measured" if gpu is None else gpu(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in VERSIONS},
    }


def write_results(
    name: str,
    results: pd.DataFrame | Mapping[str, Any],
    out: str | os.PathLike[str],
    *,
    figure: Figure | None = None,
    device: str = "cpu",
) -> Path:
    """Write ``<out>/<name>.json``, and the figure beside it as PNG and SVG.

    Parameters
    ----------
    name
        Name of the benchmark.
    results
        A table, one record a row, or a dictionary, which may hold tables, ratios and NumPy's numbers. Values that
        are not finite become null.
    out
        Folder; made if it is missing.
    figure
        What to draw beside.
    device
        The device of the measurement; where it is the processor, the file says that the GPU was not measured.
    """
    folder = Path(out)
    content = {"name": name, "machine": machine(device), "results": _plain(results)}
    path = write_whole(folder / f"{name}.json", json.dumps(content, indent=2, allow_nan=False) + "\n")
    if figure is not None:
        for kind in ("png", "svg"):
            drawn = BytesIO()
            figure.savefig(drawn, format=kind, dpi=150, bbox_inches="tight")
            write_whole(folder / f"{name}.{kind}", drawn.getvalue())
    if content["machine"]["gpu"] == "not measured":
        print("GPU columns: not measured")
    print(f"written: {path}")
    return path


def _plain(value: Any) -> Any:
    """The value in JSON's types."""
    match value:
        case pd.DataFrame():
            return _plain(value.to_dict(orient="records"))
        case Ratio():
            return asdict(value)
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple() | np.ndarray():
            return [_plain(each) for each in value]
        case np.generic():
            return _plain(value.item())
        case float():
            return value if np.isfinite(value) else None
        case None | bool() | int():
            return value
    return str(value)


def _processor() -> str:
    """Name of the processor; Linux tells it in a file only."""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def peak_mib() -> float:
    """Peak memory of this process so far, in MiB.

    Linux tells it of the program that runs now; what it tells of a process (ru_maxrss) is at least the memory of
    whoever started it.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(int(line.split()[1]) / 2**10 for line in lines if line.startswith("VmHWM:"))
    except (OSError, StopIteration):
        # in KiB on most systems, in bytes on macOS
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
