import gzip
import struct

import numpy as np
import pytest

from creditgraph.guard import DataError, FileError
from creditgraph.train.tasks import load_task

RANDOM = np.random.default_rng(0)
IMAGES = {part: RANDOM.integers(0, 256, (count, 4, 3), dtype=np.uint8) for part, count in (("train", 40), ("t10k", 12))}
LABELS = {part: (np.arange(len(images)) % 4).astype(np.uint8) for part, images in IMAGES.items()}


def encoded(array):
    """An IDX file, by its description: two zeros, 8 for bytes, the number of dimensions, their lengths, the values."""
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def name_of(part, kind):
    return f"{part}-{kind}-idx{3 if kind == 'images' else 1}-ubyte"


@pytest.fixture
def folder(tmp_path):
    """Four IDX files, two of them compressed."""
    for part in ("train", "t10k"):
        (tmp_path / name_of(part, "images")).write_bytes(encoded(IMAGES[part]))
        with gzip.open(tmp_path / f"{name_of(part, 'labels')}.gz", "wb") as file:
            file.write(encoded(LABELS[part]))
    return tmp_path


def test_files_are_read_to_the_pixel_and_the_test_files_stay_the_test_part(folder):
    """Guards against a wrong byte order, and test images that are trained on, whatever the seed."""
    for seed in (0, 1):
        task = load_task("idx", path=folder, seed=seed, validation_fraction=0.2)
        np.testing.assert_array_equal(task.x_test, IMAGES["t10k"].reshape(12, 12).astype(np.float32) / np.float32(255))
        np.testing.assert_array_equal(task.y_test, LABELS["t10k"])
        assert (len(task.x_train), len(task.x_validation), task.classes) == (32, 8, 4)
        trained = np.concatenate([task.x_train, task.x_validation]) * 255
        order = np.lexsort(trained.T)
        whole = IMAGES["train"].reshape(40, 12)
        wanted = np.lexsort(whole.T)
        np.testing.assert_allclose(trained[order], whole[wanted], atol=1e-4)
        np.testing.assert_array_equal(np.concatenate([task.y_train, task.y_validation])[order], LABELS["train"][wanted])


def test_without_test_files_the_test_part_is_drawn(folder):
    """Guards against a task without a test part."""
    for path in folder.glob("t10k-*"):
        path.unlink()
    task = load_task("idx", path=str(folder), test_fraction=0.25)
    assert (len(task.x_train), len(task.x_test)) == (30, 10)


def test_float32_pixels_are_those_of_a_float64_task():
    """Guards against images that differ between tasks of one precision and of the other, in a float32 network."""
    pixels = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(pixels / np.float32(255), (pixels / 255.0).astype(np.float32))


def whole_mnist(folder, labels=10, rows=28):
    for part, count in (("train", 60_000), ("t10k", 10_000)):
        (folder / name_of(part, "images")).write_bytes(encoded(np.zeros((count, rows, 28), np.uint8)))
        values = (np.arange(count) % labels).astype(np.uint8)
        (folder / name_of(part, "labels")).write_bytes(encoded(values))


@pytest.mark.slow
def test_mnist_and_fashion_mnist_name_their_classes(tmp_path):
    """Guards against sizes or counts that the real files do not have, and against clothes that are called by digits."""
    whole_mnist(tmp_path)
    fashion = load_task("fashion_mnist", path=tmp_path)
    assert (fashion.x_train.shape, fashion.x_test.shape) == ((60_000, 784), (10_000, 784))
    assert (fashion.class_names[0], fashion.class_names[9]) == ("T-shirt/top", "Ankle boot")
    assert fashion.x_train.dtype == np.float32
    assert load_task("mnist", path=tmp_path).class_names == tuple("0123456789")
    whole_mnist(tmp_path, labels=11)
    with pytest.raises(DataError, match="got the label 10, expected labels from 0 to 9"):
        load_task("mnist", path=tmp_path)
    whole_mnist(tmp_path, rows=27)
    with pytest.raises(DataError, match="60,000 images of 27 x 28 pixels in train, expected 60,000 of 28 x 28"):
        load_task("mnist", path=tmp_path)


