"""nn.Module: registration, the tree of modules, state dicts, hooks, printing, copying."""
import copy
import gc
import pickle
import weakref
from collections import OrderedDict

import numpy as np
import pytest

import minitorch
from minitorch import nn
from tests.oracle import check_raises, check_same


def net(T):
    """A module with one of each: parameters, buffers (one is not persistent) and children, present and absent."""

    class Net(T.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = T.nn.Parameter(T.ones(2))
            self.register_parameter("absent", None)
            self.register_buffer("running", T.zeros(2))
            self.register_buffer("cache", T.ones(1), persistent=False)
            self.register_buffer("no_buffer", None)
            self.count = T.nn.Buffer(T.tensor(3))
            self.child = scale(T)
            self.nothing = scale(T)
            self.nothing = None
            self.number = 7

        def forward(self, x):
            return self.child(x) * self.weight

    return Net()


def scale(T):
    class Scale(T.nn.Module):
        def __init__(self):
            super().__init__()
            self.factor = T.nn.Parameter(T.tensor(2.))

        def forward(self, x, *others, shift=0):
            return x * self.factor + shift

        def extra_repr(self):
            return "by=2"

    return Scale()


def tree(T):
    """net, twice the same net, and a parameter that two modules share."""
    model = T.nn.Sequential(net(T), T.nn.Sequential(scale(T), scale(T)))
    model.append(model[0])
    model[1][1].factor = model[1][0].factor
    return model


def complaint(action, *args):
    """The exception that `action` raises, as text; None if it raises none."""
    try:
        action(*args)
    except Exception as error:
        return f"{type(error).__name__}: {error}".replace("minitorch", "torch")


def registered(module):
    return [list(module._parameters), list(module._buffers), list(module._modules), "number" in vars(module),
            list(module.state_dict())]


# ----------------------------------------------------------------------------------------------------- registration
NAMES = ["weight", "absent", "running", "cache", "no_buffer", "child", "nothing", "new"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [
    lambda T: 3, lambda T: "text", lambda T: None, lambda T: T.zeros(2), lambda T: T.zeros(2, dtype=T.int64),
    lambda T: T.nn.Parameter(T.zeros(2)), lambda T: T.nn.Buffer(T.zeros(2)),
    lambda T: T.nn.Buffer(T.zeros(2), persistent=False), lambda T: T.nn.Module(), lambda T: np.float64(3),
])
def test_assigning(name, value):
    def outcome(T):
        module = net(T)
        error = complaint(setattr, module, name, value(T))
        return [error, registered(module), type(getattr(module, name)).__name__.replace("Buffer", "Tensor")]

    check_same(outcome)


@pytest.mark.parametrize("value", [lambda T: 3, lambda T: T.nn.Parameter(T.zeros(2)), lambda T: T.nn.Module()])
def test_assigning_to_an_ordinary_attribute(value):
    check_same(lambda T: [[complaint(setattr, m, "number", value(T)), registered(m)] for m in [net(T)]])


def test_a_buffer_takes_the_place_of_an_ordinary_attribute():
    module = net(minitorch)
    module.number = nn.Buffer(minitorch.zeros(1))  # PyTorch raises KeyError here
    assert "number" in module._buffers and "number" not in vars(module)


@pytest.mark.parametrize("name", NAMES + ["number", "forward"])
def test_deleting(name):
    def outcome(T):
        module = net(T)
        return [complaint(delattr, module, name), registered(module), hasattr(module, name)]

    check_same(outcome)


@pytest.mark.parametrize("act", [
    lambda T, m: m.register_parameter("new", T.nn.Parameter(T.zeros(1))),
    lambda T, m: m.register_parameter("weight", None),
    lambda T, m: m.register_parameter("", None),
    lambda T, m: m.register_parameter("child", None),
    lambda T, m: m.register_parameter(3, None),
    lambda T, m: m.register_parameter("new", T.zeros(1)),
    lambda T, m: m.register_parameter("new", 3),
    lambda T, m: m.register_parameter("new", T.nn.Parameter(T.zeros(1), False).mul_(T.ones(1, requires_grad=True))),
    lambda T, m: m.register_buffer("new", T.zeros(1)),
    lambda T, m: m.register_buffer("new", T.zeros(1), persistent=False),
    lambda T, m: m.register_buffer("cache", T.zeros(1)),
    lambda T, m: m.register_buffer("running", None),
    lambda T, m: m.register_buffer("", None),
    lambda T, m: m.register_buffer("child", None),
    lambda T, m: m.register_buffer(3, None),
    lambda T, m: m.register_buffer("new", 3),
    lambda T, m: m.add_module("new", T.nn.Module()),
    lambda T, m: m.add_module("child", None),
    lambda T, m: m.register_module("new", T.nn.Module()),
    lambda T, m: m.add_module("a.b", None),
    lambda T, m: m.add_module("", None),
    lambda T, m: m.add_module("weight", None),
    lambda T, m: m.add_module("forward", T.nn.Module()),
    lambda T, m: m.add_module(3, None),
    lambda T, m: m.add_module("new", 3),
])
def test_registering(act):
    def outcome(T):
        module = net(T)
        return [complaint(act, T, module), registered(module)]

    check_same(outcome)


def test_a_dot_in_a_name_is_refused():
    for register in ("register_parameter", "register_buffer", "add_module"):
        check_raises(lambda T: getattr(net(T), register)("a.b", None), match='name can\\\\\'t contain "."')


@pytest.mark.parametrize("value, kind", [
    (lambda T: T.nn.Parameter(), "parameters"),
    (lambda T: T.nn.Module(), "module"),
    (lambda T: T.nn.Buffer(), "buffer"),
])
def test_assigning_before_init(value, kind):
    def early(T):
        class Early(T.nn.Module):
            def __init__(self):
                self.value = value(T)
        return Early()

    check_raises(early, match=rf"cannot assign {kind} before Module.__init__\(\) call")


def test_attributes_that_are_missing():
    check_same(lambda T: [complaint(getattr, net(T), "new"), complaint(getattr, net(T), "_parameter")])
    check_raises(lambda T: T.nn.Module()(1), match=r'Module \[Module\] is missing the required "forward" function')
    check_raises(lambda T: T.nn.Module(3))


@pytest.mark.parametrize("name", [
    "", "1", "1.0", "1.0.factor", "0.child", "0.weight", "0.running", "0.child.x", "x.y", "0.number", "0.nothing",
    "0.absent",
])
@pytest.mark.parametrize("get", ["get_submodule", "get_parameter", "get_buffer"])
def test_dotted_names(get, name):
    check_same(lambda T: [complaint(getattr(tree(T), get), name)
                          or type(getattr(tree(T), get)(name)).__name__.replace("Buffer", "Tensor")])


def test_dir_lists_what_is_registered():
    model = tree(minitorch)
    assert {"weight", "running", "child", "number", "forward", "training"} <= set(dir(model[0]))
    assert not [name for name in dir(model) if name[0].isdigit()] and dir(model) == sorted(dir(model))


# --------------------------------------------------------------------------------------------------------- the tree
@pytest.mark.parametrize("walk", [
    lambda m: m.named_modules(), lambda m: m.named_modules(prefix="p"),
    lambda m: m.named_modules(remove_duplicate=False),
    lambda m: m.named_children(), lambda m: m[0].named_children(),
    lambda m: m.named_parameters(), lambda m: m.named_parameters(prefix="p"),
    lambda m: m.named_parameters(recurse=False),
    lambda m: m.named_parameters(remove_duplicate=False), lambda m: m[0].named_parameters("p", False),
    lambda m: m.named_buffers(), lambda m: m.named_buffers(prefix="p"),
    lambda m: m.named_buffers(remove_duplicate=False),
    lambda m: m[0].named_buffers(recurse=False),
])
def test_walks(walk):
    check_same(lambda T: [[name, repr(found)] for name, found in walk(tree(T))])


def test_walks_without_names():
    check_same(lambda T: [[repr(found) for found in walk] for m in [tree(T)] for walk in (
        m.modules(), m.modules(False), m.children(), m.parameters(), m[0].parameters(recurse=False), m.buffers())])


def test_apply_goes_to_the_children_first():
    def visited(T):
        seen, model = [], tree(T)
        assert model.apply(lambda module: seen.append(repr(module))) is model
        return seen

    check_same(visited)


def test_train_and_eval():
    for change in (lambda m: m.eval(), lambda m: m.eval().train(), lambda m: m.train(False)[1].train()):
        check_same(lambda T: [module.training for module in change(tree(T)).modules()])
    check_raises(lambda T: tree(T).train(1), match="training mode is expected to be boolean")


def test_requires_grad_():
    check_same(lambda T: [p.requires_grad for on in (False, True) for p in tree(T).requires_grad_(on).parameters()])


@pytest.mark.parametrize("set_to_none", [True, False])
def test_zero_grad(set_to_none):
    def gradients(T):
        model = net(T)
        model(T.ones(2)).sum().backward()
        before = model.weight.grad
        model.zero_grad(set_to_none=set_to_none)
        return [before, model.weight.grad, model.child.factor.grad]

    check_same(gradients)


@pytest.mark.parametrize("change", [
    lambda T, m: m.to(T.float64), lambda T, m: m.to(dtype=T.float16), lambda T, m: m.to("cpu"), lambda T, m: m.to(),
    lambda T, m: m.to("cpu", T.float64), lambda T, m: m.to(T.ones(1, dtype=T.float64)), lambda T, m: m.double(),
    lambda T, m: m.half().float(), lambda T, m: m.cpu(), lambda T, m: m.type(T.float64),
    lambda T, m: m.double().type("torch.FloatTensor"),
])
def test_casts_keep_the_parameters_and_cast_their_gradients(change):
    def outcome(T):
        model = net(T)
        model(T.ones(2)).sum().backward()
        parameters = dict(model.named_parameters())
        assert change(T, model) is model
        assert all(parameters[name] is parameter for name, parameter in model.named_parameters())
        model(T.ones(2)).sum().backward()
        return [[p, p.grad] for p in model.parameters()] + [dict(model.named_buffers())]

    check_same(outcome)


def test_casts_to_integers_are_refused():
    check_raises(lambda T: net(T).to(T.int64),
                 match="nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.int64")
    check_raises(lambda T: net(T).type(T.int64),
                 match="data set to a tensor that requires gradients must be floating point")


def test_what_does_nothing():
    model = net(minitorch)
    assert model.share_memory() is model and model.compile(mode="fast") is None


# ------------------------------------------------------------------------------------------------------ state dicts
@pytest.mark.parametrize("options", [{}, {"prefix": "p."}, {"keep_vars": True}])
def test_state_dict(options):
    check_same(lambda T: [[name, x, x.requires_grad] for name, x in tree(T).state_dict(**options).items()])
    check_same(lambda T: dict(tree(T).state_dict(**options)._metadata))


def test_state_dict_into_a_given_dict():
    destination = {"first": 1}
    assert net(minitorch).state_dict(destination=destination) is destination
    assert list(destination) == ["first", "weight", "running", "count", "child.factor"]


def test_state_dict_shares_memory():
    model = net(minitorch)
    model.state_dict()["weight"].zero_()
    assert model.weight.tolist() == [0.0, 0.0]


STATES = [
    lambda T: net(T).state_dict(),
    lambda T: {},
    lambda T: {"weight": T.zeros(3), "running": T.zeros(2, 1)},
    lambda T: {"weight": 3, "zz": 1, "child.zz": 2, "q.w.e": 3, "cache": T.zeros(1), "absent": T.zeros(1)},
    lambda T: {**net(T).state_dict(), "weight": T.tensor([5, 6])},
    lambda T: {**net(T).state_dict(), "count": T.tensor(2.5)},
    lambda T: {**net(T).state_dict(), "child.factor": T.tensor([4.])},
    lambda T: {**net(T).state_dict(), "weight": T.ones(2, dtype=T.float64)},
    lambda T: {**net(T).state_dict(), "weight": T.nn.Parameter(T.zeros(2), False)},
    lambda T: {**net(T).state_dict(), "_extra_state": 3},
    lambda T: 3,
]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("assign", [False, True])
@pytest.mark.parametrize("strict", [False, True])
def test_load_state_dict(state, strict, assign):
    def outcome(T):
        model, results = net(T), []
        error = complaint(lambda: results.append(model.load_state_dict(state(T), strict=strict, assign=assign)))
        error = error and error.replace("Only Tensors", "only Tensors").replace(" and complex", "")
        return [error, repr(results), str(results), list(map(tuple, results)),
                [[p, repr(p)] for p in model.parameters()], list(model.buffers())]

    check_same(outcome)


def test_loading_copies_and_assigning_does_not():
    for assign in (False, True):
        state = {"factor": minitorch.tensor(5.)}
        model = scale(minitorch)
        before = model.factor
        assert repr(model.load_state_dict(state, assign=assign)) == "<All keys matched successfully>"
        state["factor"].zero_()
        assert (model.factor.item(), model.factor is before) == ((0.0, False) if assign else (5.0, True))


def test_state_dicts_from_pytorch_and_back():
    def keys_and_values(T):
        model = tree(T)
        model.load_state_dict(OrderedDict((name, x * 2) for name, x in model.state_dict().items()))
        return dict(model.state_dict())

    check_same(keys_and_values)


def with_extra_state(T):
    class Extra(T.nn.Module):
        loaded = None

        def get_extra_state(self):
            return {"epoch": 3}

        def set_extra_state(self, state):
            self.loaded = state

    return T.nn.Sequential(Extra())


def test_extra_state():
    check_same(lambda T: dict(with_extra_state(T).state_dict()))
    check_same(lambda T: [m.load_state_dict({"0._extra_state": 5}) and m[0].loaded for m in [with_extra_state(T)]])
    check_same(lambda T: complaint(with_extra_state(T).load_state_dict, {}))
    check_raises(lambda T: T.nn.Module().get_extra_state())
    check_raises(lambda T: T.nn.Module().set_extra_state(1))


def test_state_dict_hooks():
    def log(T):
        seen, model = [], T.nn.Sequential(scale(T))
        model[0].register_state_dict_pre_hook(
            lambda module, prefix, keep: seen.append(["pre", repr(module), prefix, keep]))
        model[0].register_state_dict_post_hook(
            lambda module, state, prefix, metadata: seen.append(["post", list(state), prefix, dict(metadata)]))
        model[0].register_load_state_dict_pre_hook(
            lambda module, state, prefix, *rest: seen.append(["load pre", list(state), prefix, *rest]))
        model[0].register_load_state_dict_post_hook(
            lambda module, keys: seen.append(["load post", repr(module), tuple(keys)]))
        model.register_load_state_dict_post_hook(lambda module, keys: keys.missing_keys.clear())
        state = model.state_dict(prefix="p.")
        model.load_state_dict(model.state_dict())
        return seen, list(state), repr(model.load_state_dict({}))

    check_same(log)


def test_state_dict_hooks_return_nothing():
    def post(T):
        model = scale(T)
        model.register_state_dict_post_hook(lambda *args: 3)
        model.state_dict()

    def load_post(T):
        model = scale(T)
        model.register_load_state_dict_post_hook(lambda *args: 3)
        model.load_state_dict(model.state_dict())

    check_raises(post, match="state_dict post-hook must return None")
    check_raises(load_post, match="are not expected to return new values")


# ------------------------------------------------------------------------------------------------------------ hooks
def test_forward_hooks_are_called_in_order():
    def log(T):
        seen, model = [], scale(T)

        def note(name, result=None):
            def hook(module, *args):
                seen.append([name, *args])
                return result
            return hook

        model.register_forward_pre_hook(note("pre 1"))
        model.register_forward_pre_hook(note("pre 2", ((T.tensor(5.),), {"shift": 1})), with_kwargs=True)
        model.register_forward_pre_hook(note("pre 0", T.tensor(4.)), prepend=True)
        model.register_forward_hook(note("post 1"))
        model.register_forward_hook(note("post 2", "result"), with_kwargs=True)
        model.register_forward_hook(note("post 0"), prepend=True)
        model.register_forward_hook(note("post 3"), always_call=True)
        return model(T.tensor(3.), shift=2), seen

    check_same(log)


@pytest.mark.filterwarnings("ignore:Full backward hook is firing")
def test_hooks_are_removed():
    def calls(T):
        seen, model = [], scale(T)
        handles = [register(lambda *args: seen.append(len(args))) for register in (
            model.register_forward_pre_hook, model.register_forward_hook, model.register_full_backward_hook,
            model.register_full_backward_pre_hook)]
        for handle in handles:
            model(T.ones(1)).sum().backward()
            handle.remove()
        model(T.ones(1)).sum().backward()
        with model.register_forward_hook(lambda *args: seen.append("with")):
            model(T.ones(1))
        model(T.ones(1))
        return seen

    check_same(calls)


def failing(T, where):
    """A call that raises in `where`, with hooks that are always called; what was seen."""
    seen, model = [], scale(T)

    def fail(*args):
        raise ValueError(f"in {where}")

    if where == "forward":
        model.forward = fail
    if where == "pre-hook":
        model.register_forward_pre_hook(fail)
    model.register_forward_hook(lambda module, args, result: seen.append("early"))
    model.register_forward_hook(lambda module, args, result: seen.append(["early always", result]), always_call=True)
    if where == "hook":
        model.register_forward_hook(fail)
    model.register_forward_hook(lambda module, args, result: seen.append(["late always", result]), always_call=True)
    return complaint(model, T.tensor(1.)), seen


@pytest.mark.parametrize("where", ["nowhere", "pre-hook", "forward", "hook"])
def test_hooks_that_are_always_called(where):
    check_same(lambda T: failing(T, where))


def test_an_error_in_a_hook_that_is_always_called_does_not_hide_the_first():
    def silenced(T):
        model = T.nn.Module()  # without forward
        model.register_forward_hook(lambda *args: 1 / 0, always_call=True)
        with pytest.warns(UserWarning, match="was silenced as another error was raised in forward: division by zero"):
            model(1)

    check_raises(silenced, match="is missing the required")


def test_a_pre_hook_with_kwargs_returns_both():
    def wrong(T):
        model = scale(T)
        model.register_forward_pre_hook(lambda module, args, kwargs: args, with_kwargs=True)
        model(T.ones(1))

    check_raises(wrong, match=r"forward pre-hook must return None or a tuple of \(new_args, new_kwargs\)")


def two_outputs(T):
    class Two(T.nn.Module):
        def forward(self, a, b=None, c=3):
            return a * 2, a * b if b is not None else 5

    return Two()


def backward_log(T, call, pre=None, post=None, model=two_outputs):
    """What full backward hooks see, and the gradient that arrives."""
    seen, model = [], model(T)
    x, y = T.tensor([1., 2.], requires_grad=True), T.tensor([3., 4.])
    model.register_full_backward_pre_hook(lambda module, grad: seen.append(["pre", grad]) or (pre and pre(grad)))
    model.register_full_backward_hook(lambda module, *grads: seen.append(["post", *grads]) or (post and post(*grads)))
    model.register_full_backward_hook(lambda module, *grads: seen.append(["post 2", *grads]))
    result = call(model, x, y)
    error = complaint((result[0] if isinstance(result, tuple) else result).sum().backward)
    return error, seen, x.grad


@pytest.mark.parametrize("call", [
    lambda m, x, y: m(x), lambda m, x, y: m(x, y), lambda m, x, y: m(x, y, 3), lambda m, x, y: m(y, x),
    lambda m, x, y: m(x, x), lambda m, x, y: sum(m(x, y)), lambda m, x, y: m(m(x)[0]),
])
def test_full_backward_hooks_see_the_gradients(call):
    check_same(lambda T: backward_log(T, call))


@pytest.mark.filterwarnings("ignore:Full backward hook is firing")
def test_full_backward_hooks_do_not_see_keyword_arguments():
    check_same(lambda T: backward_log(T, lambda m, x, y: m(a=x, b=y)))


@pytest.mark.parametrize("pre, post", [
    (lambda out: (out[0] * 10, out[1]), None),
    (None, lambda into, out: tuple(g * 10 for g in into)),
    (lambda out: (out[0] * 2, None), lambda into, out: (into[0] + 1, into[1])),
    (lambda out: out[:1], None),
    (None, lambda into, out: into * 2),
])
def test_full_backward_hooks_replace_the_gradients(pre, post):
    check_same(lambda T: backward_log(T, lambda m, x, y: m(x, y), pre, post))


@pytest.mark.parametrize("post", [None, lambda into, out: (None,), lambda into, out: out])
def test_full_backward_hooks_where_no_input_requires_grad(post):
    def log(T):
        with pytest.warns(UserWarning, match="Full backward hook is firing when gradients are computed"):
            return backward_log(T, lambda m, x, y: m(y), post=post, model=scale)

    check_same(log)


def test_full_backward_hooks_run_again_in_second_derivatives():
    def second(T):
        seen, model = [], T.nn.Sequential(scale(T))
        model.register_full_backward_hook(lambda module, into, out: seen.append([*into, *out]))
        x = T.tensor([3.], requires_grad=True)
        gradient, = T.autograd.grad((model(x) ** 3).sum(), x, create_graph=True)
        gradient.sum().backward()
        return gradient, x.grad, seen

    check_same(second)


def test_full_backward_hooks_warn_where_there_is_no_tensor():
    def run(T):
        model = scale(T)
        model.forward = lambda x: {"out": x * 2}
        seen, x = [], T.ones(1, requires_grad=True)
        model.register_full_backward_hook(lambda *args: seen.append("called"))
        with pytest.warns(UserWarning, match="a Tensor or a tuple of Tensors but received <class 'dict'>"):
            model(x)["out"].sum().backward()
        return seen, x.grad

    check_same(run)


def test_backward_hooks_allow_modules_that_write_in_place():
    """PyTorch forbids it; here the hooked module works on a copy."""
    model = scale(minitorch)
    model.forward = lambda x: x.mul_(3)
    model.register_full_backward_hook(lambda module, into, out: None)
    x = minitorch.tensor([0.], requires_grad=True)
    y = x.exp()  # its backward needs y as it is
    model(y).sum().backward()
    assert y.tolist() == [1.0] and x.grad.tolist() == [3.0]


# ---------------------------------------------------------------------------------------------------- text and copies
def test_repr():
    def texts(T):
        class Lines(T.nn.Module):
            def extra_repr(self):
                return "one,\ntwo"

        lines = Lines()
        lines.child = T.nn.Sequential(Lines(), T.nn.Module())
        nested = T.nn.Sequential(T.nn.ModuleList([lines, lines]))
        return list(map(repr, [lines, Lines(), T.nn.Module(), tree(T), net(T), nested]))

    check_same(texts)


class Plain(nn.Module):
    """At the top of a file, as pickle wants it."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(minitorch.ones(2))
        self.tied = self.weight
        self.register_buffer("cache", minitorch.zeros(1), persistent=False)
        self.layers = nn.Sequential(nn.Module(), nn.Module())

    def forward(self, x):
        return x * self.weight


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))])
def test_copies_are_whole_and_apart(duplicate):
    model = Plain().eval()
    twin = duplicate(model)
    assert repr(twin) == repr(model) and not twin.training and list(twin.state_dict()) == list(model.state_dict())
    assert twin.tied is twin.weight and twin.weight is not model.weight and twin.weight.requires_grad
    twin.weight.detach().zero_()
    assert model(minitorch.ones(2)).tolist() == [1.0, 1.0] and twin(minitorch.ones(2)).tolist() == [0.0, 0.0]


def test_a_deep_copy_keeps_the_hooks_and_handles_of_each_apart():
    calls = []
    model = Plain()
    handle = model.register_forward_hook(lambda *args: calls.append(1))
    twin = copy.deepcopy(model)
    handle.remove()
    model(minitorch.ones(2))
    twin(minitorch.ones(2))
    assert calls == [1]


def test_a_model_is_freed_without_the_garbage_collector():
    model = nn.Sequential(Plain(), nn.ModuleList([Plain()]))
    model[0].register_full_backward_hook(lambda *args: None)
    model[0](minitorch.ones(2, requires_grad=True)).sum().backward()
    held = [weakref.ref(parameter) for parameter in model.parameters()]
    gc.disable()
    try:
        del model
        assert [reference() for reference in held] == [None] * len(held)
    finally:
        gc.enable()


# ------------------------------------------------------------------------------------------------ hooks on all modules
def test_hooks_on_all_modules():
    def calls(T):
        seen, module = [], T.nn.modules.module

        def note(what, result=None):
            def hook(m, *args):
                seen.append(f"{what} {type(m).__name__} {len(args)}")
                return result
            return hook

        model = T.nn.Sequential(T.nn.Linear(2, 2), T.nn.Tanh())
        model.register_forward_hook(note("own"))
        handles = [module.register_module_forward_pre_hook(note("before")),
                   module.register_module_forward_hook(note("after"), with_kwargs=True),
                   module.register_module_full_backward_pre_hook(note("backward before")),
                   module.register_module_full_backward_hook(note("backward after"))]
        x = T.ones(1, 2, requires_grad=True)
        model(x).sum().backward()
        for handle in handles:
            handle.remove()
        model(x).sum().backward()
        return seen
    check_same(calls)


def test_hooks_on_registration():
    def calls(T):
        seen, module = [], T.nn.modules.module

        def note(what):
            return lambda m, name, value: seen.append((what, type(m).__name__, name))

        with module.register_module_parameter_registration_hook(note("parameter")), \
                module.register_module_buffer_registration_hook(note("buffer")), \
                module.register_module_module_registration_hook(note("module")):
            model = T.nn.Sequential(T.nn.BatchNorm1d(2))
            model.more = T.nn.Tanh()
        with module.register_module_parameter_registration_hook(lambda m, name, p: T.nn.Parameter(p * 0)):
            model.weight = T.nn.Parameter(T.ones(2))
        return seen, model.weight.detach()
    check_same(calls)
