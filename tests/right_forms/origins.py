"""Where forms come from: what a library offers or a source prints, word for word; or what we made of it ourselves, which stands here."""

from __future__ import annotations

from collections.abc import Mapping

# Specification -> "framework:name" of our own rewrites.
OUR_OWN: Mapping[str, frozenset[str]] = {
    spec: frozenset(names.split())
    for spec, names in {
        "binary_cross_entropy": "tf:both_softplus tf:one_softplus_less tf:ops_softplus tf:logsumexp tf:ops_logaddexp numpy:logaddexp "
        "numpy:logsumexp numpy:log_softmax torch:both_softplus torch:one_softplus torch:logaddexp torch:both_logaddexp torch:logsumexp "
        "torch:two_log_softmax torch:relu_product torch:maximum torch:sample_by_sample torch:one_logsigmoid torch:logsigmoid_less_logit "
        "torch:threshold_of_library",
        "mean_squared_error": "tf:multiply numpy:norms numpy:inner_products torch:product torch:magnitude_squared torch:sub_mul "
        "torch:doubled_huber torch:einsum torch:matrix_products torch:norm torch:vmap_of_dot torch:diagonal torch:last_axis",
        "vae_kl_loss": "tf:rearranged tf:expm1 tf:ops_expm1 numpy:expm1 numpy:exprel numpy:inner_products torch:as_printed_rearranged "
        "torch:printed_in_halves torch:sum_then_half torch:constant_outside torch:square_of_deviation torch:terms_apart torch:expm1 "
        "torch:expm1_apart torch:einsum torch:norm torch:mean_times_width torch:logarithm_of_deviation",
        "huber_loss": "torch:two_parts",
        "kl_sparsity_loss": "tf:ops_log1p tf:xlogy tf:xlog1py numpy:xlogy numpy:xlog1py numpy:entr torch:logarithms_apart torch:log1p "
        "torch:xlogy torch:entropies torch:rel_entr torch:sum_by_count torch:product torch:einsum torch:transposed torch:stacked "
        "torch:without_an_epsilon_of_its_own",
        "l1_activity_loss": "tf:rows numpy:entries torch:mean_times_width torch:rows torch:columns torch:times_sign "
        "torch:positive_and_negative_parts",
        "reparameterize": "tf:root_of_variance numpy:root_of_variance numpy:power_of_two torch:noise_first torch:root_of_variance "
        "torch:addcmul torch:in_place torch:power_of_variance torch:quotient",
        "pad_sequences": "numpy:lists torch:array_from_a_submission_in_torch numpy:zip_longest",
        "CharTokenizer": "numpy:counting numpy:ArraysOfIds torch:TensorsOfIds",
        "LinearAutoencoder": "torch:two_halves torch:functional",
        "StackedAutoencoder": "torch:two_halves",
        "DenoisingAutoencoder": "torch:DenoisingByFunctions",
    }.items()
}
