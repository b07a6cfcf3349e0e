"""In which framework a function is written: what it derives from, answers with and uses decides before what its file imports."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.targets.target import expand, written_in
from tests.harness.running import conformance
from tests.harness.submissions import write

_BOTH = "import torch\nfrom keras.utils import pad_sequences as pad\nimport tensorflow as tf\n"


def _judged(source: str, folder: Path) -> dict[str, tuple[str, str]]:
    """The framework of the whole, under "", and of what is judged in another one, each with its reason."""
    whole, others = written_in(write(folder, source))
    return {name: (sentence.framework, sentence.because) for name, sentence in {"": whole, **others}.items()}


@pytest.mark.parametrize(("body", "framework", "because"), [
    ("return torch.exp(mean)", "torch", "answers with torch (line 5)"),
    ("kl = torch.exp(mean)\n    return kl.sum()", "torch", "answers with torch (line 5)"),
    ("return torch.tensor(pad(mean))", "torch", "answers with torch (line 5)"),
    ("rows = pad(mean)\n    return torch.tensor(rows).mean()", "torch", "answers with torch (line 6)"),
    ("return tf.convert_to_tensor(torch.exp(mean).numpy())", "tensorflow", "answers with tensorflow (line 5)"),
    ("return {'mean': torch.mean, 'sum': torch.sum}[reduction](mean)", "torch", "uses torch (line 5)"),
    ("return (0.5 * mean.exp()).sum(dim=-1)", "torch", "uses dim= (line 5)"),
    ("from torch import mean as average\n    return average(mean)", "torch", "answers with torch (line 6)"),
    ("def inner(x):\n        return tf.exp(x)\n    x = torch.exp(mean)\n    return x", "torch", "answers with torch (line 7)"),
])  # fmt: skip
def test_a_function_decides_by_what_it_does(body: str, framework: str, because: str, tmp_path: Path) -> None:
    """Whatever else its file imports: the value's maker first, then all that is named, then methods that one framework has alone."""
    judged = _judged(f"{_BOTH}def vae_kl_loss(mean, log_var, reduction='mean'):\n    {body}", tmp_path)
    assert judged == {"": (framework, f"vae_kl_loss {because}")}


@pytest.mark.parametrize(("source", "framework"), [
    ("def _kl(x):\n    return torch.exp(x)\ndef vae_kl_loss(mean, log_var):\n    return _kl(mean)", "torch"),
    ("def _kl(x):\n    return torch.exp(x)\nvae_kl_loss = _kl", "torch"),
    ("F = torch.nn.functional\ndef vae_kl_loss(mean, log_var):\n    return F.relu(mean)", "torch"),
    ("class Base(torch.nn.Module):\n    pass\nclass StackedAutoencoder(Base):\n    pad = staticmethod(pad)", "torch"),
    ("def build_stacked_autoencoder(sizes):\n    return tf.keras.Sequential([])", "tensorflow"),
    ("try:\n    pass\nexcept ImportError:\n    pass\nelse:\n    def vae_kl_loss(mean, log_var):\n        return torch.exp(mean)", "torch"),
])  # fmt: skip
def test_what_is_at_the_head_of_the_file_is_followed(source: str, framework: str, tmp_path: Path) -> None:
    """Helpers, other names, base classes, a function that builds the model."""
    assert _judged(_BOTH + source, tmp_path)[""][0] == framework


def test_a_class_of_this_project_speaks_for_its_framework(tmp_path: Path) -> None:
    """Whoever derives from it need import nothing else."""
    judged = _judged("import impl_torch\n\nclass LinearAutoencoder(impl_torch.LinearAutoencoder):\n    pass\n", tmp_path)
    assert judged[""][0] == "torch"


def test_helpers_in_files_beside_are_followed(tmp_path: Path) -> None:
    """By name, by star and through their module."""
    write(tmp_path, "import torch\ndef kl(x):\n    return torch.exp(x)", "helper.py")
    for source in (
        "from helper import kl\ndef vae_kl_loss(mean, log_var):\n    return kl(mean)",
        "from helper import kl as vae_kl_loss",
        "from helper import *\nvae_kl_loss = kl",
        "import helper\ndef vae_kl_loss(mean, log_var):\n    return helper.kl(mean)",
    ):
        assert _judged(f"import keras\n{source}", tmp_path)[""][0] == "torch", source


def test_functions_of_two_frameworks_are_judged_each_in_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What says nothing goes with the whole, and the report says why."""
    source = (
        f"{_BOTH}def vae_kl_loss(mean, log_var, reduction='mean'):\n    return torch.exp(mean)\n"
        "def mean_squared_error(inputs, reconstructions, reduction='mean'):\n    return tf.exp(inputs)\n"
        "def pad_sequences(sequences):\n    return sequences\n"
    )
    judged = _judged(source, tmp_path)
    assert judged == {
        "": ("tensorflow", "line 2 imports keras"),
        "vae_kl_loss": ("torch", "vae_kl_loss answers with torch (line 5)"),
    }
    targets = list(expand([str(tmp_path / "submission.py")], ["cpu"], ["float32"], ["eager"]))
    assert [(t.framework, t.judges("vae_kl_loss"), t.judges("pad_sequences")) for t in targets] == [
        ("tensorflow", False, True),
        ("torch", True, False),
    ]


@pytest.mark.parametrize(("source", "because"), [
    ("x = 1\nimport keras", "line 2 imports keras"), ("", "it imports no framework"),
    ("import numpy as np\ndef vae_kl_loss(mean, log_var):\n    return np.exp(mean)", "line 1 imports numpy"),
    ("import torch\ndef vae_kl_loss(mean, log_var):\n    return torch.exp(mean)", "line 1 imports torch"),
    ("import keras\ndef vae_kl_loss(mean, log_var):\n    return mean.exp()", "line 1 imports keras"),
    ("import numpy\nlogger = 1\ndef vae_kl_loss(mean, log_var):\n    return logger.log(mean)", "line 1 imports numpy"),
])  # fmt: skip
def test_where_functions_do_not_differ_an_import_says_why(source: str, because: str, tmp_path: Path) -> None:
    """A habit of one framework does not outweigh an import of another alone."""
    assert written_in(write(tmp_path, source))[0].because == because


def test_an_expression_without_end_decides_nothing(tmp_path: Path) -> None:
    """Deeper than anybody writes: the imports are still there."""
    deep = "mean" + ".a" * 2000
    path = write(tmp_path, f"import torch\ndef vae_kl_loss(mean, log_var):\n    return {deep}")
    assert written_in(path)[0].framework == "torch"


def test_torch_code_beside_an_import_of_keras_is_judged_as_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It conforms, and the run says in which framework it was judged and why."""
    monkeypatch.chdir(tmp_path)
    write(
        tmp_path,
        "import torch\nfrom keras.utils import pad_sequences\n\n"
        "def vae_kl_loss(mean, log_var, reduction='mean'):\n"
        "    rows = 0.5 * torch.sum(mean ** 2 + torch.expm1(log_var) - log_var, dim=-1)\n"
        "    return rows if reduction == 'none' else getattr(rows, reduction)()\n",
    )
    words = (
        "verify",
        "--target",
        "submission.py",
        "--spec",
        "vae_kl_loss",
        "--dtype",
        "float32",
        "--device",
        "cpu",
        "--examples",
        "8",
    )
    result = conformance(*words)
    assert result.exit_code == 0, result.output
    assert "submission.py was judged as PyTorch, because vae_kl_loss answers with torch (line 5)." in result.stdout
