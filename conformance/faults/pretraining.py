"""Denoising autoencoders, greedy layer-wise pretraining, and classifiers on a pretrained encoder."""

from __future__ import annotations

from conformance.faults.families import UNSEEN
from conformance.faults.fault import Change, Fault, Kind

_DENOISING = ("DenoisingAutoencoder",)
_SEEN = "models.denoising:DenoisingAutoencoder._seen"
_GREEDY = "models.stacked:StackedAutoencoder.pretrain"
_CODINGS = "codings = [pair.encode(x) for x in codings]"
_PRETRAINED = "models.pretrained:PretrainedClassifier"
_SOFTMAX = "layers.softmax"


def _corrupted(id: str, sentence: str, hint: str, seen: str, *changes: Change, kind: Kind = "fault") -> Fault:
    return Fault(id, _DENOISING, sentence, hint, seen, kind, changes)


def _greedy(id: str, sentence: str, hint: str, seen: str, *changes: Change) -> Fault:
    return Fault(id, ("StackedAutoencoder",), sentence, hint, seen, changes=changes)


def _classes(id: str, sentence: str, hint: str, seen: str, *changes: Change) -> Fault:
    return Fault(id, ("PretrainedClassifier",), sentence, hint, seen, changes=changes)


_UNSUPERVISED = (
    _corrupted(
        "corrupted_target",
        "The reconstruction is judged by the corrupted input instead of the clean one.",
        "What should the loss be if the noise is removed perfectly?",
        "fit(noisy, noisy) in several tutorials' comments",
        Change(
            "models.autoencoder:Autoencoder.loss_terms",
            "self.loss, self._inputs(inputs),",
            "self.loss, self._seen(self._inputs(inputs), **noise),",
        ),
        Change(
            "models.autoencoder:Autoencoder.gradients",
            "reconstruction_vjp(self.loss, clean,",
            "reconstruction_vjp(self.loss, seen,",
        ),
    ),
    _corrupted(
        "noise_at_inference",
        "The input is corrupted at inference too.",
        "Use the model twice with different noise: is the answer the same?",
        "GaussianNoise and Dropout left in training mode",
        Change(
            "models.autoencoder:Autoencoder.inference",
            "self.encode(inputs)",
            "self.encode(self._seen(self._inputs(inputs), **noise))",
        ),
    ),
    _corrupted(
        "gaussian_noise_missing",
        "Gaussian noise is not added.",
        "Is `corrupted` any different from the input?",
        "noise layers left in inference mode",
        Change(_SEEN, "self.level * given", "0.0 * given"),
    ),
    _corrupted(
        "level_ignored",
        "Gaussian noise is added at full strength.",
        "What is the standard deviation of corrupted − input?",
        UNSEEN,
        Change(_SEEN, "self.level * given", "given"),
    ),
    _corrupted(
        "level_as_variance",
        "The level is taken as the variance of the noise instead of its standard deviation.",
        "What is the standard deviation of corrupted − input?",
        UNSEEN,
        Change(_SEEN, "self.level * given", "self.level**0.5 * given"),
    ),
    _corrupted(
        "noise_multiplied",
        "Gaussian noise multiplies the input instead of being added.",
        "What becomes of an input that is zero?",
        "GaussianDropout for GaussianNoise",
        Change(_SEEN, "inputs + self.level * given", "inputs * (1.0 + self.level * given)"),
    ),
    _corrupted(
        "clipped_noise",
        "The noisy input is clipped to [0, 1].",
        "Are there corrupted values outside [0, 1]?",
        "the denoising example of the Keras blog",
        Change(_SEEN, "inputs + self.level * given", "(inputs + self.level * given).clip(0.0, 1.0)"),
        kind="variant",
    ),
    _corrupted(
        "mask_inverted",
        "The mask is inverted: what should stay is removed.",
        "Does a one in the mask keep a feature or remove it?",
        UNSEEN,
        Change(_SEEN, "inputs * given", "inputs * (1.0 - given)"),
    ),
    _corrupted(
        "mask_of_first_sample",
        "All samples share the first one's mask.",
        "Is it right for a single sample?",
        UNSEEN,
        Change(_SEEN, "inputs * given", "inputs * given[:1]"),
    ),
    _corrupted(
        "dropout_not_scaled",
        "Dropout does not scale up what remains.",
        "What is the mean of a corrupted feature over many masks?",
        "the dropout of 2012, which scales at inference instead",
        Change(_SEEN, '1.0 - self.level if self.corruption == "dropout" else 1.0', "1.0"),
    ),
    _corrupted(
        "dropout_scaled_by_level",
        "Dropout divides by the rate of what is dropped instead of what is kept.",
        "What is the mean of a corrupted feature over many masks?",
        "keep_prob of TensorFlow 1 against rate of TensorFlow 2",
        Change(_SEEN, "1.0 - self.level if", "self.level if"),
    ),
    _corrupted(
        "masking_scaled",
        "Masking scales up what remains, as dropout does.",
        "How do masking and dropout differ?",
        "Dropout used for masking noise",
        Change(_SEEN, 'self.level if self.corruption == "dropout" else 1.0', "self.level"),
    ),
    _greedy(
        "greedy_codings_too_early",
        "In layer-wise pretraining the next layer sees codings from before the layer below was trained.",
        "Which weights made the codings that the second layer is trained on?",
        UNSEEN,
        Change(_GREEDY, "losses.append(pair", "before = [pair.encode(x) for x in codings]\n            losses.append(pair"),
        Change(_GREEDY, _CODINGS, "codings = before"),
    ),
    _greedy(
        "greedy_not_kept",
        "What layer-wise pretraining learns is thrown away.",
        "Are the weights of the whole any different after pretraining?",
        "clone_model without its weights, handson-ml2 #246",
        Change(_GREEDY, "**{whole: pair.weights[own] for own, whole in inside.items()}", "**{}"),
    ),
    _greedy(
        "greedy_decoder_not_kept",
        "Layer-wise pretraining keeps the encoder's weights alone.",
        "Which weights of the whole are different after pretraining?",
        UNSEEN,
        Change(
            _GREEDY,
            "pair.weights[own] for own, whole in inside.items()",
            'pair.weights[own] for own, whole in inside.items() if own[0] == "e"',
        ),
    ),
    _greedy(
        "greedy_inner_output_activation",
        "Inner pairs of layer-wise pretraining end in the output activation of the whole.",
        "What does an inner pair reconstruct, and which range has that?",
        UNSEEN,
        Change(_GREEDY, "self.output_activation if first else self.activation", "self.output_activation"),
    ),
    _greedy(
        "greedy_outer_hidden_activation",
        "The outermost pair of layer-wise pretraining ends in the hidden activation and the squared error, like the inner ones.",
        "What does the outermost pair reconstruct?",
        UNSEEN,
        Change(_GREEDY, "self.output_activation if first else self.activation", "self.activation"),
        Change(_GREEDY, 'self.loss if first else "mean_squared_error"', '"mean_squared_error"'),
    ),
    _greedy(
        "greedy_starts_afresh",
        "Layer-wise pretraining starts from new random weights instead of the model's own.",
        "Which loss should the first step of pretraining report?",
        UNSEEN,
        Change(_GREEDY, "pair.import_weights(", "_ = ("),
    ),
    _greedy(
        "greedy_first_pair_only",
        "Layer-wise pretraining stops after the outermost pair.",
        "How many lists of losses are there?",
        UNSEEN,
        Change(_GREEDY, "in range(pairs)", "in range(1)"),
    ),
    _greedy(
        "greedy_same_batch",
        "Layer-wise pretraining shows every layer the first batch again and again.",
        "Is it right for a single batch?",
        UNSEEN,
        Change(_GREEDY, '{"inputs": x} for x in codings', '{"inputs": codings[0]} for x in codings'),
    ),
)