def test_other_files_are_not_mnist(folder):
    """Guards against any images that pass for MNIST."""
    with pytest.raises(DataError, match="40 images of 4 x 3 pixels in train, expected 60,000 of 28 x 28; task idx"):
        load_task("mnist", path=folder)


def replaced(folder, part, kind, content, compressed=False):
    for path in (folder / name_of(part, kind), folder / f"{name_of(part, kind)}.gz"):
        path.unlink(missing_ok=True)
    (folder / (name_of(part, kind) + (".gz" if compressed else ""))).write_bytes(content)


@pytest.mark.parametrize(
    ("kind", "content", "message"),
    [
        ("images", b"", "ends within its header of 16 bytes"),
        ("images", encoded(IMAGES["train"])[:10], "ends within its header of 16 bytes"),
        ("images", encoded(IMAGES["train"])[:-1], "too short, expected 40 x 4 x 3 values"),
        ("images", encoded(IMAGES["train"]) + b"x", "too long, expected 40 x 4 x 3 values"),
        ("images", encoded(LABELS["train"]), "magic number 2049, expected 2051 .images.; it holds labels.*swapped"),
        ("labels", encoded(IMAGES["train"]), "magic number 2051, expected 2049 .labels.; it holds images.*swapped"),
        ("images", b"not an IDX file at all", "it is no IDX file"),
        ("images", struct.pack(">4I", 2051, 2**32 - 1, 2**32 - 1, 2**32 - 1), "claims .* values"),
        ("images", encoded(IMAGES["train"][:, :0]), "of 0 x 3 pixels to train on"),
        ("labels", encoded(LABELS["train"][:-1]), "40 images but 39 labels in train"),
        ("images", encoded(np.zeros((40, 5, 3), np.uint8)), "5 x 3 pixels to train on and of 4 x 3 to test on"),
    ],
)
@pytest.mark.parametrize("compressed", [False, True])
def test_wrong_files_are_answered_in_one_line(folder, kind, content, message, compressed):
    """Guards against garbage that is read as images, and against tracebacks."""
    replaced(folder, "train", kind, gzip.compress(content) if compressed else content, compressed)
    with pytest.raises((FileError, DataError), match=message) as raised:
        load_task("idx", path=folder)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("damage", ["no gzip", "cut", "flipped", "a gzip of nothing"])
def test_corrupt_gzip_is_answered(folder, damage):
    """Guards against the tracebacks of zlib and gzip."""
    whole = gzip.compress(encoded(IMAGES["train"]))
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 0xFF
    content = {
        "no gzip": encoded(IMAGES["train"]),
        "cut": whole[:-40],
        "flipped": bytes(flipped),
        "a gzip of nothing": b"",
    }
    replaced(folder, "train", "images", content[damage], compressed=True)
    with pytest.raises(FileError, match=r"train-images-idx3-ubyte\.gz: .*; fetch the file again"):
        load_task("idx", path=folder)


def test_missing_files_are_named(folder):
    """Guards against an answer that does not say which file is missing."""
    (folder / "t10k-images-idx3-ubyte").unlink()
    with pytest.raises(FileError, match="has no t10k-images-idx3-ubyte"):
        load_task("idx", path=folder)
    with pytest.raises(FileError, match="nowhere: is not a folder"):
        load_task("idx", path=folder / "nowhere")
    with pytest.raises(FileError, match="is not a folder"):
        load_task("idx", path="a\0b")


def test_a_file_that_is_there_plain_and_compressed_is_not_chosen_silently(folder):
    """Guards against one of two files that differ being taken without a word."""
    (folder / f"{name_of('train', 'images')}.gz").write_bytes(gzip.compress(encoded(IMAGES["train"][::-1])))
    with pytest.raises(FileError, match=r"has both train-images-idx3-ubyte and train-images-idx3-ubyte\.gz"):
        load_task("idx", path=folder)
