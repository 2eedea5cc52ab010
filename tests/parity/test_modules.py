"""PyTorch's module database, a few inputs of every entry; python -m tests.parity.report modules runs all of them.

MINITORCH_PARITY=complete makes these tests do so too.
"""
import os

import pytest

from tests.oracle import import_torch

import_torch()

from tests.parity import modules  # noqa: E402
from tests.parity.gaps import MODULES  # noqa: E402

LIMIT = None if os.environ.get("MINITORCH_PARITY") == "complete" else 3


@pytest.mark.parametrize("entry", modules.entries(), ids=lambda entry: entry.name)
def test_module(entry):
    score = modules.score(entry, LIMIT)
    assert score.tried, f"PyTorch has no inputs for {entry.name}"
    known = MODULES.get(entry.name, {})
    unknown = [failure for failure in score.failures if failure[0] not in known]
    assert not unknown, "\n".join(f"{check}: {where}\n    {problem}" for check, where, problem in unknown)
    if LIMIT is None:  # a gap that is closed comes off the list
        assert set(known) == {check for check, _, _ in score.failures}
