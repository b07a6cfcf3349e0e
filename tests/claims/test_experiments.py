"""What each experiment measures can come out both ways: known models and known inputs give known numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from conformance.claims import characters, compression, linear, pretraining, sparsity, variational
from conformance.claims.catalogue import CLAIMS, chosen, experiments
from conformance.claims.laboratory import Laboratory
from conformance.claims.pictures import Pictures
from conformance.errors import UnknownClaim
from conformance.languages import Words


class _Identity:
    """An autoencoder that copies; with `always`, one that gives back a single image."""

    def __init__(self, always: Any = None) -> None:
        self.always = always

    def encode(self, inputs: Any) -> Any:
        return inputs

    def decode(self, codings: Any) -> Any:
        return codings if self.always is None else codings * 0 + self.always

    def inference(self, inputs: Any) -> dict[str, Any]:
        return {"reconstruction": self.decode(inputs)}


# PCA


def test_an_untrained_decoder_does_not_span_the_principal_subspace(torch: Laboratory, few: Pictures) -> None:
    """Eight random directions of 64 overlap by about an eighth; the components themselves, mixed, by one."""
    model = torch.model("LinearAutoencoder", features=64, codings=8)
    assert linear.overlap(linear.decoder(model), few.train) < 0.4
    mixed = np.random.default_rng(0).normal(size=(8, 8)) @ linear._components(few.train)[:8]
    assert linear.overlap(mixed, few.train) > 1 - 1e-9
    replaced = np.vstack([mixed[:7], linear._components(few.train)[20]])
    assert linear.overlap(replaced, few.train) < 1


@pytest.mark.slow
def test_a_trained_linear_autoencoder_comes_nearer(laboratory: Laboratory, few: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    """After some training the subspace is nearer than before, and no error falls below the least."""
    monkeypatch.setattr(linear, "_STAGES", ((400, 1e-2), (50, 1e-3)))
    numbers = linear.measure(laboratory, few, 0)
    assert numbers["overlap"] > 0.9 > 0.4 > numbers["overlap_untrained"]
    assert 0 < numbers["error_over_pca"] < 0.2


def test_the_least_error_is_that_of_pca(few: Pictures) -> None:
    from sklearn.decomposition import PCA

    pca = PCA(8, svd_solver="full").fit(few.train.astype(np.float64))
    error = np.mean((pca.inverse_transform(pca.transform(few.train.astype(np.float64))) - few.train) ** 2)
    assert f"{linear.least_error(few.train):.10f}" == f"{error:.10f}"


# Compression


def test_copying_is_seen(torch: Laboratory, few: Pictures) -> None:
    """The identity explains everything, shuffled or not; a narrow autoencoder explains digits better than what it has not learned."""
    assert compression.copied(torch, _Identity(), few, 0) == {"held_out": 1.0, "shuffled": 1.0}
    narrow = torch.model("StackedAutoencoder", sizes=(64, 8))
    torch.train(narrow, {"inputs": few.train}, 60, 0, batch_size=32, learning_rate=5e-3)
    numbers = compression.copied(torch, narrow, few, 0)
    assert numbers["shuffled"] < 0.2 < 0.4 < numbers["held_out"] < 0.95


def test_the_mean_image_explains_nothing(few: Pictures) -> None:
    mean = np.broadcast_to(few.test.mean(axis=0, dtype=np.float64), few.test.shape)
    assert compression.explained(few.test, mean) == 0.0


def test_stacked_against_pca_can_be_lost(torch: Laboratory, few: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    """An autoencoder that learns nothing has the larger error."""
    monkeypatch.setattr(Laboratory, "train", lambda *given, **options: None)
    numbers = compression.measure_stacked(torch, few, 0)
    assert numbers["stacked"] > numbers["pca"] > 0


# Sparsity


def test_slopes(laboratory: Laboratory) -> None:
    """(1−p)/(1−p̂) − p/p̂ for KL, 1 for L1: steeper at 1/2, less steep near the target, flat on it."""
    for activity, slope in ((0.5, 1.6), (0.1, 0.0), (0.2, 0.625), (0.04, 1.5625)):
        half = np.full((6, 2), activity)
        half[:3] *= 0.5
        half[3:] *= 1.5
        slopes = sparsity.slopes(laboratory, half)
        assert (f"{slopes['kl_slope']:.9f}", f"{slopes['l1_slope']:.9f}") == (f"{slope:.9f}", "1.000000000")


def test_no_coding_near_the_target(torch: Laboratory) -> None:
    """There is no slope to speak of, so the claim is not decided by it."""
    assert np.isnan(list(sparsity.slopes(torch, np.empty((5, 0))).values())).all()


def test_activities(torch: Laboratory, few: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    """At the target both distances are 0; codings that miss it in opposite ways have only their mean there."""
    monkeypatch.setattr(sparsity, "TARGET", 0.125)  # exact in every dtype
    results = []
    for images in (np.full((4, 6), 0.125), np.tile([0.0, 0.25], (4, 3))):
        numbers = sparsity.activity(torch, _Identity(), replace(few, test=images))
        results.append((numbers["distance_of_mean"], numbers["distance"], numbers["error"]))
    assert results == [(0.0, 0.0, 0.0), (0.0, 0.125, 0.0)]


def test_the_kl_penalty_moves_the_activity(torch: Laboratory, few: Pictures) -> None:
    """Towards the target with the penalty, not without it."""
    distances = {}
    for weight in (0.0, 0.05):
        model = torch.model("SparseAutoencoder", sizes=(64, 20, 30), penalty="kl", weight=weight, target=sparsity.TARGET)
        torch.train(model, {"inputs": few.train}, 40, 0, batch_size=64, learning_rate=1e-2)
        distances[weight] = sparsity.activity(torch, model, few)["distance"]
    assert distances[0.05] < 0.05 < 0.2 < distances[0.0]


# Variational


@pytest.mark.slow
def test_sigma_goes_down_without_the_latent_term_only(torch: Laboratory, few: Pictures) -> None:
    sigmas = {}
    for beta in (0.0, 1.0):
        model = torch.model("VariationalAutoencoder", (64, 30), latent=4, beta=beta, loss="binary_cross_entropy")
        torch.train(model, {"inputs": few.train}, 120, 0, batch_size=64, learning_rate=1e-2, noise=4)
        sigmas[beta] = variational.latent_spread(torch, model, few)["sigma"]
    assert sigmas[0.0] < 0.1 < 0.2 < sigmas[1.0]


def test_sigma_is_the_root_of_the_variance(torch: Laboratory, few: Pictures) -> None:
    """γ = ln 4 is σ = 2; μ of −1 and 1 has the standard deviation 1."""

    class Known:
        def encode(self, inputs: Any) -> Any:
            mean = inputs[:, :2] * 0 + 1
            mean[::2] = -1
            return mean, mean * 0 + np.log(4.0)

    effect = variational.latent_spread(torch, Known(), replace(few, test=np.zeros((6, 9))))
    assert {name: f"{value:.12f}" for name, value in effect.items()} == {"sigma": "2.000000000000", "spread": "1.000000000000"}


def test_blurring_lowers_the_sharpness(few: Pictures) -> None:
    """A flat image has none, a board of black and white fields 1; digits lose some by averaging neighbours."""
    board = (np.indices((4, 6)).sum(axis=0) % 2).reshape(1, 24).astype(np.float32)
    assert variational.sharpness(board, (4, 6)) == 1.0
    assert variational.sharpness(np.full((2, 24), 0.3), (4, 6)) == 0.0
    square = few.test.reshape(-1, 8, 8)
    blurred = (square + np.roll(square, 1, axis=2)) / 2
    assert variational.sharpness(blurred.reshape(-1, 64), (8, 8)) < variational.sharpness(few.test, (8, 8))


def test_nearest() -> None:
    """The root mean squared difference from the nearest of the others; 0 for one of them."""
    among = np.array([[0.0, 0.0], [3.0, 4.0]])
    assert variational.nearest(np.array([[3.0, 4.0], [0.0, 1.0], [3.0, 3.0]]), among).tolist() == [0.0, 0.5**0.5, 0.5**0.5]


def test_the_way_between_images(torch: Laboratory, few: Pictures) -> None:
    """Midway between two pictures lies no picture; a model that decodes everything to one of the data never leaves them."""
    data = replace(few, test=few.train[:100], test_labels=few.train_labels[:100])
    first, second = variational.pairs(data.test_labels[:, 0], 0)
    assert len(first) > 100
    assert (data.test_labels[first] != data.test_labels[second]).all()
    copying = variational.off_data(torch, _Identity(), data, first, second)
    assert copying["ends"] < 1e-6
    assert copying["excess"] == copying["middle"] - copying["ends"] > 0.05
    image = torch.adapter.to_tensor(few.train[7], "float32", "cpu")
    stubborn = variational.off_data(torch, _Identity(always=image), data, first, second)
    assert stubborn["middle"] < 1e-6 > abs(stubborn["excess"])


# Pretraining


def test_labelled_images_are_balanced(few: Pictures) -> None:
    labels = few.train_labels[:, 0]
    for count, each in ((10, 1), (100, 10), (3, 1)):
        rows = pretraining.balanced(labels, count, 1)
        assert np.unique(labels[rows], return_counts=True)[1].tolist() == [each] * 10
        assert len(set(rows)) == len(rows)
    assert not np.array_equal(pretraining.balanced(labels, 100, 1), pretraining.balanced(labels, 100, 2))


@pytest.mark.slow
def test_a_good_encoder_helps_and_a_dead_one_does_not(torch: Laboratory, few: Pictures) -> None:
    """An encoder that has seen all labels makes ten labels suffice; one whose weights are all zero knows nothing."""
    sizes = (64, *pretraining._CODINGS)
    whole = torch.model("PretrainedClassifier", sizes, classes=10, trainable_encoder=True)
    torch.train(whole, {"inputs": few.train, "labels": few.train_labels}, 60, 0, learning_rate=3e-3)
    accuracy = {"scratch": pretraining._accuracy(torch, few, None, "scratch", 10, 0)}
    for name, factor in (("good", 1.0), ("dead", 0.0)):
        autoencoder = torch.model("StackedAutoencoder", sizes=sizes)
        encoder = {n: factor * w for n, w in whole.export_weights().items() if n.startswith("encoder.")}
        autoencoder.import_weights({**autoencoder.export_weights(), **encoder})
        accuracy[name] = pretraining._accuracy(torch, few, autoencoder, "frozen", 10, 0)
    assert accuracy["dead"] < 0.2 < accuracy["scratch"] < accuracy["good"]


# Characters


def _distance(a: str, b: str) -> int:
    """Edits between two words, an exchange of neighbours being one: optimal string alignment."""
    d = {(i, j): max(i, j) for i in range(len(a) + 1) for j in range(len(b) + 1) if not i or not j}
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            d[i, j] = min(d[i - 1, j] + 1, d[i, j - 1] + 1, d[i - 1, j - 1] + (a[i - 1] != b[j - 1]))
            if i > 1 and j > 1 and a[i - 2 : i] == b[j - 2 : j][::-1]:
                d[i, j] = min(d[i, j], d[i - 2, j - 2] + 1)
    return d[len(a), len(b)]


def test_misspelt_words_have_one_mistake() -> None:
    """None is a known word, each keeps its label, and all four mistakes occur."""
    words = tuple(f"kelebek{i}" for i in range(300))
    wrong = characters.misspelt(Words(words, np.arange(300.0)[:, None]), set(words), 0)
    assert 200 < len(wrong.words) == len(wrong.labels) <= 300
    origin = [words[int(label)] for label in wrong.labels[:, 0]]
    assert {_distance(a, b) for a, b in zip(origin, wrong.words, strict=True)} == {1}
    assert {len(b) - len(a) for a, b in zip(origin, wrong.words, strict=True)} == {-1, 0, 1}
    assert any(sorted(a) == sorted(b) for a, b in zip(origin, wrong.words, strict=True))
    assert not set(wrong.words) & set(words)


@pytest.mark.slow
def test_words_and_characters(torch: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words known by heart say nothing of new ones: each unknown word gets the same answer. Characters do, also when misspelt."""
    monkeypatch.setattr(characters, "_EPOCHS", {"characters": 8, "word": 40})
    effect = characters.measure_language(torch, "turkish", 800, 200, 0)
    assert effect["word_learned"] > 0.95
    assert effect["word_lost_unseen"] == effect["word_learned"] - effect["word_unseen"] > 0.2
    assert effect["characters_lost_unseen"] < effect["word_lost_unseen"]
    assert effect["characters_lost_misspelt"] < effect["word_lost_misspelt"]


