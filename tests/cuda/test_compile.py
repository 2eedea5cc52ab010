"""What the compiler makes of the kernels, without a GPU: instructions, registers, memory.

Kernels are called here as ever, on arrays in memory that may not even be read; a driver that launches nothing notes
what it is asked to. Each kernel is compiled for these arguments, to machine code of several GPUs, within its budget.
"""
import ctypes
import re
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

try:
    import nvidia
    from cuda.core import Linker, LinkerOptions, ObjectCode
    from numba.cuda import dispatcher, types
except ImportError as error:
    pytest.skip(f"pip install 'minitorch[cuda-check]' ({error})", allow_module_level=True)

from minitorch.kernels import cuda
from minitorch.kernels.cuda import _gpu, _memory, _runtime

# Device functions are compiled for the GPU of this machine. There is none: say which one it is.
dispatcher.get_current_device = lambda: SimpleNamespace(compute_capability=(9, 0))

HOPPER, AMPERE, TURING = (9, 0), (8, 0), (7, 5)


class Recorder:
    """A driver (see _gpu.py) that notes what it is asked to launch."""

    def __init__(self):
        libc = ctypes.CDLL(None)
        libc.mmap.restype = ctypes.c_void_p
        libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
        nothing, private_anonymous_unreserved = 0, 0x4022
        self.free_address = libc.mmap(None, 1 << 36, nothing, private_anonymous_unreserved, -1, 0)
        self.launched = []

    def allocate(self, nbytes):
        self.free_address += nbytes
        return self.free_address - nbytes

    def free(self, address):
        """Addresses do not run out."""

    def copy_in(self, target, source, nbytes):
        """There is no memory."""

    def launch(self, kernel, grid, block, *args):
        self.launched.append((kernel, args))


@pytest.fixture(scope="module")
def recorder():
    recorder = Recorder()
    before = _runtime.use(recorder)
    yield recorder
    _memory.store.__init__()  # the addresses are not for others
    _runtime.use(before)


class Instructions(list):
    def count(self, *names):
        """How many are of these kinds: "LDG" counts LDG.E and LDG.E.128."""
        return sum(instruction.startswith(names) for instruction in self)


class Code:
    """A kernel as machine code: what it takes, and its instructions."""

    def __init__(self, kernel, args, capability, folder):
        ptx, _ = _gpu.ptx(kernel, types.void(*map(_gpu.numba_type, args)), capability)
        arch = "sm_{}{}".format(*capability)
        file = folder / f"{kernel.__name__}.{arch}.cubin"
        file.write_bytes(Linker(ObjectCode.from_ptx(ptx.encode()), options=LinkerOptions(arch=arch)).link("cubin").code)
        text = subprocess.run([cuobjdump(), "--dump-resource-usage", "-sass", file], capture_output=True, text=True,
                              check=True).stdout
        resources = [list(map(int, found)) for found in re.findall(r"REG:(\d+) STACK:(\d+) SHARED:(\d+)", text)]
        self.registers, self.stack, self.shared = map(max, zip(*resources))
        found = re.findall(r"^\s+/\*([0-9a-f]{4,})\*/\s+(?:@!?U?P\w+ )?([A-Z][A-Z0-9_.]+)(.*);", text, re.M)
        self.addresses = [int(address, 16) for address, _, _ in found]
        self.instructions = Instructions(name for _, name, _ in found)
        self.operands = [operands for _, _, operands in found]
        self.count = self.instructions.count

    def loop_with(self, name):
        """The instructions of the loop with most of these: a branch goes back to its start."""
        loops = []
        for last, (at, instruction, operands) in enumerate(zip(self.addresses, self.instructions, self.operands)):
            target = re.search(r"0x([0-9a-f]+)", operands)
            if instruction.startswith("BRA") and target and int(target[1], 16) < at:
                first = self.addresses.index(int(target[1], 16))
                loops.append(Instructions(self.instructions[first : last + 1]))
        return max(loops, key=lambda loop: (loop.count(name), -len(loop)))

    def check(self, registers, stack=0, float64=False):
        """Assert the budget: no more registers, no numbers spilled to memory, no double precision by accident."""
        assert self.instructions
        assert self.registers <= registers
        assert self.stack <= stack
        assert stack or self.count("LDL", "STL") == 0, "numbers in memory instead of registers"
        assert self.count("LD.", "ST.") == 0, "an address that may be in any kind of memory"
        assert float64 or self.count("DADD", "DMUL", "DFMA", "F2F.F64", "F2F.F32.F64") == 0


def cuobjdump():
    places = [Path(folder, "cu13", "bin", "cuobjdump") for folder in nvidia.__path__]
    return next((place for place in places if place.exists()), None) or shutil.which("cuobjdump")


@pytest.fixture
def compiled(recorder, tmp_path):
    """compiled(function, capability): the code of the kernels that function() launches."""
    def compiled(function, capability=HOPPER):
        recorder.launched.clear()
        function()
        return [Code(kernel, args, capability, tmp_path) for kernel, args in recorder.launched]
    return compiled


