"""PyTorch's CPU random numbers, word for word: `manual_seed(0)` here and there give the same values.

The source is the Mersenne Twister MT19937, whose 32-bit words NumPy's RandomState also gives. What torch makes of them:

    uniform      float32: the low 24 bits of a word / 2**24;  float64: the low 53 bits of two words / 2**53
    integers     word % range; two words where the range is 2**28 and more
    normal       Box-Muller: 16 values and more in blocks of 16, fewer in float64 with a cached second value
    permutation  Fisher-Yates, one word a step
    the others   a formula on one float64 uniform a value; or rejection, which takes as many as it needs

NumPy arrays in, NumPy arrays out, and NumPy dtypes; only a generator's state is a tensor. The bits are those of PyTorch
2.13 on x86-64, for float32 normals too: `_log` and `_sincos` round as its vector code does. (Without AVX2 PyTorch calls
the C library instead, and its own normals change by up to 3e-6.)
"""
import contextlib
import functools
import math
import operator
import secrets
import threading
import warnings

import numpy as np

from . import dtypes
from ._shapes import broadcast_shapes
from .device import CPU, device_of, kernels_of, place, resolve
from .graph import TensorBase, wrap
from .kernels.cpu import _random as kernels

_STATE = np.dtype([  # the 5056 bytes of torch.get_rng_state()
    ("seed", "<u8"), ("left", "<i4"), ("seeded", "<i4"), ("next", "<u8"), ("key", "<u8", 624), ("unused_x", "<f8"),
    ("normal", "<f8"), ("unused_rho", "<f8"), ("has_normal", "<i4"), ("unused", "V12")])


_MANY = 2048  # trials, for which a kernel is worth compiling


def _locked(method):
    """Make a method atomic: threads that share a generator each get whole draws."""
    @functools.wraps(method)
    def wrapper(self, *args, **kwargs):
        with self._stream.lock:
            return method(self, *args, **kwargs)
    return wrapper


class _Stream:
    """What changes with every draw."""

    def __init__(self):
        self.lock = threading.RLock()
        self.twister = np.random.RandomState()
        self.seed = None
        self.next_normal = None  # the second value of a Box-Muller pair, kept for the next call


