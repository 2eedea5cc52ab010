"""Programs written for PyTorch print under `minitorch run` what they print under PyTorch."""
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.oracle import import_torch
from tests.parity import programs

ROOT = Path(__file__).parents[2]
NUMBER = re.compile(r"-?\d+\.\d+")


def output(*command):
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1"})
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_gpt_learns_the_same_rhyme():
    import_torch()
    program = str(ROOT / "tests" / "programs" / "gpt.py")
    ours, theirs = output("-m", "minitorch", "run", program), output(program)
    assert NUMBER.sub("#", ours) == NUMBER.sub("#", theirs)
    numbers = [[float(number) for number in NUMBER.findall(text)] for text in (ours, theirs)]
    assert numbers[0] == pytest.approx(numbers[1], rel=2e-3)
    assert numbers[0][0] > 3 and numbers[0][-3] < 1.9  # the loss, at first and at last


def test_a_folder_of_programs_is_scored(tmp_path, capsys):
    (tmp_path / "good.py").write_text("import torch, sys, helper\nassert sys.argv[1:] == ['--n', '1']")
    (tmp_path / "good.args").write_text("--n 1")
    (tmp_path / "helper.py").write_text("import torch")
    (tmp_path / "helper.module").write_text("")
    (tmp_path / "bad.py").write_text("import torch\ntorch.nonsense")
    (tmp_path / "other.py").write_text("print(1)")
    assert programs.main([str(tmp_path), "--seconds", "300"]) == 1
    lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    assert [line[0] for line in lines[:-1]] == ["bad.py", "good.py"]
    assert lines[1][1] == "ok" and "minitorch does not have torch.nonsense" in lines[0][1]
    assert lines[-1] == ["1", "of 2 programs run to the end"]
    (tmp_path / "slow.py").write_text("import torch, time\ntime.sleep(100)")
    assert programs.outcome(tmp_path / "slow.py", seconds=0.1) == "time"
