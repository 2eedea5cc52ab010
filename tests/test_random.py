"""Every stream against PyTorch's: the values, and the state it leaves behind."""
import copy
import pickle
import threading

import numpy as np
import pytest

import minitorch
from minitorch import random
from minitorch.random import Generator, fill
from tests.oracle import import_torch

torch = import_torch()
SIZES = [0, 1, 15, 16, 17, 31, 33, 1000]
FLOATS = ["float16", "float32", "float64"]
INTEGERS = ["uint8", "int8", "int16", "int32", "int64"]
# Without AVX2 PyTorch rounds differently: it has no fused multiply-add, and normals come from the C library.
VECTOR_ATOL = 0 if torch.backends.cpu.get_cpu_capability().startswith("AVX") else 1e-5


def empty(shape, dtype="float32"):
    return torch.empty(shape, dtype=getattr(torch, dtype))


def check(their_draw, our_draw, rtol=0, atol=0):
    """Both draws, from one seed: the same values (to the bit by default), dtype and shape; the streams stay in step."""
    torch.manual_seed(2147483647)
    generator = Generator().manual_seed(2147483647)
    theirs, ours = their_draw().numpy(), our_draw(generator)
    assert isinstance(ours, np.ndarray) and ours.flags.writeable
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol, atol)
    # seven values: a cached normal, if there is one, and three pairs
    np.testing.assert_allclose(generator.normal((7,), dtype=np.float64), torch.randn(7, dtype=torch.float64), 1e-12)


def check_raises(error, match, their_draw, our_draw):
    with pytest.raises(error, match=match):
        their_draw()
    with pytest.raises(error, match=match):
        our_draw(Generator())


# ---- seed and state

@pytest.mark.parametrize("seed", [0, 1, 2**32, 2**63 + 5, 2**64 - 1, -1, -2**63, np.int64(3)])
def test_manual_seed(seed):
    theirs, ours = torch.Generator().manual_seed(int(seed)), Generator()
    ours.normal((1,))  # leaves a cached value, which the seed must clear
    assert ours.manual_seed(seed) is ours
    assert ours.initial_seed() == theirs.initial_seed()
    np.testing.assert_array_equal(ours.normal((3,)), torch.randn(3, generator=theirs))


@pytest.mark.parametrize("seed, error, match", [
    (2**64, ValueError, "Overflow when unpacking long long"), (-2**63 - 1, ValueError, "Overflow"),
    (1.5, RuntimeError, "manual_seed expected a long, but got float"), (True, RuntimeError, "but got bool")])
def test_manual_seed_rejects(seed, error, match):
    check_raises(error, match, lambda: torch.Generator().manual_seed(seed), lambda g: g.manual_seed(seed))


def test_a_new_generator_has_torchs_seed():
    assert Generator().initial_seed() == torch.Generator().initial_seed()
    np.testing.assert_array_equal(Generator().uniform((5,)), torch.rand(5, generator=torch.Generator()))


def test_seed_is_new_each_time():
    generator = Generator()
    first, second = generator.seed(), generator.seed()
    assert first != second == generator.initial_seed()


def test_module_functions_use_the_default_generator():
    assert random.manual_seed(7.9) is random.default_generator  # torch.manual_seed rounds down, too
    assert random.initial_seed() == torch.manual_seed(7.9).initial_seed()
    np.testing.assert_array_equal(random.default_generator.uniform((5,)), torch.rand(5))
    assert random.seed() == random.default_generator.initial_seed()


@pytest.mark.parametrize("words", [1, 5, 623, 624, 625, 2000])
@pytest.mark.parametrize("normals", [0, 1, 2])
def test_states_are_exchanged(words, normals):
    theirs, ours = torch.Generator().manual_seed(3), Generator().manual_seed(3)
    torch.rand(words, generator=theirs), ours.random_words(words)
    torch.randn(normals, generator=theirs), ours.normal((normals,))
    state = ours.get_state()
    assert state.dtype == minitorch.uint8
    np.testing.assert_allclose(state[:5024].numpy(), theirs.get_state()[:5024])  # up to the cached normal, see below

    from_them = Generator()
    assert from_them.set_state(minitorch.from_numpy(theirs.get_state().numpy())) is from_them
    from_us = torch.Generator()
    from_us.set_state(torch.from_numpy(state.numpy()))
    assert from_them.initial_seed() == from_us.initial_seed() == 3
    for _ in range(2):
        expected = torch.randn(3, generator=theirs, dtype=torch.float64)
        np.testing.assert_allclose(from_them.normal((3,), dtype=np.float64), expected, rtol=1e-12)
        np.testing.assert_allclose(torch.randn(3, generator=from_us, dtype=torch.float64), expected, rtol=1e-12)
    np.testing.assert_array_equal(from_them.uniform((5,)), torch.rand(5, generator=from_us))


