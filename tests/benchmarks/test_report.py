"""python -m tests.benchmarks: which rows it measures, and what the table says of them."""
import json
import subprocess
import sys
from pathlib import Path

import pytest

from . import cases, report

ROOT = Path(__file__).parents[2]


def lines(rows):
    return report.table({"roof": [1e11, 1e10], "rows": rows}).splitlines()


def run(*arguments):
    return subprocess.run([sys.executable, "-m", "tests.benchmarks", *arguments], cwd=ROOT, timeout=100,
                          capture_output=True, text=True)


def test_rows_have_names_of_their_own():
    names = [case.name for case in cases.CASES]
    assert len(set(names)) == len(names)
    assert set(cases.MEANS) <= {case.group for case in cases.CASES}


@pytest.mark.parametrize("theirs, verdict", [(3.5e-3, "pass"), (3.4e-3, "miss")])
def test_a_ratio_reaches_its_goal(theirs, verdict):
    *_, last = lines({"LeNet step, batch 1": [1e-3, theirs]})
    ratio = f"{theirs * 1e3:.2f}"
    assert last == f"| LeNet step, batch 1 | 3.5 | 1.00 ms | {ratio} ms | {ratio} | 2% FMA | {verdict} |"


@pytest.mark.parametrize("theirs, verdict", [(7e-3, "pass"), (6e-3, "miss")])
def test_a_group_reaches_its_geometric_mean(theirs, verdict):
    name = "max_pool 2, 64x6x28x28"
    mean = (4 * theirs * 1e3) ** 0.5
    *_, last = lines({f"{name} forward": [1e-3, theirs], f"{name} backward": [1e-3, 4e-3]})
    assert last == f"| *geometric mean* | 5 |  |  | **{mean:.2f}** |  | {verdict} |"


def test_a_limit_needs_no_pytorch():
    *_, last = lines({"import and first LeNet step, cold cache": [12.5, None]})
    assert last == "| import and first LeNet step, cold cache | < 12.0 s | 12.5 s |  |  |  | miss |"


def test_figures_have_three_digits():
    assert [report.figure(x, "s") for x in (12.34, 1.234, 0.1234, 1.234e-4, 1.234e-7, 999.9e-6)] == [
        "12.3 s", "1.23 s", "123 ms", "123 us", "0.123 us", "1000 us"]
    assert report.figure(219.6, "MiB") == "220 MiB"


def test_the_command_measures_and_saves(tmp_path):
    path = tmp_path / "figures.json"
    path.write_text('{"rows": {"SGD": [1.0, 2.0]}}')
    done = run("--only", "ONE recorded", "--no-torch", "--quick", "--threads", "1", "--json", str(path))
    assert done.returncode == 0, done.stderr
    assert "| SGD | 1 | 1.00 s | 2.00 s | 2.00 |" in done.stdout
    ours, theirs = json.loads(path.read_text())["rows"]["one recorded addition of 4 elements"]
    assert 1e-8 < ours < 1 and theirs is None


def test_the_command_knows_its_rows():
    done = run("--only", "nonsense")
    assert done.returncode == 2 and "no row has such a name" in done.stderr
