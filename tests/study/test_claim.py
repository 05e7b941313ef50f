import subprocess
import sys

import pytest

from creditgraph.guard import FileError
from creditgraph.study.claim import claimed

HOLD = (
    "import sys; from pathlib import Path; from creditgraph.study.claim import claimed\n"
    "with claimed(Path(sys.argv[1])):\n"
    "    print('held', flush=True)\n"
    "    sys.stdin.read()\n"
)


def test_a_second_process_is_told_so_and_a_killed_one_lets_go(tmp_path):
    """Guards against two runs that write over each other, and a run that stays locked after kill -9."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(FileError, match="another process is at work on this run"), claimed(tmp_path):
            pass
        holder.kill()
    with claimed(tmp_path):
        pass


def test_what_a_killed_run_left_half_written_is_deleted(tmp_path):
    """Guards against leftovers that fill the disk, and results that are deleted with them."""
    (tmp_path / "cells").mkdir()
    (tmp_path / "cells" / ".weights.safetensors.0a.part").write_text("half")
    (tmp_path / "cells" / "weights.safetensors").write_text("whole")
    with claimed(tmp_path):
        left = sorted(path.name for path in tmp_path.rglob("*") if path.is_file())
    assert left == [".claim", "weights.safetensors"]


def test_a_folder_that_cannot_be_is_one_line(tmp_path):
    """Guards against a traceback for a path that goes through a file."""
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot be written"), claimed(tmp_path / "file" / "run"):
        pass