class Generator:
    """A stream of random numbers with its own seed and state.

    >>> g = Generator().manual_seed(0)
    >>> g.uniform((2,)), g.integers(0, 10, (3,))
    (array([0.4962566, 0.7682218], dtype=float32), array([3, 0, 3]))
    """

    def __init__(self, device="cpu"):
        self.device = resolve(device)
        self._stream = _Stream()
        self.manual_seed(67280421310721)  # torch's default seed

    # ---- seed and state

    @_locked
    def manual_seed(self, seed):
        """Restart the stream at `seed`, an integer in [-2**63, 2**64); a negative one counts from 2**64. Returns self.

        Raises RuntimeError if `seed` is not an integer, ValueError if it does not fit.

        >>> Generator().manual_seed(-1).initial_seed() == 2**64 - 1
        True
        """
        if isinstance(seed, bool) or not hasattr(seed, "__index__"):
            raise RuntimeError(f"manual_seed expected a long, but got {type(seed).__name__}")
        seed = operator.index(seed)
        if not -2**63 <= seed < 2**64:
            raise ValueError(f"Overflow when unpacking long long: manual_seed got {seed}")
        self._stream.seed = seed % 2**64
        self._stream.twister.seed(self._stream.seed % 2**32)
        self._stream.next_normal = None
        return self

    def seed(self):
        """Restart the stream at a seed from the operating system, and return that seed.

        >>> g = Generator(); g.seed() == g.initial_seed()
        True
        """
        return self.manual_seed(secrets.randbits(64)).initial_seed()

    def initial_seed(self):
        """The seed that the stream started from.

        >>> Generator().initial_seed()
        67280421310721
        """
        return self._stream.seed

    @_locked
    def get_state(self):
        """The state as 5056 bytes, a uint8 tensor in torch's layout: torch continues from it, and we from torch's.

        >>> g = Generator(); state = g.get_state(); a = g.uniform((3,))
        >>> (g.set_state(state).uniform((3,)) == a).all()
        np.True_
        """
        twister = self._stream.twister.get_state(legacy=False)["state"]
        state = np.zeros(1, _STATE)
        state["seed"], state["seeded"] = self._stream.seed, 1
        state["key"], state["next"], state["left"] = twister["key"], twister["pos"], 625 - twister["pos"]
        unused = np.random.RandomState(self._stream.seed % 2**32).get_state(legacy=False)["state"]["key"]
        if twister["pos"] == 624 and (twister["key"] == unused).all():
            state["next"] = 0  # as torch has it before the first word is drawn
        if self._stream.next_normal is not None:
            state["normal"], state["has_normal"] = self._stream.next_normal, 1
        return wrap(state.view(np.uint8))

    @_locked
    def set_state(self, state):
        """Continue from a state of `get_state`, here or in torch. Returns self.

        Raises TypeError unless it is a uint8 tensor, RuntimeError unless it is a state of MT19937.
        """
        if not isinstance(state, TensorBase):
            raise TypeError(f"expected a torch.ByteTensor, but got {type(state).__name__}")
        state = state.array
        if state.dtype != np.uint8:
            raise TypeError(f"RNG state must be a torch.ByteTensor, but got {state.dtype}")
        if state.size != _STATE.itemsize:
            raise RuntimeError(f"Expected a CPUGeneratorImplState of size {_STATE.itemsize} but found the input RNG "
                               f"state size to be {state.size}")
        fields = np.frombuffer(state.tobytes(), _STATE)[0]
        if not (fields["seeded"] == 1 and 1 <= fields["left"] <= 624 and fields["next"] <= 624):
            raise RuntimeError("Invalid mt19937 state")
        self._stream.seed = int(fields["seed"])
        self._stream.twister.set_state(("MT19937", fields["key"].astype(np.uint32), 625 - int(fields["left"])))
        self._stream.next_normal = float(fields["normal"]) if fields["has_normal"] else None
        return self

    def clone_state(self):
        """A generator of its own that continues from this one's state.

        >>> g = Generator(); other = g.clone_state(); other.uniform((1,)) == g.uniform((1,))
        array([ True])
        """
        return Generator(self.device).set_state(self.get_state())

    def __reduce__(self):  # pickle and deepcopy: a lock cannot be copied
        return _unpickle, (self.device, self.get_state().array)

    # ---- words

    def random_words(self, n):
        """The next `n` 32-bit words, a uint32 array.

        >>> Generator().manual_seed(1).random_words(3)
        array([1791095845, 4282876139, 3093770124], dtype=uint32)
        """
        return self._stream.twister.randint(2**32, size=n, dtype=np.uint32)

    def _random_words64(self, n):
        words = self.random_words(2 * n).reshape(n, 2).astype(np.uint64)  # (n, 2)
        return words[:, 0] << np.uint64(32) | words[:, 1]  # (n,)

    def _unit(self, n, dtype):
        """`n` values uniform on [0, 1), float32 or float64."""
        if dtype == np.float32:
            return (self.random_words(n) & 0xFFFFFF).astype(np.float32) * np.float32(2.0**-24)
        words = self.random_words(2 * n).reshape(n, 2)
        return (words[:, 0] & 0x1FFFFF) * 2.0**-21 + words[:, 1] * 2.0**-53  # 21 and 32 bits: exact

    # ---- draws

    def uniform(self, shape, low=0.0, high=1.0, dtype=np.float32):
        """Uniform on [low, high): torch.rand, Tensor.uniform_, nn.init.

        Raises RuntimeError for bounds that are out of order or that `dtype` cannot hold.

        >>> Generator().manual_seed(0).uniform((3,), -1, 1)
        array([-0.00748682,  0.5364436 , -0.82304513], dtype=float32)
        """
        dtype = _floating("check_uniform_bounds", dtype)
        largest = dtypes.finfo(dtypes.of_numpy(dtype)).max
        for name, bound in ("from", low), ("to", high):
            if not -largest <= bound <= largest:
                raise RuntimeError(f"{name} is out of bounds for {dtype}: uniform_ got {name}={bound:g}")
        if low > high:
            raise RuntimeError("uniform_ expects to return a [from, to) range, but found "
                               f"from={low:g} > to={high:g}")
        if high - low > largest:
            raise RuntimeError(f"uniform_ expects to-from <= std::numeric_limits<{dtypes.of_numpy(dtype).scalar_name}>"
                               f"::max(), but found to={high:g} and from={low:g} which result in to-from to exceed "
                               "the limit")
        real = _at_least_float32(dtype)
        low, high = real(low), real(high)
        x = self._unit(math.prod(shape), real)
        if low != 0 or high != 1:
            x = _fma(x, high - low, low)
        x = _cast(x, dtype)
        x[x == dtype.type(high)] = low  # rounding may have reached `high`
        return x.reshape(shape)

    def integers(self, low, high, shape, dtype=np.int64):
        """Integers of [low, high): torch.randint, Tensor.random_(low, high).

        Raises RuntimeError if the range is empty or `dtype` cannot hold it, and warns where it will round.

        >>> Generator().manual_seed(0).integers(0, 100, (5,))
        array([44, 39, 33, 60, 63])
        """
        dtype = np.dtype(dtype)
        if low >= high:
            raise RuntimeError(f"random_ expects 'from' to be less than 'to', but got from={low} >= to={high}")
        smallest, largest = _integer_range(dtype)
        for name, bound in ("from", low), ("to - 1", high - 1):
            if smallest <= bound <= largest:
                continue
            if dtype.kind in "biu" or abs(bound) > float(dtypes.finfo(dtypes.of_numpy(dtype)).max):
                raise RuntimeError(f"{name} is out of bounds for {dtype}: random_ got {name}={bound}, "
                                   f"expected [{smallest}, {largest}]")
            warnings.warn(f"{name} is out of bounds [{smallest}, {largest}]. Due to precision limitations {dtype} can "
                          "support discrete uniform distribution only within this range.", stacklevel=3)
        low, high, n = operator.index(low), operator.index(high), math.prod(shape)
        span = high - low
        # a remainder of a word of 32 bits would favour small numbers of a large range
        words = self.random_words(n) if span < 2**28 else self._random_words64(n)
        return ((words % span).astype(np.int64) + low).astype(dtype).reshape(shape)

    def random(self, shape, dtype=np.int64):
        """Integers of the whole range [0, largest]: Tensor.random_(). Floats go up to 2**digits, and stay exact.

        >>> Generator().manual_seed(0).random((3,), np.uint8)
        array([172,  47, 117], dtype=uint8)
        """
        dtype = np.dtype(dtype)
        n = math.prod(shape)
        words = self._random_words64(n) if dtype.itemsize == 8 else self.random_words(n)
        return (words % (_integer_range(dtype)[1] + 1)).astype(dtype).reshape(shape)

    def permutation(self, n, dtype=np.int64):
        """0 .. n - 1 in random order, shape (n,): torch.randperm, DataLoader(shuffle=True).

        Raises RuntimeError if `n` is negative or `dtype` cannot count to n - 1.

        >>> Generator().manual_seed(0).permutation(5)
        array([4, 0, 1, 3, 2])
        """
        n, dtype = operator.index(n), np.dtype(dtype)
        if n < 0:
            raise RuntimeError(f"Trying to create tensor with negative dimension {n}: [{n}]")
        if dtype == np.bool_:
            raise NotImplementedError("\"randperm\" not implemented for 'Bool'")
        largest = _integer_range(dtype)[1] + 1
        if n > largest:
            raise RuntimeError(f"n cannot be greater than {largest} for {dtypes.of_numpy(dtype).scalar_name} type.")
        if n >= (2**32 - 1) // 20:  # from here torch draws another way; a shuffle in Python would take minutes
            raise NotImplementedError(f"randperm: n={n}, but at most {(2**32 - 1) // 20 - 1} is supported")
        order, remaining = np.arange(n), np.arange(n, 1, -1)  # (n,) and (n - 1,)
        kernels.permute(order, self.random_words(len(remaining)) % remaining)
        return order.astype(dtype)

    def bernoulli(self, p, shape=None, dtype=None):
        """1 with probability `p`, else 0: Tensor.bernoulli_(p), torch.bernoulli(p), and dropout's mask.

        p      a number (drawn in float64) or a floating-point array (drawn in its own precision)
        shape  default: p's; an array `p` is broadcast to it
        dtype  default: p's, or float32 for a number
        Raises RuntimeError unless 0 <= p <= 1.

        >>> Generator().manual_seed(0).bernoulli(0.5, (4,))
        array([0., 0., 1., 0.], dtype=float32)
        """
        if isinstance(p, np.ndarray):
            real = _at_least_float32(_floating("bernoulli_tensor_cpu_p_", p.dtype))
            if not ((0 <= p) & (p <= 1)).all():
                raise RuntimeError("Expected p_in >= 0 && p_in <= 1 to be true, but got false: bernoulli expects all "
                                   f"of p in [0, 1], but got p from {p.min():g} to {p.max():g}")
            shape = p.shape if shape is None else shape
            dtype = p.dtype if dtype is None else dtype
        else:
            real, dtype = np.float64, np.float32 if dtype is None else dtype
            if not 0 <= p <= 1:
                raise RuntimeError(f"bernoulli_ expects p to be in [0, 1], but got p={p:g}")
        if real == np.float64 and not isinstance(p, np.ndarray) and math.prod(shape) >= _MANY:
            return self._trials(p, shape).astype(dtype)
        return np.less(self._unit(math.prod(shape), real).reshape(shape), p, out=np.empty(shape, bool)).astype(dtype)

    @_locked
    def _trials(self, p, shape):
        """Whether each of many uniform numbers of float64 is below `p`."""
        twister, out = self._stream.twister.get_state(legacy=False)["state"], np.empty(shape, bool)
        words, limit = np.empty(625, np.uint32), math.ceil(p * 2**53)
        used = kernels.trials(limit, twister["key"], twister["pos"], words, out.ravel())
        self._stream.twister.set_state(("MT19937", twister["key"], used))
        return out

    def exponential(self, shape, lambd=1.0, dtype=np.float32):
        """Density lambd * exp(-lambd * x) on x > 0: Tensor.exponential_. Raises RuntimeError unless lambd > 0.

        >>> Generator().manual_seed(0).exponential((2,))
        array([3.5083263, 1.2303847], dtype=float32)
        """
        dtype = _continuous("Exponential", dtype)
        if not lambd > 0:
            raise RuntimeError(f"exponential_ expects lambda > 0.0, but found lambda={lambd:g}")
        u = self._unit(math.prod(shape), np.float64)
        return _cast(-1.0 / lambd * np.log1p(-u), dtype).reshape(shape)

    def geometric(self, p, shape, dtype=np.float32):
        """The number of trials up to the first success: Tensor.geometric_. Raises RuntimeError unless 0 < p < 1.

        >>> Generator().manual_seed(0).geometric(0.1, (3,), np.int64)
        array([1, 4, 8])
        """
        if not 0 < p < 1:
            raise RuntimeError(f"geometric_ expects p to be in (0, 1), but got p={p:g}")
        if dtype == np.bool_:
            raise NotImplementedError("\"geometric_cpu\" not implemented for 'Bool'")
        u = self._unit(math.prod(shape), np.float64)
        return np.ceil(np.log(u) / math.log1p(-p)).astype(dtype).reshape(shape)

    def cauchy(self, shape, median=0.0, sigma=1.0, dtype=np.float32):
        """The Cauchy distribution: Tensor.cauchy_. Raises RuntimeError unless sigma > 0.

        >>> Generator().manual_seed(0).cauchy((2,))
        array([10.59773  ,  0.7647673], dtype=float32)
        """
        dtype = _continuous("Cauchy", dtype)
        if not sigma > 0:
            raise RuntimeError(f"cauchy_ expects sigma > 0.0, but found sigma={sigma:g}")
        u = self._unit(math.prod(shape), np.float64)
        return _cast(median + sigma * np.tan(math.pi * (u - 0.5)), dtype).reshape(shape)

    def log_normal(self, shape, mean=1.0, std=2.0, dtype=np.float32):
        """exp of a normal variable: Tensor.log_normal_. Raises RuntimeError unless std > 0.

        >>> Generator().manual_seed(0).log_normal((2,))
        array([59.263416,  1.51156 ], dtype=float32)
        """
        dtype = _floating("log_normal_cpu", dtype)
        if not std > 0:
            raise RuntimeError(f"log_normal_ expects std > 0.0, but found std={std:g}")
        z = self._paired_normal(math.prod(shape))
        return _cast(np.exp(_fma(z, std, mean)), dtype).reshape(shape)

    def normal(self, shape, mean=0.0, std=1.0, dtype=np.float32, contiguous=True):
        """mean + std * z with z standard normal: torch.randn, Tensor.normal_.

        contiguous  False: the values fill a tensor that is not; torch then draws them all in pairs
        Raises RuntimeError unless std >= 0.

        >>> Generator().manual_seed(0).normal((2,))
        array([ 1.5409961, -0.2934289], dtype=float32)
        """
        dtype = _floating("normal_kernel_cpu", dtype)
        if not std >= 0:
            raise RuntimeError(f"normal expects std >= 0.0, but found std {std:g}")
        n = math.prod(shape)
        if n < 16 or not contiguous:
            return _cast(_fma(self._paired_normal(n), std, mean), dtype).reshape(shape)
        real = _at_least_float32(dtype)
        whole = n // 16 * 16
        tail = 16 if n > whole else 0
        drawn = whole if dtype.itemsize == 2 else n  # float32 draws uniforms for the tail too, and then discards them
        u = self._unit(drawn + tail, real)
        z = np.empty(n, real)
        z[:whole] = _box_muller(u[:whole])
        if tail:  # the last 16 values are drawn anew
            z[-16:] = _box_muller(u[-16:])
        if mean != 0 or std != 1:
            z = _fma(z, real(std), real(mean))
        return _cast(z, dtype).reshape(shape)

    def normal_around(self, mean, std):
        """torch.normal(mean, std) where one or both are arrays, which broadcast. Raises RuntimeError if std < 0.

        >>> Generator().manual_seed(0).normal_around(np.float32([0, 100]), 1.0)
        array([ 1.5409961, 99.70657  ], dtype=float32)
        """
        if not isinstance(std, np.ndarray):
            z = self.normal(mean.shape, 0.0, std, mean.dtype)
            z += mean
            return z
        if not (std >= 0).all():
            raise RuntimeError(f"normal expects all elements of std >= 0.0, but found std {std.min():g}")
        shape = broadcast_shapes(np.shape(mean), std.shape)
        dtype = mean.dtype if isinstance(mean, np.ndarray) else std.dtype
        z = self.normal(shape, dtype=dtype)
        z *= std
        z += mean
        return z

    @_locked
    def _paired_normal(self, n):
        """`n` standard normals in float64; an odd one of the last pair waits for the next call."""
        kept = [] if self._stream.next_normal is None else [self._stream.next_normal]
        pairs = (n - len(kept) + 1) // 2
        u = self._unit(2 * pairs, np.float64).reshape(pairs, 2)
        radius, theta = np.sqrt(-2.0 * np.log1p(-u[:, 1])), 2.0 * np.pi * u[:, 0]
        z = np.stack([radius * np.cos(theta), radius * np.sin(theta)], axis=1)  # (pairs, 2)
        z = np.concatenate([kept, z.ravel()])  # (n,) or (n + 1,)
        self._stream.next_normal = float(z[n]) if len(z) > n else None
        return z[:n]

    def poisson(self, rates):
        """Numbers of events that come at `rates`, an array: torch.poisson. Raises RuntimeError for a negative rate.

        >>> Generator().manual_seed(0).poisson(np.float32([0, 1, 20]))
        array([ 0.,  2., 28.], dtype=float32)
        """
        dtype = _floating("poisson_cpu", rates.dtype)
        if not (rates >= 0).all():
            raise RuntimeError(f"invalid Poisson rate, expected rate to be non-negative, got {rates.min():g}")
        return self._one_by_one(kernels.poisson, rates).astype(dtype)

    def binomial(self, counts, probs):
        """Numbers of successes in `counts` trials of probability `probs`, arrays of one dtype: torch.binomial.

        >>> Generator().manual_seed(0).binomial(np.float32([10, 100]), np.float32([0.5, 0.3]))
        array([ 7., 31.], dtype=float32)
        """
        dtype = _floating("binomial_cpu", counts.dtype)
        if dtype.itemsize == 2:
            raise dtypes.not_implemented("binomial_cpu", dtypes.of_numpy(dtype))
        return self._one_by_one(kernels.binomial, counts, probs).astype(dtype)

    @_locked
    def standard_gamma(self, alphas):
        """Gamma distributed numbers of scale 1 and shape parameters `alphas`, an array: torch.distributions.Gamma.

        >>> Generator().manual_seed(0).standard_gamma(np.array([1.0, 3.0])).round(4)
        array([2.8824, 2.2156])
        """
        dtype = _floating("gamma_cpu", alphas.dtype)
        small = alphas < 1
        with np.errstate(divide="ignore"):
            inverses = np.where(small, 1 / alphas, 0)
        spare = np.array([self._stream.next_normal is not None, self._stream.next_normal or 0.0])
        out = self._one_by_one(lambda *arguments: kernels.standard_gamma(*arguments, spare),
                               inverses, np.where(small, alphas + 1, alphas) - dtype.type(np.float32(1 / 3)))
        self._stream.next_normal = float(spare[1]) if spare[0] else None
        return np.maximum(out.astype(dtype), np.finfo(dtype).tiny)

    @_locked
    def _one_by_one(self, kernel, *parameters):
        """Run a kernel that draws its words itself, as many as it needs: (*parameters, out, state)."""
        twister = self._stream.twister.get_state(legacy=False)["state"]
        state = np.append(twister["key"], twister["pos"]).astype(np.int64)  # (625,)
        parameters = np.broadcast_arrays(*parameters)
        out = np.empty(parameters[0].shape)
        kernel(*(np.ascontiguousarray(x, np.float64).ravel() for x in parameters), out.ravel(), state)
        self._stream.twister.set_state(("MT19937", state[:624].astype(np.uint32), int(state[624])))
        return out

    def multinomial(self, p, num_samples, replacement=False):
        """Indices drawn with the probabilities p / p.sum(-1): torch.multinomial.

        p  (C,) or (N, C), floating point;  result (num_samples,) or (N, num_samples), int64
        Raises RuntimeError if `p` has other dimensions or dtypes, a negative or non-finite entry or a zero sum, or if
        num_samples is not positive or, without replacement, larger than C.

        >>> Generator().manual_seed(0).multinomial(np.float32([0.1, 0.2, 0.7]), 2)
        array([2, 1])
        """
        if p.dtype.kind not in dtypes.FLOATS:
            raise RuntimeError("multinomial only supports floating-point dtypes for input, got: "
                               f"{dtypes.of_numpy(p.dtype).scalar_name}")
        if p.ndim not in (1, 2):
            raise RuntimeError(f"prob_dist must be 1 or 2 dim, but has shape {p.shape}")
        if p.shape[-1] > 1 << 24:
            raise RuntimeError("number of categories cannot exceed 2^24")  # what float32 can count
        if num_samples <= 0:
            raise RuntimeError(f"cannot sample n_sample <= 0 samples, got n_sample={num_samples}")
        if not replacement and num_samples > p.shape[-1]:
            raise RuntimeError("cannot sample n_sample > prob_dist.size(-1) samples without replacement, got "
                               f"n_sample={num_samples} and prob_dist of shape {p.shape}")
        if not (np.isfinite(p) & (p >= 0)).all():
            raise RuntimeError("probability tensor contains either `inf`, `nan` or element < 0: invalid multinomial "
                               "distribution")
        if not (p.sum(axis=-1, dtype=np.float64) > 0).all():
            raise RuntimeError("invalid multinomial distribution (sum of probabilities <= 0)")
        if replacement and num_samples > 1:
            # the first category whose cumulative probability reaches a uniform number
            cumulative = p.cumsum(axis=-1, dtype=_at_least_float32(p.dtype))  # (N, C)
            cumulative /= cumulative[..., -1:].copy()
            shape = p.shape[:-1] + (num_samples,)
            u = self._unit(math.prod(shape), np.float64).reshape(-1, num_samples)  # (N, num_samples)
            rows = [np.searchsorted(c, row) for c, row in zip(np.atleast_2d(cumulative), u)]
            return np.array(rows, np.int64).reshape(shape)
        # the race: category i arrives at time E / p[i], E exponential, and the first ones are chosen
        speed = p / fill(np.empty_like(p), functools.partial(self.exponential, dtype=p.dtype))  # (N, C)
        return np.argsort(-speed, axis=-1, kind="stable")[..., :num_samples]  # (N, num_samples)


