"""Published losses in the literal form of their sources, each with one mistake, and a piece of what must be said of it.

Written without a look at the catalogue: what a reader of the code would say is wrong with it.
"""

from __future__ import annotations

from dataclasses import dataclass

_REDUCED = 'return rows if reduction == "none" else rows.mean() if reduction == "mean" else rows.sum()'
_KL = "def vae_kl_loss(mean, log_var, reduction='mean'):\n"
_BCE = "def binary_cross_entropy(targets, logits, reduction='mean'):\n"
_MSE = "def mean_squared_error(inputs, reconstructions, reduction='mean'):\n"
_SPARSITY = "def kl_sparsity_loss(activations, target=0.1, weight=1.0, epsilon=1e-7):\n"
_L1 = "def l1_activity_loss(activations, weight=1e-3):\n"
_SAMPLE = "def reparameterize(mean, log_var, noise):\n"
_HUBER = "def huber_loss(targets, predictions, delta=1.0, reduction='mean'):\n"
_ELEMENTS = """    if reduction == "mean":
        return e.mean()
    rows = e.reshape(len(e), -1).sum(dim=1)
    return rows.mean() if reduction == "sum" else rows
"""


@dataclass(frozen=True)
class Published:
    """A file, and what its diagnosis must hold: the id of an entry, or a piece of a sentence; any one of `names` will do."""

    name: str
    spec: str
    body: str
    names: tuple[str, ...]

    @property
    def source(self) -> str:
        """The file."""
        return "import math\n\nimport torch\nimport torch.nn.functional as F\n\n\n" + self.body


def _kl(name: str, rows: str, *names: str) -> Published:
    return Published(name, "vae_kl_loss", f"{_KL}    rows = {rows}\n    {_REDUCED}\n", names)


def _bce(name: str, before: str, elements: str, *names: str) -> Published:
    body = f"{_BCE}    p = torch.sigmoid(logits)\n{before}    e = {elements}\n{_ELEMENTS}"
    return Published(name, "binary_cross_entropy", body, names)


def _sparsity(name: str, mean: str, loss: str, *names: str) -> Published:
    return Published(name, "kl_sparsity_loss", f"{_SPARSITY}    p = target\n    q = {mean}\n    return {loss}\n", names)


_CROSS_ENTROPY = "-(targets * torch.log(p) + (1 - targets) * torch.log(1 - p))"
_CLIPPED_MEAN = "activations.mean(dim=0).clamp(epsilon, 1 - epsilon)"
_DIVERGENCE = "(p * torch.log(p / q) + (1 - p) * torch.log((1 - p) / (1 - q)))"

