"""LeNet learns to read handwritten digits, in half a minute.

    python examples/lenet_digits.py               train; save lenet_digits.png and lenet_digits.pt
    python examples/lenet_digits.py --evaluate    load lenet_digits.pt and test it

The data are the 1,797 digits of 8x8 pixels that come with scikit-learn. This is a PyTorch program: with `import torch`
for `import minitorch as torch`, it learns the same in PyTorch.
"""
import argparse
import time
from pathlib import Path

import matplotlib
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from tqdm import tqdm

import minitorch as torch

matplotlib.use("Agg")  # draw to files: works without a screen
import matplotlib.pyplot as plt  # noqa: E402

nn, F = torch.nn, torch.nn.functional

SHIFT = 2  # pixels by which a training image may be off centre, in each direction
INK, PAPER, ACCENT, WRONG = "#22303c", "#ffffff", "#2a7f9e", "#d1495b"


class LeNet(nn.Module):
    """Two convolutions that look for strokes, three linear layers that combine them.  (N, 1, 32, 32) -> (N, 10)"""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc1 = nn.Linear(16 * 5 * 5, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)  # (N, 1, 32, 32) -> (N, 6, 28, 28) -> (N, 6, 14, 14)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)  # -> (N, 16, 10, 10) -> (N, 16, 5, 5)
        x = torch.flatten(x, 1)                     # -> (N, 400)
        x = F.relu(self.fc1(x))                     # -> (N, 120)
        x = F.relu(self.fc2(x))                     # -> (N, 84)
        return self.fc3(x)                          # -> (N, 10)


class Digits(torch.utils.data.Dataset):
    """Images (1, 32, 32) with their labels; each time one is fetched, it lies up to `shift` pixels elsewhere."""

    def __init__(self, images, labels, shift=0):
        edges = (0, 0), (shift, shift), (shift, shift)
        padded = np.pad(images, edges, mode="edge")[:, None]  # (N, 32, 32) -> (N, 1, 32 + 2*shift, 32 + 2*shift)
        self.images = torch.tensor(padded, dtype=torch.float32)
        self.labels = torch.tensor(labels)
        self.shift = shift

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, index):
        top, left = torch.randint(2 * self.shift + 1, (2,)).tolist() if self.shift else (0, 0)
        return self.images[index, :, top:top + 32, left:left + 32], self.labels[index]


def load_data():
    """The training and the test set, (images (N, 32, 32), labels (N,)) each; a fixed split, 4:1 in every class."""
    data = load_digits()
    images = data.images.repeat(4, axis=1).repeat(4, axis=2)  # (N, 8, 8) -> (N, 32, 32), a pixel becomes 4x4 pixels
    train_images, test_images, train_labels, test_labels = train_test_split(
        images, data.target, test_size=0.2, stratify=data.target, random_state=0)
    mean, std = train_images.mean(), train_images.std()  # of the training set alone
    return ((train_images - mean) / std, train_labels), ((test_images - mean) / std, test_labels)


