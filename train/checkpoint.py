"""Checkpoints: the state of a sweep on disk, so that a sweep that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import time
import warnings
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.numpy

from ..guard import DataError, FileError, OptionError, real_number, write_whole
from .sweeps.result import SweepSummary

State = dict[str, npt.NDArray[Any]]
Result = TypeVar("Result", covariant=True)

SLOTS = ("0.safetensors", "1.safetensors")
SET_ASIDE = ".set-aside"
CHECKPOINT = re.compile(r"\.?[01]\.safetensors(\.set-aside\d*|\.[0-9a-f]+\.part)?")
"""Names of checkpoints, of such that were set aside, and of such that were being written."""
SECONDS_A_CALL = 0.25
"""Steps are done in calls of about this length, so that progress is told and checkpoints are written in time."""
LARGEST_SHARE = 0.05
"""Largest share of the time that goes into writing checkpoints."""


class Stepped(Protocol[Result]):
    """A sweep that is trained in steps and can be put back to where it was."""

    @property
    def steps_done(self) -> int:
        """Steps done."""

    @property
    def steps_total(self) -> int:
        """Steps in all."""

    def advance(self, steps: int) -> None:
        """Do some more steps."""

    def state(self) -> State:
        """All that the rest of the training depends on, and all that is recorded, as numeric arrays."""

    def restore(self, state: State) -> None:
        """Take up a state; what follows is to the bit what would have followed there."""

    def result(self) -> Result:
        """What the sweep leaves behind."""

    def summary(self) -> SweepSummary:
        """Where the sweep stands."""


class CheckpointWarning(UserWarning):
    """A checkpoint that cannot be used; the training starts from an earlier one, or anew."""


def run_with_checkpoints(
    sweep: Stepped[Result],
    path: str | Path,
    *,
    identity: Mapping[str, Any],
    every_seconds: float = 10.0,
    progress: Callable[[int, int], None] | None = None,
) -> Result:
    """Train a sweep to its end, from its newest checkpoint if there is one, and leave checkpoints on the way.

    However often the process is killed and this is called again, the result is to the bit that of a sweep that was
    never stopped (on one processor; on a GPU as far as its operations repeat). At most the work since the last
    checkpoint is done again.

    Parameters
    ----------
    sweep
        The sweep, made with the same options in each call.
    path
        Folder of the checkpoints. It stays when the sweep is done; :func:`delete_checkpoints` deletes it.
    identity
        What tells this sweep from others, such as its options: anything that can be written as JSON. The version of
        creditgraph is added to it.
    every_seconds
        Time between two checkpoints, at least 0. It becomes longer where writing them would take more than 5 % of the
        time.
    progress
        Called several times a second with the steps done and the steps in all.

    Raises
    ------
    FileError
        If a checkpoint cannot be written, for want of space say. The one before is kept.

    Warns
    -----
    CheckpointWarning
        If a checkpoint is corrupt (the one before is used) or that of another sweep (it is set aside: it stays beside
        the others, with ``.set-aside`` at the end of its name, and a number where there are several).
    """
    real_number("every_seconds", every_seconds, minimum=0.0)
    checkpoints = Checkpoints(path, identity)
    state = checkpoints.newest()
    if state is not None:
        try:
            sweep.restore(state)
        except DataError as error:
            warnings.warn(f"{path}: begun anew, {error}", CheckpointWarning, stacklevel=2)
    steps, written, wait = 1, time.monotonic(), every_seconds
    if progress is not None:
        progress(sweep.steps_done, sweep.steps_total)
    while sweep.steps_done < sweep.steps_total:
        began = time.monotonic()
        sweep.advance(min(steps, sweep.steps_total - sweep.steps_done))
        now = time.monotonic()
        steps = max(1, min(2 * steps, round(steps * SECONDS_A_CALL / max(now - began, 1e-6))))
        if progress is not None:
            progress(sweep.steps_done, sweep.steps_total)
        if now - written >= wait and sweep.steps_done < sweep.steps_total:
            checkpoints.write(sweep.state(), sweep.steps_done)
            written = time.monotonic()
            wait = max(every_seconds, (written - now) / LARGEST_SHARE)
    return sweep.result()


def delete_checkpoints(path: str | Path) -> None:
    """Delete a folder of checkpoints, if it is there and holds nothing else.

    Raises
    ------
    FileError
        If it holds anything else (a damaged checkpoint too), and then nothing is deleted; or if it cannot be deleted.
    """
    folder = Path(path)
    try:
        if folder.is_symlink():
            raise FileError(f"{path}: is a link; nothing was deleted: name the folder of checkpoints itself")
        files = list(folder.iterdir())
        strange = sorted(file.name for file in files if not _is_checkpoint(file))
        if strange:
            raise FileError(
                f"{path}: holds '{strange[0]}', which is no checkpoint; nothing was deleted: name the folder of "
                "checkpoints, or delete it by hand"
            )
        for file in files:
            file.unlink()
        folder.rmdir()
    except FileNotFoundError:
        pass
    except OSError as error:
        raise FileError(f"{path}: cannot be deleted ({error.strerror}); delete it by hand") from error


def _plain(value: object) -> object:
    """A number or an array of NumPy as JSON knows it."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} is none of these")


