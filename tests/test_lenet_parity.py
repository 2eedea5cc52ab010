"""The same program, seed and data in minitorch and PyTorch: LeNet, trained by SGD with momentum."""
import numpy as np
import pytest

import minitorch
from tests.oracle import import_torch

STEPS, BATCH = 50, 64


def lenet(T):
    nn = T.nn

    class LeNet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 6, 5, padding=2)
            self.conv2 = nn.Conv2d(6, 16, 5)
            self.fc1 = nn.Linear(16 * 5 * 5, 120)
            self.fc2 = nn.Linear(120, 84)
            self.fc3 = nn.Linear(84, 10)

        def forward(self, x):
            relu, max_pool2d = nn.functional.relu, nn.functional.max_pool2d
            x = max_pool2d(relu(self.conv1(x)), 2)  # (N, 1, 28, 28) -> (N, 6, 14, 14)
            x = max_pool2d(relu(self.conv2(x)), 2)  # -> (N, 16, 5, 5)
            x = x.flatten(1)  # -> (N, 400)
            return self.fc3(relu(self.fc2(relu(self.fc1(x)))))  # -> (N, 10)

    return LeNet()


def digits():
    """Images to learn: one of ten coarse patterns under noise, and which one it is."""
    rng = np.random.default_rng(0)
    patterns = np.kron(rng.normal(size=(10, 1, 7, 7)), np.ones((4, 4)))  # (10, 1, 28, 28)
    labels = rng.integers(0, 10, STEPS * BATCH)
    images = patterns[labels] + 0.5 * rng.normal(size=(len(labels), 1, 28, 28))
    return images.astype(np.float32), labels


def train(T):
    """The initial weights by name, and the loss of every step."""
    T.manual_seed(1234)
    model = lenet(T)
    initial = {name: p.detach().numpy().copy() for name, p in model.named_parameters()}
    optimizer = T.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
    criterion = T.nn.CrossEntropyLoss()
    images, labels = map(T.from_numpy, digits())
    losses = []
    for start in range(0, STEPS * BATCH, BATCH):
        optimizer.zero_grad()
        loss = criterion(model(images[start:start + BATCH]), labels[start:start + BATCH])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return initial, losses


@pytest.fixture(scope="module")
def runs():
    torch = import_torch()
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # layers this small only wait for each other
    yield train(torch), train(minitorch)
    torch.set_num_threads(threads)


def test_initial_weights_are_the_same_bit_for_bit(runs):
    (theirs, _), (ours, _) = runs
    assert list(ours) == list(theirs)
    for name in theirs:
        assert ours[name].dtype == theirs[name].dtype and ours[name].tobytes() == theirs[name].tobytes(), name


def test_losses_agree_at_every_step(runs):
    (_, theirs), (_, ours) = runs
    assert len(ours) == STEPS and theirs[-1] < 1 < 2 < theirs[0]  # it learns: the losses are those of real training
    np.testing.assert_allclose(ours, theirs, rtol=1e-4)
