from __future__ import annotations

import platform
import subprocess
import sys
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

from ..guard import cores
from ..train.members import usable_device

PACKAGES = (
    "creditgraph",
    "torch",
    "numpy",
    "scipy",
    "igraph",
    "leidenalg",
    "networkx",
    "pandas",
    "scikit-learn",
    "matplotlib",
    "seaborn",
    "numba",
    "triton",
)


def environment(device: str) -> dict[str, Any]:
    """Describe what a result was made with: versions, machine, commit of the source, and time.

    Parameters
    ----------
    device
        Where networks are trained; ``auto`` is described by what it comes to.
    """
    versions = {}
    for name in PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "python": sys.version.split()[0],
        "platform": platform.platform(),
        "processor": _processor(),
        "cores": cores(),
        "device": _device(device),
        "commit": _commit(),
        "versions": versions,
    }


def _device(name: str) -> str:
    device = usable_device(name)
    return f"cuda: {torch.cuda.get_device_name(device)}" if device.type == "cuda" else device.type


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _commit() -> str | None:
    """Commit of the source that runs, if it runs from a checkout."""
    root = Path(__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return None
    try:
        commit = _git(root, "rev-parse", "HEAD")
        changed = _git(root, "status", "--porcelain", "--untracked-files=no")
    except (OSError, subprocess.SubprocessError):
        return None
    return commit + (" with uncommitted changes" if changed else "")


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-C", str(root), *arguments], capture_output=True, text=True, check=True, timeout=10
    ).stdout.strip()
