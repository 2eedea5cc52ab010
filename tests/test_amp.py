"""autocast and GradScaler against PyTorch."""
import pytest

import minitorch as torch
from tests.oracle import check_raises, check_same


@pytest.mark.parametrize("options", [{}, {"enabled": False}, {"dtype": "float16"}])
def test_dtypes_under_autocast(options):
    def dtypes(T):
        x, layer = T.ones(2, 2), T.nn.Linear(2, 2)
        given = {**options, "dtype": getattr(T, options["dtype"])} if "dtype" in options else options
        with T.autocast("cpu", **given):
            y = layer(x)
            results = [x @ x, y, layer(y), x + x, T.cat([y, x]), T.conv1d(x[None], x[None]), x.double() @ x.double(),
                       T.softmax(y, 1), T.nn.functional.cross_entropy(y, T.tensor([0, 1])), T.mv(x, x[0]),
                       T.nn.functional.mse_loss(y, y), T.einsum("ij,jk->ik", x, x), T.bmm(x[None], x[None])]
            inside = T.is_autocast_enabled("cpu"), T.get_autocast_dtype("cpu")
        return [r.dtype for r in results], inside, T.is_autocast_enabled("cpu"), (x @ x).dtype
    check_same(dtypes)


def test_gradients_have_the_parameters_dtype():
    def gradients(T):
        T.manual_seed(0)
        layer = T.nn.Linear(3, 2)
        with T.autocast("cpu"):
            loss = layer(T.arange(6.).view(2, 3)).square().sum()
        loss.backward()
        return loss, layer.weight.grad, layer.bias.grad
    check_same(gradients, rtol=1e-2)


def test_decorator_and_nesting():
    def dtypes(T):
        @T.autocast("cpu")
        def product(x):
            with T.autocast("cpu", enabled=False):
                inner = x @ x
            return inner.dtype, (x @ x).dtype
        return product(T.ones(2, 2))
    check_same(dtypes)


def test_functions_of_your_own():
    def dtypes(T):
        seen = []

        class Product(T.autograd.Function):
            @staticmethod
            @T.amp.custom_fwd(device_type="cpu", cast_inputs=T.float32)
            def forward(ctx, x):
                seen.append((x.dtype, (x @ x).dtype))
                return x @ x

            @staticmethod
            @T.amp.custom_bwd(device_type="cpu")
            def backward(ctx, grad):
                return grad

        with T.autocast("cpu"):
            Product.apply(T.ones(2, 2, dtype=T.bfloat16, requires_grad=True)).sum().backward()
        return seen
    check_same(dtypes)


def test_no_cuda():
    with pytest.warns(UserWarning, match="CUDA is not available"):
        with torch.autocast("cuda"):
            assert (torch.ones(2, 2) @ torch.ones(2, 2)).dtype is torch.float32
    with pytest.warns(UserWarning, match="Disabling"):
        assert not torch.amp.GradScaler().is_enabled()
    with pytest.warns(FutureWarning, match="deprecated"), pytest.warns(UserWarning, match="Disabling"):
        torch.cuda.amp.GradScaler()
    with pytest.warns(UserWarning, match="target dtype is not supported"):
        torch.autocast("cpu", dtype=torch.float32)
    check_raises(lambda T: T.autocast(3), "Expected `device_type` of type `str`")


def test_grad_scaler():
    def history(T):
        scaler = T.amp.GradScaler("cpu", init_scale=8., growth_interval=2)
        p = T.nn.Parameter(T.ones(2))
        optimizer, seen = T.optim.SGD([p], lr=0.1), []
        for factor in (1., 1., float("inf"), 1., float("nan")):
            optimizer.zero_grad()
            scaler.scale((p * p).sum() * factor).backward()
            scaler.unscale_(optimizer)
            T.nn.utils.clip_grad_norm_([p], 10.)
            scaler.step(optimizer)
            scaler.update()
            seen += [p.detach().clone(), scaler.get_scale()]
        other = T.amp.GradScaler("cpu")
        other.load_state_dict(scaler.state_dict())
        return seen, other.state_dict(), scaler.scale([p.detach(), (p.detach(),)])
    check_same(history)


@pytest.mark.parametrize("match, use", [
    ("already been called on this optimizer", lambda scaler, o: (scaler.unscale_(o), scaler.unscale_(o))),
    ("already been called since the last", lambda scaler, o: (scaler.step(o), scaler.step(o))),
    ("after step", lambda scaler, o: (scaler.step(o), scaler.unscale_(o))),
    ("No inf checks", lambda scaler, o: scaler.update()),
    ("Closure use", lambda scaler, o: scaler.step(o, closure=lambda: 0)),
    ("source state dict is empty", lambda scaler, o: scaler.load_state_dict({})),
])
def test_misuse(match, use):
    def wrong(T):
        p = T.nn.Parameter(T.ones(2))
        p.grad = T.ones(2)
        scaler = T.amp.GradScaler("cpu")
        scaler.scale(T.ones(1))
        use(scaler, T.optim.SGD([p], lr=0.1))
    check_raises(wrong, match)


def test_a_disabled_scaler_does_nothing():
    def answers(T):
        p = T.nn.Parameter(T.ones(2))
        p.grad = T.ones(2)
        scaler, optimizer = T.amp.GradScaler("cpu", enabled=False), T.optim.SGD([p], lr=0.5)
        scaler.unscale_(optimizer)
        scaler.step(optimizer)
        scaler.update()
        return scaler.scale(3), scaler.get_scale(), scaler.state_dict(), p.detach()
    check_same(answers)