def _unpickle(device, state):
    return Generator(device).set_state(wrap(state))


def fill(array, draw):
    """array[...] = draw(shape), the values going along the array's memory, as torch's in-place draws do. Returns it.

    A transposed array thus gets the numbers of the array it is a view of. (For `normal` pass contiguous=False too.)

    >>> fill(np.zeros((2, 3)).T, np.ones).shape
    (3, 2)
    """
    if device_of(array) is not CPU:  # drawn here, and copied there: a seed gives the same numbers on all devices
        drawn = fill(np.empty_like(array.geometry), draw)
        kernels_of(array).copy_(array, place(drawn, device_of(array)))
        return array
    view = array.transpose(np.argsort([-stride for stride in array.strides], kind="stable"))
    view[...] = draw(view.shape)
    return array


# ---- the vector routines behind torch.randn

# log(1 + x) = x - x**2 / 2 + x**3 * P(x), and sin and cos on [-pi/4, pi/4]: the polynomials of Cephes' float functions
_LOG = np.float32([7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
                   -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1])
_SIN = np.float32([-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1])
_COS = np.float32([2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2])
_LN2 = np.float32([0.693359375, -2.12194440e-4])  # two parts, so that e * part is exact
_PI_4 = np.float32([0.78515625, 2.4187564849853515625e-4, 3.77489497744594108e-8])
_CHUNK = 2**12  # blocks of 16: the temporaries then stay in the cache