@pytest.fixture
def ptx(recorder):
    """ptx(function): the intermediate code of the kernels that function() launches, which takes less time to make."""
    def ptx(function):
        recorder.launched.clear()
        function()
        return [_gpu.ptx(kernel, types.void(*map(_gpu.numba_type, args)), HOPPER)[0]
                for kernel, args in recorder.launched]
    return ptx


def array(*shape, dtype=np.float32):
    return _memory.empty(shape, dtype)


# ------------------------------------------------------------------------------------------------------- elementwise
UNARY = """abs sign square reciprocal sqrt rsqrt exp exp2 expm1 log log2 log10 log1p asin acos atan sinh cosh tanh asinh
acosh atanh sigmoid erf erfc erfinv lgamma floor ceil round trunc neg""".split()
BINARY = """add sub mul div floor_divide trunc_divide remainder fmod pow atan2 hypot maximum minimum fmax fmin xlogy
tanh_backward sigmoid_backward""".split()


@pytest.mark.parametrize("name", UNARY + BINARY)
def test_elementwise_kernels_compute_in_float32_and_move_16_bytes_at_a_time(ptx, name):
    (text,) = ptx(lambda: getattr(cuda, name)(*[array(1000)] * (2 if name in BINARY else 1)))
    assert text.count("ld.global.v4.f32") == (2 if name in BINARY else 1) and text.count("st.global.v4.f32") == 1
    assert ".f64" not in text and ".local" not in text


@pytest.mark.parametrize("call", [
    lambda: cuda.sin(array(9)), lambda: cuda.cos(array(9)), lambda: cuda.tan(array(9)),  # float64 for large angles
    lambda: cuda.bitwise_not(array(9, dtype=np.int64)), lambda: cuda.floor_divide(array(9, dtype=np.int64), 3),
    lambda: cuda.pow(array(9, dtype=np.int64), array(9, dtype=np.int64)), lambda: cuda.clamp(array(9), 0, 1),
    lambda: cuda.where(array(9, dtype=bool), 1, 2), lambda: cuda.nan_to_num(array(9)), lambda: cuda.full(9, 1, np.half),
    lambda: cuda.isfinite(array(9)), lambda: cuda.fmod(array(9, dtype=np.int32), 3),
    lambda: cuda.bitwise_left_shift(array(9, dtype=np.int32), 3), lambda: cuda.add_(array(9), 1.0),
    lambda: cuda.remainder(array(9, dtype=np.int64), 3), lambda: cuda.sign(array(9, dtype=np.int64))])
def test_the_others_compile(ptx, call):
    assert ptx(call)


@pytest.mark.parametrize("call, loads, registers", [
    (lambda: cuda.add(array(1000), array(1000)), 2, 32), (lambda: cuda.exp(array(1000)), 1, 32),
    (lambda: cuda.div(array(1000), array(1000)), 2, 40), (lambda: cuda.lt(array(1000), 1.0), 1, 32),
    (lambda: cuda.sigmoid_backward(array(1000), array(1000)), 2, 32)])
def test_elementwise_kernels_keep_to_their_registers(compiled, call, loads, registers):
    (code,) = compiled(call)
    code.check(registers)
    assert code.count("LDG.E.128") == loads


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.int64, np.uint8, np.bool_])
def test_dtypes(compiled, dtype):
    (code,) = compiled(lambda: cuda.add(array(1000, dtype=dtype), array(1000)))
    code.check(registers=40, float64=dtype is np.float64)
    (code,) = compiled(lambda: cuda.cast(array(1000), dtype))
    code.check(registers=32, float64=dtype is np.float64)


@pytest.mark.parametrize("capability", [HOPPER, AMPERE, TURING])
def test_both_ways_through_memory_on_all_gpus(compiled, capability):
    (vectors,) = compiled(lambda: cuda.mul(array(1000), 2.0), capability)
    vectors.check(registers=32)
    assert vectors.count("LDG.E.128") == 1
    (strided,) = compiled(lambda: cuda.add(array(8, 9, 10, 11), array(9, 1, 11)), capability)
    strided.check(registers=40)
    assert len(strided.instructions) < 240 and not strided.count("CALL"), "a function call divides 64-bit integers"


# -------------------------------------------------------------------------------------------------------- reductions
@pytest.mark.parametrize("call, loads", [
    (lambda: cuda.sum(array(1000, 1000), 1), 1), (lambda: cuda.amax(array(1000, 1001), 1), 0),
    (lambda: cuda.sum(array(1000, 1000), 0), 0), (lambda: cuda.any(array(1000, 64, dtype=np.float16), 1), 0)])
def test_reductions(compiled, call, loads):
    first, *others = compiled(call)
    assert (first.count("LDG.E.128") > 0) == loads
    for code in [first, *others]:
        code.check(registers=48)
        assert not code.count("CALL"), "a function call divides 64-bit integers"