def _is_checkpoint(file: Path) -> bool:
    """Whether a file is a checkpoint by its name and, unless it was being written, by what it says of itself."""
    if not CHECKPOINT.fullmatch(file.name) or not file.is_file():
        return False
    if file.suffix == ".part":
        return True
    try:
        with safetensors.safe_open(file, framework="np") as content:
            return "identity" in (content.metadata() or {})
    except (OSError, safetensors.SafetensorError):
        return False


class Checkpoints:
    """The last two checkpoints of a sweep, in two files that take turns: the newer is written over the older.

    Parameters
    ----------
    path
        Their folder.
    identity
        As for :func:`run_with_checkpoints`.
    """

    def __init__(self, path: str | Path, identity: Mapping[str, Any]) -> None:
        self.path = Path(path)
        if not isinstance(identity, Mapping):
            raise OptionError("identity", identity, "what tells the sweep from others, such as {'n': 300, 'seed': 0}")
        try:
            self.identity = json.dumps(
                {"creditgraph": version("creditgraph"), **identity}, sort_keys=True, default=_plain
            )
        except (TypeError, ValueError) as error:
            raise OptionError(
                "identity", identity, "what can be written as JSON: texts, numbers, lists", str(error)
            ) from error
        self._next = 0

    def write(self, state: Mapping[str, npt.NDArray[Any]], steps_done: int) -> None:
        """Write a checkpoint over the older of the two.

        Raises
        ------
        FileError
            If it cannot be written; both files are then as they were.
        """
        arrays = {name: np.asarray(array, order="C") for name, array in state.items()}
        facts = {"identity": self.identity, "steps_done": str(steps_done)}
        facts["sha256"] = _checksum(facts, arrays)
        write_whole(self.path / SLOTS[self._next], safetensors.numpy.save(arrays, metadata=facts))
        self._next = 1 - self._next

    def newest(self) -> State | None:
        """Read the newest checkpoint that is intact and of this sweep; None if there is none.

        Warns
        -----
        CheckpointWarning
            For each one that is not.
        """
        found: list[tuple[int, int, State]] = []
        for slot, name in enumerate(SLOTS):
            path = self.path / name
            try:
                facts, arrays = _read(path)
            except FileNotFoundError:
                continue
            except (OSError, safetensors.SafetensorError, ValueError) as error:
                reason = " ".join(str(error).split())
                self._warn(f"{path}: corrupt checkpoint ({reason}); the one before is used, if there is one")
                continue
            if facts["identity"] != self.identity:
                aside = _set_aside(path)
                self._warn(f"{aside}: checkpoint of other options or another version, set aside")
                continue
            found.append((int(facts["steps_done"]), slot, arrays))
        if not found:
            return None
        _, slot, arrays = max(found, key=lambda each: each[:2])
        self._next = 1 - slot
        return arrays

    @staticmethod
    def _warn(message: str) -> None:
        warnings.warn(message, CheckpointWarning, stacklevel=4)


def _set_aside(path: Path) -> Path:
    """Give a checkpoint a name that no other has, and return it."""
    names = (path.with_name(f"{path.name}{SET_ASIDE}{number or ''}") for number in itertools.count())
    aside = next(each for each in names if not each.exists())
    try:
        path.replace(aside)
    except OSError as error:
        raise FileError(f"{path}: cannot be renamed ({error.strerror}); it is of other options or versions") from error
    return aside


def _read(path: Path) -> tuple[dict[str, str], State]:
    """Facts and arrays of a checkpoint, checked."""
    if not path.exists():
        raise FileNotFoundError(path)
    with safetensors.safe_open(path, framework="np") as file:
        facts = file.metadata() or {}
        arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    if not {"identity", "steps_done", "sha256"} <= facts.keys():
        raise ValueError("it lacks its identity or checksum")
    if facts.pop("sha256") != _checksum(facts, arrays):
        raise ValueError("its checksum is wrong")
    return facts, arrays


def _checksum(facts: Mapping[str, str], arrays: Mapping[str, npt.NDArray[Any]]) -> str:
    total = hashlib.sha256(json.dumps(facts, sort_keys=True).encode())
    for name in sorted(arrays):
        array = arrays[name]
        total.update(f"{name} {array.dtype.str} {array.shape}".encode())
        total.update(array.tobytes())
    return total.hexdigest()
