"""What a student starts from: signatures, docstrings and the imports that help, and no bodies."""
from minitorch.course.starter import definition, starter
from minitorch.course.task import Assignment, Task


def text_for(*functions, given=()):
    tasks = tuple([Task(f"9.{i}", f"Title {i}", (name,), None, ()) for i, name in enumerate(functions, 1)])
    return starter(Assignment(9, "sample", "A sample", tasks, given=given))


def test_a_function():
    text = text_for("minitorch._shapes:conv_output_size")
    assert text.startswith('"""Assignment 9: A sample.') and "sample.md" in text and "course check 9" in text
    assert text.endswith('''# ---- Task 9.1: Title 1


def conv_output_size(size, kernel, stride, padding, dilation):
    """How many windows of `kernel` taps fit on an axis of `size` pixels.

    >>> conv_output_size(32, 5, 1, 0, 1)
    28
    """
    raise NotImplementedError("Task 9.1: Title 1")
''')


def test_methods_of_a_class_stand_in_it_once():
    text = text_for("minitorch.ops.elementwise:Square.forward", "minitorch.ops.elementwise:Square.backward")
    assert text.endswith('''

class Square(Op):
    """out = x * x.   Saves: x."""

    def forward(self, x):
        raise NotImplementedError("Task 9.1: Title 1")


# ---- Task 9.2: Title 2

    def backward(self, grad):
        raise NotImplementedError("Task 9.2: Title 2")
''')
    assert "from minitorch.engine import Op\n" in text
    compile(text, "sample.py", "exec")


def test_a_function_of_two_tasks_stands_in_the_first():
    assert text_for("minitorch._shapes:normalize_dim", "minitorch._shapes:normalize_dim").count("def ") == 1


def test_imports_that_the_body_uses_stay():
    text = text_for("minitorch.ops.elementwise:atan2")
    assert "from minitorch.graph import check_tensors\n" in text  # relative in the library
    assert "import math" not in text  # used by others in that module


def test_a_helper_of_nothing_but_removed_bodies_goes():
    assert "_fit" not in text_for("minitorch.engine:run_backward")
    assert "import _fit" in text_for("minitorch.engine:run_backward", given=("minitorch.engine:_fit",))
    assert "import _check_pool_input" not in text_for("minitorch._shapes:max_pool_shape")
    assert "import normalize_dim" in text_for("minitorch._shapes:normalize_dims")  # others use it too


def test_no_import_hides_a_builtin():
    assert "import sum" not in text_for("minitorch.kernels.cpu.reduce:sum_to")


def test_definition():
    assert definition("minitorch.ops.elementwise:Mul.backward").name == "backward"
