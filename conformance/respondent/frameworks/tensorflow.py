"""TensorFlow and Keras 3: CPU, CUDA and a second CPU, eager and tf.function(jit_compile=True), gradients by the tape."""

from __future__ import annotations

import contextlib
import inspect
import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from conformance.respondent.frameworks import Facts
from conformance.respondent.responses import NotAnAnswer, NotSupported, Output
from conformance.respondent.symptoms import Symptom, of_elements, of_type

if TYPE_CHECKING:
    import tensorflow as tf

    from conformance.respondent.plain_models import PlainModel, PlainRole


@contextlib.contextmanager
def _silence() -> Iterator[None]:
    """Discard what C++ code writes to standard error.

    TensorFlow greets every user with its build flags, and since 2.19 no setting stops it (tensorflow/tensorflow #100442).
    """
    saved = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(nowhere)


_NAMES = ("float64", "float32", "bfloat16", "float16", "int32", "int64")


FACTS = Facts(
    name="tensorflow",
    title="TensorFlow",
    aliases=("tf",),
    roots=("tensorflow", "tf_keras", "keras"),
    package="impl_tf",
    extra="tf",
    dtypes=("float64", "float32", "bfloat16", "float16"),
    modes=("eager", "compiled"),
    devices=("cpu", "cuda"),
    on_request={"cpu:1": "a second CPU, which is another device to TensorFlow"},
    versions=("tensorflow", "keras"),
    imports="import keras\nimport tensorflow as tf",
    tensor="tf.Tensor",
    model="keras.Model",
    precision='layers of Keras compute in float32 unless they are told; dtype="{dtype}" for the layer, or keras.config.set_floatx("{dtype}")',
    told_dtype=True,
    plain_penalty=True,
    # 0.6 s of a processor.
    left_out=frozenset({"sklearn", "scipy", "matplotlib", "pandas"}),
    environment={
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        # What looks for operations to replace by oneDNN's goes through all kernels at every new operation: 0.1 s a submission.
        "TF_ENABLE_ONEDNN_OPTS": "0",
        "KERAS_BACKEND": "tensorflow",
    },
)


