from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
from pathlib import Path

from .errors import FileError


def write_whole(path: str | os.PathLike[str], content: bytes | str) -> Path:
    """Write a file so that it is either there whole or not at all.

    The content goes to a temporary file beside `path`, is flushed to the disk, and takes its name by renaming, which is
    flushed too, so that a power cut does not undo it. Missing folders are made. Text is written as UTF-8; a lone
    surrogate, which UTF-8 cannot hold (an undecodable byte of a file name, say), becomes a question mark.

    Raises
    ------
    FileError
        If the folder cannot be written or the disk is full.
    """
    path = Path(path)
    data = content.encode(errors="replace") if isinstance(content, str) else content
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        name = path.parent / f".{path.name[:64]}.{secrets.token_hex(8)}.part"
        handle = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)
    except OSError as error:
        raise FileError(f"{path}: cannot be written ({error.strerror}); choose another folder") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
        _flush_folder(path.parent)
    except OSError as error:
        raise FileError(f"{path}: cannot be written ({error.strerror}); free space or choose another folder") from error
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
    return path


def _flush_folder(folder: Path) -> None:
    """Have the names in a folder written to the disk, where the system can."""
    # Windows opens no folders, and some network file systems do not flush them
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sha256(path: str | os.PathLike[str]) -> str:
    """Checksum of a file, as hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