def test_a_fresh_state_is_exchanged():
    for seed in (5, -1, 2**40):
        expected = torch.Generator().manual_seed(seed).get_state()
        np.testing.assert_array_equal(Generator().manual_seed(seed).get_state().numpy(), expected)
    theirs = torch.Generator()
    theirs.set_state(torch.from_numpy(Generator().manual_seed(5).get_state().numpy()))
    ours = Generator().set_state(minitorch.from_numpy(torch.Generator().manual_seed(5).get_state().numpy()))
    np.testing.assert_array_equal(ours.uniform((700,)), torch.rand(700, generator=theirs))


@pytest.mark.parametrize("state, error, match", [
    (np.zeros(5, np.uint8), RuntimeError, "Expected a CPUGeneratorImplState of size 5056 but found"),
    (np.zeros(5056, np.float32), TypeError, "RNG state must be a torch.ByteTensor"),
    (np.zeros(5056, np.uint8), RuntimeError, "Invalid mt19937 state")])
def test_set_state_rejects(state, error, match):
    check_raises(error, match, lambda: torch.Generator().set_state(torch.from_numpy(state)),
                 lambda g: g.set_state(minitorch.from_numpy(state)))


@pytest.mark.parametrize("duplicate", [Generator.clone_state, copy.deepcopy, lambda g: pickle.loads(pickle.dumps(g))])
def test_copies_go_their_own_way(duplicate):
    generator = Generator().manual_seed(4)
    generator.normal((1,))
    other = duplicate(generator)
    assert other.initial_seed() == 4 and other.device == generator.device
    np.testing.assert_array_equal(other.normal((5,)), generator.normal((5,)))
    other.uniform((1,))
    assert generator.uniform((1,)) != other.uniform((1,))


# ---- draws

@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("dtype", FLOATS)
def test_uniform(n, dtype):
    check(lambda: torch.rand(n, dtype=getattr(torch, dtype)), lambda g: g.uniform((n,), dtype=dtype))


@pytest.mark.parametrize("low, high", [(-1, 1), (-0.0441, 0.0441), (2, 7), (0, 3), (5, 5)])
def test_uniform_between(low, high):
    check(lambda: empty(10000).uniform_(low, high), lambda g: g.uniform((10000,), low, high),
          atol=VECTOR_ATOL)
    check(lambda: empty(10000, "float16").uniform_(low, high), lambda g: g.uniform((10000,), low, high, np.float16),
          atol=400 * VECTOR_ATOL)
    check(lambda: empty(1000, "float64").uniform_(low, high), lambda g: g.uniform((1000,), low, high, np.float64),
          atol=1e-15)


@pytest.mark.parametrize("low, high, dtype, error, match", [
    (2, 1, "float32", RuntimeError, r"uniform_ expects to return a \[from, to\) range, but found from=2 > to=1"),
    (0, np.inf, "float32", RuntimeError, "to is out of bounds for float"),
    (-1e39, 0, "float32", RuntimeError, "from is out of bounds for float"),
    (-3e38, 3e38, "float32", RuntimeError, "uniform_ expects to-from <= "),
    (0, 1, "int64", NotImplementedError, "\"check_uniform_bounds\" not implemented for 'Long'")])
def test_uniform_rejects(low, high, dtype, error, match):
    check_raises(error, match, lambda: empty(3, dtype).uniform_(low, high),
                 lambda g: g.uniform((3,), low, high, dtype))


@pytest.mark.parametrize("n", SIZES + [100000])
@pytest.mark.parametrize("mean, std", [(0, 1), (0.3, 1.7)])
def test_normal(n, mean, std):
    check(lambda: empty(n).normal_(mean, std), lambda g: g.normal((n,), mean, std), atol=VECTOR_ATOL)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("mean, std", [(0, 1), (0.3, 1.7)])
def test_normal_float16_and_float64(n, mean, std):
    check(lambda: empty(n, "float16").normal_(mean, std), lambda g: g.normal((n,), mean, std, np.float16),
          atol=400 * VECTOR_ATOL)
    check(lambda: empty(n, "float64").normal_(mean, std), lambda g: g.normal((n,), mean, std, np.float64), atol=1e-14)