def train(model, dataset, options):
    """Minimise the cross entropy; returns the loss of every step.

    The learning rate, its schedule, the shift and the number of epochs were chosen by the accuracy on a fifth of the
    training set, held out for that; the test set had no say in them.
    """
    loader = torch.utils.data.DataLoader(dataset, options.batch_size, shuffle=True)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.lr)
    steps = options.epochs * len(loader)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, options.lr, total_steps=steps)
    losses = []
    for epoch in range(1, options.epochs + 1):
        start, correct = time.perf_counter(), 0
        for images, labels in tqdm(loader, f"epoch {epoch}", leave=False, disable=None):  # None: no bar in a file
            images, labels = images.to(options.device), labels.to(options.device)
            scores = model(images)
            loss = F.cross_entropy(scores, labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
            correct += (scores.argmax(1) == labels).sum().item()
        loss, accuracy, seconds = np.mean(losses[-len(loader):]), correct / len(dataset), time.perf_counter() - start
        print(f"epoch {epoch:2}   loss {loss:.4f}   training accuracy {accuracy:6.2%}   {seconds:.1f} s", flush=True)
    return losses


@torch.no_grad()
def predict(model, dataset, device):
    """The probability of each class for each image, an array (N, 10)."""
    loader = torch.utils.data.DataLoader(dataset, 360)
    return torch.cat([F.softmax(model(images.to(device)), 1) for images, _ in loader]).cpu().numpy()


def draw(losses, probabilities, images, labels, path):
    """Save a picture: how the loss fell, and the test digits that the network found hardest."""
    predicted, sure = probabilities.argmax(1), probabilities.max(1)
    accuracy = (predicted == labels).mean()
    figure = plt.figure(figsize=(11, 4.6), facecolor=PAPER, layout="constrained")
    left, right = figure.subfigures(1, 2, width_ratios=(1, 1.25), wspace=0.04)

    axes = left.subplots()
    steps = np.arange(1, len(losses) + 1)
    window = max(1, len(losses) // 20)
    smooth = np.convolve(losses, np.full(window, 1 / window), mode="valid")
    axes.plot(steps, losses, color=ACCENT, alpha=0.25, linewidth=0.8)
    axes.plot(steps[window - 1:], smooth, color=ACCENT, linewidth=2)
    axes.set(yscale="log", xlabel="step", xlim=(1, max(2, len(losses))))
    axes.set_title("Cross entropy while training", loc="left", color=INK, fontsize=11)
    axes.spines[["top", "right"]].set_visible(False)
    axes.tick_params(colors=INK, labelsize=8)
    axes.grid(axis="y", color=INK, alpha=0.12)

    right.suptitle(f"Test accuracy {accuracy:.1%}. The digits it was least sure of, and its answers", x=0.01, ha="left",
                   color=INK, fontsize=11)
    for ax, i in zip(right.subplots(5, 8).flat, np.argsort(sure, kind="stable")):
        wrong = predicted[i] != labels[i]
        ax.imshow(images[i], cmap="Greys", interpolation="nearest")
        ax.set_title(f"{predicted[i]}, not {labels[i]}" if wrong else predicted[i], fontsize=9, pad=3,
                     color=WRONG if wrong else INK, weight="bold" if wrong else "normal")
        ax.set(xticks=[], yticks=[])
        for spine in ax.spines.values():
            spine.set(color=WRONG if wrong else INK, alpha=1 if wrong else 0.15, linewidth=2 if wrong else 1)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def parse_arguments(arguments=None):
    def positive(text):
        if int(text) < 1:
            raise argparse.ArgumentTypeError(f"{text} is not a positive number")
        return int(text)

    parser = argparse.ArgumentParser(description="Train LeNet on handwritten digits, or test a trained one.",
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--epochs", type=positive, default=15, help="passes over the training set")
    parser.add_argument("--batch-size", type=positive, default=32, help="images in a step")
    parser.add_argument("--lr", type=float, default=3e-3, help="the highest learning rate of the schedule")
    parser.add_argument("--seed", type=int, default=0, help="of the initial weights, the order and the shifts")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu", help="where to compute")
    parser.add_argument("--output", type=Path, default=Path("."), metavar="DIR",
                        help="where the picture and the checkpoint go")
    parser.add_argument("--evaluate", nargs="?", const="lenet_digits.pt", metavar="PATH",
                        help="test a checkpoint (by default lenet_digits.pt in DIR) instead of training")
    options = parser.parse_args(arguments)
    if options.device == "cuda" and not torch.cuda.is_available():
        parser.error("--device cuda: no usable GPU (torch.cuda.is_available() is False); use --device cpu")
    options.checkpoint = options.output / (options.evaluate or "lenet_digits.pt")
    if options.evaluate and not options.checkpoint.is_file():
        parser.error(f"--evaluate: there is no checkpoint {options.checkpoint}; train first, without --evaluate")
    return options


def main(arguments=None):
    options = parse_arguments(arguments)
    start = time.perf_counter()
    (train_images, train_labels), (test_images, test_labels) = load_data()
    torch.manual_seed(options.seed)
    model = LeNet().to(options.device)
    if options.evaluate:
        model.load_state_dict(torch.load(options.checkpoint, map_location=options.device))
    else:
        losses = train(model, Digits(train_images, train_labels, SHIFT), options)
    probabilities = predict(model, Digits(test_images, test_labels), options.device)
    correct = (probabilities.argmax(1) == test_labels).sum()
    print(f"test accuracy {correct / len(test_labels):.2%} ({correct} of {len(test_labels)})"
          f"   after {time.perf_counter() - start:.1f} s")
    if not options.evaluate:
        options.output.mkdir(parents=True, exist_ok=True)
        picture = options.checkpoint.with_suffix(".png")
        torch.save(model.state_dict(), options.checkpoint)
        draw(losses, probabilities, test_images, test_labels, picture)
        print(f"saved {options.checkpoint} and {picture}")


if __name__ == "__main__":
    main()
