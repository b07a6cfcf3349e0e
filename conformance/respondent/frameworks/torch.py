"""PyTorch: CPU, CUDA and meta, eager and torch.compile, gradients by autograd. TF32 is off unless it is asked for."""

from __future__ import annotations

import contextlib
import importlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.respondent.frameworks import Facts
from conformance.respondent.responses import NotAnAnswer, NotSupported, Output
from conformance.respondent.symptoms import Symptom, of_elements, of_type

if TYPE_CHECKING:
    import torch

    from conformance.respondent.frameworks.placed_torch import Watch
    from conformance.respondent.plain_models import PlainModel, PlainRole

# Past this many shapes torch.compile would quietly run the function uncompiled; a case may bring a new shape every time.
_SHAPES = 4096


FACTS = Facts(
    name="torch",
    title="PyTorch",
    roots=("torch",),
    package="impl_torch",
    extra="torch",
    dtypes=("float64", "float32", "bfloat16", "float16", "tf32"),
    only_on={"tf32": "cuda"},
    modes=("eager", "compiled"),
    devices=("cpu", "cuda"),
    on_request={"meta": "shapes, dtypes and devices, and no numbers"},
    numberless=frozenset({"meta"}),
    versions=("torch",),
    imports="import torch\nfrom torch import nn",
    tensor="torch.Tensor",
    model="nn.Module",
    precision="tensors and layers that are made without a dtype are float32; dtype=torch.{dtype}, or .to(torch.{dtype})",
    habits=frozenset(
        {"dim=", "keepdim="}
        | {f".{name}()" for name in ("exp", "expm1", "log", "log1p", "pow", "square", "sqrt", "sigmoid", "softmax", "logsumexp")}
        | {f".{name}()" for name in ("clamp", "detach", "unsqueeze", "permute", "requires_grad_")}
    ),
    # A folder that PyTorch makes when it imports its optimisers, unless it is there already.
    home_variables=("TORCHINDUCTOR_CACHE_DIR",),
)
# A precision of matrix products on tensor cores; what goes in and comes out is float32.
_STORED_AS = {"tf32": "float32"}
# What PyTorch itself imports only when a model is trained: half a second, once or in every such submission.
_IMPORTED_LATE = ("torch._dynamo",)


