"""Every row of cases.py, measured by pytest-benchmark.  python -m tests.benchmarks  runs this file and shows the table.

Pytest collects it only when it is named, and no time ever fails:

    python -m pytest tests/benchmarks/speed.py --benchmark-enable -k "softmax and 1M"
"""
import dataclasses
import importlib.util
import time

import pytest

import minitorch

from .cases import CASES


@dataclasses.dataclass
class Options:
    seconds: float = 1.0        # for the rounds of a row
    least: int = 5              # rounds of a row
    threads: int = 2
    torch: bool = importlib.util.find_spec("torch") is not None


@pytest.fixture(scope="module")
def options(pytestconfig):
    return getattr(pytestconfig, "speed_options", Options())


@pytest.fixture(scope="module")
def libraries(options):
    minitorch.set_num_threads(options.threads)
    minitorch.relu(minitorch.ones(1 << 17))  # Numba's threads start before PyTorch's: then both use the same ones
    if not options.torch:
        return [minitorch]
    import torch
    return [minitorch, torch]


def seconds(run, calls=1):
    start = time.perf_counter()
    for _ in range(calls):
        run()
    return (time.perf_counter() - start) / calls


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_speed(benchmark, case, options, libraries):
    """Rounds in which first the others, then minitorch calls the function, so that a busy moment hits all alike."""
    for T in libraries:
        T.set_num_threads(case.threads or options.threads)
    ours, *others = filter(None, [case.prepare(T) for T in libraries])
    if case.unit != "s":
        ours = benchmark.pedantic(ours)
        return benchmark.extra_info.update(ours=ours, theirs=[run() for run in others])

    process = "process" in case.group
    least = [min(seconds(run) for _ in range(1 if process else 3)) for run in (ours, *others)]  # they warm up, too
    calls = max(1, int(2e-4 / max(least)))  # in a round: enough for the clock
    rounds = 3 if process else min(max(options.least, int(options.seconds / sum(least) / calls)), 300)
    theirs = []

    def round():
        for _ in range(calls):
            ours()

    benchmark.pedantic(round, setup=lambda: theirs.extend([seconds(run, calls) for run in others]), rounds=rounds)
    benchmark.extra_info.update(calls=calls, theirs=theirs)
