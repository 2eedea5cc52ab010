"""Devices, and the questions that programs ask about GPUs, threads and compilers."""
import threading

import pytest

import minitorch
from tests.oracle import check_raises, check_same


def test_a_device_is_a_context_in_which_tensors_are_made():
    def trace(T):
        with T.device("cpu") as cpu:
            with T.device("cuda", 1):
                inner = str(T.get_default_device())
            return inner, str(cpu), str(T.get_default_device()), str(T.ones(1).device)
    check_same(trace)


def test_the_default_device_can_be_set_and_is_this_threads():
    minitorch.set_default_device("cuda:0")
    try:
        assert minitorch.get_default_device() == minitorch.device("cuda", 0)
        with pytest.raises(RuntimeError, match="device 'cuda:0' is not available"):
            minitorch.zeros(2)
        minitorch.zeros(2, device="cpu")
        seen = []
        thread = threading.Thread(target=lambda: seen.append(minitorch.get_default_device().type))
        thread.start(), thread.join()
        assert seen == ["cpu"]
    finally:
        minitorch.set_default_device(None)
    assert minitorch.zeros(2).device.type == "cpu"


def test_an_error_leaves_the_context():
    with pytest.raises(RuntimeError), minitorch.device("meta"):
        minitorch.ones(1)
    assert minitorch.get_default_device().type == "cpu"


@pytest.mark.parametrize("question", [
    lambda T: T.cuda.is_available(), lambda T: T.cuda.device_count(), lambda T: T.cuda.memory_allocated(),
    lambda T: T.backends.mps.is_available(), lambda T: T.backends.cudnn.version(), lambda T: T.xpu.is_available(),
    lambda T: T.accelerator.is_available(), lambda T: T.accelerator.current_accelerator(),
    lambda T: T.accelerator.device_count(), lambda T: T.distributed.is_initialized(), lambda T: T.version.cuda,
    lambda T: T.get_float32_matmul_precision(), lambda T: T.are_deterministic_algorithms_enabled(),
    lambda T: [T.typename(T.ones(1)), T.typename(T.ones(1, dtype=T.int64)), T.typename("")]])
def test_questions_are_answered_as_on_a_machine_without_gpu(question):
    check_same(question)


@pytest.mark.parametrize("call", [
    lambda T: T.cuda.current_device(), lambda T: T.cuda.get_device_name(0), lambda T: T.accelerator.synchronize(),
    lambda T: T.set_float32_matmul_precision("low"), lambda T: T.distributed.get_rank(),
    lambda T: T.device("gpu"), lambda T: T.set_num_threads(0)])
def test_what_needs_a_gpu_raises_what_torch_raises(call):
    check_raises(call)


def test_switches_can_be_set():
    minitorch.set_float32_matmul_precision("high")
    minitorch.use_deterministic_algorithms(True, warn_only=True)
    try:
        assert minitorch.get_float32_matmul_precision() == "high"
        assert minitorch.are_deterministic_algorithms_enabled()
        assert minitorch.is_deterministic_algorithms_warn_only_enabled()
    finally:
        minitorch.set_float32_matmul_precision("highest")
        minitorch.use_deterministic_algorithms(False)
    with minitorch.backends.cudnn.flags(enabled=False, benchmark=True):
        assert not minitorch.backends.cudnn.enabled and minitorch.backends.cudnn.benchmark
    assert minitorch.backends.cudnn.enabled and not minitorch.backends.cudnn.benchmark


def test_threads_can_be_limited():
    before = minitorch.get_num_threads()
    try:
        minitorch.set_num_threads(1)
        assert minitorch.get_num_threads() == 1
    finally:
        minitorch.set_num_threads(before)
