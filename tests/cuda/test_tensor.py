"""Tensors on device "cuda": moving, mixing, gradients, what torch.cuda says, and a network that learns."""
import copy
import gc
import pickle

import numpy as np
import pytest

import minitorch as torch
from minitorch.kernels.cuda import _memory, _runtime


def on_both(function, *arrays, rtol=2e-5, atol=1e-6):
    """Assert that function(*tensors) and the gradients of its sum are the same on both devices."""
    results = []
    for device in ("cpu", "cuda"):
        inputs = [torch.tensor(a, device=device, requires_grad=a.dtype.kind == "f") for a in arrays]
        out = function(*inputs)
        assert out.device.type == device
        (out * out).sum().backward()
        grads = [x.grad for x in inputs if x.requires_grad]
        assert all(grad.device.type == device for grad in grads)
        results.append([x.detach().cpu().numpy() for x in (out, *grads)])
    for ours, theirs in zip(results[1], results[0], strict=True):
        assert (ours.shape, ours.dtype) == (theirs.shape, theirs.dtype)
        np.testing.assert_allclose(ours, theirs, rtol, atol)


rng = np.random.default_rng(0)
X, W, B = (rng.standard_normal(shape).astype(np.float32) for shape in [(4, 6), (6, 3), (3,)])


@pytest.mark.parametrize("function, arrays", [
    (lambda x, y: x * y + x / y - 3, (X, X + 5)), (lambda x, b: x @ x.T + b, (X, B[:1])),
    (lambda x, w, b: torch.addmm(b, x, w), (X, W, B)), (lambda x: x.exp().log1p().tanh().sigmoid().sqrt(), (X,)),
    (lambda x: x.sum(0) * x.mean(1, keepdim=True)[:1] + x.amax(1)[0], (X,)), (lambda x: x.t()[1:, ::2] ** 3, (X,)),
    (lambda x: x.var(0) + x.norm(dim=0) + x.logsumexp(0), (X,)), (lambda x: torch.relu(x).clamp(0, 1), (X,)),
    (lambda x: torch.where(x > 0, x, 2 * x).view(2, 12), (X,)), (lambda x: x.softmax(1) * x.log_softmax(0), (X,)),
    (lambda x, y: torch.maximum(x, y).expand(2, 4, 6), (X, -X)),
    (lambda x: x.diagonal() * x.unfold(1, 4, 2).sum(), (X,)),
    (lambda x: torch.cat([x, x[:1]]).tril() + 1, (X,)),
    (lambda x: torch.nn.functional.gelu(x) + torch.nn.functional.silu(x), (X,)),
    (lambda x: x.double().float().half().float(), (X,)), (lambda x: x.reshape(3, 8).permute(1, 0).unsqueeze(1), (X,)),
    (lambda x: torch.nn.functional.elu(x) + torch.nn.functional.leaky_relu(x), (X,))], ids=range(17))
def test_operations_and_their_gradients(function, arrays):
    on_both(function, *arrays)


def test_moving():
    x = torch.arange(6.0).view(2, 3)
    y = x.to("cuda", non_blocking=True)
    assert y.is_cuda and not y.is_cpu and y.device == torch.device("cuda", 0) and y.get_device() == 0
    assert y.cuda() is y and y.to("cuda:0") is y and x.cpu() is x and y.to(device="cuda", dtype=torch.float32) is y
    assert y.to(torch.float64).is_cuda and x.to("cuda", torch.float64).dtype is torch.float64
    assert x.to(y).is_cuda and torch.equal(y.cpu(), x) and y.tolist() == x.tolist() and y[1, 2].item() == 5
    assert x.t().cuda().stride() == x.t().stride() and x[:, 1:].cuda().tolist() == x[:, 1:].tolist()
    assert y.type() == "torch.cuda.FloatTensor"
    assert repr(y.int()) == "tensor([[0, 1, 2],\n        [3, 4, 5]], device='cuda:0', dtype=torch.int32)"
    with pytest.raises(RuntimeError, match="invalid device ordinal"):
        x.to("cuda:1")


def test_a_gradient_goes_back_to_where_the_tensor_is():
    x = torch.ones(3, requires_grad=True)
    y = x.cuda()
    assert y.grad_fn.name() == "ToCopyBackward0"
    (y * 2).sum().backward()
    assert x.grad.device.type == "cpu" and x.grad.tolist() == [2, 2, 2]


