import contextlib
import gzip
import io
import zipfile

import numpy as np
import pytest

from creditgraph.guard import CreditgraphError, DataError, FileError, OptionError
from creditgraph.train.tasks import load_task

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(3.0, [1.0, 10.0, 0.1], (30, 3))
CLASSES = np.array(["no", "yes", "perhaps"])[np.arange(30) % 3]
CSV = "height,width,label,depth\n" + "".join(
    f"{row[0]!r},{row[1]!r},{name},{row[2]!r}\n" for row, name in zip(X.tolist(), CLASSES, strict=True)
)


def npz(path, **arrays):
    np.savez(path, **arrays)
    return path


def text(path, content):
    path.write_text(content)
    return path


def by_value(x, y):
    """Rows in an order that does not depend on the split, labels beside."""
    order = np.argsort(x[:, 0])
    return x[order], y[order]


def whole(task):
    names = np.array(task.class_names)
    x, y = np.concatenate([task.x_train, task.x_test]), np.concatenate([task.y_train, task.y_test])
    return by_value(x, names[y])


@pytest.mark.parametrize("kind", ["npz", "csv", "csv.gz"])
def test_tables_are_read_to_the_value(tmp_path, kind):
    """Guards against a label that is taken as a feature, columns in another order, and classes mixed up."""
    path = tmp_path / f"samples.{kind}"
    if kind == "npz":
        npz(path, x=X, y=CLASSES)
    else:
        path.write_bytes(gzip.compress(CSV.encode()) if kind == "csv.gz" else CSV.encode())
    task = load_task("table", path=path, scaling="none")
    assert task.class_names == ("no", "perhaps", "yes")
    for given, wanted in zip(whole(task), by_value(X, CLASSES), strict=True):
        np.testing.assert_array_equal(given, wanted)


def test_a_table_is_scaled_by_its_training_part(tmp_path):
    """Guards against statistics over all samples, the test part among them."""
    path = npz(tmp_path / "samples.npz", x=X, y=CLASSES)
    raw, task = (load_task("table", path=path, seed=5, scaling=each) for each in ("none", "standardise"))
    np.testing.assert_allclose(task.x_train.mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(task.x_train.std(0), 1, rtol=1e-12)
    wanted = (raw.x_test - raw.x_train.mean(0)) / raw.x_train.std(0)
    np.testing.assert_allclose(task.x_test, wanted, rtol=1e-9)
    unit = load_task("table", path=path, seed=5, scaling="unit")
    assert unit.x_train.min(0).tolist() == [0, 0, 0]
    assert unit.x_train.max(0).tolist() == [1, 1, 1]


def test_many_large_numbers_in_single_precision_are_scaled_as_in_double(tmp_path):
    """Guards against the mean of 200,000 numbers around 1,000 being lost in single precision."""
    x = (np.random.default_rng(0).normal(size=(200_000, 2)) + 1000).astype(np.float32)
    task = load_task("table", path=npz(tmp_path / "samples.npz", x=x, y=np.arange(200_000) % 2))
    np.testing.assert_allclose(task.x_train.mean(0, dtype=np.float64), 0, atol=1e-6)
    np.testing.assert_allclose(task.x_train.std(0, dtype=np.float64), 1, atol=1e-6)


def test_other_labels_and_shapes(tmp_path):
    """Guards against a label column that must have one name, and images that must be flat."""
    path = text(tmp_path / "samples.csv", "kind,a\n" + "1,0.5\n0,1.5\n" * 10)
    task = load_task("table", path=path, label="kind")
    assert (task.features, task.class_names) == (1, ("0", "1"))
    images = npz(tmp_path / "images.npz", x=np.arange(20 * 6).reshape(20, 2, 3), y=np.arange(20) % 2 == 0)
    task = load_task("table", path=images)
    assert (task.features, task.class_names, task.x_train.dtype) == (6, ("False", "True"), np.float64)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "cannot be read as a CSV table"),
        ("a,label\n", "has a header but no row"),
        ("a,label\n1,0\n2,1,7\n", "cannot be read as a CSV table"),
        ("a,label\n1,0,9\n2,1,7\n", "cannot be read as a CSV table"),
        ("a,label\n1,0\n,1\n", "column 'a' has no value in row 2"),
        ("a,label\n1,0\n3,\n", "column 'label' has no value in row 2"),
        ("a,label\n1,0\nx,1\n", "column 'a' holds texts"),
        ("a,label\n1,0\ninf,1\n", "column 'a' is infinite in row 2"),
        (",a,label\n0,1,0\n1,2,1\n", r"column 1 of 3 has no name.*index=False"),
        ("a,label,\n1,0,\n2,1,\n", "column 3 of 3 has no name"),
        ("a,b,a,label\n1,2,3,0\n4,5,6,1\n", "2 columns are called 'a'"),
        ("label,a,label\n1,2,0\n4,5,1\n", "2 columns are called 'label'"),
        ("a;label\n1;0\n2;1\n", "separated by semicolons; save it with commas"),
        ("a\tlabel\n1\t0\n2\t1\n", "separated by tabs; save it with commas"),
        ("a,label\n1,yes\n2,NA\n", "column 'label' has no value in row 2: it is empty or such as NA"),
        ('a,label\n1,yes\n2,"  "\n', "column 'label' has no value in row 2"),
        ("a,label\n1,0\n2,0.5\n", "got the label 0.5"),
        ("a,label\n1,0\n2,0\n", "all 2 samples are of class '0'"),
        ("a,label\n1,0\n", "1 sample is of class '0'"),
        ("label\n1\n2\n", "at least one sample and one feature"),
        ("a,labels\n1,0\n2,1\n", "label: got 'label', expected a column of .*a, labels; did you mean 'labels'"),
        ("a,label\n" + "1,0\n2,1\n3,2\n", "too few samples of class '0'"),
        ('a,label\n1,"0\n', "cannot be read as a CSV table"),
    ],
)
def test_unusable_csv(tmp_path, content, message):
    """Guards against values that get lost silently, and against the tracebacks of pandas."""
    with pytest.raises(CreditgraphError, match=message) as raised:
        load_task("table", path=text(tmp_path / "samples.csv", content))
    assert "\n" not in str(raised.value)