# ---------------------------------------------------------------------------------------------------------- products
@pytest.mark.parametrize("a_transposed, b_transposed", [(False, False), (False, True), (True, False)])
def test_matrix_products_are_mostly_multiplications(compiled, a_transposed, b_transposed):
    a = array(4096, 4096).transpose(1, 0) if a_transposed else array(4096, 4096)
    b = array(4096, 4096).transpose(1, 0) if b_transposed else array(4096, 4096)
    (code,) = compiled(lambda: cuda.matmul(a, b))
    code.check(registers=128, stack=8)
    loop = code.loop_with("FFMA")
    assert loop.count("FFMA") / len(loop) > 0.8  # 512 = 8 steps of 8 x 8
    assert loop.count("LDL") == loop.count("STL") == 0
    assert loop.count("LDG.E.128") == 2 and loop.count("LDS.128") == 32


@pytest.mark.parametrize("shapes, dtype", [([(4095, 4095)] * 2, np.float32), ([(256, 256)] * 2, np.float32),
                                           ([(8, 12, 64, 64), (12, 64, 64)], np.float32),
                                           ([(256, 256)] * 2, np.float16), ([(256, 256)] * 2, np.float64),
                                           ([(256, 256)] * 2, np.int64)])
def test_other_products(compiled, shapes, dtype):
    (code,) = compiled(lambda: cuda.matmul(*[array(*shape, dtype=dtype) for shape in shapes]))
    code.check(registers=128, float64=dtype is np.float64)


@pytest.mark.parametrize("capability", [AMPERE, TURING])
def test_products_and_reductions_on_other_gpus(compiled, capability):
    (product,) = compiled(lambda: cuda.matmul(array(4096, 4096), array(4096, 4096)), capability)
    product.check(registers=128, stack=64)
    (total, _) = compiled(lambda: cuda.any(array(64, 64), 1), capability)
    total.check(registers=48)


# ------------------------------------------------------------------------------------- softmax, losses, activations
@pytest.mark.parametrize("call", [
    lambda: cuda.softmax(array(64, 1000), 1), lambda: cuda.softmax_backward(array(64, 1000), array(64, 1000), 1),
    lambda: cuda.log_softmax(array(64, 1000, dtype=np.float16), 1),
    lambda: cuda.log_softmax_backward(array(64, 1000), array(64, 1000), 1),
    lambda: cuda.class_losses(array(64, 10), array(64, dtype=np.int64)),
    lambda: cuda.class_losses_backward(array(), array(64, 10), array(64), array(64, dtype=np.int64)),
    lambda: cuda.axpby(-0.1, array(64), 1, array(64)), lambda: cuda.gelu_backward(array(64), array(64))])
def test_kernels_of_a_classifier(compiled, call):
    for code in compiled(call):
        code.check(registers=40)


@pytest.mark.parametrize("call", [
    lambda: cuda.relu(array(64)), lambda: cuda.leaky_relu(array(64)), lambda: cuda.silu(array(64)),
    lambda: cuda.silu_backward(array(64), array(64)), lambda: cuda.gelu(array(64)), lambda: cuda.gelu_tanh(array(64)),
    lambda: cuda.gelu_tanh_backward(array(64), array(64)), lambda: cuda.relu_backward(array(64), array(64))])
def test_activations_compute_in_float32(ptx, call):
    (text,) = ptx(call)
    assert ".f64" not in text and "ld.global.v4.f32" in text


# ------------------------------------------------------------------------------------------------------------ launching
@pytest.mark.parametrize("call, sizes", [
    (lambda: cuda.mul(array(1000), 2.0), [4, 8, 4, 4, 8]),  # n, an array, two float32 numbers, the output
    (lambda: cuda.mul(array(1000, dtype=np.float64), 2.0), [4, 8, 8, 8, 8]),
    (lambda: cuda.add(array(8, 9), array(9, 8).transpose(1, 0)), [4, 4, 4, 8, 4, 4, 8, 4, 4, 8, 4, 4, 4, 4, 4])])
def test_a_kernel_is_launched_with_the_words_that_it_expects(recorder, call, sizes):
    """Numba passes a tuple as its members, and cuda.core what Python's types say."""
    recorder.launched.clear()
    call()
    ((kernel, args),) = recorder.launched
    text, entry = _gpu.ptx(kernel, types.void(*map(_gpu.numba_type, args)), HOPPER)
    parameters = re.findall(r"\.param \.[a-z](\d+)\s+\w+", text.partition(f".entry {entry}(")[2].partition(")")[0])
    assert [int(bits) // 8 for bits in parameters] == sizes
    words = list(_gpu._words(args))
    assert len(words) == len(sizes)
    for word, size in zip(words, sizes):
        assert isinstance(word, int) or ctypes.sizeof(word) == size if not isinstance(word, float) else size == 8
