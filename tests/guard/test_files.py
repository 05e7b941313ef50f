import errno
import os

import pytest

from creditgraph.guard import FileError, sha256, write_whole


def test_a_file_is_written_with_its_folders_and_replaces_the_old_one(tmp_path):
    """Guards against a result that cannot be written twice."""
    path = tmp_path / "a" / "b.txt"
    write_whole(path, "one")
    write_whole(path, b"two")
    assert path.read_text() == "two"
    assert [each.name for each in path.parent.iterdir()] == ["b.txt"]
    assert sha256(path) == "3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3"


def test_a_full_disk_leaves_the_old_file_whole(tmp_path, monkeypatch):
    """Guards against half a file, and against a traceback for a full disk."""
    path = write_whole(tmp_path / "weights", "old")

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FileError, match=r"cannot be written \(No space left on device\); free space"):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["weights"]


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path):
    """Guards against a traceback where a file stands in a folder's place (as root, permissions do not bar us)."""
    write_whole(tmp_path / "file", "")
    with pytest.raises(FileError, match="choose another folder"):
        write_whole(tmp_path / "file" / "below", "")


def test_others_may_read_what_is_written(tmp_path):
    """Guards against results that only their owner can read, as temporary files are."""
    before = os.umask(0o022)
    try:
        assert write_whole(tmp_path / "a", "").stat().st_mode & 0o777 == 0o644
    finally:
        os.umask(before)


def test_text_that_utf8_cannot_hold_is_still_written(tmp_path):
    """Guards against a report lost to one undecodable byte in a file name."""
    assert write_whole(tmp_path / "a", "é\udc80b").read_text(encoding="utf-8") == "é?b"


def test_the_new_name_is_flushed_too(tmp_path, monkeypatch):
    """Guards against a checkpoint that a power cut takes back, since only its content had reached the disk."""
    flushed, flush = [], os.fsync

    def noted(handle):
        flushed.append(os.readlink(f"/proc/self/fd/{handle}") if os.path.isdir("/proc/self/fd") else None)
        flush(handle)

    monkeypatch.setattr(os, "fsync", noted)
    write_whole(tmp_path / "a", "content")
    assert len(flushed) == 2
    assert flushed[1] in (None, str(tmp_path.resolve()))
