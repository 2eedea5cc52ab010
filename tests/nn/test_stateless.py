"""nn.utils.stateless: modules called with other tensors than their own."""
import importlib

import pytest

import minitorch as torch
from minitorch.nn.utils.stateless import functional_call
from tests.oracle import check_op, check_raises, check_same


def call(T, *args, **kwargs):
    """functional_call of either library: torch's is in torch.func."""
    theirs = importlib.import_module("torch.func").functional_call if T is not torch else functional_call
    return theirs(*args, **kwargs)


def tied(T):
    module = T.nn.Sequential(T.nn.Linear(2, 2), T.nn.Linear(2, 2))
    module[1].weight = module[0].weight
    return module


def test_gradients_go_to_the_given_tensors():
    check_op([(3, 2), (4, 2), (4,)],
             lambda T, x, w, b: call(T, T.nn.Linear(2, 4), {"weight": w, "bias": b}, x))


def test_the_module_keeps_its_own():
    layer = torch.nn.Linear(2, 1)
    before = dict(layer.named_parameters())
    with pytest.raises(RuntimeError, match="shapes"):
        functional_call(layer, {"weight": torch.ones(1, 3)}, torch.ones(2))
    after = dict(layer.named_parameters())
    assert list(after) == list(before) and all(after[name] is before[name] for name in before)


def test_tied_weights_stay_tied():
    def run(T, **options):
        T.manual_seed(0)
        return call(T, tied(T), {"0.weight": T.eye(2)}, T.ones(2), **options)

    check_same(lambda T: run(T))
    check_same(lambda T: run(T, tie_weights=False))
    check_raises(lambda T: call(T, tied(T), {"0.weight": T.eye(2), "1.weight": T.ones(2, 2)}, T.ones(2)),
                 "multiple values for keys .* tie_weights=False")


def test_the_dict_gets_what_the_module_assigns():
    def run(T):
        class Counter(T.nn.Module):
            def __init__(self):
                super().__init__()
                self.register_buffer("count", T.zeros(1))

            def forward(self, x, add=1):
                self.count = self.count + add
                return x * self.count

        counter, state = Counter(), {"count": T.tensor([4.])}
        return call(T, counter, state, (T.ones(2),), {"add": 2}), state, counter.count

    check_same(run)


@pytest.mark.parametrize("given, strict, match", [
    (lambda T: {"weight": 3}, False, "3 is not an instance of torch.Tensor"),
    (lambda T: {"a.weight": T.zeros(2, 2)}, False, "Linear has no attribute `a`"),
    (lambda T: {"weight": T.zeros(2, 2), "x": T.zeros(1)}, True,
     r"reparametrizing for Linear:\n\tUnexpected key\(s\): 'x'.\n\tMissing key\(s\): 'bias'."),
    (lambda T: 3, False, "a dict, or a list/tuple of dicts, but got <class 'int'>"),
    (lambda T: [3], False, "all elements of parameter_and_buffer_dicts to be dictionaries"),
    (lambda T: [{"weight": T.zeros(2, 2)}] * 2, False, r"\['weight'\] appeared in multiple dictionaries"),
], ids=range(6))
def test_bad_input(given, strict, match):
    check_raises(lambda T: call(T, T.nn.Linear(2, 2), given(T), T.ones(2), strict=strict), match)
