"""The visible cases in this very process, for pytest and for a debugger that is to stop in the student's code."""
from pathlib import Path

from . import slots
from .assignments import ASSIGNMENTS
from .child import answer
from .values import decode, encode, equal, show

TEST_FILE = '''"""The visible cases of assignment {number}, for pytest and for your debugger."""
import pytest

from minitorch.course import visible


@pytest.mark.parametrize("task, case", visible.cases({number}), ids=visible.name)
def test(task, case):
    visible.check(task, case, __file__)
'''


def cases(number):
    return [(task, case) for task in ASSIGNMENTS[number].tasks for case in task.drawn(0)]


def name(value):
    return getattr(value, "name", None) or value.what


def check(task, case, test_file):
    """Run a case on the student's functions of its task; the student's file lies beside the test's."""
    path = Path(test_file).with_name(Path(test_file).name.removeprefix("test_"))
    right = answer(case.probe, case.inputs)
    assigned = ASSIGNMENTS[int(task.name.partition(".")[0])].functions
    with slots.replaced(slots.students(path.read_text(encoding="utf-8"), str(path), task.functions, assigned)):
        try:
            given = {"value": encode(case.probe(**case.inputs))}
        except Exception as error:
            if type(error).__name__ != right.get("error"):
                raise
            return
    assert "value" in right, f"expected a {right['error']}, got\n{show(decode(given['value']))}"
    expected, given = decode(right["value"]), decode(given["value"])
    assert equal(expected, given), f"expected\n{show(expected)}\ngot\n{show(given)}"
