"""A library in a process of its own, which waits while this one measures minitorch.

Both libraries keep the threads of their pools spinning for some milliseconds after a call, to be ready for the next. In
one process, or without a pause, each would find the other's threads on the cores.
"""
import contextlib
import importlib
import multiprocessing
import time

from .cases import CASES

PAUSE = 0.01  # seconds; then idle threads sleep
WARM_UP = 5e-3  # seconds; then threads are awake, and caches and the clock are as in a loop


def seconds(run, calls):
    """Of one call, in a loop: after a pause and some calls more."""
    time.sleep(PAUSE)
    start = time.perf_counter()
    run()
    while time.perf_counter() < start + WARM_UP:
        run()
    start = time.perf_counter()
    for _ in range(calls):
        run()
    return (time.perf_counter() - start) / calls


class Other:
    """The library's side of a row: prepare(case), then seconds(calls) or result()."""

    def __init__(self, library, threads):
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        context.Process(target=_serve, args=(theirs, library, threads), daemon=True).start()

    def prepare(self, case):
        """Whether the library has such a row."""
        return self._ask(("prepare", case.name))

    def seconds(self, calls):
        return self._ask(("seconds", calls))

    def result(self):
        """What the row's function returns."""
        return self._ask(("result", None))

    def _ask(self, question):
        self.connection.send(question)
        return self.connection.recv()


def _serve(connection, library, threads):
    T, run = importlib.import_module(library), None
    cases = {case.name: case for case in CASES}
    with contextlib.suppress(EOFError):  # when who asked has ended
        while True:
            what, argument = connection.recv()
            if what == "prepare":
                run = None  # frees the memory of the row before
                T.set_num_threads(cases[argument].threads or threads)
                run = cases[argument].prepare(T)
                connection.send(run is not None)
            else:
                connection.send(seconds(run, argument) if what == "seconds" else run())