def imported() -> Any:
    """TensorFlow, without its banner."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    # A card is shared by several processes; the first would take all of its memory.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    with _silence():
        import tensorflow
    return tensorflow


class Adapter:
    facts = FACTS

    def __init__(self) -> None:
        self._tf = imported()
        from conformance.respondent.frameworks import placed_tensorflow

        self._placed = placed_tensorflow
        self._tf.config.experimental.enable_tensor_float_32_execution(False)
        # Cases are small: a second thread costs more than it brings, and the order of sums would depend on the number of cores.
        with contextlib.suppress(RuntimeError):  # too late where TensorFlow has already computed something
            self._tf.config.threading.set_intra_op_parallelism_threads(1)
            self._tf.config.threading.set_inter_op_parallelism_threads(1)
        # Cases of many shapes make a compiled function retrace; that is meant, and no news.
        self._tf.get_logger().setLevel("ERROR")

    def version(self) -> str:
        return self._tf.__version__

    def missing_device(self, device: str) -> str | None:
        if device == "cpu":
            return None
        if device in FACTS.on_request:
            return self._placed.second_cpu_is_missing()
        if not self._tf.test.is_built_with_cuda():
            return f"this build of TensorFlow ({self._tf.__version__}) has no CUDA"
        return None if self._tf.config.list_physical_devices("GPU") else "TensorFlow sees no CUDA device"

    def placed(self, device: str) -> contextlib.AbstractContextManager[object]:
        return self._placed.on_second_cpu() if device in FACTS.on_request else contextlib.nullcontext()

    def said_of_devices(self, error: BaseException) -> NotAnAnswer | NotSupported | None:
        return self._placed.mixture(error)

    def strays(self, model: Any, device: str) -> Mapping[str, str]:
        return self._placed.strays(model, device)

    def to_tensor(self, array: np.ndarray, dtype: str, device: str) -> tf.Tensor:
        with self._place(device):
            if dtype == "bfloat16":
                return self._tf.cast(self._tf.convert_to_tensor(array.astype(np.float32)), self._tf.bfloat16)
            # astype copies: on the CPU TensorFlow may share the memory of the array that it is given.
            return self._tf.convert_to_tensor(array.astype(dtype))

    def to_output(self, value: Any) -> Output:
        if not isinstance(value, (self._tf.Tensor, self._tf.Variable)):
            raise NotAnAnswer(f"returned {type(value).__name__}, expected a tf.Tensor", of_type(value))
        name = value.dtype.name
        if name not in _NAMES:
            raise NotAnAnswer(f"returned a tensor of {name}, expected floating-point or whole numbers", of_elements(name))
        numbers = self._tf.cast(value, self._tf.float32) if name == "bfloat16" else value
        return Output(numbers.numpy(), name, self._placed.name_of(value.device))

    def compiled(self, function: Callable[..., Any]) -> Callable[..., Any]:
        return self._tf.function(function, jit_compile=True)

    def value_and_gradients(
        self,
        function: Callable[..., Any],
        arguments: Mapping[str, Any],
        tensors: Mapping[str, tf.Tensor],
        cotangent: np.ndarray,
        dtype: str,
        device: str,
        vjp: Callable[..., Any] | None = None,
    ) -> tuple[Any, Callable[[], Mapping[str, Any]]]:
        with self._place(device), self._tf.GradientTape() as tape:
            for tensor in tensors.values():
                tape.watch(tensor)
            value = function(**arguments)

        def gradients() -> Mapping[str, Any]:
            if not isinstance(value, self._tf.Tensor):
                raise NotAnAnswer("the value is no tensor, so it has no gradient", Symptom.NO_GRADIENT)
            with self._place(device):
                weight: Any = self._tf.cast(self._tf.convert_to_tensor(cotangent), value.dtype)
                sources: Any = dict(tensors)
                return tape.gradient(value, sources, output_gradients=weight)

        return value, gradients

    def _place(self, device: str) -> Any:
        return self._tf.device(self._placed.PLACES.get(device, "/CPU:0"))

    def computing_in(self, dtype: str) -> contextlib.AbstractContextManager[object]:
        return contextlib.nullcontext()

    def recording(self, on: bool) -> contextlib.AbstractContextManager[object]:
        return self._tf.GradientTape() if on else contextlib.nullcontext()

    def build(self, model: type, configuration: Mapping[str, Any], dtype: str, device: str, mode: str) -> Any:
        with self._place(device), contextlib.nullcontext() if isinstance(model, type) else _precision(dtype):
            instance = model(**configuration, **({"dtype": dtype} if _takes_dtype(model) else {}))
        if mode == "compiled" and hasattr(instance, "import_weights"):
            for method in ("activations", "loss_terms"):
                setattr(instance, method, self.compiled(getattr(instance, method)))
        return instance

    def plain(
        self, model: Any, builder: str, role: PlainRole, configuration: Mapping[str, Any], batch: Mapping[str, Any]
    ) -> PlainModel:
        import keras

        from conformance.respondent.frameworks.plain_tensorflow import PlainKerasModel

        if not isinstance(model, keras.Model):
            raise NotAnAnswer(f"{builder} returned {type(model).__name__}, expected a keras.Model", Symptom.WRONG_TYPE)
        return PlainKerasModel(model, role, configuration, batch)

    def before_forks(self, models: bool) -> None:
        with contextlib.suppress(ImportError, AttributeError):  # no public interface does only this: 60 ms
            from tensorflow.python.framework import op_def_registry

            op_def_registry.get("Add")


@contextlib.contextmanager
def _precision(dtype: str) -> Iterator[None]:
    """Layers that are not told their precision are made in this one."""
    import keras

    before = keras.config.floatx(), keras.config.dtype_policy()
    keras.config.set_floatx(dtype)
    keras.config.set_dtype_policy(dtype)
    try:
        yield
    finally:
        keras.config.set_floatx(before[0])
        keras.config.set_dtype_policy(before[1])


def _takes_dtype(model: Any) -> bool:
    """Whether a class or builder can be told the precision; one that Python knows nothing of is."""
    try:
        parameters = inspect.signature(model).parameters.values()
    except (TypeError, ValueError):
        return True
    return isinstance(model, type) or any(p.name == "dtype" or p.kind is p.VAR_KEYWORD for p in parameters)
