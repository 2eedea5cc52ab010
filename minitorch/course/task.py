"""What an assignment is made of."""
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import numpy as np


@dataclass(frozen=True)
class Case:
    """One question to a student's code: what does `probe(**inputs)` answer?

    The probe is a function of the assignment's module that uses the library. Inputs and answer are plain: numbers,
    text, arrays, lists and dicts of them. What the right answer is, the library knows; it is written down nowhere.
    """

    what: str  # in the words of the course
    probe: Callable
    inputs: dict


@dataclass(frozen=True)
class Mutant:
    """A classic mistake: the file in solutions/ with `old` replaced by `new` in a function, and what to say to it."""

    function: str
    old: str
    new: str
    says: str


@dataclass(frozen=True)
class Task:
    """Some functions of the library, "module:qualified.name", for the student to write."""

    name: str  # "2.1"
    title: str  # with the name, a heading of the handout
    functions: tuple
    cases: Callable  # NumPy's random Generator -> Cases
    mutants: tuple
    points: int = 2
    seconds: float = 10  # for all of its cases together

    def drawn(self, seed):
        """The cases that belong to a seed, a list."""
        return list(self.cases(np.random.default_rng([seed, *map(int, self.name.split("."))])))


@dataclass(frozen=True)
class Assignment:
    """The tasks of one evening. `name` is that of the student's file and of the handout in docs/course."""

    number: int
    name: str
    title: str
    tasks: tuple
    prerequisites: tuple = ()  # numbers of assignments
    given: tuple = ()  # functions that the student's file imports, although only solutions use them

    @property
    def functions(self):
        """All functions to write, each once."""
        return tuple(dict.fromkeys([name for task in self.tasks for name in task.functions]))

    @property
    def together(self):
        """A last task: all functions at once."""
        return Task(f"{self.number}.*", "All of it together", self.functions, cases=None, mutants=(), points=1,
                    seconds=max([task.seconds for task in self.tasks]))

    @property
    def solution(self):
        """A solution as a student may write it, often simpler than the library's: what the mutants are made of."""
        return Path(__file__).with_name("solutions").joinpath(f"{self.name}.py").read_text(encoding="utf-8")

    @property
    def points(self):
        return sum([task.points for task in (*self.tasks, self.together)])
