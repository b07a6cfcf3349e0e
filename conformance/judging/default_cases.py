"""The default cases of a specification with what is right, made as they are needed and kept for whoever asks the same again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from conformance.cases.case import Case, cases, draw, recipes
from conformance.cases.kinds import kind_of
from conformance.judging.expectation import expect
from conformance.judging.verify import Prepared
from reference.specification import Spec, catalogue

# So many specifications, dtypes and seeds are kept: a model of full size takes some megabytes a case.
_KEPT = 16


class DefaultCases:
    """The default cases of a specification and dtype with their expectations, made as they are needed."""

    def __init__(self, spec: Spec, dtype: str, seed: int, examples: int, drawn_only: bool = False) -> None:
        self.spec, self.dtype = spec, dtype
        self._asked = seed, kind_of(spec).examples(examples), drawn_only
        self._made: list[Prepared] = []
        self._source = self._cases()

    def __iter__(self) -> Iterator[Prepared]:
        place = 0
        while place < len(self._made) or self._another():
            yield self._made[place]
            place += 1

    def _cases(self) -> Iterator[Case]:
        seed, count, drawn_only = self._asked
        if drawn_only:
            return (draw(self.spec, self.dtype, recipe) for recipe in recipes(seed, count))
        return cases(self.spec, self.dtype, seed, count)

    def _another(self) -> bool:
        """Whether there was another case; it is made now."""
        try:
            case = next(self._source, None)
            if case is not None:
                self._made.append((case, expect(self.spec, case)))
        except BaseException:  # whoever interrupts this and asks again is to miss no case
            self._source = islice(self._cases(), len(self._made), None)
            raise
        return case is not None


def default_cases(spec: Spec, dtype: str, seed: int, examples: int) -> DefaultCases:
    """Of a specification of the catalogue they are kept: the expectations of a model's take longer than most that asks for them."""
    if catalogue().get(spec.name) is not spec or spec.file is not None:
        return DefaultCases(spec, dtype, seed, examples)
    return _cases_of_catalogue(spec.name, dtype, seed, examples)


@lru_cache(maxsize=_KEPT)
def _cases_of_catalogue(name: str, dtype: str, seed: int, examples: int) -> DefaultCases:
    return DefaultCases(catalogue()[name], dtype, seed, examples)
