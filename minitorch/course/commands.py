"""python -m minitorch course list | start | check | run | progress | grade | bundle"""
import argparse
import csv
import hashlib
import importlib.metadata
import json
import sys
import textwrap
from pathlib import Path

import numpy as np

from ..interop.run import run as run_script
from . import slots
from .assignments import ASSIGNMENTS
from .bundle import bundle
from .grader import Exam
from .starter import starter
from .values import decode, show
from .visible import TEST_FILE

MARKS = ".minitorch_course.json"  # what `check` found, for `progress`
WIDTH = 34


class Problem(Exception):
    """Something that a person can put right; the message says how."""


def add_to(commands):
    """The command `course` for the parser in __main__.py."""
    course = commands.add_parser("course", help="write minitorch yourself: assignments, checked and graded",
                                 description="Write functions of minitorch yourself; the rest of it runs on yours.")
    course = course.add_subparsers(dest="course_command", metavar="COMMAND", required=True)

    def add(function, help, **arguments):
        command = course.add_parser(function.__name__.strip("_"), help=help, description=function.__doc__)
        for name, options in arguments.items():
            command.add_argument(name, **options)
        command.set_defaults(function=function)
        return command

    number = dict(metavar="N", type=int, help="the assignment's number", choices=ASSIGNMENTS)
    folder = dict(metavar="DIR", nargs="?", default=".", type=Path, help="your folder (the current one)")
    add(_list, "list the assignments")
    add(start, "begin an assignment: handout, a file to write in, tests", number=number, folder=folder)
    command = add(check, "run the tasks of an assignment on your functions", number=number, folder=folder)
    command.add_argument("--task", metavar="N.M", help="one task alone")
    command = add(run, "run a PyTorch program on your functions", number=number,
                  script=dict(metavar="SCRIPT", help="the program's file"),
                  args=dict(metavar="ARGS", nargs=argparse.REMAINDER, help="the program's own arguments"))
    command.add_argument("--dir", dest="folder", metavar="DIR", default=".", type=Path, help="your folder")
    add(progress, "what `check` has found so far", folder=folder)
    command = add(grade, "for teachers: grade submissions with hidden cases", number=number,
                  submissions=dict(metavar="SUBMISSION", nargs="+", type=Path,
                                   help="a student's file, or the folder that it is in"))
    command.add_argument("--seed", type=int, default=1, help="the hidden cases are drawn from it: keep it to yourself")
    command.add_argument("--user", help="the user as whom students' code runs (you have to be root)")
    form = command.add_mutually_exclusive_group()
    for name in ("json", "csv", "gradescope"):
        form.add_argument(f"--{name}", dest="form", action="store_const", const=name)
    command = add(_bundle, "for teachers: write a Gradescope autograder", number=number)
    command.add_argument("output", metavar="ZIP", nargs="?", type=Path, help="the file to write (NAME.zip)")
    command.add_argument("--seed", type=int, default=1, help="the hidden cases are drawn from it")


def main(options):
    """Run the command that was chosen; its exit status."""
    function = options.function
    options = {key: value for key, value in vars(options).items()
               if key not in ("command", "course_command", "function")}
    if "number" in options:
        options["assignment"] = ASSIGNMENTS[options.pop("number")]
    try:
        return function(**options)
    except Problem as problem:
        print(problem, file=sys.stderr)
        return 2


# ------------------------------------------------------------------------------------------------------- for students
def _list():
    """The assignments, their tasks and points."""
    for number, assignment in ASSIGNMENTS.items():
        needs = " and ".join(map(str, assignment.prerequisites))
        print(f"{number:2}  {assignment.title}   {assignment.points} points" + (f", after {needs}" if needs else ""))
        for task in assignment.tasks:
            print(f"      {task.name} {task.title}")
    print(f"\nBegin with  python -m minitorch course start {min(ASSIGNMENTS)}")


def start(assignment, folder):
    """Write the handout, a file with the functions to write, and tests for pytest into a folder."""
    name = assignment.name
    files = {f"{name}.md": _handout(name), f"{name}.py": starter(assignment),
             f"test_{name}.py": TEST_FILE.format(number=assignment.number)}
    there = folder / f"{name}.py"
    if there.exists():
        raise Problem(f"{there} is there already, and perhaps your work is in it. To begin anew, move it away.")
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8")
    where = "" if folder == Path(".") else f" {folder}"
    print(f"Assignment {assignment.number}: {assignment.title}\n"
          f"  read   {folder / name}.md\n"
          f"  write  {folder / name}.py\n"
          f"  check  python -m minitorch course check {assignment.number}{where}\n"
          f"  debug  python -m pytest {folder / ('test_' + name)}.py -k {assignment.number}.1 --pdb")


