"""Threads, and children of a process, train without getting in each other's way."""
import os
import subprocess
import sys
import threading

import numpy as np
import pytest

import minitorch as torch

PROGRAM = """
import minitorch as torch

def train(seed, steps=6):
    generator = torch.Generator().manual_seed(seed)
    net = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.Flatten(),
        torch.nn.Linear(36, 5))
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, 0, 0.3, generator=generator)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
    x, y = torch.randn(16, 1, 8, 8, generator=generator), torch.randint(5, (16,), generator=generator)
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(x), y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses
"""
exec(PROGRAM)


def test_two_threads_train_two_models():
    """To the bit as they do one after the other."""
    expected = [train(seed) for seed in range(2)]  # noqa: F821 - of PROGRAM
    losses = [None, None]

    def run(seed):
        for _ in range(3):
            losses[seed] = train(seed)  # noqa: F821

    threads = [threading.Thread(target=run, args=(seed,)) for seed in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert expected[0] != expected[1]
    np.testing.assert_array_equal(losses, expected)


def test_a_thread_has_its_own_grad_mode_and_the_common_generator():
    torch.manual_seed(0)
    seen = []
    with torch.no_grad():
        thread = threading.Thread(target=lambda: seen.extend([torch.is_grad_enabled(), torch.rand(2).tolist()]))
        thread.start()
        thread.join()
    assert seen == [True, torch.rand(2, generator=torch.Generator().manual_seed(0)).tolist()]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
def test_a_forked_child_trains():
    """After its parent has, and as its parent does."""
    program = PROGRAM + """
import warnings
warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of every fork of a process with threads
context = torch.multiprocessing.get_context("fork")
expected, queue = train(0), context.Queue()
child = context.Process(target=lambda: queue.put((train(0), torch.ones(2))))
child.start()
losses, tensor = queue.get(timeout=60)
child.join()
assert max(abs(a - b) for a, b in zip(losses, expected)) < 1e-6 and tensor.tolist() == [1, 1], (losses, expected)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
