"""The commands, as a student and a teacher meet them."""
import csv
import dataclasses
import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import minitorch.course
from minitorch.__main__ import main
from minitorch.course import grader
from minitorch.course.assignments import ASSIGNMENTS

SOLUTION = Path(minitorch.course.__file__).parent / "solutions" / "backward_engine.py"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def course(capsys, tmp_path, monkeypatch):
    """Run a command in an empty folder; its exit status, and what it printed."""
    monkeypatch.chdir(tmp_path)

    def course(*arguments):
        status = main(["course", *map(str, arguments)])
        captured = capsys.readouterr()
        return status or 0, captured.out + captured.err
    return course


def write_solution(old="", new=""):
    text = SOLUTION.read_text()
    assert old in text
    Path("backward_engine.py").write_text(text.replace(old, new))


def test_list(course):
    status, out = course("list")
    assert status == 0 and " 2  The backward engine   14 points, after 1\n      2.1 Find the graph\n" in out


def test_start(course):
    status, out = course("start", 2)
    assert status == 0 and "course check 2" in out
    assert sorted(path.name for path in Path().iterdir()) == [
        "backward_engine.md", "backward_engine.py", "test_backward_engine.py"]
    assert Path("backward_engine.md").read_text(encoding="utf-8").startswith("# Assignment 2: The backward engine")


def test_start_overwrites_nothing(course):
    course("start", 2, "mine")
    Path("mine/backward_engine.py").write_text("my work")
    status, out = course("start", 2, "mine")
    assert status == 2 and "is there already" in out and "move it away" in out
    assert Path("mine/backward_engine.py").read_text() == "my work"


def test_check_before_start(course):
    status, out = course("check", 2)
    assert status == 2 and "Make it:  python -m minitorch course start 2" in out


def test_check_a_file_as_it_begins(course):
    course("start", 2)
    status, out = course("check", 2, "--task", "2.2")
    assert status == 1
    assert re.search(r"2\.2  Undo broadcasting +not written yet\n\nNext is task 2\.2: Undo broadcasting\.\n"
                     r'Read "2\.2 Undo broadcasting" in backward_engine\.md\.\n$', out)


def test_check_and_progress(course):
    assert " 2  The backward engine                not begun" in course("progress")[1]
    write_solution()
    assert "not checked yet" in course("progress")[1]
    status, out = course("check", 2)
    assert status == 0 and out.count(" green\n") == 6 and "All green" in out
    assert "5 of 5 tasks\n" in course("progress")[1]
    write_solution("grads[number] + grad", "grad")
    assert "5 of 5 tasks; changed since the last check" in course("progress")[1]


def test_check_explains_the_first_wrong_case(course):
    write_solution("grads[number] + grad", "grad")
    status, out = course("check", 2, "--task", "2.4")
    assert status == 1 and re.search(r"2\.4  Walk back +red: \d of 14 cases\n", out)
    assert "the first case that is wrong: the diamond x * x + x\n  asked     backward(leaves=[array(" in out
    assert re.search(r"  expected  grad of leaf 0: \[.*float64, shape \(3,\)\n  got       grad of leaf 0: \[", out)
    assert "This looks like a classic mistake. The last gradient that arrives" in out


@pytest.mark.parametrize("old, new, message", [
    ("def sum_to(input, shape):", "def sum_to(input):",
     "line {line} of your file is\n    def sum_to(input):\nand should be\n    def sum_to(input, shape):"),
    ("def sum_to(", "def sum_too(", "sum_to is not in your file. Its first line is\n    def sum_to(input, shape):"),
    ("def sum_to(", "def sum_to((", "Python cannot read backward_engine.py: line {line}: "),
    ("input = input.sum(0)", "1 / 0", "ZeroDivisionError: division by zero (line {body} of your file)"),
    ("input = input.sum(0)", "print('hello'); return None", "Your code printed, at the end:\n  hello\n"),
    ("input = input.sum(0)", "import os; os._exit(3)",
     "but       it ended by itself, with exit status 3, before it had answered"),
])
def test_check_says_kindly_what_is_wrong(course, old, new, message):
    write_solution(old, new)
    status, out = course("check", 2, "--task", "2.2")
    line = SOLUTION.read_text().splitlines().index("def sum_to(input, shape):") + 1
    assert status == 1 and message.format(line=line, body=line + 2) in out


def test_no_such_task(course):
    write_solution()
    assert course("check", 2, "--task", "2.9") == (
        2, "there is no task 2.9 in assignment 2: 2.1, 2.2, 2.3, 2.4, 2.5\n")


