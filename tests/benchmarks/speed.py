"""Every row of cases.py, measured by pytest-benchmark.  python -m tests.benchmarks  runs this file and shows the table.

Pytest collects it only when it is named, and no time ever fails:

    python -m pytest tests/benchmarks/speed.py --benchmark-enable -k "softmax and 1M"
"""
import dataclasses
import functools
import importlib.util

import pytest

import minitorch

from .cases import CASES
from .other import Other, seconds

ROUND = 1e-2  # seconds


@dataclasses.dataclass
class Options:
    seconds: float = 0.5        # for the rounds of a row
    least: int = 5              # rounds of a row
    threads: int = 2
    torch: bool = importlib.util.find_spec("torch") is not None


@pytest.fixture(scope="module")
def options(pytestconfig):
    return getattr(pytestconfig, "speed_options", Options())


@pytest.fixture(scope="module")
def other(options):
    """PyTorch, if it is there and wanted."""
    return Other("torch", options.threads) if options.torch else None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_speed(benchmark, case, options, other):
    """Rounds in which first PyTorch, then minitorch calls the function, so that a busy moment hits both."""
    minitorch.set_num_threads(case.threads or options.threads)
    compared = other and other.prepare(case)
    run = case.prepare(minitorch)
    if case.unit != "s":
        benchmark.extra_info.update(ours=benchmark.pedantic(run), theirs=[other.result()] if compared else [])
        return

    process = "process" in case.group
    sides = [functools.partial(seconds, run)] + ([other.seconds] if compared else [])
    least = [min(side(1) for _ in range(1 if process else 3)) for side in sides]  # they warm up, too
    calls = max(1, int(ROUND / max(least)))
    rounds = min(max(options.least, int(options.seconds / sum(least) / calls)), 3 if process else 30)
    theirs = []

    def turn():
        if compared:
            theirs.append(other.seconds(calls))
        seconds(run, 1)  # waits until PyTorch's threads sleep, and warms up

    def repeat():
        for _ in range(calls):
            run()

    benchmark.pedantic(repeat, setup=turn, rounds=rounds)
    benchmark.extra_info.update(calls=calls, theirs=theirs)