class Adapter:
    facts = FACTS

    def __init__(self) -> None:
        import torch

        from conformance.respondent.frameworks import placed_torch

        self._torch, self._placed = torch, placed_torch
        self._dtypes = {name: getattr(torch, _STORED_AS.get(name, name)) for name in FACTS.dtypes}
        self._names = {getattr(torch, name): name for name in (*FACTS.dtypes, "int32", "int64") if name not in _STORED_AS}
        self._watch: Watch | None = None
        self._allow_tf32(False)
        # Cases are small: a second thread costs more than it brings, and the order of sums would depend on the number of cores.
        torch.set_num_threads(1)
        # The first gradient makes PyTorch import a third of a second's worth of modules; that time is not the target's.
        leaf = torch.zeros(1, requires_grad=True)
        torch.autograd.grad(leaf * 1, leaf, torch.ones(1))

    def version(self) -> str:
        return self._torch.__version__

    def missing_device(self, device: str) -> str | None:
        if device != "cuda":
            return None
        if self._torch.version.cuda is None:
            return f"this build of PyTorch ({self._torch.__version__}) has no CUDA"
        return None if self._torch.cuda.is_available() else "PyTorch sees no CUDA device"

    @contextlib.contextmanager
    def placed(self, device: str) -> Iterator[None]:
        # It is asked afterwards, too: what an error says of the device is read outside.
        self._watch = self._placed.Watch() if device in FACTS.numberless else None
        with contextlib.nullcontext() if self._watch is None else self._watch.on():
            yield

    def said_of_devices(self, error: BaseException) -> NotAnAnswer | NotSupported | None:
        if self._watch is not None and self._watch.read and not isinstance(error, NotAnAnswer | NotSupported):
            return NotSupported(f"it reads numbers, of which there are none, and then raised {type(error).__name__}")
        return None

    def strays(self, model: Any, device: str) -> Mapping[str, str]:
        return self._placed.strays(model, device)

    def to_tensor(self, array: np.ndarray, dtype: str, device: str) -> torch.Tensor:
        if dtype == "bfloat16":
            return self._torch.from_numpy(np.array(array, dtype=np.float32)).to(device=device, dtype=self._torch.bfloat16)
        return self._torch.from_numpy(np.array(array, dtype=_STORED_AS.get(dtype, dtype))).to(device=device)

    def to_output(self, value: Any) -> Output:
        if not isinstance(value, self._torch.Tensor):
            raise NotAnAnswer(f"returned {type(value).__name__}, expected a torch.Tensor", of_type(value))
        if value.dtype not in self._names:
            symptom = of_elements(str(value.dtype).removeprefix("torch."))
            raise NotAnAnswer(f"returned a tensor of {value.dtype}, expected floating-point or whole numbers", symptom)
        if value.is_meta:
            return self._without_numbers(value)
        numbers = value.detach()
        if numbers.dtype is self._torch.bfloat16:
            numbers = numbers.float()
        return Output(numbers.cpu().numpy(), self._names[value.dtype], value.device.type)

    def _without_numbers(self, value: torch.Tensor) -> Output:
        stored = self._torch.float32 if value.dtype is self._torch.bfloat16 else value.dtype
        return Output(self._placed.without_numbers(value, stored).numpy(), self._names[value.dtype], value.device.type)

    def compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        self._torch._dynamo.config.recompile_limit = _SHAPES
        self._torch._dynamo.config.accumulated_recompile_limit = _SHAPES
        self._torch._dynamo.config.fail_on_recompile_limit_hit = True
        return self._torch.compile(function, dynamic=True)

    def value_and_gradients(
        self,
        function: Callable[..., Any],
        arguments: Mapping[str, Any],
        tensors: Mapping[str, torch.Tensor],
        cotangent: np.ndarray,
        dtype: str,
        device: str,
        vjp: Callable[..., Any] | None = None,
    ) -> tuple[Any, Callable[[], Mapping[str, Any]]]:
        for tensor in tensors.values():
            tensor.requires_grad_(True)
        value = function(**arguments)

        def gradients() -> Mapping[str, Any]:
            if not isinstance(value, self._torch.Tensor) or not value.requires_grad:
                raise NotAnAnswer("the value is cut off from its inputs, so it has no gradient", Symptom.NO_GRADIENT)
            weight = self._torch.tensor(cotangent, dtype=value.dtype, device=value.device)
            cotangents = self._torch.autograd.grad(value, tuple(tensors.values()), weight, allow_unused=True)
            return dict(zip(tensors, cotangents, strict=True))

        return value, gradients

    @contextlib.contextmanager
    def computing_in(self, dtype: str) -> Iterator[None]:
        self._allow_tf32(dtype == "tf32")
        try:
            yield
        finally:
            self._allow_tf32(False)

    def _allow_tf32(self, on: bool) -> None:
        self._torch.backends.cuda.matmul.allow_tf32 = on
        self._torch.backends.cudnn.allow_tf32 = on

    def recording(self, on: bool) -> contextlib.AbstractContextManager[object]:
        return self._torch.set_grad_enabled(on)

    def build(self, model: type, configuration: Mapping[str, Any], dtype: str, device: str, mode: str) -> Any:
        instance = model(**configuration)
        if not hasattr(instance, "to"):
            raise NotAnAnswer(f"{model.__name__} returned {type(instance).__name__}, expected an nn.Module", Symptom.WRONG_TYPE)
        instance = instance.to(device=device, dtype=self._dtypes[dtype])
        if mode == "compiled" and hasattr(instance, "import_weights"):
            for method in ("activations", "loss_terms"):
                setattr(instance, method, self.compiled(getattr(instance, method)))
        return instance

    def plain(
        self, model: Any, builder: str, role: PlainRole, configuration: Mapping[str, Any], batch: Mapping[str, Any]
    ) -> PlainModel:
        from conformance.respondent.frameworks.plain_torch import PlainTorchModel

        if not isinstance(model, self._torch.nn.Module):
            raise NotAnAnswer(f"{builder} returned {type(model).__name__}, expected an nn.Module", Symptom.WRONG_TYPE)
        if role.penalty is not None:
            raise NotSupported(
                f"a plain module does not show its {role.penalty} penalty: PyTorch has no add_loss; write the class of the contract for it"
            )
        return PlainTorchModel(model, role, configuration, batch)

    def before_forks(self, models: bool) -> None:
        for module in _IMPORTED_LATE if models else ():
            importlib.import_module(module)