def _fma(a, b, c):
    """a * b + c rounded once, like the processor's instruction."""
    if a.dtype == np.float32:  # float64 holds the product exactly
        return (np.multiply(a, b, dtype=np.float64) + c).astype(a.dtype)
    product = a * b  # here its error, and that of the sum, are computed apart (Dekker, Knuth)
    (a1, a2), (b1, b2) = _halves(a), _halves(b)
    error = a2 * b2 - (product - a1 * b1 - a2 * b1 - a1 * b2)
    total = product + c
    part = total - product
    return total + (product - (total - part) + (c - part) + error)


def _halves(x):
    """x as the sum of two numbers of 26 bits: their products are exact."""
    shifted = x * (2**27 + 1)
    high = shifted - (shifted - x)
    return high, x - high


def _polynomial(coefficients, x):
    y = np.full_like(x, coefficients[0])
    for c in coefficients[1:]:
        y = _fma(y, x, c)
    return y


def _log(x):
    """log(x) of float32, 0 < x <= 1."""
    mantissa, exponent = np.frexp(x)  # x = mantissa * 2**exponent, mantissa in [0.5, 1)
    low = mantissa < np.float32(math.sqrt(0.5))
    exponent = (exponent - low).astype(np.float32)
    x = np.where(low, mantissa + mantissa, mantissa) - np.float32(1)  # in [sqrt(0.5) - 1, sqrt(2) - 1)
    square = x * x
    y = _fma(_polynomial(_LOG, x) * x, square, exponent * _LN2[1])
    return _fma(exponent, _LN2[0], x + _fma(square, np.float32(-0.5), y))


