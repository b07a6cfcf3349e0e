"""Autoencoders and character models in PyTorch: public names, arguments and meaning as in the reference, on any device.

Formulas take and return `torch.Tensor`, are differentiable in every tensor, and keep its dtype; half precisions are computed in
float32. Checks read static facts only (type, dtype, shape, device, Python numbers), so everything compiles with `torch.compile`.
"""

from impl_torch.formulas.reconstruction import binary_cross_entropy, mean_squared_error
from impl_torch.formulas.sparsity import kl_sparsity_loss, l1_activity_loss
from impl_torch.formulas.tokenization import CharTokenizer, pad_sequences
from impl_torch.formulas.variational import reparameterize, vae_kl_loss
from impl_torch.models.character import CharClassifier, HybridClassifier
from impl_torch.models.contractive import ContractiveAutoencoder
from impl_torch.models.denoising import DenoisingAutoencoder
from impl_torch.models.linear import LinearAutoencoder
from impl_torch.models.pretrained import PretrainedClassifier
from impl_torch.models.sparse import SparseAutoencoder
from impl_torch.models.stacked import StackedAutoencoder
from impl_torch.models.variational import VariationalAutoencoder

__all__ = [
    "CharClassifier",
    "CharTokenizer",
    "ContractiveAutoencoder",
    "DenoisingAutoencoder",
    "HybridClassifier",
    "LinearAutoencoder",
    "PretrainedClassifier",
    "SparseAutoencoder",
    "StackedAutoencoder",
    "VariationalAutoencoder",
    "binary_cross_entropy",
    "kl_sparsity_loss",
    "l1_activity_loss",
    "mean_squared_error",
    "pad_sequences",
    "reparameterize",
    "vae_kl_loss",
]
