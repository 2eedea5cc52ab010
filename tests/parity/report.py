"""The table of what passes of PyTorch's own test databases: python -m tests.parity.report [PART] [NAME...] [-v]."""
import argparse
import sys
from collections import Counter

from tests.parity import ops

PARTS = {"ops": ops.scores}


def main(arguments=None):
    """Run the databases and print one table, or the failures of the entries that are named."""
    parser = argparse.ArgumentParser(prog="python -m tests.parity.report", description=__doc__)
    parser.add_argument("part", nargs="?", choices=[*PARTS, "all"], default="all", help="which database (default: all)")
    parser.add_argument("names", nargs="*", help="entries of it (default: all); @FILE reads them from a file")
    parser.add_argument("-v", "--verbose", action="count", default=0,
                        help="print the first failures of each entry; -vv all of them")
    parser.add_argument("--limit", type=int, help="at most so many samples for each entry and dtype (default: all)")
    options = parser.parse_args(arguments)
    names = list(_read(options.names)) or None
    for part in PARTS if options.part == "all" else [options.part]:
        _show(part, PARTS[part](names, limit=options.limit), options.verbose)


def _read(names):
    for name in names:
        if name.startswith("@"):
            with open(name[1:]) as lines:
                yield from (line.strip() for line in lines if line.strip() and not line.startswith("#"))
        else:
            yield name


def _show(part, scores, verbose):
    tried, passed, complete, number = Counter(), Counter(), 0, 0
    for score in scores:
        number, complete = number + 1, complete + score.complete
        tried, passed = tried + score.tried, passed + score.passed
        if not score.complete:
            print(f"{score.name}: " + ", ".join(f"{check} {score.passed[check]}/{score.tried[check]}"
                                                for check in score.tried if score.passed[check] < score.tried[check]))
            for check, where, problem in score.failures if verbose > 1 else score.failures[:3 * verbose]:
                lines = problem.strip().splitlines()
                print(f"    {check}: {where}\n        " + "\n        ".join(lines[:None if verbose > 1 else 4]))
            sys.stdout.flush()
    print(f"\n{part}: {complete} of {number} entries complete")
    for check in tried:
        print(f"  {check:<10} {passed[check]:>6} of {tried[check]:>6}  {100 * passed[check] / tried[check]:6.2f} %")


if __name__ == "__main__":
    main()