def _sincos(x):
    """sin(x), cos(x) of float32, 0 <= x <= 2 pi."""
    quarter = (x * np.float32(4 / math.pi)).astype(np.int32) + 1 & ~1  # the nearest multiple of pi/2, in pi/4
    multiple = quarter.astype(np.float32)
    for part in _PI_4:
        x = _fma(multiple, -part, x)  # in [-pi/4, pi/4]
    square = x * x
    cos = _fma(_polynomial(_COS, square) * square, square, np.float32(-0.5) * square) + np.float32(1)
    sin = _fma(_polynomial(_SIN, square) * square, x, x)
    swap = quarter & 2 != 0
    sin, cos = np.where(swap, cos, sin), np.where(swap, sin, cos)
    return np.where(quarter & 4, -sin, sin), np.where(quarter + 2 & 4, -cos, cos)


def _box_muller(u):
    """Standard normals from uniforms, in blocks of 16: radius from the first eight, angle from the last eight."""
    blocks = u.reshape(-1, 2, 8)  # (n / 16, 2, 8)
    out = np.empty_like(blocks)
    for start in range(0, len(blocks), _CHUNK):
        u1, u2 = blocks[start:start + _CHUNK].transpose(1, 0, 2)  # (_CHUNK, 8) each
        one = u.dtype.type(1)
        theta = u.dtype.type(2 * math.pi) * u2
        if u.dtype == np.float32:
            log, (sin, cos) = _log(one - u1), _sincos(theta)
        else:
            log, sin, cos = np.log(one - u1), np.sin(theta), np.cos(theta)
        radius = np.sqrt(-2 * log)
        out[start:start + _CHUNK, 0] = radius * cos
        out[start:start + _CHUNK, 1] = radius * sin
    return out.ravel()


