"""Submissions that want points without an answer: they get none, within the limits, and the grader lives on."""
import dataclasses
import time
from pathlib import Path

import numpy as np
import pytest

import minitorch
from minitorch.course import grader
from minitorch.course.assignments import ASSIGNMENTS
from minitorch.course.grader import Exam

SIGNATURE = "def sum_to(input, shape):\n"
SECONDS = 3
UNBROADCAST = ASSIGNMENTS[2].tasks[1]
HOSTILE = {
    "an infinite loop": SIGNATURE + "    while True: pass",
    "an infinite loop on import": "while True: pass\n" + SIGNATURE + "    return input",
    "an infinite loop that catches everything": SIGNATURE + """
    import signal
    for number in range(1, 65):
        try: signal.signal(number, signal.SIG_IGN)
        except (ValueError, OSError): pass
    while True:
        try:
            while True: pass
        except BaseException: pass
""",
    "a memory hog": SIGNATURE + "    return bytearray(1 << 40)",
    "a slow memory hog": SIGNATURE + """
    hoard = []
    while True: hoard.append(bytearray(1 << 26))
""",
    "endless output": SIGNATURE + "    while True: print('x' * 10000)",
    "endless recursion": SIGNATURE + "    return sum_to(input, shape)",
    "sys.exit(0)": "import sys\n" + SIGNATURE + "    sys.exit(0)",
    "sys.exit(0) on import": SIGNATURE + "    return input\nimport sys; sys.exit(0)",
    "os._exit(0)": "import os\n" + SIGNATURE + "    os._exit(0)",
    "an object equal to everything": """
class Yes:
    def __eq__(self, other): return True
    __ne__ = __lt__ = lambda self, other: False
    def __getattr__(self, name): return self
    def __call__(self, *args, **kwargs): return self
    def __array__(self, *args, **kwargs): return self
""" + SIGNATURE + "    return Yes()",
    "an array equal to everything": """
import numpy as np
class Yes(np.ndarray):
    def __eq__(self, other): return np.ones(self.shape, bool)
    def __array_function__(self, *args): return True
""" + SIGNATURE + "    return np.zeros(tuple(shape)).view(Yes)",
    "NumPy's and pytest's comparisons replaced": """
import sys, numpy, math
numpy.allclose = numpy.array_equal = numpy.testing.assert_allclose = lambda *args, **kwargs: True
math.isclose = lambda *args, **kwargs: True
class Pytest:
    def __getattr__(self, name): return lambda *args, **kwargs: True
sys.modules["pytest"] = Pytest()
""" + SIGNATURE + "    return numpy.zeros(tuple(shape))",
    "the grader's comparison replaced": """
from minitorch.course import grader, values, child
values.equal = grader.same = lambda *args: True
grader.Verdict.passed = True
""" + SIGNATURE + "    return input",
    "forged words on stdout": SIGNATURE + """
    print('{"value": true}\\n9 passed\\nOK\\n2.2 green')
    return input
""",
    "a forged channel": """
import os, json
for number in range(3, 20):
    for line in ['{"value": true}', '{"passed": true}', '{"value": {"array": "", "dtype": "<f8", "shape": [0]}}',
                 '[' * 100000, 'null', '{"value": {"array": "gAN9cQAu", "dtype": "O", "shape": []}}']:
        try: os.write(number, (line + "\\n").encode())
        except OSError: pass
""" + SIGNATURE + "    return input\nos._exit(0)",
    "the library's own function, by name": """
from minitorch.kernels.cpu.reduce import sum_to as right
import minitorch.kernels.cpu as cpu
also_right = cpu.sum_to
""" + SIGNATURE + """
    try: return right(input, shape)
    except Exception: return also_right(input, shape)
""",
    "the slot undone": """
import minitorch.course.slots as slots
slots.replace = lambda name, replacement: None
""" + SIGNATURE + "    return input",
    "the reference edited": """
import minitorch.kernels.cpu.reduce as reduce, minitorch.course.values as values
with open(reduce.__file__, "a") as file: file.write("\\ndef sum_to(input, shape): return input\\n")
with open(values.__file__, "a") as file: file.write("\\ndef equal(a, b): return True\\n")
""" + SIGNATURE + "    return input",
    "the hidden cases read": """
import gc, glob, os
from minitorch.course import assignments, grader
found = [grader.Exam(assignment) for assignment in assignments.ASSIGNMENTS.values()]
for path in glob.glob("/proc/self/fd/*") + glob.glob(f"/proc/{os.getppid()}/fd/*"):
    try: open(path, "rb", buffering=0)
    except OSError: pass
""" + SIGNATURE + """
    for task, cases, right in found[0].papers:
        for case, answer in zip(cases, right):
            if "value" in answer and case.inputs.get("grad") is input: return answer["value"]
    return input
""",
    "every test skipped": "import pytest\npytest.skip(allow_module_level=True)\n" + SIGNATURE + "    return input",
    "an exception that lies": """
class NotImplementedError(BaseException):
    def __str__(self): raise SystemExit(0)
""" + SIGNATURE + "    raise NotImplementedError",
    "bytes that are no text": b"\xff\xfe\x00" * 100,
    "a formula too deep for Python": SIGNATURE + "    return " + "-" * 100000 + "1",
    "a chain too deep for Python": SIGNATURE + "    return input" + ".T" * 50000,
    "a default value too deep to print": "def sum_to(input, shape=" + "-" * 900 + "1):\n    return input",
    "a file too large to read": "#" * (1 << 21),
    "a folder like a module of the library": """
import os, minitorch
os.makedirs(os.path.dirname(minitorch.__file__) + "/planted.py", exist_ok=True)
""" + SIGNATURE + "    return input",
    "a new module of the library": """
import minitorch
open(minitorch.__file__.replace("__init__", "json"), "w").write("loads = lambda line: True")
""" + SIGNATURE + "    return input",
    "nothing": "",
    "a name that is no function": "sum_to = 3",
    "other parameters": "def sum_to(*args, **kwargs):\n    return args[0]",
}


