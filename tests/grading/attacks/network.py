"""Connects to a port of this machine."""

import bait  # isort: skip
import socket

socket.create_connection(("127.0.0.1", bait.PORT), timeout=1).sendall(b"answers, please")


vae_kl_loss = bait.wrong
