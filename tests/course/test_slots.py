"""A function that is put in a slot is what the whole library calls, by whatever name; and it can be taken out."""
import ast

import numpy as np
import pytest

import minitorch as torch
from minitorch import _shapes, differentiate, engine, ops, saved
from minitorch.course import slots
from minitorch.course.task import Mutant
from minitorch.kernels import cpu
from minitorch.kernels.cpu import elementwise
from minitorch.nn.modules.linear import Identity


def test_every_binding_follows():
    """The kernel's own module, the namespace of kernels, a copy that somebody imported, and the tensor's method."""
    copy = elementwise.exp
    with slots.replaced({"minitorch.kernels.cpu.elementwise:exp": lambda input: np.asarray(input + 100)}):
        assert elementwise.exp(1) == cpu.exp(1) == copy(1) == 101
        assert torch.tensor(1).exp() == torch.exp(torch.tensor(1)) == 101
    assert cpu.exp(np.array(0.)) == 1


def test_a_function_imported_by_name_elsewhere():
    calls = []
    with slots.replaced({"minitorch.engine:run_backward": lambda *args, **kwargs: calls.append((args, kwargs))}):
        assert differentiate.run_backward is engine.run_backward
        torch.tensor(1., requires_grad=True).backward()
    assert len(calls) == 1


def test_a_method():
    x = torch.tensor(2., requires_grad=True)
    with slots.replaced({"minitorch.ops.elementwise:Mul.backward": lambda self, grad: (self.k.mul(grad, 10), None)}):
        (x * x).backward()
    assert x.grad == 10


def test_a_method_that_calls_super():
    with slots.replaced({"minitorch.nn.modules.linear:Identity.__init__": lambda self, *args: None}):
        assert vars(Identity()) == {}
    assert vars(Identity()) != {}


def test_a_property():
    with slots.replaced({"minitorch.engine:Op.saved": lambda self: "nothing"}):
        assert engine.Op().saved == "nothing"
    assert engine.Op().saved == ()


def test_a_cached_function():
    function = "minitorch._shapes:max_pool_shape"
    assert slots.locate(function) is _shapes.max_pool_shape.__wrapped__
    with slots.replaced({function: lambda *args: "a shape"}):
        assert _shapes.max_pool_shape("never", "asked", "before") == "a shape"


def test_defaults_are_the_replacement_s_own():
    with slots.replaced({"minitorch.kernels.cpu.reduce:sum": lambda input, dim="mine", keepdim=False: dim}):
        assert cpu.sum(1) == "mine" and cpu.sum(1, 2) == 2 and cpu.sum(1, dim=3) == 3


def test_an_error_leaves_the_library_as_it_was():
    functions = {"minitorch.saved:still_there": None, "minitorch.saved:nonsense": None}
    with pytest.raises(KeyError), slots.replaced(functions):
        raise AssertionError("not reached")
    assert saved.still_there(()) == ()


def test_a_student_s_functions_and_methods():
    source = "def exp(x): return 1\nclass Mul:\n    def backward(self): return 2"
    exp, backward = "minitorch.kernels.cpu.elementwise:exp", "minitorch.ops.elementwise:Mul.backward"
    found = slots.students(source, "file.py", [exp, backward], [exp, backward])
    assert found[exp](0) == 1 and found[backward](None) == 2


def test_a_student_s_functions_call_each_other_by_way_of_the_slots():
    source = "def exp(x): return 'wrong'\ndef log(x): return exp(x)"
    exp, log = (f"minitorch.kernels.cpu.elementwise:{name}" for name in ("exp", "log"))
    with slots.replaced(slots.students(source, "file.py", [log], [exp, log])):
        assert cpu.log(np.array(0.)) == 1  # log is the student's, exp the library's
    with slots.replaced(slots.students(source, "file.py", [exp, log], [exp, log])):
        assert cpu.log(np.array(0.)) == "wrong"


SOLUTION = """
def twice(x):
    return x + x


class Neg:
    def backward(self, grad):
        return self.k.neg(grad)
"""


def test_a_mutant_is_the_solution_with_a_mistake():
    mutant = Mutant("minitorch.ops.elementwise:Neg.backward", "self.k.neg(grad)", "grad", "no minus")
    x = torch.tensor(1., requires_grad=True)
    with slots.replaced(slots.mutated(mutant, SOLUTION, ())):
        ops.neg(x).backward()
    assert x.grad == 1


def test_a_mutant_of_what_is_not_there():
    with pytest.raises(LookupError, match="does not contain 'x' once"):
        slots.mutated(Mutant("module:twice", "x", "", ""), SOLUTION, ())


@pytest.mark.parametrize("path", ["Mul", "Mul.nonsense", "nonsense.backward"])
def test_find(path):
    tree = ast.parse("class Mul:\n    def backward(self): pass\n    def backward(self): 'the last one counts'")
    assert ast.get_docstring(slots.find(tree, "Mul.backward")[-1]) == "the last one counts"
    assert slots.find(tree, path) is None or path == "Mul"