def test_spaces_around_names_and_classes_do_not_count(tmp_path):
    """Guards against 'yes' and ' yes' being two classes, and against a column that is only found with its space."""
    path = text(tmp_path / "samples.csv", "a, label\n" + "0.5, yes \n1.5,yes\n2.5,no\n3.5, no\n" * 5)
    task = load_task("table", path=path)
    assert (task.features, task.class_names) == (1, ("no", "yes"))


def test_what_a_file_is_does_not_depend_on_capitals(tmp_path):
    """Guards against refusing files of systems that write endings in capitals, and a byte order mark in a name."""
    assert load_task("table", path=text(tmp_path / "SAMPLES.CSV", "\ufeff" + CSV)).features == 3
    npz(tmp_path / "samples.npz", x=X, y=CLASSES).rename(tmp_path / "SAMPLES.NPZ")
    assert load_task("table", path=tmp_path / "SAMPLES.NPZ").features == 3


@pytest.mark.parametrize("seed", [0, 1])
def test_arrays_with_a_test_part_are_tested_on_it(tmp_path, seed):
    """Guards against a test part that is passed over while other samples are drawn in its place."""
    path = npz(tmp_path / "samples.npz", x=X[:20], y=CLASSES[:20], x_test=X[20:], y_test=CLASSES[20:])
    task = load_task("table", path=path, scaling="none", seed=seed)
    np.testing.assert_array_equal(task.x_test, X[20:])
    np.testing.assert_array_equal(np.array(task.class_names)[task.y_test], CLASSES[20:])
    np.testing.assert_array_equal(np.sort(task.x_train[:, 0]), np.sort(X[:20, 0]))
    assert task.parameters["test_fraction"] is None


def test_the_label_of_an_array_file_is_not_chosen(tmp_path):
    """Guards against a choice that is not heard."""
    with pytest.raises(OptionError, match=r"label: got 'kind', expected none for a \.npz file"):
        load_task("table", path=npz(tmp_path / "samples.npz", x=X, y=CLASSES), label="kind")


