"""The process in which a student's code runs. It is told questions, and never an answer.

Nothing that the student's code can reach here is worth reaching: right answers and the comparison with them are in the
parent, and to forge an answer is to know it. So this process is free to be ruined.
"""
import json
import os
import sys

import numpy as np

from ..autograd import enable_grad
from . import slots
from .values import decode, encode


def main():
    request = json.load(sys.stdin)
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")  # before the student's code runs; its prints go elsewhere
    os.dup2(2, 1)
    sys.stdout.reconfigure(line_buffering=True)
    _limit(**request["limits"])
    cases = [(slots.locate(probe), decode(inputs)) for probe, inputs in request["cases"]]
    for name in request["functions"]:
        slots.replace(name, _gone)  # also the student's file finds no solution to borrow
    setup = answer(_use, request)
    for probe, inputs in cases:
        line = setup if "error" in setup else answer(probe, inputs, request["path"])
        channel.write(json.dumps(line) + "\n")
        channel.flush()
    os._exit(0)  # whatever else is running here


def _use(source, path, functions, assigned, **_):
    for name, function in slots.students(source, path, functions, assigned).items():
        slots.replace(name, function)


def _gone(*args, **kwargs):
    raise NotImplementedError("the library's function is not there: it is for you to write")


def answer(probe, inputs, path=None):
    """{"value": ...} or {"error": ...}: what the probe says, with the line of the student's file in an error."""
    try:
        with np.errstate(all="ignore"), enable_grad():  # whatever the case before has left
            return {"value": encode(probe(**inputs))}
    except BaseException as error:  # SystemExit too
        lines, frame = [], error.__traceback__
        while frame:
            if frame.tb_frame.f_code.co_filename == (path or inputs.get("path")):
                lines.append(frame.tb_lineno)
            frame = frame.tb_next
        return {"error": type(error).__name__, "message": str(error), "line": lines[-1] if lines else None}


def _limit(memory, seconds, output):
    """Have the system stop what takes too much."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    for kind, amount in (("AS", memory), ("CPU", seconds), ("FSIZE", output), ("CORE", 0)):
        try:
            resource.setrlimit(getattr(resource, f"RLIMIT_{kind}"), (amount, amount))
        except (ValueError, OSError):  # macOS knows no limit of memory
            pass
