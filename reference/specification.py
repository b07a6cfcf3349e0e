"""What it means to specify something: the types that hold a formula or a model together with everything needed to judge it.

Rules of this room:

* A `Spec` is data beside a plain function. The function stays callable and readable without it.
* Error scales are magnitudes, never tolerances: the sum of |terms added| plus the conditioning Σ|∂f/∂x · x|. What is done with
  them is decided in one place, outside this package.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Literal

import numpy.typing as npt

from reference.domains import Choice, Domain, Reals

Array = npt.NDArray[Any]
Inputs = Mapping[str, Any]
Quantity = Literal["value", "gradient", "activations", "training"]


@dataclass(frozen=True)
class Law:
    """An equation or inequality that every correct implementation satisfies.

    `sides(evaluate, inputs)` returns the left and the right side, computed only by calling `evaluate`.
    """

    sentence: str
    sides: Callable[[Callable[..., Any], Inputs], tuple[Any, Any]]
    relation: Literal["==", ">="] = "=="


@dataclass(frozen=True)
class KnownAnswer:
    """Inputs whose answer is published or can be derived by hand."""

    inputs: Inputs
    value: Any
    source: str


@dataclass(frozen=True)
class AcceptedForm:
    """The equation as its source prints it, or another way to write it that is right although it loses digits.

    Whoever writes it is not failed: the answer may be as far off as the wider of the two scales says, and it is remarked where it is
    further off than that of the formula itself.

    name            short and lasting; where the catalogue of mistakes knows the form, its id there
    equation        the form, in one line
    remark          language -> where it loses digits, to stand behind "passed, with a remark: "
    evaluate        the form, with the arguments of the formula; it computes in the dtype of its inputs, and where it gives no
                    finite number of that dtype it is not accepted
    error_scale     magnitudes of the terms that it adds, as those of a `Spec`; None leaves both scales to whoever judges
    gradient_scale  the same of its gradients, by automatic differentiation; None if they lose no digits
    """

    name: str
    equation: str
    remark: Mapping[str, str]
    evaluate: Callable[..., Any]
    error_scale: Callable[..., Array] | None = None
    gradient_scale: Callable[..., dict[str, Array]] | None = None


@dataclass(frozen=True)
class OfImages:
    """A model that real images can be shown: its configuration for rows of so many features and images of so many classes.

    Of a batch, `inputs` are images, `labels` their classes, and `noise` is standard normal.
    """

    configuration: Callable[[int, int], Inputs]


@dataclass(frozen=True)
class OfTexts:
    """A model that lines of text can be shown: its configuration for so many characters, padding included, and so many words.

    Of a batch, `characters` are ids, 0 behind the end of a line, `word` is the line's own id, and `labels` are zeros and ones.
    """

    configuration: Callable[[int, int], Inputs]


@dataclass(frozen=True)
class StandIn:
    """That a plain Keras or PyTorch model may stand for the class, and what is asked of it and what is not.

    seen, target   entries of the batch: the argument of its call, and what the loss compares its output with
    shown          the contract's name of its output; probabilities, not logits, where it is one of a class
    loss           its formula, where the configuration does not choose one; its name among the terms is `term`
    penalty        name of the term that it adds to the loss itself; None if it adds none
    needless       options that do not change the network
    matters_where  option -> (another option, its value): they change the network only there
    unable         (option, value, why): a configuration of which it is not asked
    left_out       beginnings of the names of training results that it cannot give
    """

    seen: str
    shown: str
    target: str
    loss: str
    term: str
    penalty: str | None = None
    needless: tuple[str, ...] = ()
    matters_where: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    unable: tuple[tuple[str, object, str], ...] = ()
    left_out: tuple[str, ...] = ()

    def network_options(self, options: Iterable[str]) -> tuple[str, ...]:
        """What its builder takes of all options: those that may change a network that it is able to be."""
        unable = {option for option, _, _ in self.unable}
        return tuple(option for option in options if option not in unable and option not in self.needless)


@dataclass(frozen=True)
class Spec:
    """One thing to be right about.

    name            public name, the same in every implementation
    kind            how it is exercised: `function` is called; `tokenizer` is built, fitted, and asked to encode and decode;
                    `model` is built from a configuration and given weights and batches
    equation        what it computes, in one line
    source          where the equation stands in the source documents
    inputs          argument name -> domain (for a model: configuration key -> domain)
    evaluate        the reference implementation (for a model: its class)
    vjp             (cotangent, **inputs) -> {input: cotangent · ∂f/∂input}
    error_scale     (**inputs) -> magnitudes, shaped as the value
    gradient_scale  (cotangent, **inputs) -> {input: magnitudes}, shaped as the gradients
    comparable      (**inputs) -> {input: mask}: where a gradient is unique, so may be compared; absent means everywhere
    smooth          whether the gradient is unique everywhere, so that nobody has to look for kinks
    roundings       roundings on the longest path from an input to the value, sums not counted
    accepted        literal forms, which pass within their own budget
    real            what real data a model is shown, and how it is configured for it; None if none
    stand_in        what a plain model that stands for a class is asked; a sentence that says why none may; None for what is no model
    as_written      (dtype, cotangent or None, **inputs) -> {"value": …, input: its gradient}, every result on the way stored in the dtype:
                    where that is no finite number, infinity and NaN are as right as the value; None where what is written never leads there
    file            the file of a user's that it comes from; None for what this package specifies
    """

    name: str
    equation: str
    source: str
    inputs: Mapping[str, Domain]
    evaluate: Callable[..., Any]
    kind: Literal["function", "tokenizer", "model"] = "function"
    vjp: Callable[..., dict[str, Array]] | None = None
    error_scale: Callable[..., Array] | None = None
    gradient_scale: Callable[..., dict[str, Array]] | None = None
    comparable: Callable[..., dict[str, Array]] | None = None
    smooth: bool = False
    laws: tuple[Law, ...] = ()
    known_answers: tuple[KnownAnswer, ...] = ()
    roundings: int = 8
    accepted: tuple[AcceptedForm, ...] = ()
    real: OfImages | OfTexts | None = None
    stand_in: StandIn | str | None = None
    as_written: Callable[..., dict[str, Array]] | None = None
    file: str | None = None
    quantities: tuple[Quantity, ...] = field(default=("value",))

    @property
    def differentiated(self) -> tuple[str, ...]:
        """The inputs by which a gradient is asked for: real arrays that are no data."""
        return tuple(name for name, domain in self.inputs.items() if isinstance(domain, Reals) and not domain.data)

    def limited(self, choices: Mapping[str, Collection[Any]]) -> Spec:
        """The same, of which only some values of an option are asked for; known answers of others are left out.

        Raises:
            ValueError: no such option, or none of its values.
        """
        inputs = dict(self.inputs)
        for name, values in choices.items():
            domain = inputs.get(name)
            if not isinstance(domain, Choice):
                options = ", ".join(n for n, d in inputs.items() if isinstance(d, Choice)) or "none"
                near = difflib.get_close_matches(name, inputs, n=1)
                hint = f"; did you mean {near[0]!r}?" if near and isinstance(inputs[near[0]], Choice) else ""
                raise ValueError(f"expected an option of {self.name}, one of {options}; got {name!r}{hint}")
            kept = tuple(value for value in domain.options if value in values)
            if strange := [value for value in values if value not in domain.options]:
                raise ValueError(f"expected values of {name} among {', '.join(map(repr, domain.options))}; got {strange[0]!r}")
            inputs[name] = Choice(kept)
        answers = tuple(a for a in self.known_answers if all(self._given(a, name) in values for name, values in choices.items()))
        return replace(self, inputs=MappingProxyType(inputs), known_answers=answers)

    def _given(self, answer: KnownAnswer, name: str) -> Any:
        """What the option is in a known answer, which may leave it out."""
        return answer.inputs[name] if name in answer.inputs else inspect.signature(self.evaluate).parameters[name].default

    def strict(self) -> Spec:
        """The same, of which no literal form is accepted."""
        return replace(self, accepted=())


_catalogue: dict[str, Spec] = {}


def specify(*, equation: str, source: str, inputs: Mapping[str, Domain], **fields: Any) -> Callable[[Any], Any]:
    """Attach a `Spec` to a plain function or class and enter it in the catalogue; what is decorated stays as it is."""

    def attach(evaluate: Any) -> Any:
        spec = Spec(
            name=evaluate.__name__,
            equation=equation,
            source=source,
            inputs=MappingProxyType(dict(inputs)),
            evaluate=evaluate,
            **fields,
        )
        # Its gradient is asked for even where it is not written down: whoever judges derives it.
        asked = ("value", "gradient") if spec.differentiated else ("value",)
        enter(spec if "quantities" in fields else replace(spec, quantities=asked))
        return evaluate

    return attach


def enter(spec: Spec) -> None:
    """Put a specification into the catalogue, wherever it comes from."""
    _catalogue[spec.name] = spec


def withdraw(name: str) -> None:
    """Take one out again."""
    del _catalogue[name]


def catalogue() -> Mapping[str, Spec]:
    """Every specification by name, in the order in which the reference defines them."""
    return MappingProxyType(_catalogue)
