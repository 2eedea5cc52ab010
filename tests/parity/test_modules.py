"""module_db: every module of PyTorch's own test database behaves as PyTorch's."""
import pytest

from tests.oracle import import_torch

import_torch()

from tests.parity.modules import entries, scores  # noqa: E402

SAMPLES = 3  # inputs for each dtype and mode; `python -m tests.parity.report modules` tries all
KNOWN_GAPS = {}  # {name: the checks that fail}; one that passes has to be taken off


@pytest.mark.parametrize("name", [entry.name for entry in entries()])
def test_module(name):
    (score,) = scores([name], SAMPLES)
    assert score.tried, f"PyTorch has no inputs for {name}"
    known, failed = KNOWN_GAPS.get(name, set()), {check for check, _, _ in score.failures}
    assert failed >= known, f"{sorted(known - failed)} of {name} passes now: take it off the list"
    assert failed == known, "\n".join(map(str, [failure for failure in score.failures if failure[0] not in known]))
