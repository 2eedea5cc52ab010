"""python -m minitorch can-run: names that minitorch lacks, found without running the program."""
import textwrap

import pytest

from minitorch.__main__ import main
from minitorch.interop.can_run import missing_names


@pytest.fixture
def missing(tmp_path):
    def lines(source, **neighbours):
        for name, text in neighbours.items():
            (tmp_path / f"{name}.py").write_text(textwrap.dedent(text))
        path = tmp_path / "program.py"
        path.write_text(textwrap.dedent(source))
        return [(found.line, found.name) for found in missing_names(str(path))]
    return lines


@pytest.mark.parametrize("source, name", [
    ("import torch; torch.nonsense(1)", "torch.nonsense"),
    ("import torch as t; t.nn.Nonsense", "torch.nn.Nonsense"),
    ("import torch.nn as nn; nn.Nonsense(3).cuda()", "torch.nn.Nonsense"),
    ("from torch import nn; nn.functional.nonsense", "torch.nn.functional.nonsense"),
    ("from torch.nn import functional as F; x = F.nonsense(F.relu(1))", "torch.nn.functional.nonsense"),
    ("from torch.optim import Nonsense", "torch.optim.Nonsense"),
    ("import torch.nonsense.part", "torch.nonsense"),
    ("import torchvision; torchvision.models.nonsense()", "torchvision.models.nonsense"),
    ("import torch; class_ = torch.Tensor.nonsense", "torch.Tensor.nonsense"),
    ("import torch; torch.zeros(2).nonsense()", "torch.Tensor.nonsense"),
    ("import torch; x = torch.zeros(2); x.nonsense()", "torch.Tensor.nonsense"),
    ("import no_such_package.part", "no_such_package (a package that is not installed)"),
])
def test_a_missing_name_is_found(missing, source, name):
    assert missing(source) == [(1, name)]


@pytest.mark.parametrize("source", [
    "import torch, torch.nn as nn, torchvision; nn.Linear(2, 3).weight; torch.backends.cudnn.benchmark = True",
    "import torch; print(torch.nn.functional.relu(torch.ones(1)).nonsense)",  # not known to be a tensor
    "import torch\ndef f(torch): return torch.nonsense",  # another torch
    "import torch\nx = torch.ones(1)\nx = thing()\nx.nonsense()",
    "try:\n    from torch import nonsense\nexcept ImportError:\n    nonsense = None",
    "from .torch import nonsense",
    "import torch.utils.data\ntorch.utils.data.DataLoader",
    "from torch.nn import *",
])
def test_what_is_there_or_not_known_is_not_named(missing, source):
    assert missing(source) == []


def test_modules_beside_the_program_are_read_too(missing):
    source = "from model import Net\nimport torch\ntorch.nonsense"
    assert missing(source, model="import torch, program\n\nNet = torch.nn.Nonsense\n") == [
        (3, "torch.nn.Nonsense"), (3, "torch.nonsense")]


def test_the_command(tmp_path, capsys):
    good, bad = tmp_path / "good.py", tmp_path / "bad.py"
    good.write_text("import torch\ntorch.ones(1)")
    bad.write_text("import torch\n\ntorch.nonsense")
    assert main(["can-run", str(good)]) == 0
    assert capsys.readouterr().out == f"{good}: runs as far as can be seen\n"
    assert main(["can-run", str(good), str(bad)]) == 1
    assert capsys.readouterr().out.splitlines() == [f"{good}: runs as far as can be seen", f"{bad}:3: torch.nonsense"]
    with pytest.raises(SystemExit):
        main(["can-run", str(tmp_path / "absent.py")])
    assert "can't open file" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["can-run", "--help"])
    assert "Exit status 1" in capsys.readouterr().out
