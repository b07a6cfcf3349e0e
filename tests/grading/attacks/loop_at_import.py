"""Never finishes its import."""

import bait  # isort: skip


while True:
    pass


vae_kl_loss = bait.wrong
