import pytest

from creditgraph.guard import FileError
from creditgraph.study.study_file import read_study_file, read_value


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b"- 1\n- 2\n", "holds a list, expected options"),
        (b"name: [1\nsweep: 2", "not valid YAML in line 2"),
        (b"name: a\nname: b\n", "line 2: the option 'name' stands twice"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"x: !!python/object/apply:os.system ['true']", "not valid YAML"),
        (b"x: &a [*a]", None),
        (b"a" * 1_000_001, "too large"),
        (b"[" * 5000, "not valid YAML"),
    ],
)
def test_a_malformed_file_is_answered_in_one_line(tmp_path, content, message):
    """Guards against a YAML library's traceback, and against a file that runs code."""
    path = tmp_path / "study.yaml"
    path.write_bytes(content)
    if message is None:
        assert isinstance(read_study_file(path), dict)
        return
    with pytest.raises(FileError, match=message) as caught:
        read_study_file(path)
    assert "\n" not in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_answered_with_the_bundled_studies(tmp_path):
    """Guards against a user who does not know what there is."""
    with pytest.raises(FileError, match=r"no such study file; did you mean 'connectome'\?"):
        read_study_file("conectome")
    with pytest.raises(FileError, match=r"bundled studies are connectome, "):
        read_study_file(tmp_path / "zzz.yaml")
    with pytest.raises(FileError, match="a folder, expected a study file; the folder of a run goes to `report`"):
        read_study_file(tmp_path)


def test_a_file_in_the_working_folder_goes_before_a_bundled_study(tmp_path, monkeypatch):
    """Guards against a user's own file being passed over for a bundled one of its name."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "connectome.yaml").write_text("name: mine\n")
    assert read_study_file("connectome.yaml") == {"name": "mine"}
    assert read_study_file("connectome")["name"] == "connectome"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("1E5", 1e5),
        ("[1e-3, 2.5e-1]", [0.001, 0.25]),
        ("3", 3),
        ("true", True),
        ("tanh", "tanh"),
        ("[", "["),
    ],
)
def test_values_are_read_as_users_mean_them(text, value):
    """Guards against YAML 1.1, which takes 1e-3 for text."""
    read = read_value(text)
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("content", [b"pre,post\na,b\n", b"<graphml/>", b"PK\x03\x04\xff"])
def test_a_graph_file_is_no_study_and_the_command_that_takes_it_is_named(tmp_path, content):
    """Guards against a newcomer told of the types of a parser where the command is the wrong one."""
    path = tmp_path / "net.csv"
    path.write_bytes(content)
    with pytest.raises(FileError, match="a study is a YAML file, a graph file goes to `creditgraph analyse`"):
        read_study_file(path)
