"""python -m minitorch doctor | warmup"""
import re

import numpy as np

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


def test_warmup_ends_with_the_time(capsys):
    doctor.warmup()
    assert re.fullmatch(r"(compiling \w+\n)*The kernels .* are ready, after \d+\.\d s\.\n", capsys.readouterr().out)