def check(assignment, folder, task):
    """Run each task on your functions, with all others from minitorch; then all of yours together."""
    if task is not None and task not in [t.name for t in assignment.tasks]:
        raise Problem(f"there is no task {task} in assignment {assignment.number}: "
                      f"{', '.join([t.name for t in assignment.tasks])}")
    path = _students_file(assignment, folder)
    mark = hashlib.sha256(path.read_bytes()).hexdigest()
    exam, verdicts = Exam(assignment), []
    print(f"Assignment {assignment.number}: {assignment.title}")
    for wanted in [t.name for t in assignment.tasks] if task is None else [task]:
        verdicts += exam.grade(path, [wanted])
        print(_row(verdicts[-1]), flush=True)
    if task is None and all([verdict.passed for verdict in verdicts]):
        verdicts += exam.grade(path, [assignment.together.name])
        print(_row(verdicts[-1]))
    if task is None:
        _write_marks(folder, assignment, mark, verdicts)
    failed = next((verdict for verdict in verdicts if not verdict.passed), None)
    if failed is not None:
        print("\n" + _explanation(failed, assignment))
    elif task is None:
        print(f"\nAll green. See it work:  python -m minitorch course run {assignment.number} SCRIPT  runs any PyTorch "
              "program on your functions.")
    return int(failed is not None)


def run(assignment, folder, script, args):
    """Run a program, of minitorch or PyTorch, unchanged, with your functions in minitorch."""
    path = _students_file(assignment, folder)
    functions = slots.students(path.read_text(encoding="utf-8"), str(path), assignment.functions, assignment.functions)
    for name, function in functions.items():
        slots.replace(name, function)
    run_script(script, args)


def progress(folder):
    """What the last `check` of each assignment found."""
    marks = _read_marks(folder)
    for number, assignment in ASSIGNMENTS.items():
        mark, path = marks.get(str(number)), folder / f"{assignment.name}.py"
        passed = mark["passed"] if mark else []
        state = "not begun" if not path.exists() else "not checked yet" if mark is None else \
            f"{len(passed)} of {len(assignment.tasks)} tasks"
        if mark and path.exists() and mark["file"] != hashlib.sha256(path.read_bytes()).hexdigest():
            state += "; changed since the last check"
        print(f"{number:2}  {assignment.title:{WIDTH}} {state}")


def _students_file(assignment, folder):
    path = folder / f"{assignment.name}.py"
    if not path.is_file():
        raise Problem(f"there is no {path}. Make it:  python -m minitorch course start {assignment.number} {folder}")
    return path


def _handout(name):
    """The text of a handout: from docs/ of a checkout, or from where pip has put it."""
    path = Path(__file__).parents[2] / "docs" / "course" / f"{name}.md"
    if not path.exists():
        path = next(file.locate() for file in importlib.metadata.files("minitorch") if file.name == f"{name}.md")
    return Path(path).read_text(encoding="utf-8")


def _row(verdict):
    task = verdict.task
    state = "green" if verdict.passed else "not written yet" if verdict.is_untouched else \
        f"red: {verdict.right} of {verdict.cases} cases"
    return f"  {task.name}  {task.title:{WIDTH}} {state}"


def _explanation(verdict, assignment):
    """What a student needs to know of a red task."""
    task, lines = verdict.task, []
    if verdict.is_untouched:
        lines.append(f"Next is task {verdict.given['message'].removeprefix('Task ')}.")
    elif verdict.wrong is None:
        lines.append(f"Task {task.name}: {verdict.problem}")
    else:
        lines += [f"Task {task.name}, the first case that is wrong: {verdict.wrong.what}",
                  f"  asked     {_call(verdict.wrong)}"]
        if verdict.given is None:
            lines.append(f"  but       {verdict.problem}")
        else:
            lines += [f"  expected  {_shown(verdict.expected)}", f"  got       {_shown(verdict.given)}"]
    if verdict.says:
        lines.append(textwrap.fill(f"This looks like a classic mistake. {verdict.says}", 100))
    if verdict.printed and not verdict.is_untouched:
        lines.append("\n  ".join(["Your code printed, at the end:", *verdict.printed.splitlines()[-10:]]))
    if task in assignment.tasks:
        lines.append(f'Read "{task.name} {task.title}" in {assignment.name}.md.')
    return "\n".join(lines)


