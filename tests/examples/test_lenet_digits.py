"""examples/lenet_digits.py: what it prints, what it saves, and how well it learns."""
import importlib.util
import re
from pathlib import Path

import matplotlib.image
import numpy as np
import pytest

from tests.oracle import import_torch

EXAMPLE = Path(__file__).parents[2] / "examples" / "lenet_digits.py"


def load(path):
    spec = importlib.util.spec_from_file_location("lenet_digits", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


lenet_digits = load(EXAMPLE)


@pytest.fixture
def run(capsys):
    """Run the example with these arguments; what it printed."""
    def run(*arguments):
        lenet_digits.main(list(map(str, arguments)))
        return capsys.readouterr().out
    return run


def accuracy(out):
    return float(re.search(r"test accuracy (\S+)%", out)[1])


def without_times(out):
    return re.sub(r"\s+(after )?[\d.]+ s$", "", out, flags=re.MULTILINE)


def test_two_epochs(run, tmp_path):
    """Learns, saves a picture and a checkpoint, evaluates that to the same accuracy; same seed, same numbers."""
    arguments = "--epochs", 2, "--batch-size", 16, "--seed", 1
    out = run(*arguments, "--output", tmp_path / "a" / "b")
    assert re.match(r"epoch  1   loss \d\.\d{4}   training accuracy +[\d.]+%   [\d.]+ s\nepoch  2   loss", out)
    assert accuracy(out) > 80
    picture = matplotlib.image.imread(tmp_path / "a" / "b" / "lenet_digits.png")
    assert picture.ndim == 3 and picture.std() > 0.05

    evaluated = run("--evaluate", "--output", tmp_path / "a" / "b")
    assert "epoch" not in evaluated and accuracy(evaluated) == accuracy(out)
    assert accuracy(run("--evaluate", tmp_path / "a" / "b" / "lenet_digits.pt")) == accuracy(out)

    again = run(*arguments, "--output", tmp_path)
    assert without_times(again).replace(str(tmp_path), "") == without_times(out).replace(str(tmp_path / "a" / "b"), "")
    assert (tmp_path / "lenet_digits.pt").read_bytes() == (tmp_path / "a" / "b" / "lenet_digits.pt").read_bytes()


@pytest.mark.parametrize("arguments, status, message", [
    (["--help"], 0, "--batch-size"),
    (["--epochs", "0"], 2, "0 is not a positive number"),
    (["--batch-size", "many"], 2, "--batch-size"),
    (["--device", "tpu"], 2, "invalid choice: 'tpu'"),
    (["--device", "cuda"], 2, "no usable GPU"),
    (["--evaluate", "absent.pt"], 2, "there is no checkpoint absent.pt"),
])
def test_options(run, capsys, arguments, status, message):
    with pytest.raises(SystemExit) as exit:
        run(*arguments)
    printed = capsys.readouterr()
    assert exit.value.code == status and message in printed.out + printed.err


def test_the_split_is_fixed_stratified_and_normalised_by_the_training_set():
    (train_images, train_labels), (test_images, test_labels) = lenet_digits.load_data()
    assert (train_images.shape, test_images.shape) == ((1437, 32, 32), (360, 32, 32))
    assert np.bincount(test_labels).min() >= 35 and np.bincount(test_labels).max() <= 37
    assert abs(train_images.mean()) < 1e-9 and abs(train_images.std() - 1) < 1e-9 and abs(test_images.mean()) > 1e-4
    rows = {image.tobytes() for image in train_images}
    assert len(rows) == 1437 and not any(image.tobytes() in rows for image in test_images)


def test_training_images_are_shifted():
    image = np.zeros((1, 32, 32))
    image[0, 16, 16] = 1
    dataset = lenet_digits.Digits(image, np.zeros(1, int), shift=2)
    places = {tuple(dataset[0][0].nonzero()[0].tolist()) for _ in range(500)}
    assert places == {(0, row, column) for row in range(14, 19) for column in range(14, 19)}


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_97_percent(run, tmp_path, seed):
    assert accuracy(run("--seed", seed, "--output", tmp_path)) >= 97


@pytest.mark.slow
def test_pytorch_learns_the_same(run, tmp_path, capsys):
    """One import line makes it a PyTorch program: the same first epoch, and about the same in the end.

    Rounding differs in the last bit, and hundreds of steps later so may the label of a doubtful digit.
    """
    import_torch()
    source = EXAMPLE.read_text()
    assert source.count("import minitorch as torch\n") == 1
    path = tmp_path / "lenet_digits_torch.py"
    path.write_text(source.replace("import minitorch as torch\n", "import torch\n"))
    theirs_module = load(path)
    assert theirs_module.torch.__name__ == "torch"
    theirs_module.main(["--output", str(tmp_path)])
    theirs, ours = capsys.readouterr().out, run("--output", tmp_path)
    assert without_times(ours).splitlines()[0] == without_times(theirs).splitlines()[0]
    assert abs(accuracy(ours) - accuracy(theirs)) < 1