# ---- dtypes

def _floating(kernel, dtype):
    dtype = np.dtype(dtype)
    if dtype.kind not in dtypes.FLOATS:
        raise dtypes.not_implemented(kernel, dtypes.of_numpy(dtype))
    return dtype


def _continuous(name, dtype):
    dtype = np.dtype(dtype)
    if dtype.kind in "biu":
        raise RuntimeError(f"{name} distribution is a continuous probability distribution. dtype must be a floating "
                           f"point but you specified {dtypes.of_numpy(dtype).scalar_name}")
    return dtype


def _at_least_float32(dtype):
    return np.float64 if dtype == np.float64 else np.float32


def _cast(x, dtype):
    """`x` in `dtype`; float16 by way of float32, as in torch, and inf where the value is too large."""
    with np.errstate(over="ignore"):
        return x.astype(_at_least_float32(dtype), copy=False).astype(dtype, copy=False)


def _integer_range(dtype):
    """The smallest and the largest integer up to which `dtype` holds every one."""
    if dtype.kind == "b":
        return 0, 1
    if dtype.kind in dtypes.FLOATS:
        digits = 1 - int(math.log2(dtypes.finfo(dtypes.of_numpy(dtype)).eps))
        return -2**digits, 2**digits
    return np.iinfo(dtype).min, np.iinfo(dtype).max


