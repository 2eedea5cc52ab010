"""PyTorch's operator database, a few samples of every core entry; python -m tests.parity.report runs all of them.

MINITORCH_PARITY=complete makes these tests do so too.
"""
import os

import pytest

from tests.oracle import import_torch

import_torch()

from tests.parity import ops  # noqa: E402
from tests.parity.gaps import OPS  # noqa: E402
from tests.parity.report import names_of  # noqa: E402

LIMIT = None if os.environ.get("MINITORCH_PARITY") == "complete" else 4


@pytest.mark.parametrize("entry", ops.entries(names_of("core")), ids=ops.label)
def test_core(entry):
    score = ops.score(entry, limit=LIMIT)
    unknown = [failure for failure in score.failures if failure[0] not in OPS.get(score.name, {})]
    assert not unknown, "\n".join(f"{check}: {where}\n    {problem}" for check, where, problem in unknown)


def test_the_gaps_are_gaps():
    """What the list of gaps says fails does fail: a gap that is closed comes off the list."""
    for name, checks in OPS.items():
        score, = ops.scores([name], limit=LIMIT)
        assert set(checks) == {check for check, _, _ in score.failures}, f"{name}: {score.failures}"
