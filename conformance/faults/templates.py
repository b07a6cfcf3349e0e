"""Sentences for changes of a formula that no entry of the catalogue describes, in the languages of the catalogue.

The id of such a change is the name of its sentence and what is put in, as `twice#weight`, so that every language can say it.
"""

from __future__ import annotations

from collections.abc import Mapping

_SENTENCES: Mapping[str, Mapping[str, str]] = {
    "twice": {"en": "`{0}` is applied twice.", "ko": "`{0}`: 두 번 적용되었습니다."},
    "first_features": {"en": "Only the first {0} features are counted.", "ko": "처음 {0}개의 특징만 계산에 들어갑니다."},
    "first_samples": {"en": "Only the first {0} samples are counted.", "ko": "처음 {0}개의 표본만 계산에 들어갑니다."},
    "over_axis": {"en": "The {0} is over axis {1}.", "ko": "{0}: 축 {1}에 대해 구했습니다."},
    "exchanged": {"en": "`{1}` stands where `{0}` belongs.", "ko": "`{0}` 자리에 `{1}`이(가) 있습니다."},
    "number": {"en": "The number {1} stands where {0} belongs.", "ko": "{0} 자리에 {1}이(가) 있습니다."},
    "as_if": {"en": "All answers are as if `{0}` were `{1}`.", "ko": "모든 답이 `{0}` 대신 `{1}`을(를) 쓴 것과 같습니다."},
}
_HINTS = {
    "en": "Compare your formula with the equation, term by term.",
    "ko": "작성한 식을 수식과 항마다 비교해 보십시오.",
}


def id_of(template: str, *values: str) -> str:
    """The id of a change."""
    return "#".join((template, *values))


def sentence_of(id: str, language: str) -> str | None:
    """What is different; None for an id of another kind."""
    template, *values = id.split("#")
    return _SENTENCES[template][language].format(*values) if values and template in _SENTENCES else None


def hint_of(id: str, language: str) -> str | None:
    """Where to look; None for an id of another kind."""
    return _HINTS[language] if sentence_of(id, language) is not None else None
