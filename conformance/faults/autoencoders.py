"""Stacked, tied and linear autoencoders; `penalties` has the sparse and contractive ones, `pretraining` the denoising."""

from __future__ import annotations

from conformance.faults.families import AUTOENCODERS, DENSE_MODELS, PLAIN_AUTOENCODERS, UNSEEN
from conformance.faults.fault import Change, Fault

_LOSS = "models.autoencoder:Autoencoder.loss_terms"
_GRADIENTS = "models.autoencoder:Autoencoder.gradients"
_ENCODER = "models.autoencoder:encoder_layers"
_DECODER = "models.autoencoder:decoder_layers"
_RECONSTRUCTION = "models.autoencoder:reconstruction_loss"
_TIED_GRADIENT = "found[encoder] + found.pop(decoder).T"
_ALL_BUT_LINEAR = tuple(name for name in DENSE_MODELS if name != "LinearAutoencoder")
_DEEP = tuple(name for name in _ALL_BUT_LINEAR if name != "ContractiveAutoencoder")
_RECONSTRUCTING = tuple(name for name in _ALL_BUT_LINEAR if name != "PretrainedClassifier")

ENTRIES = (
    Fault(
        "coding_activation_missing",
        tuple(name for name in _ALL_BUT_LINEAR if name != "SparseAutoencoder"),
        "The last layer of the encoder has no activation.",
        "Are there codings outside the range of the activation?",
        "encoders rebuilt layer by layer without the argument",
        changes=(Change(_ENCODER, "+ [coding_activation]", '+ ["linear"]'),),
    ),
    Fault(
        "encoder_hidden_linear",
        _DEEP,
        "The encoder's layers below the coding have no activation.",
        "Which named activation is the first that differs, and is it z itself?",
        UNSEEN,
        changes=(Change(_ENCODER, "[activation] * (len(down) - 1)", '["linear"] * (len(down) - 1)'),),
    ),
    Fault(
        "decoder_hidden_linear",
        tuple(name for name in _DEEP if name != "PretrainedClassifier"),
        "The decoder's hidden layers have no activation.",
        "Which named activation is the first that differs, and is it z itself?",
        UNSEEN,
        changes=(Change(_DECODER, "[activation] * (len(up) - 1)", '["linear"] * (len(up) - 1)'),),
    ),
    Fault(
        "output_without_activation",
        _RECONSTRUCTING,
        "The output is the logits: its activation is missing.",
        "Are there reconstructions outside [0, 1]?",
        "losses from logits, whose model is then also used without a sigmoid",
        changes=(Change(_DECODER, "[output_activation]", '["linear"]'),),
    ),
    Fault(
        "output_activation_of_hidden",
        tuple(name for name in _RECONSTRUCTING if name != "ContractiveAutoencoder"),
        "The output layer has the activation of the hidden layers.",
        "What range should a reconstruction have?",
        "Sequential models built in a loop over all widths",
        changes=(Change(_DECODER, "[output_activation]", "[activation]"),),
    ),
    Fault(
        "loss_summed",
        AUTOENCODERS,
        "The reconstruction loss is summed over the features instead of averaged.",
        "How do the loss and its gradient change when every feature is stated twice?",
        "reduction='sum' and PyTorch's reduction over the batch alone",
        changes=(
            Change(_LOSS, 'named, "mean")', 'named, "sum")'),
            Change(_GRADIENTS, 'self.output_activation, "mean")', 'self.output_activation, "sum")'),
        ),
    ),
    Fault(
        "loss_of_logits",
        _RECONSTRUCTING,
        "The squared error is taken of the logits instead of the reconstruction.",
        "Is the loss right if the output is linear?",
        UNSEEN,
        changes=(
            Change(
                _RECONSTRUCTION,
                'mean_squared_error(targets, named["reconstruction"]',
                'mean_squared_error(targets, named["logits"]',
            ),
        ),
    ),
    Fault(
        "loss_of_probabilities",
        _RECONSTRUCTING,
        "The cross-entropy from logits is given the sigmoid's output, so the sigmoid is applied twice.",
        "Can the cross-entropy become smaller than ln(1 + 1/e)?",
        "from_logits=True or BCEWithLogitsLoss behind a sigmoid layer",
        changes=(Change(_RECONSTRUCTION, 'named["logits"]', 'named["reconstruction"]'),),
    ),
    Fault(
        "root_of_the_loss",
        AUTOENCODERS,
        "The root of the mean squared error is taken.",
        "How does the loss change when every difference doubles?",
        "RMSE reported for MSE",
        changes=(
            Change(
                _RECONSTRUCTION,
                'mean_squared_error(targets, named["reconstruction"], reduction)',
                'mean_squared_error(targets, named["reconstruction"], reduction) ** 0.5',
            ),
        ),
    ),
    Fault(
        "tied_decoder_detached",
        ("StackedAutoencoder",),
        "A tied matrix receives the encoder's share of the gradient alone.",
        "In how many places does a tied matrix stand?",
        "the transposed weights taken as a constant; keras #386",
        changes=(Change(_GRADIENTS, _TIED_GRADIENT, "found[encoder]"),),
    ),
    Fault(
        "tied_encoder_detached",
        ("StackedAutoencoder",),
        "A tied matrix receives the decoder's share of the gradient alone.",
        "In how many places does a tied matrix stand?",
        UNSEEN,
        changes=(Change(_GRADIENTS, _TIED_GRADIENT, "found.pop(decoder).T"),),
    ),
    Fault(
        "tied_gradient_averaged",
        ("StackedAutoencoder",),
        "The two shares of a tied matrix's gradient are averaged instead of added.",
        "By which factor is the gradient of a tied matrix wrong, and that of a bias?",
        UNSEEN,
        changes=(Change(_GRADIENTS, _TIED_GRADIENT, "0.5 * (found[encoder] + found.pop(decoder).T)"),),
    ),
    Fault(
        "encoder_input_centred",
        PLAIN_AUTOENCODERS,
        "The input is centred before it is encoded, and the reconstruction is judged by the uncentred input.",
        "What is subtracted before the encoder: is it added again before the comparison?",
        "comparisons of linear autoencoders with PCA, which centres by itself",
        changes=(Change("models.autoencoder:Autoencoder._seen", "return inputs", "return inputs - inputs.mean(axis=0)"),),
    ),
    Fault(
        "linear_output_sigmoid",
        ("LinearAutoencoder",),
        "The linear autoencoder ends in a sigmoid.",
        "Which of its layers may have an activation?",
        UNSEEN,
        changes=(
            Change("models.linear:LinearAutoencoder.__init__", '"linear", "mean_squared_error"', '"sigmoid", "mean_squared_error"'),
        ),
    ),
    Fault(
        "linear_coding_relu",
        ("LinearAutoencoder",),
        "The linear autoencoder's coding has a ReLU.",
        "Can a principal component have a negative score?",
        UNSEEN,
        changes=(Change("models.linear:LinearAutoencoder.__init__", 'sizes, "linear", "linear"', 'sizes, "linear", "relu"'),),
    ),
)
