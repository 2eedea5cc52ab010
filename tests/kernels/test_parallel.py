"""kernel[items](...): every item runs once; errors come through."""
import threading

import numpy as np
import pytest

from minitorch.kernels.cpu import _jit
from minitorch.kernels.cpu._jit import jit

MANY = 1 << 20


@jit
def count(item, calls, threads):
    calls[item] += 1


@jit
def refuse(item, calls, bad):
    if item == bad:
        raise ValueError("this item is bad")
    calls[item] += 1


@pytest.mark.parametrize("items", [0, 1, 2, 3, 31, 32, 33, 100_003])
@pytest.mark.parametrize("elements", [1, MANY])
def test_every_item_runs_once(items, elements):
    calls = np.zeros(items + 1, int)
    count[items, elements](calls, 2)
    assert calls[:items].tolist() == [1] * items and calls[items] == 0


def test_an_error_comes_through():
    for elements in (1, MANY):
        calls = np.zeros(100, int)
        with pytest.raises(ValueError, match="this item is bad"):
            refuse[100, elements](calls, 57)
        assert calls.sum() == 99 and calls[57] == 0  # the other items have run
        refuse[100, elements](calls, -1)


def test_little_work_wakes_no_thread(monkeypatch):
    launches = []
    monkeypatch.setattr(count, "loop", lambda items, threads, *args: launches.append(threads))
    monkeypatch.setattr(_jit, "_threads", 2)
    count[5, 10](), count[5, MANY](), count[5](), count[1](), count[0]()
    assert launches == [1, 2, 2, 1, 1]


def test_threads_may_launch_at_once():
    results = np.zeros((4, 1000), int)

    def work(calls):
        for _ in range(100):
            count[1000, MANY](calls, 2)
    threads = [threading.Thread(target=work, args=(calls,)) for calls in results]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (results == 100).all()
