"""The three packages read side by side: the same files and the same names in them, but for what stands in one table with its reason."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

import pytest

from tests.architecture.signatures import ROOT, tree

PACKAGES = ("reference", "impl_tf", "impl_torch")


@dataclass(frozen=True)
class Difference:
    """What only some of the packages have: `file.py`, `file.py:name` or `file.py:Class.method`, * standing for any letters."""

    packages: tuple[str, ...]
    reason: str
    names: tuple[str, ...]


REFERENCE, TF, TORCH = (("reference",), ("impl_tf",), ("impl_torch",))
FRAMEWORKS = ("impl_tf", "impl_torch")

DIFFERENCES = (
    Difference(
        REFERENCE,
        "What a formula is judged by stands in the reference alone: specifications, domains, error scales, laws, literal forms.",
        (
            "specification.py*", "domains.py*", "rounding.py*", "*:_[A-Z]*", "*_scale", "*_literally", "formulas/sparsity.py:_inside_clip",
            "formulas/sparsity.py:_mean_activity", "formulas/sparsity.py:_log_ratio",
            "formulas/variational.py:_flipped", "models/*.batch_domains", "models/*.method_domains", "models/*.unsaturated",
        ),
    ),
    Difference(
        REFERENCE,
        "The reference differentiates by hand, which the frameworks do themselves.",
        (
            "*_vjp", "arguments.py:cotangent_per_sample", "models/*.gradients", "models/*.backward",
            "layers/perceptron.py:backward", "models/*._penalty_cotangents",
            "models/*._penalty_gradients", "formulas/reconstruction.py:_per_element",
            "layers/convolution.py:_peak", "layers/recurrent.py:RecurrentGradients",
            "layers/recurrent.py:LstmTrace", "models/contractive.py:*._slope",
            "models/contractive.py:*._column_norms", "models/sequence_cells.py:_at",
        ),
    ),
    Difference(
        REFERENCE,
        "Functions that NumPy lacks and a framework has.",
        (
            "layers/activations.py:*", "layers/convolution.py:_pad", "layers/softmax.py:log_softmax",
            "layers/softmax.py:softmax", "training/adam.py:*", "training/__init__.py:St*",
        ),
    ),
    Difference(
        REFERENCE,
        "Weights are arrays in a dict, so a layer is a description of its own: shapes, activation, the names of what it puts out.",
        (
            "layers/perceptron.py:*", "models/*.parameter_shapes", "models/*._initial", "models/*.initial", "models/sequence_cells.py:Named",
            "models/sequence_cells.py:Weights", "models/sequence_cells.py:_uniform", "models/sequence_cells.py:_recurrent_shapes",
            "models/autoencoder.py:*_layers", "models/autoencoder.py:*._tied_to", "models/autoencoder.py:*._all_weights",
            "models/variational.py:_HEADS", "models/weights.py:Shapes", "models/pretrained.py:*.trainable_names",
        ),
    ),
    Difference(
        REFERENCE,
        "Lists are as good as arrays here, and every array is looked at for NaN, infinity and range, which would make a framework wait.",
        ("arguments.py:real_array", "arguments.py:paired", "arguments.py:_refuse_non_finite", "arguments.py:_shape",
            "models/autoencoder.py:rows", "models/*._inputs", "models/*._labels"),
    ),
    Difference(
        FRAMEWORKS,
        "A file lists its public names, where the reference specifies them.",
        ("*:__all__", "__init__.py:_modules", "__init__.py:_public"),
    ),
    Difference(
        FRAMEWORKS,
        "Tensors have a dtype that is kept, and half precisions are computed in float32.",
        ("arguments.py:floating_tensor", "arguments.py:widened", "arguments.py:refuse_non_finite", "models/model.py:Model._rows"),
    ),
    Difference(
        FRAMEWORKS,
        "Weights are the variables of layers: they are found by a table, in which training asks for those that are not frozen.",
        (
            "layers/perceptron.py:*", "layers/dense.py:TransposedDense*", "layers/recurrent.py:_initial", "models/*.parameter_table",
            "models/autoencoder.py:layer_parameters", "models/sequence_cells.py:_recurrent_parameters", "models/model.py:Model._learned",
            "models/model.py:Model._replace", "models/weights.py:*", "training/__init__.py:*uantities", "training/__init__.py:_QUANTITIES",
        ),
    ),
    Difference(
        FRAMEWORKS,
        "Training over epochs, in which noise that the data lack is drawn and the loss is asked for in more than one way.",
        ("training/fit.py", "models/model.py:Model.fit", "models/*._drawn", "models/*._terms"),
    ),
    Difference(
        FRAMEWORKS,
        "Parts of a model that the reference, which needs every step for its gradients, writes out where it is used.",
        (
            "models/autoencoder.py:Autoencoder._encoded", "models/autoencoder.py:Autoencoder._decoded", "models/*._reconstructed",
            "models/character.py:*._summarised", "arguments.py:flag", "formulas/tokenization.py:_plain", "formulas/variational.py:_excess",
        ),
    ),
    Difference(
        ("reference", "impl_torch"),
        "PyTorch calls it `forward` as the reference does, and has no `predict` and no constants of its own where Keras has them.",
        (
            "models/sequence_cells.py:*.forward", "models/*.predict", "layers/dense.py:glorot_uniform", "training/adaptive.py:EPSILON",
            "training/adaptive.py:RHO",
        ),
    ),
    Difference(TORCH, "PyTorch calls it `forward` where Keras has `call`.", ("*.forward",)),
    Difference(TF, "Keras calls it `call`.", ("*.call",)),
    Difference(
        TORCH,
        "PyTorch has devices, and one generator of numbers that is handed from layer to layer.",
        (
            "arguments.py:same_device", "arguments.py:_ends", "arguments.py:_can_be_read", "models/*._any_parameter",
            "models/model.py:generator", "models/sequence_cells.py:Device",
        ),
    ),
    Difference(
        TORCH,
        "`torch.compile` and the kernels of PyTorch ask for constants, layers and layouts of their own.",
        (
            "arguments.py:constant", "formulas/variational.py:_[A-Z]*", "layers/convolution.py:Conv1d*", "layers/recurrent.py:*",
            "models/weights.py:Entry*",
        ),
    ),
    Difference(
        TORCH,
        "PyTorch has no `fit` and no optimiser that knows a model's state by name, and modules have a training mode.",
        (
            "training/fit.py:*", "models/model.py:Model.__init__", "models/model.py:Model._stepping", "models/model.py:_training_mode",
            "models/model.py:_state",
        ),
    ),
    Difference(
        TF,
        "Keras has `fit`, `evaluate`, `predict` and `compile`, which name batches and labels, draw noise and look at data before they start.",
        (
            "training/fit.py:*", "models/model.py:*", "models/*._widths", "models/*.inspect_entry", "models/*._with_noise",
            "models/*._noiseless_loss_terms",
        ),
    ),
    Difference(
        TF,
        "Keras makes models anew from their configuration, and layers from a dtype policy, a seed and a name each.",
        (
            "models/*.get_config", "models/*.from_config", "arguments.py:floating_policy", "models/autoencoder.py:layer_seeds",
            "models/sequence_cells.py:SEEDS", "models/character.py:_BinaryClassifier.__init__", "models/pretrained.py:*.trainable_encoder",
        ),
    ),
    Difference(
        TF,
        "An `nn.Module` knows its parameters by the canonical names already, and draws noise like a tensor; a `keras.Model` has neither.",
        ("models/*.parameter_table",
         "models/variational.py:*._drawn"),
    ),
    Difference(
        TF,
        "Keras' optimisers do not compute the canonical formulas, and make of a rate a variable of single precision.",
        ("training/ad*.py:*", "training/momentum.py:*", "training/sgd.py:*"),
    ),
    Difference(
        TF,
        "Keras' layers take −1 for the last row and loop in a way that XLA and gradients do not go together with.",
        ("layers/embedding.py:looked_up", "layers/recurrent.py:*"),
    ),
    Difference(("reference", "impl_tf"), "Both write the gradient of a scan by hand.", ("layers/recurrent.py:_before",)),
    Difference(("reference", "impl_tf"), "NumPy arrays are taken too, and described in messages.", ("arguments.py:_describe",)),
    Difference(
        ("reference", "impl_tf"),
        "A PyTorch model without noise has no argument for it, so Python itself refuses it.",
        ("models/autoencoder.py:Autoencoder._corrupted",),
    ),
    Difference(
        TF,
        "NumPy arrays and variables become tensors; NumPy has no bfloat16.",
        ("arguments.py:_tensor", "models/weights.py:_numpy_dtype"),
    ),
)  # fmt: skip


def _names(source: ast.Module) -> Iterator[str]:
    """Functions, classes and constants of a module, and the methods of its classes."""
    for node in source.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.ClassDef):
            yield node.name
            yield from (f"{node.name}.{item.name}" for item in node.body if isinstance(item, ast.FunctionDef))
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name))


def _owners() -> Mapping[str, tuple[str, ...]]:
    """Every file and every name in it -> the packages that have it."""
    owners: dict[str, tuple[str, ...]] = {}
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            file = path.relative_to(ROOT / package).as_posix()
            for name in dict.fromkeys([file, *(f"{file}:{name}" for name in _names(tree(path)))]):
                owners[name] = (*owners.get(name, ()), package)
    return owners


OWNERS = _owners()


def _fits(name: str, difference: Difference, pattern: str) -> bool:
    return OWNERS[name] == difference.packages and fnmatchcase(name, pattern)


def test_the_packages_have_the_same_names() -> None:
    """Whoever knows one package finds the same thing at the same place in the others."""
    unexplained = [
        f"{name} in {', '.join(packages)} alone"
        for name, packages in OWNERS.items()
        if packages != PACKAGES and not any(_fits(name, d, pattern) for d in DIFFERENCES for pattern in d.names)
    ]
    assert not unexplained, "\n".join(unexplained)


@pytest.mark.parametrize("difference", DIFFERENCES, ids=lambda d: d.reason)
def test_what_differs_still_does(difference: Difference) -> None:
    """A line of the table that no name needs is taken out of it."""
    idle = [pattern for pattern in difference.names if not any(_fits(name, difference, pattern) for name in OWNERS)]
    assert idle == []