def test_run_a_program(tmp_path):
    """An unmodified PyTorch program trains on the student's engine, which a print shows to be there."""
    (tmp_path / "backward_engine.py").write_text(
        SOLUTION.read_text().replace("    pending, captured", "    print('mine')\n    pending, captured"))
    (tmp_path / "program.py").write_text("import sys, torch\nx = torch.tensor(3., requires_grad=True)\n"
                                         "(x * x + x).backward()\nprint(x.grad, sys.argv[1:])\n")
    done = subprocess.run([sys.executable, "-m", "minitorch", "course", "run", "--dir", tmp_path, "2",
                           tmp_path / "program.py", "--fast"], cwd=ROOT, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("mine\ntensor(7.) ['--fast']\n", "")


def test_the_visible_tests_run_under_pytest(course):
    course("start", 2)
    write_solution("grads[number] + grad", "grad")
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "2.2 or diamond",
                           "test_backward_engine.py"], capture_output=True, text=True, env={"PYTHONPATH": str(ROOT)})
    assert re.search("2 failed, 10 passed", done.stdout), done.stdout
    assert "AssertionError: expected\n" in done.stdout


@pytest.fixture
def submissions(course, monkeypatch):
    """A good one, and one with a mistake; the assignment is shortened to the task in question."""
    monkeypatch.setitem(ASSIGNMENTS, 2, dataclasses.replace(ASSIGNMENTS[2], tasks=ASSIGNMENTS[2].tasks[1:2]))
    for name, old, new in (("good", "", ""), ("bad", "input.sum(0)", "input.mean(0)")):
        Path(name).mkdir()
        Path(name, "backward_engine.py").write_text(SOLUTION.read_text().replace(old, new))
    return "good", Path("bad/backward_engine.py")


def test_grade(course, submissions):
    status, out = course("grade", 2, *submissions, "--seed", 5)
    assert status == 0 and "good: 3 of 3 points\n" in out and "bad/backward_engine.py: 0 of 3 points\n" in out
    assert re.search(r"2\.2 .*red: \d of 8 cases   wrong: .*", out)
    assert "expected" not in out  # the answers to hidden cases stay hidden


def test_grade_as_json(course, submissions):
    (result,) = json.loads(course("grade", 2, submissions[1], "--json")[1])
    assert (result["points"], result["of"]) == (0, 3)
    assert [(task["task"], task["points"], task["of"]) for task in result["tasks"]] == [("2.2", 0, 2), ("2.*", 0, 1)]


def test_grade_as_csv(course, submissions):
    header, result = csv.reader(io.StringIO(course("grade", 2, submissions[0], "--csv")[1]))
    assert header == ["submission", "2.2", "2.*", "points"] and result == ["good", "2", "1", "3"]


def test_grade_as_another_user_who_may_not(course, submissions, monkeypatch):
    def refuse(*arguments, user, **others):
        assert user == "nobody"
        raise PermissionError("no")
    monkeypatch.setattr(grader.subprocess, "Popen", refuse)
    status, out = course("grade", 2, *submissions, "--user", "nobody")
    assert status == 2 and out.startswith("cannot run Python as nobody: be root, and have ")


def test_bundle(course, tmp_path, monkeypatch):
    """The zip, unpacked, grades a submission: with its own minitorch, in Gradescope's form."""
    status, out = course("bundle", 2, "--seed", 42)
    assert status == 0 and "upload it" in out
    with zipfile.ZipFile("backward_engine.zip") as archive:
        assert archive.getinfo("run_autograder").external_attr >> 16 & 0o111
        archive.extractall("autograder/source")
    script = Path("autograder/source/run_autograder").read_text()
    assert "--seed 42" in script and "--user nobody" in script
    (tmp_path / "autograder/results").mkdir()
    (tmp_path / "autograder/submission").mkdir()
    (tmp_path / "autograder/submission/backward_engine.py").write_text(SOLUTION.read_text())
    script = script.replace("/autograder/venv/bin/python", sys.executable).replace(
        "/autograder", str(tmp_path / "autograder")).replace("--user nobody", "")
    subprocess.run(["bash", "-e"], input=script, text=True, check=True)
    result = json.loads((tmp_path / "autograder/results/results.json").read_text())
    assert result["score"] == 14 and {test["score"] for test in result["tests"]} == {1, 2, 3, 4}


def test_every_command_has_help(capsys):
    for command in ("list", "start", "check", "run", "progress", "grade", "bundle"):
        with pytest.raises(SystemExit) as stop:
            main(["course", command, "--help"])
        assert stop.value.code == 0 and len(capsys.readouterr().out) > 130


def test_assignments_are_numbered_as_they_say():
    for number, assignment in ASSIGNMENTS.items():
        assert assignment.number == number
        assert [task.name for task in assignment.tasks] == [f"{number}.{i + 1}" for i in range(len(assignment.tasks))]
        assert all(needed < number for needed in assignment.prerequisites)