def test_normal_keeps_its_cached_value_through_a_large_draw():
    check(lambda: torch.cat([torch.randn(3), torch.randn(20), torch.rand(2), torch.randn(3)]),
          lambda g: np.concatenate([g.normal((3,)), g.normal((20,)), g.uniform((2,)), g.normal((3,))]),
          atol=VECTOR_ATOL)


def test_normal_rejects():
    check_raises(RuntimeError, "normal expects std >= 0.0, but found std -1", lambda: empty(3).normal_(0, -1),
                 lambda g: g.normal((3,), 0, -1))
    check_raises(NotImplementedError, "\"normal_kernel_cpu\" not implemented for 'Int'",
                 lambda: empty(3, "int32").normal_(), lambda g: g.normal((3,), dtype=np.int32))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(), (3,), (4, 6)])
def test_normal_around(shape, dtype):
    rng = np.random.default_rng(0)
    mean, std = rng.normal(size=shape + (1,)).astype(dtype), rng.uniform(size=shape + (5,)).astype(dtype)
    m, s = torch.from_numpy(mean), torch.from_numpy(std)
    atol = 1e-14 if dtype == "float64" else VECTOR_ATOL
    check(lambda: torch.normal(m, s), lambda g: g.normal_around(mean, std), atol=atol)
    check(lambda: torch.normal(m, 0.7), lambda g: g.normal_around(mean, 0.7), atol=atol)
    check(lambda: torch.normal(1.5, s), lambda g: g.normal_around(1.5, std), atol=atol)
    check_raises(RuntimeError, "normal expects all elements of std >= 0.0", lambda: torch.normal(m, -1 - s),
                 lambda g: g.normal_around(mean, -1 - std))


@pytest.mark.parametrize("dtype", INTEGERS + FLOATS)
@pytest.mark.parametrize("n", [0, 1, 33])
def test_integers(n, dtype):
    check(lambda: torch.randint(3, 100, (n,), dtype=getattr(torch, dtype)), lambda g: g.integers(3, 100, (n,), dtype))


@pytest.mark.parametrize("low, high, dtype", [
    (0, 2, "bool"), (-128, 128, "int8"), (0, 256, "uint8"), (-2**31, 2**31, "int32"), (0, 2**28 - 1, "int32"),
    (0, 2**28 - 1, "int64"), (0, 2**28, "int32"), (0, 2**28, "int64"), (-5, 2**32, "int64"), (7, 10**12, "int64"),
    (-2**63, 2**63 - 1, "int64"), (-2**24, 2**24, "float32"), (-2**53, 2**53, "float64"), (-2**11, 2**11, "float16")])
def test_integers_of_every_range(low, high, dtype):
    check(lambda: torch.randint(low, high, (100,), dtype=getattr(torch, dtype)),
          lambda g: g.integers(low, high, (100,), dtype))


def test_integers_take_numpy_bounds():
    check(lambda: torch.randint(3, 2**40, (9,)), lambda g: g.integers(np.int64(3), np.int64(2**40), (9,)))


@pytest.mark.parametrize("low, high, dtype, match", [
    (3, 3, "int64", "random_ expects 'from' to be less than 'to', but got from=3 >= to=3"),
    (0, 300, "uint8", "to - 1 is out of bounds for"), (-1, 5, "uint8", "from is out of bounds for"),
    (0, 3, "bool", "to - 1 is out of bounds for bool")])
def test_integers_rejects(low, high, dtype, match):
    check_raises(RuntimeError, match, lambda: empty(2, dtype).random_(low, high),
                 lambda g: g.integers(low, high, (2,), dtype))


def test_integers_that_floats_round():
    for T in (torch, minitorch):
        with pytest.warns(UserWarning, match="to - 1 is out of bounds .* Due to precision limitations"):
            T.zeros(2, dtype=T.float16).random_(0, 5000)
    with pytest.warns(UserWarning):
        check(lambda: empty(50).random_(0, 2**24 + 2), lambda g: g.integers(0, 2**24 + 2, (50,), np.float32))
    check_raises(RuntimeError, "to - 1 is out of bounds", lambda: empty(2, "float16").random_(0, 70000),
                 lambda g: g.integers(0, 70000, (2,), np.float16))


@pytest.mark.parametrize("dtype", ["bool"] + INTEGERS + FLOATS)
def test_random(dtype):
    check(lambda: empty((20, 50), dtype).random_(), lambda g: g.random((20, 50), dtype))


