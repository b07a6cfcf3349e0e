"""Reading a target's framework from its source files, without executing them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from conformance.errors import UnknownChoice, UnusableTarget
from conformance.targets.target import UNSAID, expand, framework_of
from tests.harness.submissions import write


@pytest.fixture(autouse=True)
def _importable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`tmp_path` is on sys.path and current; what a test imports is forgotten after it."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        if str(tmp_path) in str(getattr(sys.modules[name], "__file__", None)):
            del sys.modules[name]


@pytest.mark.parametrize(("source", "framework"), [
    ("import torch", "torch"), ("from torch.nn import functional as F", "torch"), ("import torch.nn.functional", "torch"),
    ("import tensorflow as tf", "tensorflow"), ("import keras", "tensorflow"), ("from tf_keras import layers", "tensorflow"),
    ("import numpy as np", "numpy"), ("x = 1", "numpy"), ("", "numpy"), ("def f():\n    import torch", "torch"),
    ("# import torch\nx = 'import tensorflow'", "numpy"), ("import torchvision_like", "numpy"), ("from .torch import x", "numpy"),
    ("import torch, tensorflow", "tensorflow"),
])  # fmt: skip
def test_the_framework_is_read_from_the_source(source: str, framework: str, tmp_path: Path) -> None:
    """The imports decide, wherever they stand; comments, texts and relative imports do not."""
    assert framework_of(write(tmp_path, source)) == framework


@pytest.mark.parametrize(("files", "module", "framework"), [
    ({"vae.py": "from helper import f", "helper.py": "import torch"}, "vae.py", "torch"),
    ({"vae.py": "from helper import f", "helper.py": "def f():\n    import tensorflow"}, "vae", "tensorflow"),
    ({"vae.py": "import part.deep as d", "part/__init__.py": "", "part/deep.py": "import torch"}, "vae.py", "torch"),
    ({"vae.py": "from part import deep", "part/__init__.py": "", "part/deep.py": "import torch"}, "vae.py", "torch"),
    ({"p/__init__.py": "", "p/vae.py": "from .backend import f", "p/backend.py": "import torch"}, "p.vae", "torch"),
    ({"p/__init__.py": "", "p/vae.py": "from . import backend", "p/backend.py": "import torch"}, "p.vae", "torch"),
    ({"p/__init__.py": "", "p/q/__init__.py": "", "p/q/vae.py": "from ..backend import f", "p/backend.py": "import torch"}, "p.q.vae", "torch"),
    ({"p/__init__.py": "", "p/vae.py": "from p.backend import f", "p/backend.py": "import torch"}, "p.vae", "torch"),
    ({"vae.py": "def f():\n    import importlib\n    return importlib.import_module('torch.nn')"}, "vae.py", "torch"),
    ({"vae.py": "f = __import__('tensorflow')"}, "vae.py", "tensorflow"),
    ({"vae.py": "import helper", "helper.py": "import vae, numpy"}, "vae.py", "numpy"),
    ({"vae.py": "import helper", "other.py": "import torch"}, "vae.py", "numpy"),
    ({"vae.py": "from helper import *", "helper.py": "from torch import *"}, "vae.py", "torch"),
])  # fmt: skip
def test_the_framework_is_found_through_files_of_its_own(
    files: dict[str, str], module: str, framework: str, tmp_path: Path
) -> None:
    """Helpers beside the file or within the package are read as well, however they are imported; others are not."""
    for name, source in files.items():
        write(tmp_path, source, name)
    assert framework_of(module) == framework
    assert framework_of(module if not module.endswith(".py") else str(tmp_path / module)) == framework


def test_neighbours_among_installed_packages_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an installed package depends on says nothing of its framework; it could be anything."""
    folder = tmp_path / "site-packages"
    write(folder, "import dependency_of_it\nimport numpy", "installed_vae.py")
    write(folder, "import torch", "dependency_of_it.py")
    monkeypatch.syspath_prepend(folder)
    assert framework_of("installed_vae") == "numpy"


def test_a_framework_can_be_told(tmp_path: Path) -> None:
    """Then the source is not asked, but it has to be there; without a named module there is nothing to tell it of."""
    path = write(tmp_path, "import numpy")
    assert {t.framework for t in expand([path], ["cpu"], ["float32"], ["eager"], "tf")} == {"tensorflow"}
    with pytest.raises(UnusableTarget, match="no_such_module"):
        list(expand(["no_such_module"], [], ["float32"], ["eager"], "torch"))
    with pytest.raises(UnknownChoice, match=r"^framework: expected a --target beside it"):
        list(expand([], [], ["float32"], ["eager"], "torch"))


def test_a_guess_is_known_as_such(tmp_path: Path) -> None:
    """NumPy that is imported is no guess, nor is what was told, nor an own implementation."""
    plain, numpy = write(tmp_path, "x = 1", "plain.py"), write(tmp_path, "import numpy", "imports.py")
    guesses = [t.because == UNSAID for m in (plain, numpy, "impl_torch") for t in expand([m], ["cpu"], ["float32"], ["eager"])]
    assert guesses == [True, False, False]
    assert not any(t.because for t in expand([plain], ["cpu"], ["float32"], ["eager"], "numpy"))


def test_nothing_is_executed_to_find_the_framework(tmp_path: Path) -> None:
    """The source is parsed, not run: by path, by folder, by name and by dotted name."""
    bomb = "import torch\nraise SystemExit('executed')"
    path = write(tmp_path, bomb, "bomb.py")
    write(tmp_path, bomb, "parcel/__init__.py")
    write(tmp_path, bomb, "parcel/inner.py")
    for module in (path, str(tmp_path / "parcel"), "bomb", "parcel", "parcel.inner"):
        assert framework_of(module) == "torch"
