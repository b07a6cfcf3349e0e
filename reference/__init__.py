"""What is right: formulas and models of autoencoders and character models, in NumPy and float64.

Every public name stands here. Its specification (equation, source, domains, gradient, laws, known answers) is in
`reference.specification.catalogue()`.
"""

from reference.formulas.reconstruction import binary_cross_entropy, mean_squared_error
from reference.formulas.sparsity import kl_sparsity_loss, l1_activity_loss
from reference.formulas.tokenization import CharTokenizer, pad_sequences
from reference.formulas.variational import reparameterize, vae_kl_loss
from reference.models.character import CharClassifier, HybridClassifier
from reference.models.contractive import ContractiveAutoencoder
from reference.models.denoising import DenoisingAutoencoder
from reference.models.linear import LinearAutoencoder
from reference.models.pretrained import PretrainedClassifier
from reference.models.sparse import SparseAutoencoder
from reference.models.stacked import StackedAutoencoder
from reference.models.variational import VariationalAutoencoder

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
