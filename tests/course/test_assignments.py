"""Each assignment can be passed, and only by right code; each classic mistake is caught and named."""
import ast
from pathlib import Path

import numpy as np
import pytest

from minitorch.course import slots
from minitorch.course.assignments import ASSIGNMENTS
from minitorch.course.grader import Exam, answers, recognised, same
from minitorch.course.starter import definition, starter

SOLUTIONS = Path(slots.__file__).parent / "solutions"
EXAMS = {number: Exam(assignment) for number, assignment in ASSIGNMENTS.items()}
PAPERS = [pytest.param(*paper, id=paper[0].name) for exam in EXAMS.values() for paper in exam.papers[:-1]]
each_assignment = pytest.mark.parametrize("assignment", ASSIGNMENTS.values(), ids=lambda a: a.name)


@pytest.mark.parametrize("task, cases, right", PAPERS)
def test_the_starter_fails_every_case(task, cases, right):
    assignment = ASSIGNMENTS[int(task.name.partition(".")[0])]
    with slots.replaced(slots.students(starter(assignment), "starter.py", task.functions, assignment.functions)):
        given = answers(cases)
    assert cases and not any(map(same, right, given))
    assert all([f"Task {assignment.number}." in answer["message"] for answer in given])


@pytest.mark.parametrize("task, cases, right", PAPERS)
def test_the_library_answers_the_same_again(task, cases, right):
    assert {answer.get("error") for answer in right} <= {None, "RuntimeError", "ValueError"}  # else the probe is wrong
    assert all(map(same, right, answers(cases)))


@each_assignment
def test_a_solution_gets_all_points(assignment):
    """A student's own solution, in processes of its own, on hidden cases."""
    verdicts = list(Exam(assignment, seed=7).grade(SOLUTIONS / f"{assignment.name}.py"))
    assert [verdict.task.name for verdict in verdicts if not verdict.passed] == []
    assert sum([verdict.points for verdict in verdicts]) == assignment.points


@pytest.mark.parametrize("task, cases, right", PAPERS)
def test_each_mistake_is_caught_and_named(task, cases, right):
    assignment = ASSIGNMENTS[int(task.name.partition(".")[0])]
    assert 3 <= len(task.mutants) <= 6
    for mutant in task.mutants:
        assert mutant.function in task.functions
        with slots.replaced(slots.mutated(mutant, assignment.solution, assignment.functions)):
            given = answers(cases)
        assert not all(map(same, right, given)), mutant.says
        assert recognised(task, cases, right, given, assignment) == mutant.says


@each_assignment
def test_a_seed_draws_its_own_cases(assignment):
    def inputs(seed):
        return [case.inputs for task in assignment.tasks for case in task.drawn(seed)]

    np.testing.assert_equal(inputs(3), inputs(3))
    with pytest.raises(AssertionError):
        np.testing.assert_equal(inputs(3), inputs(4))


@each_assignment
def test_no_starter_contains_the_solution(assignment):
    """No statement of a removed body is left."""
    left = {ast.dump(node) for node in ast.walk(ast.parse(starter(assignment))) if isinstance(node, ast.stmt)}
    for name in assignment.functions:
        body = definition(name).body
        without_docstring = body[ast.get_docstring(definition(name)) is not None :]
        solution = {ast.dump(node) for statement in without_docstring for node in ast.walk(statement)
                    if isinstance(node, ast.stmt)}
        assert solution and not solution & left


@each_assignment
def test_the_handout_has_what_tasks_refer_to(assignment):
    text = (Path(__file__).parents[2] / "docs" / "course" / f"{assignment.name}.md").read_text(encoding="utf-8")
    headings = {line.lstrip("# ") for line in text.splitlines() if line.startswith("#")}
    assert {f"{task.name} {task.title}" for task in assignment.tasks} <= headings