PACKAGE = Path(minitorch.__file__).parent


def library():
    return {path: path.read_bytes() for path in PACKAGE.rglob("*.py")}


@pytest.fixture(scope="module")
def exam():
    assignment = dataclasses.replace(ASSIGNMENTS[2], tasks=(dataclasses.replace(UNBROADCAST, seconds=SECONDS),))
    exam = Exam(assignment, seed=11)
    del exam.papers[1:]  # "together" would ask the same again
    return exam


@pytest.mark.parametrize("name", HOSTILE)
def test_no_points(name, exam, tmp_path):
    path = tmp_path / "backward_engine.py"
    text = HOSTILE[name]
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    before = library()
    start = time.monotonic()
    (verdict,) = exam.grade(path)
    assert time.monotonic() - start < SECONDS + 3  # to stop it takes time too
    assert verdict.points == 0
    (PACKAGE / "planted.py").is_dir() and (PACKAGE / "planted.py").rmdir()
    assert library() == before


def test_an_edit_of_the_library_is_named(exam, tmp_path):
    path = tmp_path / "backward_engine.py"
    path.write_text(HOSTILE["the reference edited"])
    (verdict,) = exam.grade(path)
    assert "wrote to minitorch's own files" in verdict.problem and "reduce.py" in verdict.problem


def test_the_same_exam_is_passed_by_an_honest_one(exam):
    (verdict,) = exam.grade(Path(grader.__file__).parent / "solutions" / "backward_engine.py")
    assert verdict.points == UNBROADCAST.points


@pytest.mark.parametrize("line", [
    b"", b"null", b"3", b"[" * 100000, b'{"value": {"array": 3}}', b'{"value": {"dict": 3}}',
    b'{"value": {"array": "", "dtype": "O", "shape": []}}', b'{"error": ["ValueError"], "message": 3, "line": {}}'])
def test_a_line_that_is_no_answer_is_wrong(line):
    for right in ({"value": 1.0}, {"value": {"array": "AAAAAAAA8D8=", "dtype": "<f8", "shape": []}},
                  {"error": "ValueError"}):
        assert not grader.same(right, grader._line(line))
    assert grader._line(line)["error"] in ("no answer", "['ValueError']")
    assert grader.same({"value": 1.0}, grader._line(b'{"value": 1.0}'))


def test_what_a_child_leaves_running_is_ended(exam, tmp_path):
    path, mark = tmp_path / "backward_engine.py", tmp_path / "mark"
    path.write_text(f"""
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(2); open({str(mark)!r}, 'w')"])
""" + SIGNATURE + "    return input")
    list(exam.grade(path))
    time.sleep(2.5)
    assert not mark.exists()


def test_nothing_is_unpickled():
    with pytest.raises(ValueError, match="an array of object"):
        grader.decode({"array": "", "dtype": np.dtype(object).str, "shape": [0]})
