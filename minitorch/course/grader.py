"""Is a student's code right?

The parent process, this one, never runs a student's code. It asks the library what the right answers are, has a child
process give the student's, as plain values, and compares. A child has one task's functions from the student and all
others from the library, and a limit of time and memory.
"""
import ast
import contextlib
import copy
import json
import os
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import slots, starter
from .child import answer
from .task import Case, Task
from .values import decode, encode, equal

MEMORY = 2 << 30  # bytes of address space; the libraries take a good part of it, more with more threads
THREADS = {name: "2" for name in ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
OUTPUT = 64 << 20  # bytes in a file that it writes
LARGEST_FILE = 1 << 20  # bytes of a submission
START = "import sys; sys.path[:] = sys.argv[1:]; from minitorch.course.child import main; main()"
PACKAGE = Path(__file__).parents[1]


@dataclass
class Verdict:
    """What came of a task."""

    task: Task
    right: int = 0  # how many cases were answered rightly
    cases: int = 1
    wrong: Case = None  # the first that was not
    expected: dict = None  # the answers to that one
    given: dict = None
    problem: str = None  # in place of answers
    says: str = None  # the classic mistake that it looks like
    printed: str = ""

    @property
    def passed(self):
        return self.right == self.cases

    @property
    def points(self):
        return self.task.points if self.passed else 0

    @property
    def is_untouched(self):
        """Does the starter file's own error say that this is not written yet?"""
        return self.given is not None and self.given.get("error") == "NotImplementedError"


class Exam:
    """The tasks of an assignment with the cases that a seed draws, and the right answers to them."""

    def __init__(self, assignment, seed=0, user=None):
        self.assignment, self.user = assignment, user
        self.papers = []  # [(task, cases, right answers)]
        for task in assignment.tasks:
            cases = task.drawn(seed)
            self.papers.append((task, cases, answers(cases)))
        together = [sum([paper[part] for paper in self.papers], []) for part in (1, 2)]
        self.papers.append((assignment.together, *together))

    def grade(self, path, only=None):
        """A Verdict for each task, as they come; `only` a part of the tasks, by name."""
        source, complaints = _read(Path(path), self.assignment.functions)
        for task, cases, right in self.papers:
            if only is None or task.name in only:
                complaint = next(filter(None, map(complaints.get, task.functions)), None)
                if complaint:
                    yield Verdict(task, cases=len(cases), problem=complaint)
                else:
                    yield self._verdict(task, cases, right, source, str(path))

    def _verdict(self, task, cases, right, source, path):
        with _library_kept() as changed:
            given, problem, printed = ask(task, cases, source, path, self.assignment.functions, self.user)
        if changed:
            return Verdict(task, cases=len(cases), problem=f"it wrote to minitorch's own files: {', '.join(changed)}")
        verdict = Verdict(task, cases=len(cases), printed=printed)
        good = [same(a, b) for a, b in zip(right, given)]
        verdict.right = sum(good)
        if False in good:
            first = good.index(False)
            verdict.wrong, verdict.expected, verdict.given = cases[first], right[first], given[first]
            verdict.says = recognised(task, cases, right, given, self.assignment)
        elif len(good) < len(cases):
            verdict.wrong, verdict.problem = cases[len(good)], problem
        return verdict


def answers(cases):
    """What the library, as it is in this process, answers."""
    return [answer(case.probe, decode(encode(case.inputs))) for case in cases]


def same(right, given):
    """Is an answer the right one? The library's errors count as answers, by their type."""
    if "error" in right or "error" in given:
        return right.get("error") == given.get("error")
    return equal(decode(right["value"]), decode(given["value"]))


def recognised(task, cases, right, given, assignment):
    """What to say to the classic mistake that explains most of the wrong answers, if one does.

    A mistake explains answers if all that it spoils are among them, and just so.
    """
    best, says = 0, None
    for mutant in task.mutants:
        with slots.replaced(slots.mutated(mutant, assignment.solution, assignment.functions)):
            mistaken = answers(cases)
        spoilt = [i for i, (a, b) in enumerate(zip(right, mistaken)) if not same(a, b)]
        if len(spoilt) > best and all([i < len(given) and same(mistaken[i], given[i]) for i in spoilt]):
            best, says = len(spoilt), mutant.says
    return says


def _read(path, functions):
    """(the text of a student's file, {function: what is wrong with its outside, or None}); it is not run."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise ValueError(f"it has more than {LARGEST_FILE} bytes")
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
        return source, {name: _complaint(tree, name) for name in functions}
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:  # it is no text, or too deep for Python
        line = getattr(error, "lineno", None)
        where = f"line {line}: " if line else ""
        return None, dict.fromkeys(functions, f"Python cannot read {path.name}: {where}{getattr(error, 'msg', error)}")


def _complaint(tree, name):
    path = slots.qualified_name(name)
    found, wanted = slots.find(tree, path), starter.definition(name)
    if found is None:
        return f"{path} is not in your file. Its first line is\n    {_signature(wanted)}"
    if _signature(found[-1]) != _signature(wanted):
        return (f"{path} has other parameters than minitorch calls it with: line {found[-1].lineno} of your file is\n"
                f"    {_signature(found[-1])}\nand should be\n    {_signature(wanted)}")


def _signature(node):
    if not isinstance(node, ast.FunctionDef):
        return f"class {node.name}"
    parameters = copy.deepcopy(node.args)
    for parameter in ast.walk(parameters):
        if isinstance(parameter, ast.arg):
            parameter.annotation = None
    return f"def {node.name}({ast.unparse(parameters)}):"


def ask(task, cases, source, path, assigned, user=None):
    """A child's answers to the cases, what kept it from giving all of them (or None), and what it printed."""
    request = {
        "source": source, "path": path, "functions": task.functions, "assigned": assigned,
        "cases": [(f"{case.probe.__module__}:{case.probe.__qualname__}", encode(case.inputs)) for case in cases],
        "limits": {"memory": MEMORY, "seconds": int(4 * task.seconds), "output": OUTPUT}}
    cache = [] if sys.pycache_prefix is None else ["-X", f"pycache_prefix={sys.pycache_prefix}"]
    search = [str(PACKAGE.parent), *[os.path.abspath(folder) for folder in sys.path]]
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryFile() as questions, \
            tempfile.TemporaryFile() as channel, tempfile.TemporaryFile() as prints:
        questions.write(json.dumps(request).encode())
        questions.seek(0)
        process = subprocess.Popen(
            [sys.executable, "-I", "-B", *cache, "-c", START, *search], cwd=folder, env={**os.environ, **THREADS},
            stdin=questions, stdout=channel, stderr=prints, start_new_session=True, **_rights_of(user))
        try:
            problem = f"it ended by itself, with exit status {process.wait(task.seconds)}, before it had answered"
        except subprocess.TimeoutExpired:
            problem = f"it had not answered after {task.seconds:g} s: a loop without end?"
        finally:
            _end(process)
        channel.seek(0)
        prints.seek(0)
        given = [_line(line) for line in channel.read().splitlines()[: len(cases)]]
        return given, problem, prints.read().decode(errors="replace")[-2000:]


def _rights_of(user):
    """What has a process run as another user."""
    if user is None:
        return {}
    import pwd  # Windows has none
    return dict(user=user, group=pwd.getpwnam(user).pw_gid, extra_groups=[])


def _line(line):
    """An answer from a line that may be anything."""
    try:
        found = json.loads(line)
        if "value" in found:
            decode(found["value"])
            return {"value": found["value"]}
        return {"error": str(found["error"]), "message": str(found["message"]), "line": found["line"]}
    except Exception:  # whatever is wrong with it, it is no answer
        return {"error": "no answer", "message": "", "line": None}


def _end(process):
    """End a child and what it may have started."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


@contextlib.contextmanager
def _library_kept():
    """Put minitorch's files back as they were; the list that it gives fills with the names of those that changed."""
    before, changed = _library(), []
    yield changed
    after = _library()
    for path in before.keys() | after.keys():
        if before.get(path) != after.get(path):
            changed.append(repr(path.name))
            path.unlink(missing_ok=True)
            if path in before:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(before[path])


def _library():
    return {path: path.read_bytes() for path in PACKAGE.rglob("*.py") if path.is_file()}