PUBLISHED = (
    Published(
        "the sum whatever is asked",
        "vae_kl_loss",
        _KL + "    return -0.5 * torch.sum(1 + log_var - mean.pow(2) - log_var.exp())\n",
        ("kl_always_sum",),
    ),
    Published(
        "the mean over everything whatever is asked",
        "vae_kl_loss",
        _KL + "    return -0.5 * torch.mean(1 + log_var - mean.pow(2) - log_var.exp())\n",
        ("kl_always_mean_of_all",),
    ),
    _kl("the half forgotten", "-torch.sum(1 + log_var - mean**2 - log_var.exp(), dim=1)", "half_missing"),
    _kl("the sign", "0.5 * torch.sum(1 + log_var - mean**2 - log_var.exp(), dim=1)", "kl_negated"),
    _kl("log σ for log σ²", "-0.5 * torch.sum(1 + 2 * log_var - mean**2 - torch.exp(2 * log_var), dim=1)", "log_sigma"),
    _kl("exp of log σ not squared", "-0.5 * torch.sum(1 + 2 * log_var - mean**2 - torch.exp(log_var), dim=1)", "log_var_doubled"),
    _kl("a mean over D", "-0.5 * torch.mean(1 + log_var - mean**2 - log_var.exp(), dim=1)", "mean_latent"),
    _kl(
        "the constant once, not D times",
        "-0.5 * (1 + torch.sum(log_var - mean**2 - log_var.exp(), dim=1))",
        "kl_constant_once",
    ),
    _kl(
        "clamped at 10",
        "-0.5 * torch.sum(1 + log_var.clamp(-10, 10) - mean**2 - log_var.clamp(-10, 10).exp(), dim=1)",
        "clamped_logvar",
    ),
    _kl(
        "an ε in the logarithm",
        "-0.5 * torch.sum(1 + torch.log(log_var.exp() + 1e-8) - mean**2 - log_var.exp(), dim=1)",
        "kl_log_epsilon",
    ),
    _kl("μ not squared", "-0.5 * torch.sum(1 + log_var - mean - log_var.exp(), dim=1)", "mean_not_squared"),
    Published(
        "over the batch, not the latent",
        "vae_kl_loss",
        _KL + "    rows = -0.5 * torch.sum(1 + log_var - mean**2 - log_var.exp(), dim=0)\n    " + _REDUCED + "\n",
        ("latent_axis",),
    ),
    _bce("probabilities clipped at 1e-7", "    p = p.clamp(1e-7, 1 - 1e-7)\n", _CROSS_ENTROPY, "keras_clip"),
    _bce("probabilities clipped at 1e-10", "    p = p.clamp(1e-10, 1 - 1e-10)\n", _CROSS_ENTROPY, "keras_clip@1e-10"),
    _bce(
        "an ε in both logarithms",
        "",
        "-(targets * torch.log(p + 1e-6) + (1 - targets) * torch.log(1 - p + 1e-6))",
        "bce_log_epsilon@1e-6",
    ),
    _bce("the positive class only", "", "-targets * torch.log(p)", "positive_class_only"),
    _bce("the sigmoid twice", "    p = torch.sigmoid(p)\n", _CROSS_ENTROPY, "sigmoid_twice"),
    _bce("the sign", "", "targets * torch.log(p) + (1 - targets) * torch.log(1 - p)", "bce_negated"),
    Published(
        "a sum over everything",
        "binary_cross_entropy",
        _BCE + "    p = torch.sigmoid(logits)\n    return torch.sum(" + _CROSS_ENTROPY + ")\n",
        ("reduction_always_sum",),
    ),
    Published(
        "the library's reductions",
        "binary_cross_entropy",
        _BCE + "    return F.binary_cross_entropy(torch.sigmoid(logits), targets, reduction=reduction)\n",
        ("torch_none", "torch_reductions"),
    ),
    Published(
        "the error halved",
        "mean_squared_error",
        _MSE + "    e = 0.5 * (reconstructions - inputs) ** 2\n" + _ELEMENTS,
        ("half_sse",),
    ),
    Published(
        "a sum over everything of squares",
        "mean_squared_error",
        _MSE + "    return ((inputs - reconstructions) ** 2).sum()\n",
        ("reduction_always_sum",),
    ),
    Published(
        "the magnitude",
        "mean_squared_error",
        _MSE + "    e = torch.abs(reconstructions - inputs)\n" + _ELEMENTS,
        ("absolute_error",),
    ),
    _sparsity(
        "an ε of its own",
        "activations.mean(dim=0)",
        _DIVERGENCE.replace("/ q", "/ (q + 1e-10)").replace("/ (1 - q)", "/ (1 - q + 1e-10)") + ".sum() * weight",
        "sparsity_log_epsilon",
    ),
    _sparsity("a mean over the units", _CLIPPED_MEAN, f"weight * {_DIVERGENCE}.mean()", "mean_units"),
    _sparsity(
        "the bracket misplaced",
        _CLIPPED_MEAN,
        "weight * (p * math.log(p) - torch.log(q) + (1 - p) * math.log(1 - p) - torch.log(1 - q)).sum()",
        "kl_bracket_misplaced",
    ),
    Published("every sample counted", "l1_activity_loss", _L1 + "    return weight * activations.abs().sum()\n", ("sum_all",)),
    Published(
        "the variance for the deviation",
        "reparameterize",
        _SAMPLE + "    return mean + torch.exp(log_var) * noise\n",
        ("variance_as_std",),
    ),
    Published(
        "noise scaled by 0.01",
        "reparameterize",
        _SAMPLE + "    return mean + 0.01 * torch.exp(0.5 * log_var) * noise\n",
        ("noise_scaled",),
    ),
    Published(
        "the lines not shifted",
        "huber_loss",
        _HUBER
        + "    e = torch.abs(predictions - targets)\n    rows = torch.where(e <= delta, 0.5 * e**2, delta * e).sum(dim=1)\n    "
        + _REDUCED
        + "\n",
        ("huber_jump",),
    ),
)
