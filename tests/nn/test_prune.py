"""nn.utils.prune against PyTorch."""
import importlib

import pytest

import minitorch
from tests.oracle import check_raises, check_same


def prune(T):
    return importlib.import_module("torch.nn.utils.prune" if T is not minitorch else "minitorch.nn.utils.prune")


def layer(T):
    T.manual_seed(0)
    return T.nn.Conv1d(4, 6, 2)


@pytest.mark.parametrize("steps", [
    [lambda p, T, m: p.identity(m, "weight")],
    [lambda p, T, m: p.random_unstructured(m, "weight", 0.3)],
    [lambda p, T, m: p.l1_unstructured(m, "weight", 7), lambda p, T, m: p.l1_unstructured(m, "weight", 0.5),
     lambda p, T, m: p.random_unstructured(m, "weight", 5)],
    [lambda p, T, m: p.l1_unstructured(m, "bias", 2, importance_scores=T.arange(6.0).flip(0))],
    [lambda p, T, m: p.random_structured(m, "weight", 2, dim=1), lambda p, T, m: p.l1_unstructured(m, "weight", 3)],
    [lambda p, T, m: p.l1_unstructured(m, "weight", 20), lambda p, T, m: p.ln_structured(m, "weight", 0.5, n=2, dim=0),
     lambda p, T, m: p.ln_structured(m, "weight", 1, n=float("inf"), dim=-2)],
    [lambda p, T, m: p.custom_from_mask(m, "bias", T.tensor([0, 1, 0, 1, 1, 1])),
     lambda p, T, m: p.custom_from_mask(m, "bias", T.tensor([1, 1, 1, 0, 1, 1]))],
    [lambda p, T, m: p.global_unstructured([(m, "weight"), (m, "bias")], p.L1Unstructured, amount=0.4),
     lambda p, T, m: p.global_unstructured([(m, "weight"), (m, "bias")], p.RandomUnstructured, amount=4)],
], ids=range(8))
def test_pruning_and_removing(steps):
    def run(T):
        module = layer(T)
        params = list(module.parameters())
        T.manual_seed(1)
        for step in steps:
            step(prune(T), T, module)
        state, out = dict(module.state_dict()), module(T.ones(1, 4, 3))
        out.sum().backward()
        grads = {name: p.grad for name, p in module.named_parameters()}
        pruned = prune(T).is_pruned(T.nn.Sequential(module))
        for name in "weight", "bias":
            if name not in module._parameters:
                prune(T).remove(module, name)
        same = {id(p) for p in params} == {id(p) for p in module.parameters()}
        return state, out, grads, pruned, same, dict(module.state_dict()), prune(T).is_pruned(module)

    check_same(run, rtol=1e-5, atol=1e-6)


def test_a_tensor_by_itself():
    check_same(lambda T: prune(T).L1Unstructured(2).prune(T.tensor([3., -1., 2., 0.5])))


@pytest.mark.parametrize("call, match", [
    (lambda p, T: p.l1_unstructured(layer(T), "weight", "a"), "Invalid type for amount: a. Must be int or float"),
    (lambda p, T: p.l1_unstructured(layer(T), "weight", 1.5), "amount=1.5 should either be a float in the range"),
    (lambda p, T: p.l1_unstructured(layer(T), "weight", 49), "amount=49 should be smaller than the number of param"),
    (lambda p, T: p.l1_unstructured(layer(T), "weight", 1, T.ones(2)), "importance_scores should have the same shape"),
    (lambda p, T: p.random_structured(layer(T), "bias", 1, dim=0), "only be applied to multidimensional tensors"),
    (lambda p, T: p.random_structured(layer(T), "weight", 1, dim=3), "Invalid index 3 for tensor of size"),
    (lambda p, T: p.remove(layer(T), "weight"), "has to be pruned before pruning can be removed"),
    (lambda p, T: p.global_unstructured([(layer(T), "weight")], p.LnStructured, amount=1, n=2),
     'Only "unstructured" PRUNING_TYPE supported'),
    (lambda p, T: p.global_unstructured(3, p.L1Unstructured, amount=1), "parameters is not an Iterable"),
    (lambda p, T: p.PruningContainer().add_pruning_method(3), "is not a BasePruningMethod subclass"),
], ids=range(10))
def test_bad_input(call, match):
    check_raises(lambda T: call(prune(T), T), match)
