"""The two that are asked the same: a package of this project, and the reference."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np

from conformance.respondent import frameworks
from conformance.respondent.frameworks import Framework
from conformance.targets.subject import LocalSubject
from reference.specification import Spec

_OTHER_PRECISION = {"float64": "float32", "float32": "float64"}


@dataclass(frozen=True)
class OtherPrecision:
    """Numbers that are handed over in another precision than all else."""

    array: np.ndarray


@dataclass(frozen=True)
class Side:
    """Something that offers what a specification names: a module, or the specifications themselves."""

    module: ModuleType | None
    framework: Framework
    dtype: str
    device: str

    @classmethod
    def of(cls, subject: LocalSubject) -> Side:
        """What is judged."""
        return cls(subject.module, subject.framework, subject.target.dtype, subject.target.device)

    @classmethod
    def of_specifications(cls) -> Side:
        """The reference."""
        return cls(None, frameworks.load("numpy"), "float64", "cpu")

    def offered(self, spec: Spec) -> Any:
        """The function or class."""
        return spec.evaluate if self.module is None else getattr(self.module, spec.name)

    def given(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Arguments as it takes them: arrays as its own, all else as it is."""
        return {name: self._given(value) for name, value in values.items()}

    def _given(self, value: Any) -> Any:
        if isinstance(value, OtherPrecision):
            return self.framework.to_tensor(value.array, _OTHER_PRECISION[self.dtype], self.device)
        if not isinstance(value, np.ndarray):
            return value
        return self.framework.to_tensor(value, self.dtype if value.dtype.kind == "f" else value.dtype.name, self.device)

    def dtype_named(self, name: str) -> Any:
        """What the framework calls it."""
        return self.framework.to_tensor(np.zeros(1), name, self.device).dtype

    def call(self, spec: Spec, inputs: Mapping[str, Any]) -> Any:
        """A function's answer."""
        return self.offered(spec)(**self.given(inputs))

    def build_plain(self, spec: Spec, options: Mapping[str, Any]) -> Any:
        """What has neither dtype nor device."""
        return self.offered(spec)(**options)

    def build(self, spec: Spec, configuration: Mapping[str, Any]) -> Any:
        """A model."""
        return self.framework.build(self.offered(spec), dict(configuration), self.dtype, self.device, "eager")
