"""The command line: python -m minitorch run | can-run | doctor | warmup | course"""
import argparse

from . import __version__, doctor
from .course import commands as course
from .interop.can_run import can_run
from .interop.run import run


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m minitorch", description="minitorch: the PyTorch you can read.")
    parser.add_argument("--version", action="version", version=f"minitorch {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    command = commands.add_parser("run", help="run a PyTorch program, unchanged, on minitorch",
                                  description="Run a PyTorch program, unchanged, on minitorch: `import torch` gives it "
                                              "minitorch, and an installed PyTorch is not looked at.")
    command.add_argument("script", metavar="SCRIPT", help="the program's file")
    command.add_argument("args", metavar="ARGS", nargs=argparse.REMAINDER, help="the program's own arguments")
    command = commands.add_parser("can-run", help="list what PyTorch programs use that minitorch does not have",
                                  description="Read PyTorch programs, without running them, and list each name that "
                                              "minitorch lacks, with its line. Exit status 1 if there are any.")
    command.add_argument("scripts", metavar="SCRIPT", nargs="+", help="a program's file")
    commands.add_parser("doctor", help="show versions, CPU, threads and kernel cache, and check one kernel",
                        description="Show what minitorch finds on this machine, and check one kernel against NumPy. "
                                    "Exit status 1 if something is wrong.")
    commands.add_parser("warmup", help="compile the common kernels now, so that the first training step does not wait",
                        description="Compile the kernels of the usual layers, losses and optimizers into the cache.")

    course.add_to(commands)

    options = parser.parse_args(arguments)
    if options.command == "doctor":
        return doctor.doctor()
    if options.command == "warmup":
        return doctor.warmup()
    try:
        if options.command == "course":
            return course.main(options)
        if options.command == "can-run":
            return can_run(options.scripts)
        run(options.script, options.args)
    except OSError as error:
        parser.error(f"can't open file {error.filename!r}: {error.strerror}")


if __name__ == "__main__":
    raise SystemExit(main())
