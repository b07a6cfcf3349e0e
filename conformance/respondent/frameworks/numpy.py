"""NumPy: no devices, no compiler; a gradient exists where a module offers `<name>_vjp`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.respondent.frameworks import Facts
from conformance.respondent.responses import NotAnAnswer, NotSupported, Output
from conformance.respondent.symptoms import Symptom, of_elements, of_type

if TYPE_CHECKING:
    from conformance.respondent.plain_models import PlainModel, PlainRole


FACTS = Facts(
    name="numpy",
    title="NumPy",
    roots=("numpy",),
    dtypes=("float64", "float32", "float16"),
    modes=("eager",),
    devices=("cpu",),
    versions=("numpy", "scipy"),
    companion=True,
    automatic=False,
    imports="import numpy as np",
    tensor="np.ndarray",
)


class Adapter:
    facts = FACTS

    def version(self) -> str:
        return np.__version__

    def missing_device(self, device: str) -> str | None:
        return None if device == "cpu" else f"NumPy computes on the cpu only, not on {device}"

    def placed(self, device: str) -> contextlib.AbstractContextManager[object]:
        return contextlib.nullcontext()

    def said_of_devices(self, error: BaseException) -> NotAnAnswer | NotSupported | None:
        return None

    def strays(self, model: Any, device: str) -> Mapping[str, str]:
        return {}

    def to_tensor(self, array: np.ndarray, dtype: str, device: str) -> np.ndarray:
        return np.array(array, dtype=dtype)

    def to_output(self, value: Any) -> Output:
        # Subclasses could answer comparisons as they please; type() cannot be overridden.
        if type(value) is not np.ndarray and not isinstance(value, (np.floating, np.integer)):
            raise NotAnAnswer(f"returned {type(value).__name__}, expected a NumPy array or scalar", of_type(value))
        array = np.asarray(value)
        if array.dtype.kind not in "fi":
            raise NotAnAnswer(
                f"returned an array of {array.dtype}, expected floating-point or whole numbers", of_elements(array.dtype.name)
            )
        return Output(array, array.dtype.name, "cpu")

    def compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        raise NotSupported("NumPy has no compiled mode")

    def value_and_gradients(
        self,
        function: Callable[..., Any],
        arguments: Mapping[str, Any],
        tensors: Mapping[str, Any],
        cotangent: np.ndarray,
        dtype: str,
        device: str,
        vjp: Callable[..., Any] | None = None,
    ) -> tuple[Any, Callable[[], Mapping[str, Any]]]:
        def gradients() -> Mapping[str, Any]:
            if vjp is None:
                raise NotSupported(
                    "NumPy carries no gradients, and the module has no function of the same name with _vjp behind it"
                )
            cotangents = vjp(np.array(cotangent, dtype=dtype), **arguments)
            if not isinstance(cotangents, dict):
                raise NotAnAnswer(f"{vjp.__name__} returned {type(cotangents).__name__}, expected a dict", Symptom.WRONG_TYPE)
            return cotangents

        return function(**arguments), gradients

    def computing_in(self, dtype: str) -> contextlib.AbstractContextManager[object]:
        return contextlib.nullcontext()

    def recording(self, on: bool) -> contextlib.AbstractContextManager[object]:
        return contextlib.nullcontext()

    def build(self, model: type, configuration: Mapping[str, Any], dtype: str, device: str, mode: str) -> Any:
        return model(**configuration)

    def plain(
        self, model: Any, builder: str, role: PlainRole, configuration: Mapping[str, Any], batch: Mapping[str, Any]
    ) -> PlainModel:
        raise NotSupported(
            f"{builder} returned {type(model).__name__}; NumPy has no plain models, so write the class of the contract"
        )

    def before_forks(self, models: bool) -> None:
        pass
