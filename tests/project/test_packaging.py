"""Wheel and sdist: built from the checkout, installed outside of it, and used there."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("guard", "train", "graphs", "analysis", "reports", "study")
SHIPPED = (
    *(f"{room}/py.typed" for room in ROOMS),
    *(str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("reports/templates/*")) if path.is_file()),
    *(str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("study/studies/*.yaml"))),
    *(str(path.relative_to(ROOT)) for path in sorted(ROOT.glob("study/comparisons/bundled/*.yaml"))),
    *(str(path.relative_to(ROOT)) for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))),
)

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Folder with a wheel and an sdist, built from a copy of the source (a build leaves files in its tree)."""
    source = tmp_path_factory.mktemp("source") / "creditgraph"
    leave_out = shutil.ignore_patterns(
        ".git", ".venv", "runs", "build", "dist", "*.egg-info", "__pycache__", ".*_cache", ".hypothesis", ".typing"
    )
    shutil.copytree(ROOT, source, ignore=leave_out)
    out = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(source)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def test_wheel_and_sdist_hold_all_that_is_needed(built):
    """Guards against templates, bundled studies or a subpackage that are left out of what users install."""
    (wheel,) = built.glob("*.whl")
    (sdist,) = built.glob("*.tar.gz")
    in_wheel = set(zipfile.ZipFile(wheel).namelist())
    with tarfile.open(sdist) as archive:
        in_sdist = {name.partition("/")[2] for name in archive.getnames()}
    assert {f"creditgraph/{name}" for name in SHIPPED} <= in_wheel
    assert {*SHIPPED, "setup.py", "pyproject.toml", "LICENSE", "README.md"} <= in_sdist
    top_level = {name.partition("/")[0] for name in in_wheel}
    assert top_level == {"creditgraph", f"creditgraph-{version('creditgraph')}.dist-info"}


def test_the_wheel_works_outside_the_tree(built, tmp_path):
    """Guards against an installation that only works beside its source."""
    (wheel,) = built.glob("*.whl")
    environment = tmp_path / "fresh"
    venv.create(environment, with_pip=True)
    scripts = environment / "bin"
    subprocess.run(
        [scripts / "pip", "install", "--quiet", "--no-deps", "--no-index", wheel], check=True, capture_output=True
    )
    # the dependencies are lent by path: the folder's own .pth files, our editable install among them, are not read
    purelib = subprocess.run(
        [scripts / "python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()
    Path(purelib, "lent.pth").write_text(sysconfig.get_path("purelib") + "\n")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}
    shown = subprocess.run(
        [scripts / "creditgraph", "--version"], cwd=tmp_path, env=clean, capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == f"creditgraph {version('creditgraph')}"
    code = "import " + ", ".join(f"creditgraph.{room}" for room in ROOMS) + "; print(creditgraph.train.__file__)"
    imported = subprocess.run(
        [scripts / "python", "-c", code], cwd=tmp_path, env=clean, capture_output=True, text=True, check=True
    )
    assert Path(imported.stdout.strip()).is_relative_to(environment)
    listed = subprocess.run(
        [scripts / "creditgraph", "run", "--help"], cwd=tmp_path, env=clean, capture_output=True, text=True, check=True
    )
    assert "connectome, connectome-free, connectome-half, layered-digits" in " ".join(listed.stdout.split())
