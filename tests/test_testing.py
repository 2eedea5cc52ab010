"""torch.testing.assert_close: passes where PyTorch's passes, fails in its words where it fails."""
import pytest

import minitorch
from tests.oracle import check_raises, import_torch

PASS = {
    "equal": lambda T: (T.ones(2), T.ones(2)),
    "within the tolerance": lambda T: (T.tensor([1.0, 2.0]), T.tensor([1.0, 2.000001])),
    "numbers": lambda T: (1.0, 1.0 + 1e-9),
    "nothing": lambda T: (None, None),
    "infinities": lambda T: (T.tensor([float("inf")]), T.tensor([float("inf")])),
    "empty": lambda T: (T.empty(0), T.empty(0)),
    "containers": lambda T: ({"a": [T.ones(2), 1]}, {"a": (T.ones(2), 1)}),
}
FAIL = {
    "float32": lambda T: (T.tensor([1.0, 2.0, 3.0]), T.tensor([1.0, 2.5, 3.0])),
    "0-d": lambda T: (T.tensor(1.0), T.tensor(2.0)),
    "whole numbers": lambda T: (T.tensor([1, 2]), T.tensor([1, 3])),
    "Booleans": lambda T: (T.tensor([True, False]), T.tensor([True, True])),
    "another dtype": lambda T: (T.ones(1), T.ones(1, dtype=T.float64)),
    "another shape": lambda T: (T.ones(1), T.ones(2)),
    "nan": lambda T: (T.tensor([float("nan")]), T.tensor([float("nan")])),
    "against inf": lambda T: (T.tensor([1.0]), T.tensor([float("inf")])),
    "Python floats": lambda T: (1.0, 1.1),
    "an item of a list": lambda T: ([T.ones(2), 1.0], [T.ones(2), 2.0]),
    "an item of an item": lambda T: ({"a": {"b": T.ones(2)}}, {"a": {"b": T.zeros(2)}}),
    "other keys": lambda T: ({"a": T.ones(2)}, {"b": T.ones(2)}),
    "another length": lambda T: ([1], [1, 2]),
    "no tensors": lambda T: (T.ones(2), [1, 1]),
    "texts": lambda T: ("a", "a"),
}


@pytest.mark.parametrize("pair", PASS.values(), ids=PASS)
def test_close(pair):
    torch = import_torch()
    torch.testing.assert_close(*pair(torch))
    minitorch.testing.assert_close(*pair(minitorch))


@pytest.mark.parametrize("pair", FAIL.values(), ids=FAIL)
def test_not_close_in_the_same_words(pair):
    torch = import_torch()
    messages = []
    for library in (torch, minitorch):
        with pytest.raises((AssertionError, TypeError)) as caught:
            library.testing.assert_close(*pair(library))
        messages.append(f"{type(caught.value).__name__}: {caught.value}".replace("minitorch.tensor.", "torch."))
    assert messages[0] == messages[1]


@pytest.mark.parametrize("options", [{"rtol": 0.1, "atol": 0.0}, {"rtol": 0.0, "atol": 0.06}, {"check_dtype": False}],
                         ids=str)
def test_options_that_let_it_pass(options):
    for library in (import_torch(), minitorch):
        x = library.ones(2)
        library.testing.assert_close(x.double() if "check_dtype" in options else x * 1.05, x, **options)


def test_options_that_make_it_fail():
    check_raises(lambda T: T.testing.assert_close(T.ones(2, 2).t(), T.ones(2, 2), check_stride=True),
                 match=r"The values for attribute 'stride\(\)' do not match")
    check_raises(lambda T: T.testing.assert_close(T.ones(2), T.zeros(2), msg=lambda m: f"look: {m}"),
                 match="look: Tensor-likes are not close")
    check_raises(lambda T: T.testing.assert_close(T.ones(2), T.ones(2), rtol=0.1), match="but got no atol")


def test_equal_nan():
    for library in (import_torch(), minitorch):
        nan = library.tensor([float("nan"), 1.0])
        library.testing.assert_close(nan, nan.clone(), equal_nan=True)
