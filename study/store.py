"""The run directory: where the results of a study lie, what is done already, and what has gone bad.

::

    <out>/<study>/<hash of its options>/
        study.yaml  environment.json  data.json  verification.parquet
        cells/<member>/weights.safetensors, training.parquet, members.parquet, TRAINED
        cells/<member>/snapshots.safetensors, snapshots.parquet
        cells/<member>/communities.parquet, nulls.parquet, partitions.npz, ANALYSED
        shuffled_labels/<member>/weights.safetensors, training.parquet, members.parquet, TRAINED
        checkpoints/<batch>/
        members.parquet  training.parquet  snapshots.parquet  communities.parquet  nulls.parquet  effects.parquet
        trends.parquet
        report/

``TRAINED`` and ``ANALYSED`` hold the checksums of the files that they vouch for, and are written after them. Snapshots
are there only where the study keeps some, data.json where its task reads files, checkpoints while a batch is trained.
"""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import safetensors
import safetensors.numpy
import yaml

from ..guard import FileError, sha256, write_whole
from .checks import FIRST_NULL_SEED
from .config import Study
from .near_runs import runs_below
from .result_folder import ResultFolder, read_table, vouch, write_table

TRAINED = "TRAINED"
ANALYSED = "ANALYSED"
VOUCHED_FOR = {
    TRAINED: ("weights.safetensors", "members.parquet", "training.parquet"),
    ANALYSED: ("communities.parquet", "nulls.parquet", "partitions.npz"),
}
SNAPSHOTS = ("snapshots.safetensors", "snapshots.parquet")
Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Cell:
    """One member of a sweep: one network, trained and analysed.

    Attributes
    ----------
    learning_rate, pruning, seed
        What sets it apart; `pruning` is None where nothing is pruned.
    shuffled
        Whether it was trained on shuffled labels, as a sample of that null model.
    """

    learning_rate: float
    pruning: float | None
    seed: int
    shuffled: bool = False

    @property
    def name(self) -> str:
        """Name of the cell's folder."""
        pruning = "" if self.pruning is None else f"_p{self.pruning!r}"
        return f"r{self.learning_rate!r}{pruning}_s{self.seed}"

    @property
    def keys(self) -> dict[str, float | int]:
        """The key columns of this cell's rows in every table."""
        pruning = {} if self.pruning is None else {"pruning": self.pruning}
        return {"learning_rate": self.learning_rate, **pruning, "seed": self.seed}


@dataclass(frozen=True, eq=False)
class Snapshot:
    """Weights of a cell on the way.

    Attributes
    ----------
    kind
        ``step``: taken after a chosen number of steps; ``loss``: when the training loss first was at most a chosen one.
    step
        Steps done by then.
    target
        The chosen training loss; NaN where `kind` is ``step``.
    loss
        The training loss by then; NaN in connectome studies, which have none.
    weights
        Named as those after training are.
    """

    kind: str
    step: int
    target: float
    loss: float
    weights: Arrays


def prunings_of(study: Study) -> tuple[float | None, ...]:
    """The prunings of a study: None, and nothing else, where there is no pruning."""
    return study.connectome.pruning if study.experiment == "connectome" else (None,)


def cells_of(study: Study) -> list[Cell]:
    """All members of a study: learning rate first, seed fastest."""
    return [
        Cell(rate, pruning, seed)
        for rate in study.sweep.learning_rates
        for pruning in prunings_of(study)
        for seed in study.sweep.seeds
    ]


def shuffled_cells_of(study: Study) -> list[Cell]:
    """The networks of the null model ``shuffled_labels``, for each learning rate as many as it has samples."""
    if "shuffled_labels" not in study.nulls.models:
        return []
    return [
        Cell(rate, None, FIRST_NULL_SEED + sample, shuffled=True)
        for rate in study.sweep.learning_rates
        for sample in range(study.nulls.samples)
    ]


