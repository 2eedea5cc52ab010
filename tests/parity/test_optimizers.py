"""PyTorch's optimizers and schedulers: every entry is complete. The report says what one that is not fails."""
import pytest

from tests.oracle import import_torch

import_torch()

from tests.parity import optimizers, schedulers  # noqa: E402


@pytest.mark.parametrize("name", optimizers.NAMES)
def test_optimizer(name):
    (score,) = optimizers.scores([name], limit=1)
    assert score.complete, score.failures


@pytest.mark.parametrize("name", schedulers.CONFIGURATIONS)
def test_scheduler(name):
    (score,) = schedulers.scores([name])
    assert score.complete, score.failures
