"""Fixtures for the tests, and for the examples in docstrings, README.md and docs, which run as tests too."""
import contextlib
import inspect
import os
import pydoc
import random

import hypothesis
import numpy as np
import pytest

os.environ.setdefault("MPLBACKEND", "Agg")  # before anybody imports matplotlib: draw to files, open no window
pytest.register_assert_rewrite("tests.oracle")
collect_ignore_glob = ["tests/programs/*",  # their `import torch` means what `minitorch run` makes of it
                       "minitorch/kernels/cuda/_gpu.py"]  # needs numba-cuda

import minitorch  # noqa: E402
from minitorch import settings  # noqa: E402
from minitorch._printing import get_printoptions, set_printoptions  # noqa: E402
from minitorch.device import resolve  # noqa: E402
from minitorch.engine import grad_mode  # noqa: E402

# Compiling a kernel takes longer than hypothesis lets an example take. In CI every run tries the same examples.
hypothesis.settings.register_profile("minitorch", deadline=None, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("minitorch")


def global_state():
    """The switches that a test may flip and has to flip back."""
    return {
        "grad mode": grad_mode.enabled,
        "inference mode": grad_mode.inference,
        "default dtype": minitorch.get_default_dtype(),
        "default device": minitorch.get_default_device(),
        "settings": dict(settings._state),
        "print options": get_printoptions(),
        "NumPy's error state": np.geterr(),
    }


@contextlib.contextmanager
def no_leaked_state():
    """Fail if the body leaves a switch flipped; flip it back, so that only the culprit fails."""
    before = global_state()
    yield
    after = global_state()
    grad_mode.enabled, grad_mode.inference = before["grad mode"], before["inference mode"]
    minitorch.set_default_dtype(before["default dtype"])
    minitorch.set_default_device(before["default device"])
    settings._state.update(before["settings"])
    set_printoptions(**before["print options"])
    np.seterr(**before["NumPy's error state"])
    assert after == before, "global state leaked"


@pytest.fixture(autouse=True)
def isolated():
    """Each test starts from the same random numbers and leaves no switch flipped."""
    random.seed(0)
    np.random.seed(0)
    minitorch.manual_seed(0)
    with no_leaked_state():
        yield


@pytest.fixture(params=["cpu", "cuda"])
def device(request):
    """The device to run on; a test that takes it runs on each one, and says so where it cannot."""
    try:
        return resolve(request.param)
    except RuntimeError as error:
        pytest.skip(str(error))


def pytest_collection_modifyitems(items):
    """The functions in torch's namespaces are those of `ops`, with out=: their examples run once, in ops."""
    def is_another_name(item):
        function = pydoc.locate(item.name) if isinstance(item, pytest.DoctestItem) else None
        return inspect.unwrap(function).__module__ != function.__module__ if callable(function) else False

    items[:] = [item for item in items if not is_another_name(item)]