def test_making_tensors():
    for x in [torch.zeros(2, device="cuda"), torch.ones(2, device="cuda"), torch.full((2,), 7, device="cuda"),
              torch.empty(2, device="cuda"), torch.arange(2, device="cuda"), torch.tensor([1, 2], device="cuda"),
              torch.rand(2, device="cuda"), torch.eye(2, device="cuda"), torch.linspace(0, 1, 3, device="cuda")]:
        assert x.is_cuda
        assert all(like.is_cuda for like in (torch.zeros_like(x), torch.ones_like(x), torch.empty_like(x),
                                             x.new_zeros(2), x.new_tensor([1.0]), torch.full_like(x, 2)))
        assert torch.zeros_like(x, device="cpu").is_cpu and torch.zeros_like(x.cpu(), device="cuda").is_cuda
    assert torch.rand_like(torch.zeros(2, device="cuda")).is_cuda
    assert torch.full((2,), 7, device="cuda").tolist() == [7, 7]
    with torch.device("cuda"):
        assert torch.zeros(2).is_cuda and torch.randn(2).is_cuda
    torch.manual_seed(0)
    on_gpu = torch.randn(3, device="cuda")
    torch.manual_seed(0)
    assert torch.equal(on_gpu.cpu(), torch.randn(3))


def test_mixing_devices():
    a, b = torch.ones(2, 2, device="cuda"), torch.ones(2, 2)
    for call in (lambda: a + b, lambda: b * a, lambda: a @ b, lambda: a == b, lambda: torch.where(a > 0, a, b)):
        with pytest.raises(RuntimeError, match="Expected all tensors to be on the same device, but found at least two"):
            call()
    assert (a + torch.tensor(2.0)).tolist() == [[3, 3], [3, 3]]  # one number may come along
    assert (torch.tensor(2.0) * a).is_cuda and (a > torch.tensor(0)).is_cuda


def test_numpy_is_told_to_wait():
    x = torch.ones(2, device="cuda")
    with pytest.raises(TypeError, match="can't convert cuda:0 device type tensor to numpy. Use Tensor.cpu()"):
        x.numpy()
    with pytest.raises(TypeError, match="can't convert cuda:0"):
        np.asarray(x)
    assert x.numpy(force=True).tolist() == [1, 1]


def test_what_is_missing_says_so():
    with pytest.raises(NotImplementedError, match="'cumsum' has no CUDA kernel yet"):
        torch.ones(3, device="cuda").cumsum(0)


def test_writing_in_place():
    x = torch.zeros(3, 4, device="cuda")
    view = x[1]
    view += 2
    x[:, 0] = torch.arange(3.0)
    x.mul_(10).t()[3].fill_(1)
    x[2, 2:] = 7
    assert x.tolist() == [[0, 0, 0, 1], [10, 20, 20, 1], [20, 0, 7, 7]]
    assert view._version == x._version > 3
    leaf = torch.ones(2, device="cuda", requires_grad=True)
    y = leaf * 1
    y[0] = 5
    (y * y).sum().backward()
    assert leaf.grad.tolist() == [0, 2]


def test_copies_and_files(tmp_path):
    x = torch.arange(4.0, device="cuda", requires_grad=True)
    for twin in (copy.deepcopy(x), pickle.loads(pickle.dumps(x)), x.clone()):
        assert twin.is_cuda and twin.tolist() == x.tolist() and twin.data_ptr() != x.data_ptr()
    file = tmp_path / "x.pt"
    torch.save({"x": x.detach(), "view": x.detach().view(2, 2).t()}, file)
    for location in ("cuda", torch.device("cuda", 0), {"cpu": "cuda:0"}):
        loaded = torch.load(file, map_location=location)
        assert loaded["x"].is_cuda and loaded["x"].tolist() == [0, 1, 2, 3]
        assert loaded["view"].is_cuda and loaded["view"].tolist() == [[0, 2], [1, 3]]
    assert torch.load(file, map_location="cpu")["view"].is_cpu
    model = torch.nn.Linear(2, 2).cuda()
    model.load_state_dict({name: p + 1 for name, p in torch.nn.Linear(2, 2).state_dict().items()})
    assert model.weight.is_cuda and all(p.is_cuda for p in model.state_dict().values())


