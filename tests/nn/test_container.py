"""Sequential, ModuleList, ModuleDict, ParameterList, ParameterDict."""
import copy
from collections import OrderedDict

import pytest

import minitorch
from minitorch import nn
from tests.oracle import check_raises, check_same


def leaf(T, name):
    """A module that shows its name."""
    module = T.nn.Module()
    module._get_name = lambda: name
    return module


def leaves(T, names):
    return [leaf(T, name) for name in names]


def sequential(T):
    return T.nn.Sequential(*leaves(T, "abcd"))


def named(T):
    return T.nn.Sequential(OrderedDict(first=leaf(T, "a"), second=leaf(T, "b")))


def module_list(T):
    return T.nn.ModuleList(leaves(T, "aaab"))


def module_dict(T):
    return T.nn.ModuleDict({"x": leaf(T, "a"), "w": leaf(T, "b")})


def parameter_list(T):
    return T.nn.ParameterList([T.zeros(2, 3), T.nn.Parameter(T.zeros(())), 3, T.ones(1, dtype=T.float64)])


def parameter_dict(T):
    return T.nn.ParameterDict({"b": T.zeros(2, 3), "a": T.nn.Parameter(T.zeros(())), "c": 3})


def check(make, action):
    """`action` returns, leaves behind or raises the same in both libraries."""
    def outcome(T):
        container = make(T)
        try:
            result = action(T, container)
        except Exception as error:
            result = f"{type(error).__name__}: {error}"
        names = [name for name, _ in container.named_modules()]
        return [repr(result), repr(container), list(container.state_dict()), names]

    check_same(outcome)


@pytest.mark.parametrize("make", [sequential, module_list])
@pytest.mark.parametrize("action", [
    lambda T, c: len(c),
    lambda T, c: list(c),
    lambda T, c: [c[i] for i in (0, 3, -1, -4)],
    lambda T, c: [c[:2], c[1:-1], c[::-2], c[9:]],
    lambda T, c: c[4],
    lambda T, c: c[-5],
    lambda T, c: c["x"],
    lambda T, c: (c[1] in c, leaf(T, "a") in c),
    lambda T, c: c.__setitem__(-1, leaf(T, "new")),
    lambda T, c: c.__setitem__(4, leaf(T, "new")),
    lambda T, c: c.__setitem__(0, 3) and None,
    lambda T, c: c.__delitem__(1),
    lambda T, c: c.__delitem__(-1),
    lambda T, c: c.__delitem__(slice(1, 3)),
    lambda T, c: c.append(leaf(T, "new")),
    lambda T, c: c.append(3),
    lambda T, c: c.extend(leaves(T, "xy")),
    lambda T, c: [c.insert(i, leaf(T, "new")) and None for i in (0, 2, 6)],
    lambda T, c: c.pop(1),
    lambda T, c: c.pop(-1),
    lambda T, c: c.pop(4),
    lambda T, c: c + type(c)(),
    lambda T, c: [name for name in dir(c) if name.isdigit()],
])
def test_lists_of_modules(make, action):
    check(make, action)


@pytest.mark.parametrize("action", [
    lambda T, c: c + T.nn.Sequential(leaf(T, "new")),
    lambda T, c: c + leaves(T, "new"),
    lambda T, c: c.__iadd__(T.nn.Sequential(leaf(T, "new"))),
    lambda T, c: c.__iadd__(leaves(T, "new")),
    lambda T, c: c.insert(5, leaf(T, "new")),
    lambda T, c: c.insert(-5, leaf(T, "new")),
    lambda T, c: c.insert(-1, leaf(T, "new")),
    lambda T, c: c[1:],
    lambda T, c: T.nn.Sequential(),
    lambda T, c: T.nn.Sequential(3),
    lambda T, c: T.nn.Sequential({"a": leaf(T, "a")}),
    lambda T, c: T.nn.Sequential(OrderedDict(keys=leaf(T, "a"))),
])
def test_sequential(action):
    def same_but_for_the_module_path(T, c):
        try:
            return action(T, c)
        except ValueError as error:
            return str(error).replace("minitorch", "torch")

    check(sequential, same_but_for_the_module_path)


@pytest.mark.parametrize("action", [
    lambda T, c: c.append(leaf(T, "new")),
    lambda T, c: c[:1],
    lambda T, c: c.first,
    lambda T, c: c.pop(0),
    lambda T, c: c.__delitem__(1),
])
def test_sequential_with_names(action):
    check(named, action)


def test_sequential_insert_among_names():
    model = named(minitorch)  # PyTorch raises KeyError here
    assert [name for name, _ in model.insert(1, leaf(minitorch, "new")).named_children()] == ["0", "1", "2"]
    assert [str(module) for module in model] == ["a()", "new()", "b()"]


def test_sequential_insert_refuses_what_is_no_module():
    model = sequential(minitorch)
    with pytest.raises(TypeError, match="int is not a Module subclass"):
        model.insert(1, 3)
    assert [str(module) for module in model] == ["a()", "b()", "c()", "d()"]


def test_sequential_calls_one_after_the_other():
    class Call(nn.Module):
        def __init__(self, name):
            super().__init__()
            self.name = name

        def forward(self, x):
            return f"{self.name}({x})"

    assert nn.Sequential(Call("f"), Call("g"))("x") == "g(f(x))"
    assert nn.Sequential()("x") == "x"


@pytest.mark.parametrize("names", ["", "a", "aa", "aabba", "abc", "abbb"])
def test_module_list_puts_equal_neighbours_on_one_line(names):
    check_same(lambda T: repr(T.nn.ModuleList(leaves(T, names))))
    check_same(lambda T: repr(T.nn.Sequential(T.nn.ModuleList([T.nn.Sequential(*leaves(T, names)) for _ in range(3)]))))