@pytest.mark.parametrize("n", SIZES + [30000])
def test_permutation(n):
    check(lambda: torch.randperm(n), lambda g: g.permutation(n))


@pytest.mark.parametrize("dtype", INTEGERS + FLOATS)
def test_permutation_dtypes(dtype):
    check(lambda: torch.randperm(100, dtype=getattr(torch, dtype)), lambda g: g.permutation(100, dtype))


def test_permutation_rejects():
    check_raises(RuntimeError, "Trying to create tensor with negative dimension -1", lambda: torch.randperm(-1),
                 lambda g: g.permutation(-1))
    check_raises(RuntimeError, "n cannot be greater than 2049 for Half type",
                 lambda: torch.randperm(2050, dtype=torch.float16), lambda g: g.permutation(2050, np.float16))
    check_raises(NotImplementedError, "\"randperm\" not implemented for 'Bool'",
                 lambda: torch.randperm(2, dtype=torch.bool), lambda g: g.permutation(2, np.bool_))
    with pytest.raises(NotImplementedError, match="at most 214748363"):
        Generator().permutation(214748364)


@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("dtype", ["bool", "int64"] + FLOATS)
def test_bernoulli_of_a_number(n, dtype):
    check(lambda: empty(n, dtype).bernoulli_(0.3), lambda g: g.bernoulli(0.3, (n,), dtype))


@pytest.mark.parametrize("shape", [(), (0,), (33,), (4, 5)])
@pytest.mark.parametrize("dtype", FLOATS)
def test_bernoulli_of_an_array(shape, dtype):
    p = np.random.default_rng(0).uniform(size=shape).astype(dtype).reshape(shape)
    check(lambda: torch.bernoulli(torch.from_numpy(p)), lambda g: g.bernoulli(p))
    check(lambda: empty((3, *shape), "int64").bernoulli_(torch.from_numpy(p)),
          lambda g: g.bernoulli(p, (3, *shape), np.int64))


def test_bernoulli_is_dropouts_mask():
    for dtype in FLOATS:
        ones = torch.ones(50, 3, dtype=getattr(torch, dtype))
        check(lambda: torch.nn.functional.dropout(ones, 0.3).bool(), lambda g: g.bernoulli(1 - 0.3, (50, 3), np.bool_))


def test_bernoulli_rejects():
    check_raises(RuntimeError, r"bernoulli_ expects p to be in \[0, 1\], but got p=2", lambda: empty(3).bernoulli_(2),
                 lambda g: g.bernoulli(2, (3,)))
    check_raises(RuntimeError, "Expected p_in >= 0 && p_in <= 1 to be true, but got false",
                 lambda: torch.bernoulli(torch.tensor([0.5, np.nan])), lambda g: g.bernoulli(np.float32([0.5, np.nan])))
    check_raises(NotImplementedError, "\"bernoulli_tensor_cpu_p_\" not implemented for 'Long'",
                 lambda: torch.bernoulli(torch.tensor([1])), lambda g: g.bernoulli(np.array([1])))


@pytest.mark.parametrize("shape", [(), (0,), (33,), (20, 50)])
@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("name, ours, arguments, bad", [
    ("exponential_", Generator.exponential, {"lambd": 2.5}, {"lambd": 0}),
    ("cauchy_", Generator.cauchy, {"median": 0.5, "sigma": 2.5}, {"sigma": -1}),
    ("log_normal_", Generator.log_normal, {"mean": 0.5, "std": 1.5}, {"std": 0}),
    ("geometric_", lambda g, shape, dtype, p: g.geometric(p, shape, dtype), {"p": 0.3}, {"p": 1})])
def test_the_others(name, ours, arguments, bad, shape, dtype):
    check(lambda: getattr(empty(shape, dtype), name)(**arguments),
          lambda g: ours(g, shape=shape, dtype=dtype, **arguments),
          rtol=1e-12 if dtype == "float64" else 0)
    check_raises(RuntimeError, f"{name} expects", lambda: getattr(empty(shape, dtype), name)(**bad),
                 lambda g: ours(g, shape=shape, dtype=dtype, **bad))


@pytest.mark.parametrize("name, error", [
    ("exponential", RuntimeError), ("cauchy", RuntimeError), ("log_normal", NotImplementedError)])
