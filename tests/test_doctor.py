"""python -m minitorch doctor | warmup"""
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from minitorch import doctor
from minitorch.__main__ import main
from minitorch.kernels import cpu


def test_doctor_reports(capsys):
    assert main(["doctor"]) == 0
    report = dict(line.split(":", 1) for line in capsys.readouterr().out.splitlines())
    assert list(report) == ["minitorch", "Python", "numpy", "scipy", "numba", "CPU", "threads", "kernel cache", "GPU",
                            "self-check"]
    assert report["numpy"].strip() == np.__version__
    assert re.search(r"\d+ for kernels, Numba's \w+ layer", report["threads"])
    assert "writable" in report["kernel cache"] and "agrees with NumPy" in report["self-check"]


def test_doctor_finds_a_wrong_kernel(capsys, monkeypatch):
    right = cpu.convolution
    monkeypatch.setattr(cpu, "convolution", lambda *args: right(*args) + 0.01)
    assert main(["doctor"]) == 1
    assert "DIFFERS from NumPy" in capsys.readouterr().out


def test_warmup_shows_how_far_it_is(capsys):
    doctor.warmup()
    *shown, last = capsys.readouterr().out.split("\r")[1:]
    bars = [re.fullmatch(r"\[(#*)(\.*)\] \w+(: \w+)? *", text) for text in shown]
    assert len(bars) == len(bars[0][1] + bars[0][2]) or any(bar[3] for bar in bars)
    assert [len(bar[1]) for bar in bars] == sorted(len(bar[1]) for bar in bars) and len(bars[-1][2]) == 1
    assert re.fullmatch(r"The kernels .* are ready, after \d+\.\d s\. *\n", last)


@pytest.mark.slow
def test_warmup_leaves_nothing_to_compile(tmp_path):
    environ = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    subprocess.run([sys.executable, "-m", "minitorch", "warmup"], env=environ, check=True)
    code = ("import minitorch as T\nfrom minitorch.kernels.cpu import _jit\nfrom tests.benchmarks import cases\n"
            "_jit.on_compile(print)\n"
            "for make in (*map(cases.lenet_step, (1, 16, 64)), *(make for make, _ in cases.STEPS.values())): make(T)()")
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout == ""
