"""Options, Hypothesis profiles and fixtures. No logic."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import HealthCheck, settings
from threadpoolctl import threadpool_limits

import conformance.derivation.catalogue  # noqa: F401  (fills the catalogue)
from conformance.targets.subject import LocalSubject
from conformance.targets.target import Target, expand, obstacle

# A shell that starts pytest in the background has it ignore Ctrl-C, and with it every process that a test starts and interrupts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# One thread a process, pytest's own workers and all that a test starts: matrices are small, and threads that wait for each other take two
# thirds of the time. NumPy is there already and is told; what is loaded later reads the variables.
threadpool_limits(1)
for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(_threads, "1")

pytest_plugins = ["tests.slowest"]

_OPTIONS = {
    "--target": "a module's name or a path; impl_tf and impl_torch by default",
    "--device": "cpu or cuda, both by default; meta or cpu:1",
    "--dtype": "float64, float32, bfloat16, float16 or, on CUDA, tf32; the first two by default",
    "--mode": "eager or compiled; eager by default",
}

_COMMON = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.differing_executors], "print_blob": True}
settings.register_profile("quick", max_examples=25, derandomize=True, database=None, **_COMMON)
settings.register_profile("thorough", max_examples=1000, **_COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conformance")
    for option, text in _OPTIONS.items():
        group.addoption(option, action="append", default=[], metavar=option.strip("-").upper(), help=text)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes more than a second of one core in all; `pytest -m 'not slow'` leaves it out")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is slow runs lines that others run too, a million times: to trace each of them would take as long again."""
    for item in items if config.pluginmanager.hasplugin("pytest_cov") else ():
        if item.get_closest_marker("slow") is not None:
            item.add_marker("no_cover")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "target" in metafunc.fixturenames:
        module, device, dtype, mode = (metafunc.config.getoption(option) for option in _OPTIONS)
        targets = list(expand(module, device, dtype or ("float32", "float64"), mode or ("eager",)))
        metafunc.parametrize("target", targets, ids=lambda t: t.label.replace(" ", "-"))


@pytest.fixture
def subject(target: Target) -> LocalSubject:
    """The target made ready; a device or framework that is not there is skipped, with its reason."""
    reason = obstacle(target)
    if reason is not None:
        pytest.skip(f"not run: {reason}")
    return LocalSubject.of(target)
