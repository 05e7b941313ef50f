from __future__ import annotations

import gzip
import math
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ...guard import DataError, FileError, OptionError, counted
from .samples import Samples, samples_of

IMAGES, LABELS = 0x0803, 0x0801
CONTENT = {IMAGES: "images", LABELS: "labels"}
BRIGHTEST = np.float32(255)
LARGEST = 2**31
MNIST_COUNTS = {"train": 60_000, "t10k": 10_000}
MNIST_PIXELS = (28, 28)
DIGITS = tuple("0123456789")
CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def mnist(*, path: str | os.PathLike[str] | None = None) -> Samples:
    """MNIST: 60,000 images of handwritten digits to train on and 10,000 to test on, 28 x 28 pixels, scaled to 0..1.

    Parameters
    ----------
    path
        Folder with the four IDX files, see :func:`read_idx`.

    References
    ----------
    .. [1] Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition",
       Proceedings of the IEEE 86 (1998).
    """
    return _mnist_like("mnist", path, DIGITS)


def fashion_mnist(*, path: str | os.PathLike[str] | None = None) -> Samples:
    """Fashion-MNIST: images of ten kinds of clothes, in the files, sizes and counts of MNIST.

    Parameters
    ----------
    path
        Folder with the four IDX files, see :func:`read_idx`.

    References
    ----------
    .. [1] H. Xiao, K. Rasul, R. Vollgraf, "Fashion-MNIST: a novel image dataset for benchmarking machine learning
       algorithms", arXiv 1708.07747 (2017).
    """
    return _mnist_like("fashion_mnist", path, CLOTHES)


def idx(*, path: str | os.PathLike[str] | None = None) -> Samples:
    """Any images in IDX files named as MNIST's, of any count, size and number of classes, scaled to 0..1.

    Parameters
    ----------
    path
        Folder with ``train-images-idx3-ubyte`` and ``train-labels-idx1-ubyte``, each also with ``.gz``. Where the
        files that begin with ``t10k`` are there too, they are the test part, whatever the seed.
    """
    folder = _folder("idx", path)
    images, labels = _part(folder, "train")
    if not any(folder.glob("t10k-*")):
        return samples_of("idx", images / BRIGHTEST, labels)
    test_images, test_labels = _part(folder, "t10k")
    if images.shape[1:] != test_images.shape[1:]:
        raise DataError(
            f"{folder}: images of {_pixels(images)} pixels to train on and of {_pixels(test_images)} to test on"
        )
    return samples_of(
        "idx",
        np.concatenate([images, test_images]) / BRIGHTEST,
        np.concatenate([labels, test_labels]),
        fixed_test=len(test_labels),
    )


def read_idx(path: Path, magic: int) -> npt.NDArray[np.uint8]:
    """Read an IDX file of bytes, plain or compressed (``.gz``).

    The file begins with big-endian 32-bit numbers: the magic number, whose last byte is the number of dimensions, and
    the length of each dimension. The values follow, one byte each, and nothing after them.

    Parameters
    ----------
    path
        The file.
    magic
        2051 for images (count, rows, columns), 2049 for labels (count).

    Raises
    ------
    FileError
        If the file cannot be read, has another magic number, or is shorter or longer than its dimensions say.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            dimensions = magic & 0xFF
            header = file.read(4 + 4 * dimensions)
            if len(header) >= 4 and (found := int.from_bytes(header[:4])) != magic:
                raise FileError(_wrong_magic(path, found, magic))
            if len(header) < 4 + 4 * dimensions:
                raise FileError(f"{path}: ends within its header of {4 + 4 * dimensions} bytes; fetch the file again")
            shape = struct.unpack(f">{dimensions}I", header[4:])
            size = math.prod(shape)
            if size > LARGEST:
                raise FileError(
                    f"{path}: claims {counted(size, 'value')}, expected at most {LARGEST}; fetch the file again"
                )
            # one byte more than expected tells a file that is too long
            content = file.read(size + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise FileError(f"{path}: is not a whole gzip file ({error}); fetch the file again") from error
    except OSError as error:
        raise FileError(f"{path}: cannot be read ({error.strerror})") from error
    if len(content) != size:
        sized = "too short" if len(content) < size else "too long"
        shown = " x ".join(map(str, shape))
        raise FileError(f"{path}: is {sized}, expected {shown} values after the header; fetch the file again")
    return np.frombuffer(content, np.uint8).reshape(shape)


def _mnist_like(name: str, path: str | os.PathLike[str] | None, class_names: tuple[str, ...]) -> Samples:
    folder = _folder(name, path)
    parts = {part: _part(folder, part) for part in MNIST_COUNTS}
    for part, (images, _) in parts.items():
        expected = (MNIST_COUNTS[part], *MNIST_PIXELS)
        if images.shape != expected:
            raise DataError(
                f"{folder}: got {counted(len(images), 'image')} of {_pixels(images)} pixels in {part}, "
                f"expected {expected[0]:,} of "
                f"{expected[1]} x {expected[2]}; task idx takes any"
            )
    (images, labels), (test_images, test_labels) = parts.values()
    return samples_of(
        str(folder),
        np.concatenate([images, test_images]) / BRIGHTEST,
        np.concatenate([labels, test_labels]),
        class_names=class_names,
        fixed_test=len(test_labels),
    )


def _folder(name: str, path: str | os.PathLike[str] | None) -> Path:
    if not isinstance(path, str | os.PathLike):
        raise OptionError("path", path, f"the folder of the IDX files of task {name}")
    folder = Path(path)
    if not folder.is_dir():
        raise FileError(f"{folder}: is not a folder; give the one that holds train-images-idx3-ubyte (or .gz)")
    return folder


def _part(folder: Path, part: str) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
    images = read_idx(_file(folder, f"{part}-images-idx3-ubyte"), IMAGES)
    labels = read_idx(_file(folder, f"{part}-labels-idx1-ubyte"), LABELS)
    if len(images) != len(labels):
        raise DataError(f"{folder}: {counted(len(images), 'image')} but {counted(len(labels), 'label')} in {part}")
    return images, labels


def _file(folder: Path, name: str) -> Path:
    there = [path for path in (folder / name, folder / f"{name}.gz") if path.is_file()]
    if len(there) > 1:
        raise FileError(f"{folder}: has both {name} and {name}.gz, which may differ; take one of them away")
    if there:
        return there[0]
    raise FileError(f"{folder}: has no {name} (nor {name}.gz); put the file there under this name")


def _wrong_magic(path: Path, found: int, expected: int) -> str:
    problem = f"{path}: got the magic number {found}, expected {expected} ({CONTENT[expected]})"
    if found in CONTENT:
        return f"{problem}; it holds {CONTENT[found]}, are two files swapped?"
    return f"{problem}; it is no IDX file, or compressed without the name .gz"


def _pixels(images: npt.NDArray[np.uint8]) -> str:
    return f"{images.shape[1]} x {images.shape[2]}"