def _call(case):
    with np.printoptions(precision=3, threshold=6, edgeitems=2, suppress=True):
        text = ", ".join([f"{name}={value!s}".replace("\n", "") for name, value in case.inputs.items()])
    return f"{case.probe.__name__}({textwrap.shorten(text, 240, placeholder=' ...')})"


def _shown(answer):
    if "value" in answer:
        return show(decode(answer["value"]), 12)
    line = f" (line {answer['line']} of your file)" if answer.get("line") else ""
    return f"{answer['error']}: {answer.get('message', '')}{line}"


def _read_marks(folder):
    try:
        return json.loads((folder / MARKS).read_text())
    except (OSError, ValueError):
        return {}


def _write_marks(folder, assignment, file, verdicts):
    marks = _read_marks(folder)
    passed = [verdict.task.name for verdict in verdicts if verdict.passed and verdict.task in assignment.tasks]
    marks[str(assignment.number)] = {"file": file, "passed": passed}
    (folder / MARKS).write_text(json.dumps(marks, indent=1) + "\n")


# ------------------------------------------------------------------------------------------------------- for teachers
def grade(assignment, submissions, seed, user, form):
    """Grade submissions on cases drawn from a seed: each task alone on the reference, then all together.

    A student's code runs in processes of its own, with limits of time and memory, and learns no answer. Who wants more
    than that runs this as root with --user nobody: then it cannot write to any file, nor touch the grader's process.
    """
    exam = Exam(assignment, seed, user)
    results = []
    for path in submissions:
        file = path / f"{assignment.name}.py" if path.is_dir() else path
        if not file.is_file():
            raise Problem(f"there is no {file}")
        try:
            results.append((path, list(exam.grade(file))))
        except PermissionError as error:
            if user is None:
                raise
            raise Problem(f"cannot run Python as {user}: be root, and have {sys.executable} and minitorch where "
                          f"{user} may read them ({error})") from None
    {None: _print_table, "json": _print_json, "csv": _print_csv, "gradescope": _print_gradescope}[form](
        assignment, results)


def _bundle(assignment, output, seed):
    """Write a zip to upload as a Gradescope autograder: this minitorch, and what runs it."""
    output = output or Path(f"{assignment.name}.zip")
    bundle(assignment, output, seed)
    print(f"{output}: upload it as the autograder of a Gradescope programming assignment. "
          f"Students hand in {assignment.name}.py.")


def _points(verdicts):
    return sum([verdict.points for verdict in verdicts])


def _remark(verdict):
    """A line on what went wrong, without right answers."""
    if verdict.passed:
        return ""
    what = f"wrong: {verdict.wrong.what}" if verdict.wrong else ""
    return "; ".join(filter(None, [what, verdict.problem, verdict.says]))


def _print_table(assignment, results):
    for path, verdicts in results:
        print(f"{path}: {_points(verdicts)} of {assignment.points} points")
        for verdict in verdicts:
            print(f"  {_row(verdict)}   {_remark(verdict)}".rstrip())


def _print_csv(assignment, results):
    writer = csv.writer(sys.stdout)
    writer.writerow(["submission", *[task.name for task in (*assignment.tasks, assignment.together)], "points"])
    for path, verdicts in results:
        writer.writerow([path, *[verdict.points for verdict in verdicts], _points(verdicts)])


def _print_json(assignment, results):
    print(json.dumps([{
        "submission": str(path), "points": _points(verdicts), "of": assignment.points, "tasks": [{
            "task": verdict.task.name, "title": verdict.task.title, "points": verdict.points,
            "of": verdict.task.points, "right": verdict.right, "cases": verdict.cases, "remark": _remark(verdict)}
            for verdict in verdicts]} for path, verdicts in results], indent=1))


def _print_gradescope(assignment, results):
    if len(results) != 1:
        raise Problem("Gradescope grades one submission at a time")
    (_, verdicts), = results
    print(json.dumps({"score": _points(verdicts), "tests": [{
        "name": f"{verdict.task.name} {verdict.task.title}", "score": verdict.points,
        "max_score": verdict.task.points,
        "output": _remark(verdict) or "all cases are right"} for verdict in verdicts]}, indent=1))
