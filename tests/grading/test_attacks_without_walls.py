"""The attacks are real: without the walls, in a sandbox of the test's own, they succeed."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from conformance.grading.sandbox.judge.isolation_levels import isolation
from conformance.grading.sandbox.judge.isolation_probe import obstacle
from tests.grading.attack_targets import REPOSITORY

# What each achieves where nothing holds it: the same words that test_attacks.py asserts the absence of.
SUCCEED = {
    "kill_sentinel": "another process was ended",
    "kill_sentinel_raw": "another process was ended",
    "kill_by_owner": "another process was ended",
    "trace_sentinel": "it traced another process",
    "daemon": "a foreign file was changed",
    "subprocess_shell": "a foreign file was changed",
    "write_marker": "a foreign file was changed",
    "truncate_marker": "a foreign file was changed",
    "chmod_marker": "a foreign file was changed",
    "link_marker": "a foreign file was changed",
    "remove_marker": "a foreign file was removed",
    "forged_result": "a result was forged",
    "import_reference": "it passed",
    "read_reference": "The latent side of a variational autoencoder",
    "read_secret": "it learnt a secret",
    "read_secret_link": "it learnt a secret",
    "read_environment": "it learnt a secret",
    "network": "the network was reached",
    "network_raw": "the network was reached",
    "fork_bomb": "it started processes",
    "vfork_raw": "it started a process",
    "memory_files": "it had memory that is not counted",
    "shared_memory_raw": "it had shared memory",
    "abstract_socket": "it listened under a name",
    "kernel_raw": "the kernel gave it",
    "poisoned_bytecode": "it could exchange",
    "disk_bomb": "it wrote more than its limit",
    "poison": "it found what it left",
}


@pytest.mark.slow
def test_attacks_succeed_where_the_walls_are_removed():
    """Each of these reaches what it is after, so each of them would make its test fail."""
    reason = obstacle(isolation("namespaces", own_root=True))
    if reason is not None:
        pytest.skip(f"not run: no namespaces for the outer sandbox: {reason}")
    command = [sys.executable, "-m", "tests.grading.attacks_without_walls", *SUCCEED]
    # Only a process of one thread may leave its user namespace; NumPy's libraries start more when they are imported.
    alone = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    finished = subprocess.run(command, cwd=REPOSITORY, env=alone, capture_output=True, text=True, timeout=150, check=False)
    assert finished.returncode == 0, finished.stderr
    achieved = json.loads(finished.stdout.splitlines()[-1])
    assert {name: words for name, words in SUCCEED.items() if not any(words in line for line in achieved[name])} == {}, achieved
