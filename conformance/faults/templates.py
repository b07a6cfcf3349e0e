"""Sentences for changes of a formula that no entry of the catalogue describes, in the languages of the catalogue.

The id of such a change is the name of its sentence and what is put in, as `twice#weight`, so that every language can say it. A mistake that
is made only where a condition holds has the id of the condition before it, as `where_extent#samples#1@@half_missing`.
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
    "number_in": {"en": "In `{2}` the number {1} stands where {0} belongs.", "ko": "`{2}`에서 {0} 자리에 {1}이(가) 있습니다."},
    "as_if": {"en": "All answers are as if `{0}` were `{1}`.", "ko": "모든 답이 `{0}` 대신 `{1}`을(를) 쓴 것과 같습니다."},
    "factor_on": {"en": "`{0}` multiplies only `{1}`.", "ko": "`{0}`이(가) `{1}`에만 곱해졌습니다."},
    "factor_on_term": {"en": "`{0}` multiplies only term {1} of the sum.", "ko": "`{0}`이(가) 합의 {1}번째 항에만 곱해졌습니다."},
    "added": {"en": "{1} is added to `{0}`.", "ko": "`{0}`에 {1}이(가) 더해졌습니다."},
    "clip_added": {"en": "`{0}` is added where it should clip.", "ko": "`{0}`(으)로 잘라야 하는 곳에 `{0}`을(를) 더했습니다."},
    "applied_before": {
        "en": "`{0}` is applied before `{1}`, not after it.",
        "ko": "`{0}`을(를) `{1}` 다음이 아니라 그 전에 적용했습니다.",
    },
    "clipped_before": {
        "en": "Every element is clipped, {1} from both ends, before `{0}`; what `{0}` gives should be clipped.",
        "ko": "`{0}`의 결과가 아니라 그 전에 원소마다 양 끝에서 {1}만큼 잘랐습니다.",
    },
    "norm_1": {
        "en": "The 1-norm of the matrix `{0}`, its largest column sum, stands where all elements belong.",
        "ko": "모든 원소가 필요한 곳에 행렬 `{0}`의 1-노름(가장 큰 열의 합)이 있습니다.",
    },
    "norm_inf": {
        "en": "The ∞-norm of the matrix `{0}`, its largest row sum, stands where all elements belong.",
        "ko": "모든 원소가 필요한 곳에 행렬 `{0}`의 ∞-노름(가장 큰 행의 합)이 있습니다.",
    },
    "norm_2": {
        "en": "The spectral norm of the matrix `{0}`, its largest singular value, stands where all elements belong.",
        "ko": "모든 원소가 필요한 곳에 행렬 `{0}`의 스펙트럼 노름(가장 큰 특잇값)이 있습니다.",
    },
    "norm_fro": {
        "en": "The Frobenius norm of `{0}`, the root of the sum of squares, stands where all elements belong.",
        "ko": "모든 원소가 필요한 곳에 `{0}`의 프로베니우스 노름(제곱합의 제곱근)이 있습니다.",
    },
    "norm_nuc": {
        "en": "The nuclear norm of the matrix `{0}`, the sum of its singular values, stands where all elements belong.",
        "ko": "모든 원소가 필요한 곳에 행렬 `{0}`의 핵 노름(특잇값의 합)이 있습니다.",
    },
    "clipped_together": {
        "en": "The gradients of all parameters together are clipped to norm {0} before the step.",
        "ko": "갱신하기 전에 모든 매개변수의 기울기를 함께 노름 {0}(으)로 잘랐습니다.",
    },
    "clipped_alone": {
        "en": "The gradient of every parameter is clipped to norm {0} before the step.",
        "ko": "갱신하기 전에 매개변수마다 기울기를 노름 {0}(으)로 잘랐습니다.",
    },
    "clipped_by_value": {
        "en": "Every element of the gradient is clipped to ±{0} before the step.",
        "ko": "갱신하기 전에 기울기의 모든 원소를 ±{0}(으)로 잘랐습니다.",
    },
    "starts_at": {"en": "What starts at zero in `{0}` starts at {1}.", "ko": "`{0}`에서 0으로 시작할 값이 {1}(으)로 시작합니다."},
    "default": {
        "en": "The default of `{0}` is {1}, and should be {2}.",
        "ko": "`{0}`의 기본값이 {1}입니다. {2}이어야 합니다.",
    },
    "another_default": {
        "en": "The default of `{0}` is another than it should be: {1}.",
        "ko": "`{0}`의 기본값이 {1}이어야 하는데 다릅니다.",
    },
    # Of numbers in a narrower precision than was asked for.
    "rounded": {
        "en": "`{0}` is rounded to {1}: a number becomes one of the narrower precision before it is used.",
        "ko": "`{0}`이(가) {1}(으)로 반올림됩니다. 숫자가 쓰이기 전에 더 좁은 정밀도로 바뀝니다.",
    },
    "computed_in": {"en": "`{0}` is computed in {1}.", "ko": "`{0}`이(가) {1}(으)로 계산됩니다."},
    "partly_in": {
        "en": "The answers are as exact as {0} is, and no more, as where a number or a part of the computation is in {0}.",
        "ko": "답의 정확도가 {0} 수준에 그칩니다. 어떤 숫자나 계산의 일부가 {0}일 때 이렇습니다.",
    },
    # What depends on the first call.
    "divisor_remembered": {
        "en": "`{0}` divides by {1} in every call, as if the number were remembered from one.",
        "ko": "`{0}`에서 항상 {1}(으)로 나눕니다. 어떤 호출의 수를 기억하는 것처럼 보입니다.",
    },
    # What is left out of the computation of a model.
    "left_out": {"en": "All answers are as if `{0}` were left out.", "ko": "모든 답이 `{0}`을(를) 빠뜨린 것과 같습니다."},
    # What the first result that differs is beside what it should be.
    "result_cut_above": {"en": "`{0}` is cut off above {1}.", "ko": "`{0}`: {1} 위에서 잘렸습니다."},
    "result_cut_below": {"en": "`{0}` is cut off below {1}.", "ko": "`{0}`: {1} 아래에서 잘렸습니다."},
    "result_times": {"en": "`{0}` is {1} times what is expected.", "ko": "`{0}`: 기대값의 {1}배입니다."},
    "result_of": {"en": "The {1} of `{0}` is answered.", "ko": "`{0}`: 값 자체가 아니라 그 {1}을(를) 답했습니다."},
    "result_zero": {"en": "`{0}` is zero.", "ko": "`{0}`: 0입니다."},
    "gradient_zero": {"en": "No gradient reaches `{0}`.", "ko": "`{0}`에 기울기가 전달되지 않습니다."},
    "factor_elsewhere": {
        "en": "`{0}` multiplies `{1}`, and not `{2}`.",
        "ko": "`{0}`이(가) `{2}`이(가) 아니라 `{1}`에 곱해졌습니다.",
    },
    "factor_more": {"en": "`{0}` multiplies `{1}` once more.", "ko": "`{0}`이(가) `{1}`에 한 번 더 곱해졌습니다."},
    "factor_less": {"en": "`{0}` does not multiply `{1}`.", "ko": "`{0}`이(가) `{1}`에 곱해지지 않았습니다."},
    "result_transposed": {"en": "`{0}` is transposed.", "ko": "`{0}`: 전치되어 있습니다."},
    "result_is": {"en": "`{0}` is what `{1}` should be.", "ko": "`{0}`: `{1}`이(가) 가져야 할 값입니다."},
    "result_unchanged": {"en": "`{0}` stays as it was before.", "ko": "`{0}`: 이전 값 그대로입니다."},
    # Which part of the answers alone is wrong.
    "only_again": {
        "en": "The first training is right and a second one from the same weights is not: something of the first is kept.",
        "ko": "첫 번째 학습은 맞지만 같은 가중치에서 시작한 두 번째 학습은 다릅니다. 첫 번째 학습의 무언가가 남아 있습니다.",
    },
    "state_more": {
        "en": "After the first step every element of `{0}` is {1} more than expected: it does not start at zero.",
        "ko": "첫 단계 후 `{0}`의 모든 원소가 기대값보다 {1}만큼 큽니다. 0에서 시작하지 않습니다.",
    },
    "only_later": {
        "en": "The first answer to a batch is right and later ones to the same batch are not: something of the first call is kept.",
        "ko": "한 배치에 대한 첫 번째 답은 맞지만 같은 배치에 대한 그다음 답은 다릅니다. 첫 번째 호출의 무언가가 남아 있습니다.",
    },
    "only_trained": {
        "en": "What is said after training does not follow from the trained weights: an earlier answer or weight is remembered.",
        "ko": "학습 후의 답이 학습된 가중치에서 나오지 않습니다. 이전의 답이나 가중치를 기억하고 있습니다.",
    },
    "only_reloaded": {
        "en": "What is saved and loaded again is not what was saved.",
        "ko": "저장했다가 다시 불러온 것이 저장한 것과 다릅니다.",
    },
    "only_inference": {
        "en": "Inference says something else than the activations, which are right.",
        "ko": "추론의 결과가 활성값과 다릅니다. 활성값은 맞습니다.",
    },
    "only_greedy": {
        "en": "Training is right; layer-wise pretraining is not.",
        "ko": "학습은 맞지만 층별 사전 학습이 맞지 않습니다.",
    },
    "only_state": {
        "en": "Losses and weights are right; the optimizer state `{0}` is not.",
        "ko": "손실과 가중치는 맞지만 옵티마이저 상태 `{0}`이(가) 맞지 않습니다.",
    },
    "only_total": {
        "en": "The terms of the loss are right; their total is not their sum.",
        "ko": "손실의 각 항은 맞지만 합계가 항들의 합이 아닙니다.",
    },
    "only_decode": {
        "en": "The vocabulary and the codes are right; what `decode` makes of them is not.",
        "ko": "어휘와 인코딩은 맞지만 `decode`의 결과가 맞지 않습니다.",
    },
    "only_decode_of_any": {
        "en": "`decode` is right for what `encode` gives, and not for other ids: padding, or one twice.",
        "ko": "`decode`가 `encode`의 결과에는 맞지만 다른 id(패딩 등)에는 맞지 않습니다.",
    },
    "only_learning": {"en": "`encode` changes the vocabulary.", "ko": "`encode`가 어휘를 바꿉니다."},
    "only_second_fit": {
        "en": "A second `fit` does not count on from the first.",
        "ko": "두 번째 `fit`이 첫 번째에 이어서 세지 않습니다.",
    },
    "only_encode": {
        "en": "The vocabulary is right; the codes are not.",
        "ko": "어휘는 맞지만 인코딩이 맞지 않습니다.",
    },
    # What is so little that no mistake is told from it.
    "few_budgets": {
        "en": "The difference is {0} times what roundings may make: the equation is nearly right, and something small is not.",
        "ko": "차이가 반올림으로 생길 수 있는 크기의 {0}배입니다. 식은 거의 맞고, 작은 무언가가 맞지 않습니다.",
    },
    "not_finite": {"en": "The answer is infinite, or no number.", "ko": "답이 무한대이거나 숫자가 아닙니다."},
    "only_method": {"en": "Only `{0}` is wrong; all else is right.", "ko": "`{0}`만 틀리고 나머지는 모두 맞습니다."},
}
_CONDITIONS: Mapping[str, Mapping[str, str]] = {
    "where_left_out": {"en": "`{0}` is left out", "ko": "`{0}`을(를) 생략할 때"},
    "where_option": {"en": "`{0}` is {1}", "ko": "`{0}` = {1}"},
    "where_extent": {"en": "the number of {0} is {1}", "ko": "{0}의 수 = {1}"},
    "where_extent_from": {"en": "the number of {0} is at least {1}", "ko": "{0}의 수 ≥ {1}"},
    "where_extent_to": {"en": "the number of {0} is at most {1}", "ko": "{0}의 수 ≤ {1}"},
    "where_number_from": {"en": "`{0}` is at least {1}", "ko": "`{0}` ≥ {1}"},
    "where_number_to": {"en": "`{0}` is at most {1}", "ko": "`{0}` ≤ {1}"},
    "where_largest_from": {"en": "the largest of `{0}` is at least {1}", "ko": "`{0}`의 최댓값 ≥ {1}"},
    "where_smallest_to": {"en": "the smallest of `{0}` is at most {1}", "ko": "`{0}`의 최솟값 ≤ {1}"},
    "where_as_many": {"en": "there are as many {0} as {1}", "ko": "{0}의 수 = {1}의 수"},
    "where_untracked_or_twice": {
        "en": "no gradients are recorded, or gradients are asked for twice",
        "ko": "기울기를 기록하지 않거나 기울기를 두 번 물을 때",
    },
    "where_untracked": {"en": "no gradients are recorded", "ko": "기울기를 기록하지 않을 때"},
}
_ONLY_WHERE = {"en": "Only where {0}: {1}", "ko": "다음 경우에만({0}): {1}"}
_WRONG_THERE = {"en": "the answers are wrong.", "ko": "답이 틀립니다."}
_HINTS: Mapping[str, Mapping[str, str]] = {
    "formula": {
        "en": "Compare your formula with the equation, term by term.",
        "ko": "작성한 식을 수식과 항마다 비교해 보십시오.",
    },
    "rounding": {
        "en": "Where do you subtract numbers that are nearly equal, and in which precision do you compute?",
        "ko": "거의 같은 수를 빼는 곳이 있습니까? 어떤 정밀도로 계산합니까?",
    },
    "precision": {
        "en": "Which of your numbers and arrays have another precision than the inputs?",
        "ko": "입력과 정밀도가 다른 숫자나 배열이 있습니까?",
    },
    "part": {"en": "Look at what computes this result.", "ko": "이 결과를 계산하는 부분을 살펴보십시오."},
    "kept": {
        "en": "What is kept from one call to the next, and should it be?",
        "ko": "호출 사이에 무엇이 남아 있습니까? 남아 있어야 하는 값입니까?",
    },
    "gradient": {
        "en": "Which of your operations leave the graph: what is detached, copied or converted on the way?",
        "ko": "계산 그래프를 벗어나는 연산이 있습니까? 도중에 분리하거나 복사하거나 변환한 값을 찾아보십시오.",
    },
    "default": {
        "en": "Call it without the optional arguments and compare the defaults.",
        "ko": "선택 인수 없이 호출하고 기본값을 비교해 보십시오.",
    },
}
_HINT_OF: Mapping[str, str] = {
    "few_budgets": "rounding",
    "rounded": "precision",
    "computed_in": "precision",
    "partly_in": "precision",
    "gradient_zero": "gradient",
    "default": "default",
    "another_default": "default",
    # Only these show that something of an earlier call is there.
    "only_again": "kept",
    "only_trained": "kept",
    "only_learning": "kept",
    "divisor_remembered": "kept",
    "only_later": "kept",
}
_HINTS_OF_CONDITIONS = {
    "en": "Which line of yours treats such inputs in another way?",
    "ko": "그런 입력을 다르게 다루는 줄이 있습니까?",
}
# Between a condition and the mistake that is made where it holds.
WHERE = "@@"


def id_of(template: str, *values: str) -> str:
    """The id of a change."""
    return "#".join((template, *values))


def sentence_of(id: str, language: str) -> str | None:
    """What is different; None for an id of another kind."""
    template, *values = id.split("#")
    return _SENTENCES[template][language].format(*values) if "#" in id and template in _SENTENCES else None


def hint_of(id: str, language: str) -> str | None:
    """Where to look; None for an id of another kind."""
    if sentence_of(id, language) is None:
        return None
    template = id.partition("#")[0]
    return _HINTS[_HINT_OF.get(template, "part" if template.startswith(("only_", "result_")) else "formula")][language]


def condition_of(id: str, language: str) -> str:
    """When something is so, for the id of a condition."""
    template, *values = id.split("#")
    return _CONDITIONS[template][language].format(*values)


def only_where(condition: str, sentence: str | None, language: str) -> str:
    """A sentence that holds only where a condition does; where nothing more is known, that the answers are wrong there."""
    return _ONLY_WHERE[language].format(condition_of(condition, language), sentence or _WRONG_THERE[language])


def hint_of_condition(language: str) -> str:
    """Where to look if answers are wrong only where a condition holds."""
    return _HINTS_OF_CONDITIONS[language]