def test_the_continuous_ones_reject_integers(name, error):
    check_raises(error, "[Ll]ong|continuous", lambda: getattr(torch.zeros(3, dtype=torch.int64), name + "_")(),
                 lambda g: getattr(g, name)((3,), dtype=np.int64))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_by_rejection(dtype):
    """Each value takes as many words as it needs; a state in between two normals goes along."""
    rates, probs = np.linspace(0, 40, 5001).astype(dtype), np.linspace(0, 1, 5001).astype(dtype)
    counts = np.full_like(probs, 60)
    check(lambda: torch.poisson(torch.from_numpy(rates)), lambda g: g.poisson(rates))
    check(lambda: torch.binomial(torch.from_numpy(counts), torch.from_numpy(probs)),
          lambda g: g.binomial(counts, probs))
    check(lambda: torch._standard_gamma(torch.from_numpy(rates)), lambda g: g.standard_gamma(rates), atol=1e-5)

    generator = Generator().manual_seed(2)
    torch.manual_seed(2)
    for _ in range(3):
        np.testing.assert_allclose(generator.normal((1,), dtype=np.float64), torch.randn(1, dtype=torch.float64))
        np.testing.assert_allclose(
            generator.standard_gamma(rates[1:3]), torch._standard_gamma(torch.from_numpy(rates[1:3])))


def test_uniform_in_float64_to_the_last_bit():
    check(lambda: empty(10000, "float64").uniform_(-0.0577, 0.0577),
          lambda g: g.uniform((10000,), -0.0577, 0.0577, np.float64))


def test_float64_reaches_float16_by_way_of_float32():
    check(lambda: empty(100000, "float16").exponential_(), lambda g: g.exponential((100000,), dtype=np.float16))


def test_too_large_becomes_inf():
    check(lambda: empty(3000, "float16").log_normal_(8, 2), lambda g: g.log_normal((3000,), 8, 2, np.float16))


def test_geometric_integers():
    check(lambda: empty(1000, "int64").geometric_(0.1), lambda g: g.geometric(0.1, (1000,), np.int64))


@pytest.mark.parametrize("shape", [(1,), (7,), (1000,), (3, 10), (0, 4)])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_multinomial(shape, dtype):
    p = np.random.default_rng(0).uniform(size=shape).astype(dtype)
    p[..., 2:4] = 0
    for num_samples, replacement in (1, False), (1, True), (max(1, shape[-1] - 2), False), (50, True):
        check(lambda: torch.multinomial(torch.from_numpy(p), num_samples, replacement),
              lambda g: g.multinomial(p, num_samples, replacement))


def test_multinomial_accumulates_in_the_precision_of_p():
    p = np.random.default_rng(0).uniform(size=5000).astype(np.float32)
    check(lambda: torch.multinomial(torch.from_numpy(p), 20000, True), lambda g: g.multinomial(p, 20000, True))


def test_multinomial_of_a_transposed_array():
    p = np.random.default_rng(0).uniform(size=(10, 3)).astype(np.float32)
    check(lambda: torch.multinomial(torch.from_numpy(p).t(), 4), lambda g: g.multinomial(p.T, 4))
    check(lambda: torch.multinomial(torch.from_numpy(p).t(), 4, True), lambda g: g.multinomial(p.T, 4, True))


@pytest.mark.parametrize("p, num_samples, match", [
    ([1.0, 2.0], 3, r"cannot sample n_sample > prob_dist.size\(-1\) samples without replacement"),
    ([1.0, 2.0], 0, "cannot sample n_sample <= 0 samples"), (1.0, 1, "prob_dist must be 1 or 2 dim"),
    ([[[1.0]]], 1, "prob_dist must be 1 or 2 dim"), ([1, 2], 1, "multinomial only supports floating-point dtypes"),
    ([1.0, -2.0], 1, "contains either `inf`, `nan` or element < 0"), ([1.0, np.nan], 1, "contains either"),
    ([1.0, np.inf], 1, "contains either"), ([0.0, 0.0], 1, r"invalid multinomial distribution \(sum of prob")])
def test_multinomial_rejects(p, num_samples, match):
    check_raises(RuntimeError, match, lambda: torch.multinomial(torch.tensor(p), num_samples),
                 lambda g: g.multinomial(np.array(p), num_samples))


# ---- memory order

@pytest.mark.parametrize("view", [
    lambda a: a.T, lambda a: a[:, ::2], lambda a: a[1], lambda a: a.reshape(2, 2, 2, 5).transpose(1, 3, 0, 2)])