_OF_CLASSES = (
    _classes(
        "encoder_not_frozen",
        "The encoder is trained although it is to be frozen.",
        "Are the encoder's weights bit for bit what they were before training?",
        "trainable=False set after compile(); an optimiser that was given model.parameters()",
        Change(f"{_PRETRAINED}.trainable_names", "if self.trainable_encoder else head", "if len(head) else head"),
    ),
    _classes(
        "head_frozen_instead",
        "The head is frozen instead of the encoder.",
        "Which parameters have a gradient?",
        UNSEEN,
        Change(f"{_PRETRAINED}.trainable_names", "else head", "else tuple(n for n in self.weights if n not in head)"),
    ),
    _classes(
        "encoder_always_frozen",
        "The encoder is frozen although it is to be fine-tuned.",
        "Does the encoder move when it is to be fine-tuned?",
        "base_model.trainable = False left in place",
        Change(f"{_PRETRAINED}.trainable_names", "tuple(self.weights) if self.trainable_encoder else head", "head"),
    ),
    _classes(
        "head_bias_only",
        "Of a frozen model's head the bias alone is trained.",
        "Which parameters have a gradient?",
        UNSEEN,
        Change(f"{_PRETRAINED}.trainable_names", "else head", "else head[1:]"),
    ),
    _classes(
        "head_relu",
        "The head has a ReLU before its softmax.",
        "Can a logit be negative?",
        "Dense(classes, activation='relu') copied from the hidden layers",
        Change(f"{_PRETRAINED}.__init__", '"linear", "logits"', '"relu", "logits"'),
    ),
    _classes(
        "sigmoid_for_softmax",
        "The probabilities are sigmoids of the logits, so they do not add up to 1.",
        "Do the probabilities of a sample add up to 1?",
        "the output layer of the binary classifier kept",
        Change(f"{_PRETRAINED}.activations", 'softmax(outputs["logits"])', '1.0 / (1.0 + np.exp(-outputs["logits"]))'),
    ),
    _classes(
        "probabilities_without_softmax",
        "The probabilities are the logits.",
        "Do the probabilities of a sample add up to 1?",
        "models for nn.CrossEntropyLoss or from_logits=True, used without a softmax",
        Change(f"{_PRETRAINED}.activations", 'softmax(outputs["logits"])', 'outputs["logits"]'),
    ),
    _classes(
        "softmax_over_batch",
        "The softmax runs over the batch instead of the classes.",
        "Do the probabilities of a sample add up to 1?",
        "softmax(dim=0), and PyTorch's implicit dim",
        Change(f"{_SOFTMAX}:log_softmax", "max(axis=-1", "max(axis=0"),
        Change(f"{_SOFTMAX}:log_softmax", "sum(axis=-1", "sum(axis=0"),
    ),
    _classes(
        "softmax_twice",
        "The cross-entropy from logits is given probabilities, so the softmax is applied twice.",
        "Can the loss come near zero?",
        "nn.CrossEntropyLoss behind nn.Softmax",
        Change(f"{_SOFTMAX}:softmax_cross_entropy", "log_softmax(logits)", "log_softmax(np.exp(log_softmax(logits)))"),
    ),
    _classes(
        "class_loss_summed",
        "The cross-entropy is summed over the batch instead of averaged, so the step depends on B.",
        "How does the loss change when every sample is stated twice?",
        'reduction="sum"',
        Change(f"{_SOFTMAX}:softmax_cross_entropy", ".mean()", ".sum()"),
        Change(f"{_SOFTMAX}:softmax_cross_entropy_vjp", "cotangent / len(labels)", "cotangent"),
    ),
    _classes(
        "class_loss_over_classes",
        "The cross-entropy is averaged over the classes too.",
        "By which factor is the loss wrong, and does it depend on the number of classes?",
        "mean over all elements of one-hot labels times log-probabilities",
        Change(f"{_SOFTMAX}:softmax_cross_entropy", ".mean()", ".mean() / logits.shape[1]"),
        Change(f"{_SOFTMAX}:softmax_cross_entropy_vjp", "cotangent / len(labels)", "cotangent / cotangent.size"),
    ),
    _classes(
        "labels_from_one",
        "Labels are taken to count from 1.",
        "Which class does label 0 mean?",
        UNSEEN,
        Change(f"{_SOFTMAX}:softmax_cross_entropy", "labels, axis=1", "labels - 1, axis=1"),
        Change(f"{_SOFTMAX}:softmax_cross_entropy_vjp", "labels[:, 0]", "labels[:, 0] - 1"),
    ),
    _classes(
        "label_missing_in_gradient",
        "The gradient is that of the softmax alone: the label is not subtracted.",
        "In which direction does a perfect answer move?",
        UNSEEN,
        Change(f"{_SOFTMAX}:softmax_cross_entropy_vjp", "-= 1.0", "-= 0.0"),
    ),
    Fault(
        "encoder_not_copied",
        ("PretrainedClassifier",),
        "The encoder starts from new random weights instead of the autoencoder's.",
        "Are the encoder's weights those of the autoencoder?",
        "clone_model without its weights, handson-ml2 #246",
        changes=(
            Change(
                f"{_PRETRAINED}.__init__",
                "{name: encoder.weights[name] for name in perceptron.parameter_shapes(self.encoder)}",
                "perceptron.initial_weights(self.encoder, rng)",
            ),
        ),
        because="A case gives widths and then all weights, so that both packages start alike; whom the weights come from is not seen.",
    ),
)

ENTRIES = (*_UNSUPERVISED, *_OF_CLASSES)
