"""How long until the first training step is done? Whole processes, minitorch beside PyTorch.

    python -m tests.benchmarks.first_use [--repeats 7]

Prints the table of docs/benchmarks.md. The runs take turns, so that a busy minute on the machine hits all alike. CPU
time, of all threads together, says more than the clock where other work shares the cores.
Cold: an empty Numba cache. Warm: a cache that an earlier run has filled.
"""
import argparse
import datetime
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version

from minitorch.doctor import cpu_name

IMPORT = "import {library} as torch"
STEP = IMPORT + """
nn = torch.nn
model = nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2),
                      nn.Flatten(), nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
nn.functional.cross_entropy(model(torch.randn(64, 1, 32, 32)), torch.randint(10, (64,))).backward()
optimizer.step()
"""


def seconds(program, cache):
    """(by the clock, on the CPU) of a Python process that runs `program`, its start and end included."""
    start, before = time.perf_counter(), os.times()
    subprocess.run([sys.executable, "-c", program], check=True, env={**os.environ, "NUMBA_CACHE_DIR": cache})
    wall, after = time.perf_counter() - start, os.times()
    return wall, after.children_user - before.children_user + after.children_system - before.children_system


def measure(repeats):
    """{(library, what): [(seconds by the clock, on the CPU)]}"""
    times = {}
    with tempfile.TemporaryDirectory() as warm:
        seconds(STEP.format(library="minitorch"), warm)
        for _ in range(repeats):
            for library in "minitorch", "torch":
                for what, program in ("import", IMPORT), ("import and first step", STEP):
                    times.setdefault((library, what), []).append(seconds(program.format(library=library), warm))
            with tempfile.TemporaryDirectory() as cold:
                row = times.setdefault(("minitorch", "the same, cold cache"), [])
                row.append(seconds(STEP.format(library="minitorch"), cold))
    return times


def main():
    parser = argparse.ArgumentParser(description="Time import and first training step of minitorch and PyTorch.")
    parser.add_argument("--repeats", type=int, default=7, help="runs of each; the table shows their median")
    times = measure(parser.parse_args().repeats)
    print(f"{datetime.date.today()}, {cpu_name()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          + ", ".join(f"{package} {version(package)}" for package in ("numpy", "numba", "torch")))
    print("\n| seconds, medians | minitorch: clock | CPU | PyTorch: clock | CPU |\n|---|---|---|---|---|")
    for what in "import", "import and first step", "the same, cold cache":
        runs = [times.get((library, what)) for library in ("minitorch", "torch")]
        cells = [f"{statistics.median(column):.1f}" for run in runs if run for column in zip(*run)]
        print(f"| {what} | {' | '.join((cells + ['', ''])[:4])} |")


if __name__ == "__main__":
    main()