def test_bytes_that_are_no_text(tmp_path):
    """Guards against a UnicodeDecodeError, and gzip's errors."""
    path = tmp_path / "samples.csv"
    path.write_bytes(b"a,label\n\xff\xfe,1\n")
    with pytest.raises(FileError, match=r"cannot be read as a CSV table .*save it in UTF-8"):
        load_task("table", path=path)
    path = tmp_path / "samples.csv.gz"
    for content in (b"a,label\n1,0\n", gzip.compress(CSV.encode())[:-9]):
        path.write_bytes(content)
        with pytest.raises(FileError, match="cannot be read as a CSV table"):
            load_task("table", path=path)


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": X}, "has no array y, only x"),
        ({"inputs": X}, "has no array x and no array y, only inputs"),
        ({"x": X, "y": CLASSES[:-1]}, r"labels of shape \(29,\) for 30 samples"),
        ({"x": np.full((4, 2), np.nan), "y": np.arange(4) % 2}, "8 values are NaN or infinite"),
        ({"x": np.full((4, 2), "a"), "y": np.arange(4) % 2}, "inputs: got values of type"),
        ({"x": np.array([{}, {}], dtype=object), "y": np.arange(2)}, "cannot be read as arrays of numbers or texts"),
        ({"x": X, "y": CLASSES.astype(object)}, r"Python objects, which are never unpickled\)"),
        ({"x": X[:, 0], "y": CLASSES}, r"array x has shape \(30,\), expected .*save x\[:, None\]"),
        ({"x": 1.0, "y": 1}, r"array x has shape \(\), expected \(samples, features\)$"),
        ({"x": X, "y": CLASSES, "x_test": X, "y_test": 1}, r"array y_test has shape \(\), expected \(samples,\)$"),
        ({"x": X, "y": CLASSES, "x_test": X[:0], "y_test": CLASSES[:0]}, "x_test and y_test are empty; leave them out"),
        ({"x": X, "y": CLASSES, "x_validation": X}, "has an array x_validation beside x and y that would not be read"),
        ({"x": X, "y": CLASSES, "x_test": X}, "has no array y_test, only x, y, x_test"),
        ({"x": X, "y": CLASSES, "x_test": X, "y_test": CLASSES[1:]}, "x_test and y_test differ in length"),
        ({"x": X, "y": CLASSES, "x_test": X[:, :2], "y_test": CLASSES}, "x and x_test do not fit together"),
        ({"x": X, "y": CLASSES, "x_test": X, "y_test": np.arange(30)}, "y and y_test do not fit together"),
    ],
)
def test_unusable_npz(tmp_path, arrays, message):
    """Guards against pickles in an array file, and against silent NaN."""
    with pytest.raises(CreditgraphError, match=message) as raised:
        load_task("table", path=npz(tmp_path / "samples.npz", **arrays))
    assert "\n" not in str(raised.value)


def archive(content):
    """An npz file whose x is `content`, bytes."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        file.writestr("x.npy", content)
        file.writestr("y.npy", content)
    return made.getvalue()


def header(text_):
    return b"\x93NUMPY\x01\x00" + len(text_).to_bytes(2, "little") + text_.encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"PK\x03\x04 no zip file",
        b"\x80\x04\x95 a pickle",
        archive(b"no array"),
        archive(header("{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000000,)}\n")),
        archive(header("{'descr': '<f8', 'fortran_order': False, 'shape': (3,)}\n")),
        archive(header("not a dictionary\n")),
        archive(header("{'descr': '<f8'\n")),
    ],
)
def test_hostile_npz(tmp_path, content):
    """Guards against anything but one line for a file that only looks like arrays."""
    path = tmp_path / "samples.npz"
    path.write_bytes(content)
    with pytest.raises((FileError, DataError), match=r"samples\.npz") as raised:
        load_task("table", path=path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("flip", range(0, 700, 35))
def test_damaged_npz(tmp_path, flip):
    """Guards against a traceback wherever a byte is damaged; what is not noticed must be the same values."""
    path = npz(tmp_path / "samples.npz", x=X[:12], y=CLASSES[:12])
    content = bytearray(path.read_bytes())
    content[flip] ^= 0xFF
    path.write_bytes(bytes(content))
    with contextlib.suppress(CreditgraphError):
        task = load_task("table", path=path, scaling="none", test_fraction=0.5)
        np.testing.assert_array_equal(whole(task)[0], by_value(X[:12], CLASSES[:12])[0])


def test_files_of_another_kind(tmp_path):
    """Guards against guessing what a file is, and against a missing one's traceback."""
    with pytest.raises(OptionError, match=r"expected a file \.npz, \.csv or \.csv\.gz"):
        load_task("table", path=text(tmp_path / "samples.xlsx", CSV))
    with pytest.raises(FileError, match="is not a file"):
        load_task("table", path=tmp_path / "missing.npz")
    with pytest.raises(FileError, match="is not a file"):
        load_task("table", path=tmp_path)
    with pytest.raises(OptionError, match=r"scaling: got 'standard'.*did you mean 'standardise'"):
        load_task("table", path=text(tmp_path / "samples.csv", CSV), scaling="standard")
    with pytest.raises(OptionError, match=r"label: got array\(\[1, 2\]\), expected a column of"):
        load_task("table", path=tmp_path / "samples.csv", label=np.array([1, 2]))
    one = io.BytesIO()
    np.save(one, X)
    (tmp_path / "one.npz").write_bytes(one.getvalue())
    with pytest.raises(FileError, match=r"one\.npz.*never unpickled|one\.npz: cannot be read"):
        load_task("table", path=tmp_path / "one.npz")
