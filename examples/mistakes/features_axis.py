"""The KL sparsity loss, with an average over the wrong axis."""

import tensorflow as tf


def kl_sparsity_loss(activations, target=0.1, weight=1.0, epsilon=1e-7):
    mean = tf.clip_by_value(tf.reduce_mean(activations, axis=1), epsilon, 1.0 - epsilon)
    each = target * tf.math.log(target / mean) + (1.0 - target) * tf.math.log((1.0 - target) / (1.0 - mean))
    return weight * tf.reduce_sum(each)
