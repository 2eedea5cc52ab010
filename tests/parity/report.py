"""How much of PyTorch's own test databases passes: python -m tests.parity.report [PART] [NAME...] [-v].

Prints the table of docs/torch_differences.md, after a line for every entry that is not complete.
"""
import argparse
import importlib
import sys
from collections import Counter
from pathlib import Path

HERE = Path(__file__).parent
PARTS = {  # part: (module of tests.parity with scores(names, limit), file that lists the names, what it is)
    "core": ("ops", "core.txt", "core operators"),
    "wide": ("ops", "wide.txt", "further operators"),
    "ops": ("ops", None, "all operators of op_db"),
    "modules": ("modules", None, "modules"),
    "optimizers": ("optimizers", None, "optimizers"),
    "schedulers": ("schedulers", None, "schedulers"),
}


def names_of(part):
    """The names that a part consists of, or None for a whole database."""
    listed = PARTS[part][1]
    return listed and [line for line in (HERE / listed).read_text().splitlines() if line and not line.startswith("#")]


def main(arguments=None):
    """Run the databases and print one table."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity.report", description=__doc__)
    parser.add_argument("part", nargs="?", choices=[*PARTS, "all"], default="all",
                        help="which database (default: all of them, 'ops' as 'core' and 'wide')")
    parser.add_argument("names", nargs="*", help="entries of it (default: all); @FILE reads them from a file")
    parser.add_argument("-v", "--verbose", action="count", default=0,
                        help="print the first failures of each entry; -vv all of them")
    parser.add_argument("--limit", type=int, help="at most so many samples for each entry and dtype (default: all)")
    options = parser.parse_args(arguments)
    rows = []
    for part in [part for part in PARTS if part != "ops"] if options.part == "all" else [options.part]:
        database = importlib.import_module(f"tests.parity.{PARTS[part][0]}")
        scores = database.scores(list(_read(options.names)) or names_of(part), limit=options.limit)
        rows += _rows(PARTS[part][2], _shown(scores, options.verbose))
    print("\n| what | check | passed | of | % |\n|---|---|---:|---:|---:|")
    for what, check, passed, tried in rows:
        print(f"| {what} | {check} | {passed} | {tried} | {100 * passed / max(tried, 1):.1f} |")


def _read(names):
    for name in names:
        yield from Path(name[1:]).read_text().split() if name.startswith("@") else [name]


def _shown(scores, verbose):
    """The scores, each shown if it is not complete."""
    for score in scores:
        if sys.stderr.isatty():
            print(f"\r{score.name:<70}", end="\r", file=sys.stderr, flush=True)
        if not score.complete:
            print(f"{score.name}: " + ", ".join(f"{check} {score.passed[check]}/{score.tried[check]}"
                                                for check in score.tried if score.passed[check] < score.tried[check]))
            for check, where, problem in score.failures if verbose > 1 else score.failures[:3 * verbose]:
                lines = problem.strip().splitlines()
                print(f"    {check}: {where}\n        " + "\n        ".join(lines[:None if verbose > 1 else 4]))
            sys.stdout.flush()
        yield score


def _rows(what, scores):
    """Rows of the table: entries that work at all, entries that pass everything, then every check."""
    scores = list(scores)
    tried, passed = (sum((getattr(score, kind) for score in scores), Counter()) for kind in ("tried", "passed"))
    yield what, "entries found", sum(score.passed.total() > 0 for score in scores), len(scores)
    yield what, "entries complete", sum(score.complete for score in scores), len(scores)
    for check in tried:
        yield what, check, passed[check], tried[check]


if __name__ == "__main__":
    main()