def test_fill_follows_the_memory_as_torch_does(view):
    def theirs(draw):
        base = torch.zeros(4, 10)
        a = base.numpy()
        theirs_view = torch.as_strided(base, view(a).shape, [s // 4 for s in view(a).strides],
                                       (view(a).ctypes.data - a.ctypes.data) // 4)
        draw(theirs_view)
        return base

    def ours(draw):
        base = np.zeros((4, 10), np.float32)
        assert fill(view(base), draw).base is base
        return base

    check(lambda: theirs(lambda t: t.uniform_()), lambda g: ours(g.uniform))
    contiguous = view(np.zeros((4, 10))).flags.c_contiguous
    check(lambda: theirs(lambda t: t.normal_()), lambda g: ours(lambda shape: g.normal(shape, contiguous=contiguous)),
          atol=VECTOR_ATOL)


# ---- many calls

def test_a_mixed_sequence_stays_in_step():
    p = np.random.default_rng(1).uniform(size=30).astype(np.float32)
    tp = torch.from_numpy(p)
    draws = [
        (lambda: torch.rand(7), lambda g: g.uniform((7,))),
        (lambda: torch.randn(5), lambda g: g.normal((5,))),
        (lambda: torch.randn(4, 9), lambda g: g.normal((4, 9))),
        (lambda: torch.randint(0, 10, (3,)), lambda g: g.integers(0, 10, (3,))),
        (lambda: torch.randint(0, 10**10, (3,)), lambda g: g.integers(0, 10**10, (3,))),
        (lambda: torch.randperm(11), lambda g: g.permutation(11)),
        (lambda: empty(9).bernoulli_(0.4), lambda g: g.bernoulli(0.4, (9,))),
        (lambda: torch.bernoulli(tp), lambda g: g.bernoulli(p)),
        (lambda: empty(6).exponential_(), lambda g: g.exponential((6,))),
        (lambda: empty(3).log_normal_(), lambda g: g.log_normal((3,))),
        (lambda: torch.multinomial(tp, 4), lambda g: g.multinomial(p, 4)),
        (lambda: torch.multinomial(tp, 40, True), lambda g: g.multinomial(p, 40, True)),
        (lambda: empty(2, "int16").random_(), lambda g: g.random((2,), np.int16)),
        (lambda: empty(8, "float64").uniform_(), lambda g: g.uniform((8,), dtype=np.float64))]
    generator = Generator().manual_seed(11)
    torch.manual_seed(11)
    for i in np.random.default_rng(2).integers(len(draws), size=300):
        theirs, ours = draws[i]
        np.testing.assert_allclose(ours(generator), theirs(), rtol=0, atol=VECTOR_ATOL)


def test_threads_share_a_generator():
    """Whatever the order of the threads, together they get each pair of normals, and each word, once."""
    generator = Generator().manual_seed(0)
    parts = []

    def draw():
        for _ in range(50):
            parts.append(generator.normal((3,), dtype=np.float64))
            parts.append(generator.normal((10,), dtype=np.float64))

    threads = [threading.Thread(target=draw) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = Generator().manual_seed(0).normal((8 * 50 * 13,), dtype=np.float64, contiguous=False)
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.sort(expected))


def test_fork_rng_puts_the_state_back():
    for T in (torch, minitorch):
        T.manual_seed(0)
        with T.random.fork_rng():
            first = T.rand(3).tolist()
        with T.random.fork_rng(enabled=False):
            assert T.rand(3).tolist() == first
        assert T.rand(3).tolist() != first


def test_a_thread_may_have_a_stream_of_its_own():
    minitorch.manual_seed(0)
    expected = Generator().manual_seed(5).uniform((3,)), Generator().manual_seed(0).uniform((3,))
    drawn = []

    def draw():
        random.default_generator.split_off(5)
        drawn.append(minitorch.rand(3).numpy())

    thread = threading.Thread(target=draw)
    thread.start()
    thread.join()
    np.testing.assert_array_equal(drawn[0], expected[0])
    np.testing.assert_array_equal(minitorch.rand(3).numpy(), expected[1])


@pytest.mark.parametrize("used", [0, 1, 623, 624, 1000])
@pytest.mark.parametrize("n", [2047, 2048, 5001])
def test_many_trials_wherever_the_stream_stands(n, used):
    g, theirs = Generator().manual_seed(3), torch.Generator().manual_seed(3)
    g.uniform((used,)), torch.rand(used, generator=theirs)
    for p in 0.5, 0.1, 1.0, 0.0:
        expected = torch.empty(n).bernoulli_(p, generator=theirs).numpy()
        np.testing.assert_array_equal(g.bernoulli(p, (n,)), expected)
    np.testing.assert_array_equal(g.uniform((5,)), torch.rand(5, generator=theirs).numpy())
