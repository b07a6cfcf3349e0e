"""Miniatures in PyTorch with a tensor in a wrong place, which a CPU does not show; and what only looks so."""

from __future__ import annotations

from dataclasses import dataclass

HEAD = "import torch\nfrom torch import nn\n"
SAMPLE = "def reparameterize(mean, log_var, noise):\n    return mean + torch.exp(0.5 * log_var) * noise\n"
DIVERGENCE = """
def vae_kl_loss(mean, log_var, reduction="mean"):
    {before}
    rows = (0.5 * (mean * mean + torch.expm1(log_var) - log_var)).sum(1)
    rows = {rows}
    return rows if reduction == "none" else rows.mean() if reduction == "mean" else rows.sum()
"""
# A class of the contract, small as it can be: what is wrong stands in one place of it.
MODEL = """
class LinearAutoencoder(nn.Module):
    def __init__(self, features=784, codings=30):
        super().__init__()
        self.inwards, self.outwards = nn.Linear(features, codings), nn.Linear(codings, features)
        {init}

    def import_weights(self, weights):
        for parameter, (name, value) in zip(self.parameters(), weights.items()):
            value = torch.from_numpy(value)
            with torch.no_grad():
                parameter.copy_(value.T if value.dim() == 2 else value)
        {imported}

    def activations(self, inputs):
        coding = self.inwards(inputs)
        {forward}
        logits = self.outwards(coding)
        return {{"coding": coding, "logits": logits, "reconstruction": logits}}

    def inference(self, inputs):
        return {{"reconstruction": self.activations(inputs)["reconstruction"]}}
"""


@dataclass(frozen=True)
class Wrong:
    """A module with a tensor in a wrong place; which specification shows it, and how that is said."""

    spec: str
    source: str
    words: str


def divergence(before: str = "pass", rows: str = "rows") -> str:
    return HEAD + DIVERGENCE.format(before=before, rows=rows)


def model(init: str = "pass", imported: str = "pass", forward: str = "pass") -> str:
    return HEAD + MODEL.format(init=init, imported=imported, forward=forward)


AXIS = (
    divergence()
    + """
right = vae_kl_loss
def vae_kl_loss(mean, log_var, reduction="mean"):
    return right(mean, log_var, reduction)[..., None]
"""
)
MIXED = "computes on another device than its input"
RECURRENT = """
class CharClassifier(nn.Module):
    def __init__(self, vocabulary_size=16, embedding=8, units=64, cell="lstm", kernel_size=3):
        super().__init__()
        self.embedding, self.cell = nn.Embedding(vocabulary_size, embedding), nn.LSTM(embedding, units, batch_first=True)
        self.head = nn.Linear(units, 1)

    def import_weights(self, weights):
        pass

    def activations(self, characters, labels=None):
        embedded = self.embedding(characters)
        zeros = torch.zeros(1, len(characters), self.cell.hidden_size, dtype=embedded.dtype)
        states, (last, _) = self.cell(embedded, (zeros, zeros))
        logits = self.head(last[0])
        return {"embedding": embedded, "states": states, "summary": last[0], "logits": logits, "probability": torch.sigmoid(logits)}

    def inference(self, characters, labels=None):
        return {"probability": self.activations(characters)["probability"]}
"""
PLAIN = """
class Shifted(nn.Module):
    def __init__(self, features, codings):
        super().__init__()
        self.inwards, self.outwards = nn.Linear(features, codings), nn.Linear(codings, features)

    def forward(self, x):
        return self.outwards(self.inwards(x)) + torch.zeros(x.shape[1], dtype=x.dtype)

def build_linear_autoencoder(features, codings):
    return Shifted(features, codings)
"""
WRONGS = {
    "a tensor made without a device": Wrong(
        "vae_kl_loss", divergence(rows="rows + torch.zeros(len(mean), dtype=mean.dtype)"), f"{MIXED}: add was given tensors on meta"
    ),
    "a constant on the CPU": Wrong(
        "vae_kl_loss", divergence(rows="rows * torch.ones(1, dtype=mean.dtype, device='cpu')"), f"{MIXED}: mul was given tensors on meta"
    ),
    "a matrix on the CPU, of which PyTorch says nothing": Wrong(
        "vae_kl_loss", divergence("mean = mean @ torch.eye(mean.shape[1], dtype=mean.dtype)"), f"{MIXED}: mm was given tensors on meta"
    ),
    "noise drawn on the CPU": Wrong(
        "reparameterize", HEAD + SAMPLE.replace("* noise", "* torch.randn(noise.shape, dtype=noise.dtype)"), f"{MIXED}: mul was given"
    ),
    "a way through NumPy": Wrong(
        "vae_kl_loss", divergence(rows="torch.from_numpy(rows.detach().cpu().numpy())"), "expected a result on meta, got one on cpu"
    ),
    "another type": Wrong("vae_kl_loss", divergence(rows="rows.double()"), "expected dtype float32, got float64"),
    "an axis too many": Wrong("vae_kl_loss", AXIS, "expected shape"),
    "a recurrent state made without a device": Wrong("CharClassifier", HEAD + RECURRENT, f"{MIXED}: lstm was given tensors on meta"),
    "a plain model that adds to its output": Wrong("LinearAutoencoder", HEAD + PLAIN, f"{MIXED}: add was given tensors on meta"),
    "weights that are put on the CPU": Wrong(
        "LinearAutoencoder",
        model(imported="self.inwards.bias = nn.Parameter(torch.from_numpy(list(weights.values())[1]))"),
        "its parameter 'inwards.bias' lies on cpu, expected meta",
    ),
    "a tensor that is no buffer": Wrong(
        "LinearAutoencoder", model("self.shift = torch.zeros(codings)", forward="coding = coding + self.shift"), f"{MIXED}: add was given"
    ),
}  # fmt: skip
RIGHT = {
    "as it should be": ("vae_kl_loss", divergence()),
    "a number that lies on the CPU": ("vae_kl_loss", divergence(rows="rows * torch.tensor(1.0)")),
    "a copy that is asked for": (
        "vae_kl_loss",
        divergence(rows="rows + torch.zeros(len(mean), dtype=mean.dtype).to(rows.device)"),
    ),
    "a number that is only read": ("vae_kl_loss", divergence("float(mean.sum())")),
    "rows chosen by numbers on the CPU": ("vae_kl_loss", divergence(rows="rows[torch.arange(len(mean))]")),
}