@pytest.mark.parametrize("action", [
    lambda T, c: c + leaves(T, "xy"),
    lambda T, c: c.__iadd__(leaves(T, "xy")),
    lambda T, c: c.extend(3),
    lambda T, c: T.nn.ModuleList([3]),
    lambda T, c: T.nn.ModuleList([None, leaf(T, "a")]),
    lambda T, c: c.pop(slice(0, 2)),
    lambda T, c: c(1),
])
def test_module_list(action):
    check(module_list, action)


@pytest.mark.parametrize("action", [
    lambda T, c: [c["w"], len(c), list(c), "x" in c, "q" in c, c.keys(), c.items(), c.values()],
    lambda T, c: c["q"],
    lambda T, c: c.__setitem__("new", leaf(T, "new")),
    lambda T, c: c.__setitem__("x", leaf(T, "new")),
    lambda T, c: c.__setitem__("keys", leaf(T, "new")),
    lambda T, c: c.__setitem__(3, leaf(T, "new")),
    lambda T, c: c.__delitem__("x"),
    lambda T, c: c.pop("x"),
    lambda T, c: c.pop("q"),
    lambda T, c: c.clear(),
    lambda T, c: c.update([("y", leaf(T, "new")), ("w", leaf(T, "new"))]),
    lambda T, c: c.update(T.nn.ModuleDict({"y": leaf(T, "new")})),
    lambda T, c: c.update(3),
    lambda T, c: c.update([("y",)]),
    lambda T, c: T.nn.ModuleDict(),
    lambda T, c: T.nn.ModuleDict([["y", leaf(T, "new")]]),
    lambda T, c: c(1),
])
def test_module_dict(action):
    check(module_dict, action)


@pytest.mark.parametrize("action", [
    lambda T, c: [c[0], c[-1], c[2], len(c), list(c)],
    lambda T, c: c[1:3],
    lambda T, c: c[4],
    lambda T, c: c.append(T.ones(2)),
    lambda T, c: c.append("text"),
    lambda T, c: c.extend([T.ones(2), T.nn.Parameter(T.ones(3), False)]),
    lambda T, c: c.extend(3),
    lambda T, c: c.extend(T.ones(3)),
    lambda T, c: c.__iadd__([T.ones(2)]),
    lambda T, c: c.__setitem__(-1, T.ones(2)),
    lambda T, c: c.__setitem__(4, T.ones(2)),
    lambda T, c: T.nn.ParameterList(),
    lambda T, c: T.nn.ParameterList([T.ones(2)]),
    lambda T, c: T.nn.ParameterList([leaf(T, "a")]),
    lambda T, c: c(1),
])
def test_parameter_list(action):
    check(parameter_list, action)


@pytest.mark.parametrize("action", [
    lambda T, c: [c["a"], c["c"], len(c), list(c), list(reversed(c)), "a" in c, "q" in c],
    lambda T, c: [c.keys(), list(c.items()), list(c.values())],
    lambda T, c: c["q"],
    lambda T, c: c[3],
    lambda T, c: c.__setitem__("new", T.ones(2)),
    lambda T, c: c.__delitem__("a"),
    lambda T, c: c.__delitem__("q"),
    lambda T, c: [c.get("a"), c.get("q"), c.get("q", 5)],
    lambda T, c: [c.setdefault("a", T.ones(1)), c.setdefault("z", T.ones(1))],
    lambda T, c: c.pop("a"),
    lambda T, c: c.pop("q"),
    lambda T, c: c.popitem(),
    lambda T, c: c.clear(),
    lambda T, c: c.copy(),
    lambda T, c: c.fromkeys(["u", "v"], T.ones(1)),
    lambda T, c: c.update({"z": T.ones(1), "y": T.ones(1)}),
    lambda T, c: c.update([("z", T.ones(1)), ("y", T.ones(1))]),
    lambda T, c: c.update(T.nn.ParameterDict(OrderedDict(z=T.ones(1), y=T.ones(1)))),
    lambda T, c: c | {"z": T.ones(1)},
    lambda T, c: {"z": T.ones(1)} | c,
    lambda T, c: c.__ior__({"z": T.ones(1)}),
    lambda T, c: T.nn.ParameterDict(),
    lambda T, c: c(1),
])
def test_parameter_dict(action):
    def without_the_link(T, c):
        try:
            return action(T, c)
        except TypeError as error:
            return str(error).split(" Open an issue")[0]

    check(parameter_dict, without_the_link)


def test_a_list_can_be_extended_by_itself():
    for make in (sequential, module_list):
        container = make(minitorch)
        before = list(container)
        assert list(container.extend(container)) == 2 * before  # PyTorch raises


def test_dicts_refuse_what_is_no_mapping():
    for make in (module_dict, parameter_dict):
        check_raises(lambda T: make(T).update(3),
                     match="update should be called with an iterable of key/value pairs, but got int")
        check_raises(lambda T: make(T).update([3]), match="update sequence element #0 should be Iterable")
        check_raises(lambda T: make(T).update([(3,)]), match="update sequence element #0 has length 1; 2 is required")


def test_a_copy_of_a_parameter_dict_holds_the_same_parameters():
    original = parameter_dict(minitorch)
    assert original.copy()["a"] is original["a"]
    assert copy.deepcopy(original)["a"] is not original["a"]


def test_a_parameter_list_that_refuses_a_value_stays_as_it_was():
    values = nn.ParameterList([minitorch.ones(1)])
    with pytest.raises(RuntimeError, match="nly Tensors of floating point"):
        values.append(minitorch.tensor([1]))
    assert len(values) == 1 and [x.tolist() for x in values] == [[1.0]]
