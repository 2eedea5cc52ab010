"""The switches of recording: as context managers, decorators and function calls, in threads, and inference tensors."""
import threading

import pytest

import minitorch
from tests.oracle import check_raises, check_same

SWITCHES = [lambda T: T.no_grad(), lambda T: T.enable_grad(), lambda T: T.set_grad_enabled(False),
    lambda T: T.set_grad_enabled(True),
            lambda T: T.inference_mode(), lambda T: T.inference_mode(False), lambda T: T.inference_mode(mode=True)]


def state(T):
    return T.is_grad_enabled(), T.is_inference_mode_enabled()


@pytest.mark.parametrize("outer", SWITCHES)
@pytest.mark.parametrize("inner", SWITCHES)
def test_nested(outer, inner):
    def states(T):
        seen = [state(T)]
        with outer(T):
            seen.append(state(T))
            with inner(T):
                seen.append(state(T))
            seen.append(state(T))
        return seen + [state(T)]

    check_same(states)


@pytest.mark.parametrize("switch", SWITCHES + [lambda T: T.no_grad, lambda T: T.enable_grad,
    lambda T: T.inference_mode])
def test_decorated(switch):
    def states(T):
        seen = [state(T)]
        decorate = switch(T)

        @decorate
        def function(depth, *, also):
            """What it does."""
            seen.append((depth, also, *state(T)))
            return function(depth - 1, also=also) if depth else "done"

        seen += [state(T), function(2, also=3), state(T), function.__name__, function.__doc__]
        return seen

    check_same(states)


@pytest.mark.parametrize("switch", SWITCHES[:1] + SWITCHES[2:3] + SWITCHES[4:5])
def test_decorated_generator(switch):
    def states(T):
        seen = []

        @switch(T)
        def generator():
            try:
                got = yield state(T)
                while got:
                    seen.append((got, *state(T)))
                    try:
                        got = yield state(T)
                    except KeyError:
                        seen.append(("caught", *state(T)))
                        got = 1
            finally:
                seen.append(("closed", *state(T)))
            return "value"

        g = generator()
        seen += [next(g), state(T), g.send("one"), state(T), g.throw(KeyError), state(T)]
        try:
            g.send(0)
        except StopIteration as stop:
            seen.append(stop.value)
        g = generator()
        next(g)
        g.close()
        return seen + [state(T)]

    check_same(states)


def test_one_object_may_be_entered_twice():
    switch = minitorch.no_grad()
    with switch:
        with switch:
            pass
        assert not minitorch.is_grad_enabled()
    assert minitorch.is_grad_enabled()


def test_an_error_inside_switches_back():
    with pytest.raises(KeyError), minitorch.no_grad():
        raise KeyError
    assert minitorch.is_grad_enabled()


def test_set_grad_enabled_acts_at_once():
    def states(T):
        T.set_grad_enabled(False)
        seen = [state(T)]
        T.set_grad_enabled(True)
        return seen + [state(T)]

    check_same(states)
    check_raises(lambda T: T.set_grad_enabled(lambda: 0), match="must be bool, not function")
    check_raises(lambda T: T.set_grad_enabled(1), match="must be bool")


@pytest.mark.parametrize("switch", SWITCHES)
def test_what_is_recorded(switch):
    def flags(T):
        x = T.ones(2, requires_grad=True)
        with switch(T):
            results = [x * 2, x.view(2), x.detach(), T.ones(1), x.sum(), x[0]]
            with T.enable_grad():
                results += [x + 1]
        return [(y.requires_grad, y.is_inference(), y.grad_fn is None)
                for y in results[:1] + results[2:5] + results[6:]]

    check_same(flags)


def test_the_modes_belong_to_a_thread():
    seen = []
    with minitorch.inference_mode():
        thread = threading.Thread(target=lambda: seen.append(state(minitorch)))
        thread.start()
        thread.join()
    assert seen == [(True, False)]


def inference(T, shape=(2,), **options):
    with T.inference_mode():
        return T.ones(shape, **options)


@pytest.mark.parametrize("use", [
    lambda T, x, n: n.add_(1), lambda T, x, n: n.view(2).mul_(2), lambda T, x, n: x * n,
    lambda T, x, n: (x * 1).mul_(n),
    lambda T, x, n: n.requires_grad_(), lambda T, x, n: n._version, lambda T, x, n: n.__setitem__(0, 1.),
    lambda T, x, n: n.zero_()])
def test_inference_tensors_stay_out_of_graphs(use):
    check_raises(lambda T: use(T, T.ones(2, requires_grad=True), inference(T)), match="[Ii]nference")


def test_saving_an_inference_tensor_says_what_to_do():
    check_raises(lambda T: T.ones(2, requires_grad=True) * inference(T), match="can make a clone to get a normal "
                                                                               "tensor and use it in autograd")


@pytest.mark.parametrize("use", [
    lambda T, x, n: (n + 1).is_inference(), lambda T, x, n: n.clone().is_inference(),
    lambda T, x, n: n.detach().is_inference(),
    lambda T, x, n: n.view(2, 1).is_inference(), lambda T, x, n: (x + n).requires_grad,
    lambda T, x, n: (x * 1).copy_(n).is_inference(),
    lambda T, x, n: inference(T, requires_grad=True).requires_grad,
    lambda T, x, n: (inference(T, requires_grad=True) * 2).requires_grad,
    lambda T, x, n: n.requires_grad_(False).requires_grad])
def test_what_may_be_done_with_inference_tensors(use):
    check_same(lambda T: use(T, T.ones(2, requires_grad=True), inference(T)))


def test_inside_inference_mode_normal_tensors_can_be_written():
    def versions(T):
        x, n = T.ones(2), inference(T)
        with T.inference_mode():
            x.add_(1)
            n.add_(1)
        return x, n, x._version

    check_same(versions)


@pytest.mark.parametrize("mode", ["no_grad", "inference_mode"])
def test_a_view_made_without_recording_is_not_written_with(mode):
    def write(T):
        base = T.ones(2, requires_grad=True) * 2
        with getattr(T, mode)():
            view = base.view(2)
        view.add_(1)

    check_raises(write, match="A view was created in")
