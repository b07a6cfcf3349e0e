"""A function or model of impl_tf as XLA's program: what `tf.function(jit_compile=True)` hands to the compiler.

Weights, and what an optimiser holds, are variables; the program takes them as arguments behind its own, in the order in which tracing met
them. What it assigns to them comes behind its own results, which is why everything that is compared is returned by name too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from conformance.programs.exporting.asked import TRAINED, Named, Training
from conformance.respondent.class_results import method_results
from conformance.respondent.frameworks import Framework
from conformance.respondent.frameworks.tensorflow import imported
from conformance.respondent.model_inputs import ModelInputs
from reference.specification import Quantity, Spec

# Of a result.
Key = tuple[Quantity, str]


@dataclass(frozen=True)
class Traced:
    """A program, what it is given, and what its first results are, each as (quantity, name)."""

    code: bytes
    inputs: tuple[np.ndarray, ...]
    results: tuple[Key, ...]


class Tracer:
    """Makes programs of what a package offers, with the adapter of its framework."""

    def __init__(self, package: Any, framework: Framework) -> None:
        self._package, self._framework, self._tf = package, framework, imported()
        # With TF32 allowed, products of float32 would be exported with operand_precision=default, which XLA may compute in TF32 on NVIDIA's
        # cards: ten bits. Without, they are exported as `highest`, and no device may.
        self._tf.config.experimental.enable_tensor_float_32_execution(False)

    def offers(self, name: str) -> bool:
        return hasattr(self._package, name)

    def function(
        self, spec: Spec, inputs: Mapping[str, Any], reals: Sequence[str], cotangent: np.ndarray | None, dtype: str
    ) -> Traced:
        """The value of a function, and its gradients by its differentiated inputs, weighed by the cotangent."""
        offered, tf = getattr(self._package, spec.name), self._tf
        options = {name: value for name, value in inputs.items() if name not in reals}
        arrays = [inputs[name] for name in reals] + ([] if cotangent is None else [cotangent])
        results: list[Key] = [("value", "value")]
        if cotangent is not None:
            results.extend(("gradient", name) for name in spec.differentiated)

        def program(*given: Any) -> list[Any]:
            tensors = dict(zip(reals, given, strict=False))
            sources = [tensors[name] for name in spec.differentiated]
            with tf.GradientTape() as tape:
                tape.watch(sources)
                value = offered(**options, **tensors)
            gradients = [] if cotangent is None else tape.gradient(value, sources, output_gradients=given[-1])
            return [value, *gradients]

        return self._lowered(program, self._tensors(arrays, dtype), results)

    def answers(self, spec: Spec, inputs: ModelInputs, dtype: str, wanted: Callable[[Quantity, str], bool]) -> Traced:
        """Activations, inference, other methods, loss terms and gradients of a batch, those that are wanted."""
        model = self._model(spec, inputs, dtype)
        calls = {(method, name): value for method, arguments in inputs.calls.items() for name, value in arguments.items()}
        arrays = {**{("", name): value for name, value in inputs.batch.items()}, **calls}
        traced = {key: value for key, value in arrays.items() if isinstance(value, np.ndarray)}
        results: list[Key] = []

        def program(*given: Any) -> list[Any]:
            tensors = {**arrays, **dict(zip(traced, given, strict=True))}
            batch = {name: tensors["", name] for name in inputs.batch}
            of_methods = {method: {name: tensors[method, name] for name in names} for method, names in inputs.calls.items()}
            asked: Mapping[Quantity, Callable[[], Named]] = {
                "activations": lambda: {
                    **model.activations(**batch),
                    **{f"inference/{name}": value for name, value in model.inference(**batch).items()},
                    **method_results(model, {m: a for m, a in of_methods.items() if wanted("activations", m)}),
                },
                "value": lambda: model.loss_terms(**batch),
                "gradient": lambda: model.gradients(**batch),
            }
            named: dict[Key, Any] = {(q, name): value for q, results_of in asked.items() for name, value in results_of().items()}
            results[:] = [key for key in named if wanted(*key)]
            return [named[key] for key in results]

        return self._lowered(program, self._tensors(traced.values(), dtype), results)

    def training(self, spec: Spec, inputs: ModelInputs, dtype: str, training: Training) -> Traced:
        """Some steps of an optimiser: losses before each, weights and state after the last, and what the model then says.

        `training_steps` reads its losses as Python numbers and makes its optimiser anew, which no program can; these are the same steps, of
        the model's own loss and the package's own optimiser.
        """
        import impl_tf.training as of_package

        tf, model = self._tf, self._model(spec, inputs, dtype)
        table = model.parameter_table()
        learned = {name: table[name] for name in model.trainable_names}
        variables = list(learned.values())
        stepper = of_package.OPTIMIZERS[training.optimizer](training.learning_rate)
        stepper.build(variables)
        names = [(step, name) for step, batch in enumerate(inputs.batches) for name in batch]
        results: list[Key] = []

        def program(*given: Any) -> list[Any]:
            tensors, losses = dict(zip(names, given, strict=True)), []
            batches = [{name: tensors[step, name] for name in batch} for step, batch in enumerate(inputs.batches)]
            for batch in batches:
                with tf.GradientTape() as tape:
                    total = model.loss_terms(**batch)["total"]
                gradients = tape.gradient(total, [variable.value for variable in variables])
                # The gradient of an embedding comes as rows; the tensor that they make is wanted.
                stepper.apply([tf.convert_to_tensor(gradient) for gradient in gradients], variables)
                losses.append(tf.cast(total, tf.float64))
            state = {
                f"{name}/{quantity}": tf.identity(held[position].value)
                for quantity, held in of_package.quantities(stepper).items()
                for position, name in enumerate(learned)
            }
            weights = {name: tf.identity(variable.value) for name, variable in table.items()}
            said = {TRAINED + name: value for name, value in model.inference(**batches[-1]).items()}
            named = {"losses": tf.stack(losses), **weights, **state, **said}
            results[:] = [("training", name) for name in named]
            return list(named.values())

        arrays = [inputs.batches[step][name] for step, name in names]
        return self._lowered(program, self._tensors(arrays, dtype), results)

    def _model(self, spec: Spec, inputs: ModelInputs, dtype: str) -> Any:
        model = self._framework.build(getattr(self._package, spec.name), inputs.configuration, dtype, "cpu", "eager")
        model.import_weights(inputs.weights)
        return model

    def _tensors(self, arrays: Any, dtype: str) -> list[Any]:
        """Floating-point arrays in the dtype, whole numbers in their own."""
        return [self._framework.to_tensor(a, dtype if a.dtype.kind == "f" else a.dtype.name, "cpu") for a in arrays]

    def _lowered(self, program: Callable[..., Any], arguments: list[Any], results: list[Key]) -> Traced:
        tf = self._tf
        with tf.device("/CPU:0"):
            function = tf.function(program, jit_compile=True, autograph=False)
            concrete = function.get_concrete_function(*arguments)
            code = function.experimental_get_compiler_ir(*arguments)(stage="hlo_serialized")
        variables = {id(variable.handle): variable for variable in concrete.graph.variables}
        captured = [variables.get(id(handle), handle).numpy() for handle in concrete.captured_inputs]
        return Traced(code, (*(tensor.numpy() for tensor in arguments), *captured), tuple(results))
