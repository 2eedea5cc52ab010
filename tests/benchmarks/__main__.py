"""The benchmarks: python -m tests.benchmarks [--quick] [--only NAME ...] [--threads N] [--no-torch] [--json FILE]

Measures every row of cases.py with pytest-benchmark, minitorch and PyTorch in turns, and prints the table. A run of
everything also writes docs/benchmarks.md and its pictures.
"""
import argparse
import json
import sys
import tempfile
from pathlib import Path

import pytest

import minitorch

from . import report, roof
from .cases import CASES, GROWTH
from .speed import Options

SLOW = "16k", "16M", "cold cache", "memory", GROWTH  # what --quick leaves out


class Session:
    """A plugin of pytest: chooses the rows, and shows how far it is."""

    def __init__(self, cases, options):
        self.names, self.options = {case.name for case in cases}, options

    def pytest_configure(self, config):
        config.speed_options = self.options

    def pytest_collection_modifyitems(self, items):
        items[:] = [item for item in items if item.callspec.params["case"].name in self.names]
        self.bar = progress_bar(len(items))

    def pytest_runtest_logreport(self, report):
        if report.when == "call":
            self.bar.update()
        if report.failed:
            print(f"{report.nodeid}\n{report.longreprtext}", file=sys.stderr)


def progress_bar(total):
    try:
        from tqdm import tqdm
        return tqdm(total=total, unit="row", leave=False)
    except ImportError:
        return Count(total)


class Count:
    """A progress bar without tqdm: a line that counts."""

    def __init__(self, total):
        self.done, self.total = 0, total

    def update(self):
        self.done += 1
        print(f"\r{self.done} of {self.total}", end="" if self.done < self.total else "\n", file=sys.stderr, flush=True)


def measure(cases, options):
    """{name of the row: (minitorch's median, PyTorch's or None)}"""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "benchmarks.json")
        pytest.main([str(Path(__file__).with_name("speed.py")), "--benchmark-enable", f"--benchmark-json={path}",
                     "-p", "no:terminal", "-p", "no:cacheprovider", "-W", "ignore"], [Session(cases, options)])
        if not path.exists():
            raise SystemExit("nothing could be measured")
        return dict(map(report.medians, json.loads(path.read_text())["benchmarks"]))


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Time minitorch beside PyTorch.")
    parser.add_argument("--quick", action="store_true", help="four minutes: fewer rounds, no large or slow rows")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="the rows or groups whose name contains a NAME")
    parser.add_argument("--threads", type=int, default=2, metavar="N", help="threads of each library (default 2)")
    parser.add_argument("--no-torch", action="store_true", help="minitorch alone")
    parser.add_argument("--json", type=Path, metavar="FILE", help="add the figures to those in FILE, and show all of "
                                                                  "them: a long table can be measured in pieces")
    options = parser.parse_args(arguments)

    cases = [case for case in CASES if not (options.quick and any(word in case.group + case.name for word in SLOW))]
    if options.only:
        words = [word.lower() for word in options.only]
        cases = [case for case in cases if any(word in f"{case.group}: {case.name}".lower() for word in words)]
    if not cases:
        parser.error("no row has such a name")

    minitorch.set_num_threads(options.threads)
    results = {"roof": [roof.arithmetic(), roof.memory()], "rows": {}}
    speed = Options(threads=options.threads)
    if options.no_torch:
        speed.torch = False
    if options.quick:
        speed.seconds, speed.least = 0.1, 2
    if options.json and options.json.exists():
        results["rows"] = json.loads(options.json.read_text())["rows"]
    results["rows"].update(measure(cases, speed))
    results["about"] = report.about(speed)
    if options.json:
        options.json.write_text(json.dumps(results, indent=0))
    print(report.table(results))
    if all(case.name in results["rows"] for case in CASES):
        report.write(results)


if __name__ == "__main__":
    main()