# ----------------------------------------------------------------------------------------------------------- torch.cuda
def test_questions():
    assert torch.cuda.is_available() and torch.cuda.why_not() is None and torch.cuda.device_count() == 1
    assert torch.cuda.current_device() == 0 and torch.cuda.get_device_name() == _runtime.driver().name
    assert torch.cuda.get_device_capability(0) >= (7, 5) and torch.cuda.get_device_properties(0).total_memory > 0
    torch.cuda.set_device(0), torch.cuda.synchronize(), torch.cuda.manual_seed(0)
    with pytest.raises(RuntimeError, match="invalid device ordinal"):
        torch.cuda.set_device(1)


def test_time():
    start, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
    with pytest.raises(ValueError, match="recorded"):
        start.elapsed_time(end)
    start.record()
    torch.ones(2, device="cuda").add_(1)
    torch.cuda.current_stream().record_event(end)
    torch.cuda.synchronize(), end.synchronize()
    assert end.query() and start.elapsed_time(end) > 0
    with pytest.raises(ValueError, match="enable_timing=True"):
        torch.cuda.Event().elapsed_time(end)
    with torch.cuda.stream(torch.cuda.Stream()):
        torch.cuda.current_stream().synchronize()


def test_memory_is_kept_for_the_next_tensor():
    gc.collect()
    torch.cuda.empty_cache()
    before, reserved = torch.cuda.memory_allocated(), torch.cuda.memory_reserved()
    x = torch.zeros(1000, device="cuda")
    assert torch.cuda.memory_allocated() == before + 4096  # 4000, rounded up to 512
    address, view = x.data_ptr(), x[5:]
    del x
    assert torch.cuda.memory_allocated() == before + 4096  # a view holds it
    del view
    assert torch.cuda.memory_allocated() == before and torch.cuda.memory_reserved() == reserved + 4096
    assert torch.ones(1000, device="cuda").data_ptr() == address
    torch.cuda.empty_cache()
    assert torch.cuda.memory_reserved() == reserved and torch.cuda.max_memory_allocated() >= before + 4096


def test_an_array_that_is_too_large_for_indices_of_32_bits_is_refused():
    with pytest.raises(NotImplementedError, match="fewer than 2\\^31 elements"):
        torch.zeros(1 << 31, dtype=torch.int8, device="cuda")
    with pytest.raises(NotImplementedError, match="fewer than 2\\^31 elements"):
        torch.zeros(1, device="cuda").expand(1 << 31).sum()


def test_out_of_memory_can_be_caught_and_forgotten(monkeypatch):
    kept = torch.zeros(1000, device="cuda")
    del kept
    real, asked = _runtime.driver().allocate, []

    def allocate(nbytes):
        asked.append(nbytes)
        return None if nbytes > 1 << 20 else real(nbytes)

    monkeypatch.setattr(_runtime.driver(), "allocate", allocate)
    with pytest.raises(RuntimeError, match="CUDA out of memory. Tried to allocate 4.00 MiB"):
        torch.zeros(1 << 20, device="cuda")
    assert asked == [1 << 22] * 2 and not any(_memory.store._free.values())  # the store was emptied between the two
    assert torch.ones(2, device="cuda").tolist() == [1, 1]


# ------------------------------------------------------------------------------------------------------------ a network
def train(device, make_optimizer, steps=4):
    """The losses of a small classifier, and its weights after some steps."""
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3)).to(device)
    x, target = torch.randn(10, 6).to(device), torch.randint(3, (10,)).to(device)
    optimizer = make_optimizer(model.parameters())
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, {name: p.detach().cpu().numpy() for name, p in model.named_parameters()}


@pytest.mark.parametrize("make_optimizer", [
    lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01), lambda p: torch.optim.Adam(p, lr=0.1),
    lambda p: torch.optim.AdamW(p, lr=0.1, amsgrad=True)])
def test_a_network_learns_the_same_on_both_devices(make_optimizer):
    (losses, weights), (expected, expected_weights) = train("cuda", make_optimizer), train("cpu", make_optimizer)
    np.testing.assert_allclose(losses, expected, rtol=1e-5)
    assert losses[-1] < losses[0]
    for name in weights:
        np.testing.assert_allclose(weights[name], expected_weights[name], rtol=1e-4, atol=1e-6, err_msg=name)