def test_a_character_model_that_has_not_learned_loses_nothing(torch: Laboratory, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is as bad on words it was shown as on others, so the loss alone does not flatter it: the accuracies stand beside it."""
    monkeypatch.setattr(Laboratory, "train", lambda *given, **options: None)
    effect = characters.measure_language(torch, "finnish", 200, 100, 0)
    assert max(effect["characters_learned"], effect["word_learned"]) < 0.7
    assert abs(effect["characters_lost_unseen"]) < 0.2


# The catalogue


def test_every_claim_reads_numbers_that_its_experiment_returns(
    few: Pictures, torch: Laboratory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Run without training: finite numbers for every claim, but for slopes near a target that no coding has come near."""
    monkeypatch.setattr(Laboratory, "train", lambda *given, **options: None)
    monkeypatch.setattr(characters, "_TRAIN", 100)
    monkeypatch.setattr(characters, "_TEST", 50)
    numbers = {experiment.name: experiment.measure(torch, few, 0) for experiment in experiments(CLAIMS)}
    for claim in CLAIMS:
        effect = claim.effect_of(numbers[claim.experiment.name])
        assert isinstance(effect, float)
        assert np.isfinite(effect) or claim.id == "kl-steeper-near"
    assert len({claim.id for claim in CLAIMS}) == len(CLAIMS)


def test_claims_are_chosen_by_name() -> None:
    assert chosen([]) == CLAIMS
    assert [claim.id for claim in chosen(["linear-spans-pca", "interpolation", "interpolation"])] == [
        "interpolation",
        "linear-spans-pca",
    ]
    with pytest.raises(
        UnknownClaim, match=r"^claim: expected the name of a claim, got 'interpolate'; did you mean 'interpolation'\?$"
    ):
        chosen(["interpolate"])
