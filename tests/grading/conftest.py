"""Attacks are never imported here: only workers run them. Their first line, `import bait`, fails everywhere else."""

collect_ignore_glob = ["attacks/*"]
