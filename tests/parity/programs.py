"""How many PyTorch programs run to the end:  python -m tests.parity.programs FOLDER [--seconds N] [--only WORD]

Runs every script below FOLDER with `python -m minitorch run`, in its own folder, one after the other. A program's
arguments stand in a file beside it, train.py's in train.args. Left out are scripts that do not import torch, modules
of others (a file model.module beside model.py says so), and names that begin with "_" or ".". Prints a line for each:
"ok", "time" for one that was still running, or the last line of its error, which names what minitorch lacks. The exit
status is the number of programs that did not end well.
"""
import argparse
import os
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def programs(folder, only=""):
    """The scripts to run, in order."""
    for path in sorted(Path(folder).rglob("*.py")):
        relative = path.relative_to(folder)
        if only in str(relative) and not any(part.startswith(("_", ".")) for part in relative.parts):
            if "torch" in path.read_text() and not path.with_suffix(".module").exists():
                yield path


def outcome(path, seconds):
    """"ok", "time", or the last line of the program's error."""
    arguments = path.with_suffix(".args")
    command = [sys.executable, "-m", "minitorch", "run", path.name,
               *(shlex.split(arguments.read_text()) if arguments.exists() else [])]
    search = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    environment = {**os.environ, "PYTHONPATH": search, "MPLBACKEND": "Agg"}
    try:
        done = subprocess.run(command, cwd=path.parent, env=environment, timeout=seconds, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True)
    except subprocess.TimeoutExpired:
        return "time"
    if done.returncode == 0:
        return "ok"
    lines = [line for line in done.stderr.splitlines() if line and not line.startswith((" ", "\t"))]
    return lines[-1] if lines else f"exit status {done.returncode}"


def scores(folder, seconds=60, only=""):
    """Yields (script relative to the folder, outcome)."""
    for path in programs(folder, only):
        yield str(path.relative_to(folder)), outcome(path, seconds)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m tests.parity.programs", description=__doc__.partition("\n")[0])
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("--seconds", type=float, default=60, help="time limit for each program (60)")
    parser.add_argument("--only", default="", metavar="WORD", help="only scripts with this in their path")
    options = parser.parse_args(arguments)
    count = failed = 0
    for name, result in scores(options.folder, options.seconds, options.only):
        print(f"{name:60} {result}", flush=True)
        count, failed = count + 1, failed + (result != "ok")
    print(f"{count - failed} of {count} programs run to the end")
    return min(failed, 100)


if __name__ == "__main__":
    raise SystemExit(main())