# ---- the generator that is used where none is given

class _DefaultGenerator(Generator):
    """One stream for all threads, but for those that have asked for a stream of their own."""

    _thread = threading.local()

    @property
    def _stream(self):
        return getattr(self._thread, "stream", self._shared)

    @_stream.setter
    def _stream(self, stream):
        self._shared = stream

    def split_off(self, seed):
        """From now on this thread draws from a stream of its own, which starts at `seed`: a DataLoader's worker."""
        self._thread.stream = _Stream()
        self.manual_seed(seed)


default_generator = _DefaultGenerator()
default_generator.seed()


def manual_seed(seed):
    """Restart the default generator at `seed`, an integer in [-2**63, 2**64), and return it.

    The same seed gives the numbers that PyTorch gives on the CPU.

    >>> manual_seed(0).uniform((2,))
    array([0.4962566, 0.7682218], dtype=float32)
    """
    return default_generator.manual_seed(int(seed))


def seed():
    """Restart the default generator at a seed from the operating system, and return that seed."""
    return default_generator.seed()


def initial_seed():
    """The seed that the default generator started from.

    >>> manual_seed(42).initial_seed() == initial_seed() == 42
    True
    """
    return default_generator.initial_seed()


def get_rng_state():
    """The state of the default generator, in PyTorch's layout: uint8, 5056 bytes."""
    return default_generator.get_state()


def set_rng_state(new_state):
    """Put the default generator into a state that get_rng_state gave, here or in PyTorch."""
    default_generator.set_state(new_state)


@contextlib.contextmanager
def fork_rng(devices=None, enabled=True, _caller="fork_rng", _devices_kw="devices", device_type="cuda"):
    """With this, what a block draws does not count afterwards: the default generator's state is put back.

    `devices` and `device_type` name GPUs, whose states torch keeps too. Nothing happens where `enabled` is False.

    >>> import minitorch as torch
    >>> with torch.random.fork_rng():
    ...     a = torch.rand(2)
    >>> torch.equal(a, torch.rand(2))
    True
    """
    state = get_rng_state()
    try:
        yield
    finally:
        if enabled:
            set_rng_state(state)
