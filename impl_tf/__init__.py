"""Autoencoders and character models in Keras 3 on TensorFlow: public names, arguments and meaning as in the reference.

Formulas take tensors or NumPy arrays and return tensors, are differentiable in every tensor, and keep its dtype; half precisions
are computed in float32. Checks read static facts only (type, dtype, known extents, Python numbers), so everything works in
`tf.function`, with and without `jit_compile=True`; an extent that is not known while tracing is not checked.
"""

from impl_tf.formulas.reconstruction import binary_cross_entropy, mean_squared_error
from impl_tf.formulas.sparsity import kl_sparsity_loss, l1_activity_loss
from impl_tf.formulas.tokenization import CharTokenizer, pad_sequences
from impl_tf.formulas.variational import reparameterize, vae_kl_loss
from impl_tf.models.character import CharClassifier, HybridClassifier
from impl_tf.models.contractive import ContractiveAutoencoder
from impl_tf.models.denoising import DenoisingAutoencoder
from impl_tf.models.linear import LinearAutoencoder
from impl_tf.models.pretrained import PretrainedClassifier
from impl_tf.models.sparse import SparseAutoencoder
from impl_tf.models.stacked import StackedAutoencoder
from impl_tf.models.variational import VariationalAutoencoder

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
