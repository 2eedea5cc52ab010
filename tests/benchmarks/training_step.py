"""How long does a training step of LeNet take, minitorch beside PyTorch?

    python -m tests.benchmarks.training_step [--rounds 40]

A step is zero_grad, forward, cross-entropy, backward and SGD with momentum. The two take turns in one process, both on
two threads; the table has the medians, and their ratio: above 1, minitorch is the faster one.
"""
import argparse
import statistics
import time

import numpy as np

import minitorch


def make_step(T):
    """A function that trains a freshly seeded LeNet of library T on one batch."""
    nn = T.nn
    T.manual_seed(0)
    net = nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))
    optimizer = T.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)

    def step(images, labels):
        optimizer.zero_grad()
        nn.functional.cross_entropy(net(images), labels).backward()
        optimizer.step()

    return step


def seconds(step, *batch):
    start = time.perf_counter()
    step(*batch)
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=40, help="measured steps of each library (default 40)")
    rounds = parser.parse_args().rounds
    make_step(minitorch)(minitorch.zeros(1, 1, 32, 32), minitorch.tensor([0]))  # Numba's threads start before PyTorch's
    import torch
    torch.set_num_threads(2)

    print("| batch | minitorch, ms | PyTorch, ms | ratio |\n|---|---|---|---|")
    for batch in (1, 16, 64, 256):
        rng = np.random.default_rng(0)
        images, labels = rng.standard_normal((batch, 1, 32, 32), np.float32), rng.integers(0, 10, batch)
        runs = [(make_step(T), T.from_numpy(images), T.from_numpy(labels)) for T in (minitorch, torch)]
        times = [[seconds(*run) for run in runs] for _ in range(rounds + 5)][5:]  # the first five warm up
        ours, theirs = (statistics.median(column) * 1e3 for column in zip(*times))
        print(f"| {batch} | {ours:.1f} | {theirs:.1f} | {theirs / ours:.2f} |")


if __name__ == "__main__":
    main()