class RunDirectory(ResultFolder):
    """The files of one run.

    Parameters
    ----------
    path
        The run's own folder, such as ``runs/connectome/0123456789ab``.
    """

    again = "run the study again"

    @classmethod
    def of(cls, study: Study, out: str | Path) -> RunDirectory:
        """The folder below `out` in which a study with these options runs."""
        return cls(Path(out) / study.name / study.hash())

    @classmethod
    def existing(cls, path: str | Path) -> RunDirectory:
        """Open a run that is there.

        Raises
        ------
        FileError
            If there is no run at `path`.
        """
        run = cls(Path(path).resolve())
        if not (run.path / "study.yaml").is_file():
            hint = runs_below(run.path) or "name the folder that `run` printed"
            raise FileError(f"{path}: not a run directory (it has no study.yaml); {hint}")
        if run.study.hash() != run.path.name:
            raise FileError(f"{path}: study.yaml is not that of the results in this folder; run the study again")
        return run

    @property
    def study(self) -> Study:
        """The study of this run, with all its options."""
        return Study.from_file(self.path / "study.yaml")

    @property
    def report(self) -> Path:
        """Folder of the report."""
        return self.path / "report"

    def checkpoints(self, batch: str = "") -> Path:
        """Folder of the checkpoints of a batch that is being trained, or of all of them."""
        return self.path / "checkpoints" / batch

    def delete_checkpoints(self, batch: str = "") -> None:
        """Delete the checkpoints of a batch, or of all of them, with what else is known of where it stands.

        Raises
        ------
        FileError
            If they cannot be deleted.
        """
        folder = self.checkpoints(batch)
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise FileError(f"{folder}: cannot be deleted ({error.strerror}); delete it by hand") from error

    def begin(self, study: Study, environment: Mapping[str, Any]) -> dict[str, Any]:
        """Make the folder and write down the study and the environment, unless an earlier call has.

        Returns
        -------
        dict
            The environment in which the run began.

        Raises
        ------
        FileError
            If the folder cannot be written.
        """
        try:
            before = self.read_json("environment.json")
        except FileError:
            self.write_json("environment.json", environment)
            before = dict(environment)
        text = yaml.safe_dump(study.to_dict(), sort_keys=False, allow_unicode=True)
        path = self.path / "study.yaml"
        if not path.is_file() or path.read_bytes() != text.encode():
            write_whole(path, text)
        return before

    def went_on_with(self, environment: Mapping[str, Any]) -> None:
        """Add to environment.json that a later call did part of the work with other versions."""
        before = self.read_json("environment.json")
        self.write_json("environment.json", {**before, "resumed": [*before.get("resumed", []), dict(environment)]})

    def folder(self, cell: Cell) -> Path:
        """Folder of a cell."""
        return self.path / ("shuffled_labels" if cell.shuffled else "cells") / cell.name

    def state(self, cell: Cell, mark: str) -> str:
        """``done``, ``missing``, or ``corrupt`` (a file that the mark vouches for is gone or altered)."""
        folder = self.folder(cell)
        try:
            checksums = json.loads((folder / mark).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return "missing"
        except (OSError, ValueError):
            return "corrupt"
        names = set(VOUCHED_FOR[mark])
        try:
            if not names <= set(checksums) <= names.union(SNAPSHOTS):
                return "corrupt"
            intact = checksums == {name: sha256(folder / name) for name in checksums}
        except (OSError, TypeError):
            return "corrupt"
        return "done" if intact else "corrupt"

    def write_trained(
        self,
        cell: Cell,
        weights: Arrays,
        members: pd.DataFrame,
        training: pd.DataFrame,
        snapshots: Sequence[Snapshot] = (),
    ) -> None:
        """Write what training leaves of a cell, and vouch for it."""
        folder = self.folder(cell)
        # what was found in other weights is void
        (folder / ANALYSED).unlink(missing_ok=True)
        _write_arrays(folder / "weights.safetensors", weights)
        write_table(folder / "members.parquet", members)
        write_table(folder / "training.parquet", training)
        if snapshots:
            arrays = {
                f"{place}.{name}": array
                for place, snapshot in enumerate(snapshots)
                for name, array in snapshot.weights.items()
            }
            _write_arrays(folder / "snapshots.safetensors", arrays)
            rows = [
                {
                    **cell.keys,
                    "snapshot": place,
                    "kind": each.kind,
                    "step": each.step,
                    "target": each.target,
                    "loss": each.loss,
                }
                for place, each in enumerate(snapshots)
            ]
            write_table(folder / "snapshots.parquet", pd.DataFrame(rows))
        vouch(folder, TRAINED, (*VOUCHED_FOR[TRAINED], *(SNAPSHOTS if snapshots else ())))

    def write_analysed(
        self,
        cell: Cell,
        communities: pd.DataFrame,
        nulls: pd.DataFrame,
        partitions: Mapping[str, npt.NDArray[np.int64]],
    ) -> None:
        """Write the communities of a cell, and vouch for them."""
        folder = self.folder(cell)
        write_table(folder / "communities.parquet", communities)
        write_table(folder / "nulls.parquet", nulls)
        buffer = io.BytesIO()
        arrays: dict[str, Any] = dict(partitions)
        np.savez_compressed(buffer, **arrays)
        write_whole(folder / "partitions.npz", buffer.getvalue())
        vouch(folder, ANALYSED, VOUCHED_FOR[ANALYSED])

    def weights(self, cell: Cell) -> dict[str, npt.NDArray[Any]]:
        """Read the weights of a cell."""
        return _read_arrays(self.folder(cell) / "weights.safetensors")

    def has_snapshots(self, cell: Cell) -> bool:
        """Whether weights of a cell on the way were kept."""
        return any((self.folder(cell) / name).exists() for name in SNAPSHOTS)

    def snapshots(self, cell: Cell) -> list[Snapshot]:
        """Read the weights of a cell on the way, in the order of the table of snapshots; none where none were kept.

        Raises
        ------
        FileError
            If they are missing although the cell has some, or corrupt.
        """
        if not self.has_snapshots(cell):
            return []
        arrays = _read_arrays(self.folder(cell) / "snapshots.safetensors")
        found = []
        for row in self.cell_table(cell, "snapshots").to_dict("records"):
            prefix = f"{row['snapshot']}."
            weights = {name.removeprefix(prefix): arrays[name] for name in arrays if name.startswith(prefix)}
            found.append(Snapshot(row["kind"], row["step"], row["target"], row["loss"], weights))
        return found

    def cell_table(self, cell: Cell, name: str) -> pd.DataFrame:
        """Read a table of a cell."""
        return read_table(self.folder(cell) / f"{name}.parquet", self.again)

    def partitions(self, cell: Cell) -> dict[str, npt.NDArray[np.int64]]:
        """Read the partitions of a cell, by ``<weights>_<direction>``."""
        path = self.folder(cell) / "partitions.npz"
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as archive:
                return {name: archive[name] for name in archive.files}
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            raise FileError(f"{path}: missing or corrupt; run the study again") from error


def _write_arrays(path: Path, arrays: Arrays) -> None:
    write_whole(path, safetensors.numpy.save({name: np.ascontiguousarray(array) for name, array in arrays.items()}))


def _read_arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    try:
        return safetensors.numpy.load_file(path)
    except (OSError, safetensors.SafetensorError) as error:
        raise FileError(f"{path}: missing or corrupt; run the study again") from error
