"""Vectors: the float32 numbers that one register of this machine holds, for loops that must not leave it idle.

The one file where speed costs clarity. Each function here has two bodies. The first is its meaning, in NumPy; it runs
where Numba does not compile (NUMBA_DISABLE_JIT=1), and stops at an index outside of the array. The second, below it,
writes the machine's instruction, in LLVM's language, and looks at no bounds: whoever calls it has to know them.

In a kernel, which may do arithmetic with vectors by +, -, * and /, compare them with >, == and !=, and join what
comparisons give with & and |,

    total = zeros()
    for j in range(0, n, lanes()):
        total = total + broadcast(weight, 0) * load(image, j)

Arrays are contiguous vectors of float32, `places` of int64. lanes() is 4, 8 or 16, by what the host can do and by what
NUMBA_CPU_FEATURES allows.
"""
import functools
import inspect

import numpy as np

__all__ = """
broadcast evens gather keep_apart keep_rolled lanes load load_first odds select store store_first
stream transpose zeros zip_first zip_last
""".split()


class Instruction:
    """A function with a meaning, which Python runs, and an emitter, which Numba runs to compile a call of it."""

    def __init__(self, meaning, returns):
        functools.update_wrapper(self, meaning)
        self.returns = returns

    def __call__(self, *args):
        return self.__wrapped__(*args)

    def emitter(self, emit):
        self.emit = emit
        return self

    @functools.cached_property
    def _numba_type_(self):
        """Numba asks for this when a kernel calls the instruction."""
        return _compiler()[1](self)


def instruction(returns):
    """Decorator that makes a function an instruction; `returns` is "vector", "int" or "nothing"."""
    return functools.partial(Instruction, returns=returns)


def _inside(array, start, count):
    """array[start : start + count], which must all be there"""
    if not 0 <= start <= start + count <= array.size:
        raise IndexError(f"[{start}:{start + count}] is not inside of {array.size} elements")
    return array[start:start + count]


# ------------------------------------------------------------------------------------------------------- instructions
@instruction(returns="int")
def lanes():
    """How many numbers a vector holds."""
    return _lanes()


@lanes.emitter
def lanes(emit):
    return emit.int64(_lanes())


@instruction(returns="vector")
def zeros():
    """0, in every lane"""
    return np.zeros(_lanes(), np.float32)


@zeros.emitter
def zeros(emit):
    return emit.zero


@instruction(returns="vector")
def broadcast(array, i):
    """array[i], in every lane"""
    return np.full(_lanes(), _inside(array, i, 1))


@broadcast.emitter
def broadcast(emit, array, i):
    return emit.in_every_lane(emit.builder.load(emit.at(array, i)), emit.zero)


@instruction(returns="vector")
def load(array, start):
    """array[start : start + lanes()]"""
    return _inside(array, start, _lanes()).copy()


@load.emitter
def load(emit, array, start):
    return emit.builder.load(emit.vectors_at(array, start), align=4)


@instruction(returns="nothing")
def store(array, start, vector):
    """array[start : start + lanes()] = vector"""
    _inside(array, start, _lanes())[:] = vector


@store.emitter
def store(emit, array, start, vector):
    emit.builder.store(vector, emit.vectors_at(array, start), align=4)


@instruction(returns="nothing")
def stream(array, start, vector):
    """As store, but past the caches: for arrays that they cannot hold, whose memory would be read before it is written.

    The place in memory must be a multiple of 16 bytes.
    """
    _inside(array, start, _lanes())[:] = vector


@stream.emitter
def stream(emit, array, start, vector):
    past = emit.builder.module.add_metadata([emit.int32(1)])
    emit.builder.store(vector, emit.vectors_at(array, start), align=16).set_metadata("nontemporal", past)


@instruction(returns="vector")
def load_first(array, start, count):
    """array[start : start + count], and 0 in the lanes that are left; touches no more of the array than that"""
    vector, count = zeros(), min(max(count, 0), _lanes())
    vector[:count] = _inside(array, start, count)
    return vector


@load_first.emitter
def load_first(emit, array, start, count):
    where = emit.vectors_at(array, start)
    return emit.call("llvm.masked.load", emit.vector, where, emit.int32(4), emit.first(count), emit.zero)


@instruction(returns="nothing")
def store_first(array, start, vector, count):
    """array[start : start + count] = vector[:count], at most lanes(); touches no more of the array than that"""
    count = min(max(count, 0), _lanes())
    _inside(array, start, count)[:] = vector[:count]


@store_first.emitter
def store_first(emit, array, start, vector, count):
    where = emit.vectors_at(array, start)
    emit.call("llvm.masked.store", emit.nothing, vector, where, emit.int32(4), emit.first(count))


@instruction(returns="vector")
def evens(a, b):
    """a[0], a[2], ..., b[0], b[2], ..."""
    return np.concatenate((a, b))[::2]


@evens.emitter
def evens(emit, a, b):
    return emit.pick(a, b, range(0, 2 * _lanes(), 2))


@instruction(returns="vector")
def odds(a, b):
    """a[1], a[3], ..., b[1], b[3], ..."""
    return np.concatenate((a, b))[1::2]


@odds.emitter
def odds(emit, a, b):
    return emit.pick(a, b, range(1, 2 * _lanes(), 2))


@instruction(returns="vector")
def zip_first(a, b):
    """a[0], b[0], a[1], b[1], ..., from the first half of both"""
    return np.stack((a, b), 1).ravel()[:_lanes()]


@zip_first.emitter
def zip_first(emit, a, b):
    return emit.pick(a, b, [i + j for i in range(_lanes() // 2) for j in (0, _lanes())])


@instruction(returns="vector")
def zip_last(a, b):
    """The same from the last half of both."""
    return np.stack((a, b), 1).ravel()[_lanes():]


@zip_last.emitter
def zip_last(emit, a, b):
    return emit.pick(a, b, [i + j for i in range(_lanes() // 2, _lanes()) for j in (0, _lanes())])


@instruction(returns="nothing")
def transpose(source, start, row, target, place, column):
    """target[place + j * column + i] = source[start + i * row + j] for i, j < lanes()"""
    block = np.stack([_inside(source, start + i * row, _lanes()) for i in range(_lanes())])
    for j in range(_lanes()):
        _inside(target, place + j * column, _lanes())[:] = block[:, j]


@transpose.emitter
def transpose(emit, source, start, row, target, place, column):
    n = _lanes()
    rows = [emit.builder.load(emit.vectors_at(source, emit.sum(start, row, i)), align=4) for i in range(n)]
    half = n // 2
    while half:  # in each block of 2 * half rows and columns, the upper right corner and the lower left change places
        left = [n + j - half if j & half else j for j in range(n)]
        right = [n + j if j & half else j + half for j in range(n)]
        for i in range(n):
            if not i & half:
                upper, lower = rows[i], rows[i + half]
                rows[i], rows[i + half] = emit.pick(upper, lower, left), emit.pick(upper, lower, right)
        half //= 2
    for j in range(n):
        emit.builder.store(rows[j], emit.vectors_at(target, emit.sum(place, column, j)), align=4)


@instruction(returns="vector")
def gather(array, start, places, i):
    """array[start + places[i]], array[start + places[i + 1]], ..., one for each lane"""
    return np.concatenate([_inside(array, start + place, 1) for place in _inside(places, i, _lanes())])


@gather.emitter
def gather(emit, array, start, places, i):
    vector = emit.zero
    for lane in range(_lanes()):
        place = emit.builder.load(emit.at(places, emit.sum(i, emit.int64(1), lane)))
        number = emit.builder.load(emit.at(array, emit.builder.add(start, place)))
        vector = emit.builder.insert_element(vector, number, emit.int32(lane))
    return vector


@instruction(returns="vector")
def select(condition, a, b):
    """a in the lanes where the condition, which a comparison gave, is true; b in the others"""
    return np.where(condition, a, b)


@select.emitter
def select(emit, condition, a, b):
    return emit.builder.select(condition, a, b)


@instruction(returns="nothing")
def keep_rolled():
    """Nothing; but the compiler does not unroll the loop it stands in, for which the registers may not suffice."""


@keep_rolled.emitter
def keep_rolled(emit):
    from llvmlite.ir import FunctionType, InlineAsm
    # It may not be copied to where other conditions hold, as into the loop for what unrolling leaves over.
    emit.builder.call(InlineAsm(FunctionType(emit.nothing, []), "", "", True), [], attrs=("convergent",))


@instruction(returns="nothing")
def keep_apart():
    """Nothing; but the kernel it stands in is not copied into each place that calls it, to be compiled there too."""


@keep_apart.emitter
def keep_apart(emit):
    emit.builder.function.attributes.add("noinline")


# --------------------------------------------------------------------------------------- how the compiler is told of it
class Emit:
    """What an emitter writes with: LLVM's builder and its types. An array is the address of its first number."""

    def __init__(self, builder):
        from llvmlite import ir
        self.builder = builder
        self.bit, self.int32, self.int64 = ir.IntType(1), ir.IntType(32), ir.IntType(64)
        self.vector = ir.VectorType(ir.FloatType(), _lanes())
        self.zero, self.nothing = self.vector(None), ir.VoidType()

    def at(self, array, i):
        return self.builder.gep(array, [i])

    def vectors_at(self, array, start):
        return self.builder.bitcast(self.at(array, start), self.vector.as_pointer())

    def in_every_lane(self, number, zero):
        """The number, put into lane 0 of a vector, and from there into all."""
        first = self.builder.insert_element(zero, number, self.int32(0))
        return self.builder.shuffle_vector(first, first, self._vector_of(self.int32, [0] * _lanes()))

    def sum(self, start, step, i):
        """start + i * step"""
        return self.builder.add(start, self.builder.mul(step, self.int64(i)))

    def pick(self, a, b, indices):
        """The numbers at these indices in a and b, one after the other."""
        return self.builder.shuffle_vector(a, b, self._vector_of(self.int32, indices))

    def first(self, count):
        """True in the first `count` lanes."""
        numbers = self._vector_of(self.int64, range(_lanes()))
        return self.builder.icmp_signed("<", numbers, self.in_every_lane(count, numbers.type(None)))

    def call(self, name, returns, *args):
        """Call the LLVM intrinsic for a vector of floats in memory."""
        from llvmlite import ir
        function = self.builder.module.declare_intrinsic(
            f"{name}.v{_lanes()}f32.p0", (), ir.FunctionType(returns, [arg.type for arg in args]))
        return self.builder.call(function, args)

    @staticmethod
    def _vector_of(integer, numbers):
        from llvmlite import ir
        return ir.VectorType(integer, _lanes())([integer(number) for number in numbers])


def host_features():
    """What LLVM may use of this machine, like ["+avx2", "-avx512f"]."""
    from numba.core.registry import cpu_target
    return cpu_target.target_context.codegen().magic_tuple()[2].split(",")


@functools.cache
def _lanes():
    features = host_features()
    return 16 if "+avx512f" in features else 8 if "+avx" in features else 4


@functools.cache
def _compiler():
    """Make types of Numba's, with their operators, once Numba is there: of vectors, of an instruction.

    Vectors of bits are what comparisons give.
    """
    import operator
    from llvmlite import ir
    from numba import extending, types
    from numba.core.registry import cpu_target
    from numba.core.typing.templates import AbstractTemplate, infer_global, make_intrinsic_template, signature

    class Vector(types.Type):
        def __reduce__(self):
            return _vector, (self.name,)  # a kernel from Numba's cache on disk may take or return vectors: of this type

    vector, bits = Vector(f"float32 x {_lanes()}"), Vector(f"bit x {_lanes()}")

    @extending.register_model(Vector)
    class VectorModel(extending.models.PrimitiveModel):
        def __init__(self, manager, type):
            element = ir.FloatType() if type == vector else ir.IntType(1)
            super().__init__(manager, type, ir.VectorType(element, _lanes()))

    def define(operation, takes, gives, emit, *symbol, **flags):
        @infer_global(operation)
        class Template(AbstractTemplate):
            def generic(self, args, kws):
                if args == (takes, takes):
                    return signature(gives, takes, takes)

        @extending.lower_builtin(operation, takes, takes)
        def lower(context, builder, signature, args):
            return emit(builder, *symbol, *args, **flags)

    for operation, emit in [(operator.add, ir.IRBuilder.fadd), (operator.iadd, ir.IRBuilder.fadd),
                            (operator.sub, ir.IRBuilder.fsub), (operator.mul, ir.IRBuilder.fmul),
                            (operator.truediv, ir.IRBuilder.fdiv)]:
        define(operation, vector, vector, emit, flags=("contract",))  # a * b + c may be one instruction, rounded once
    define(operator.gt, vector, bits, ir.IRBuilder.fcmp_ordered, ">")
    define(operator.eq, vector, bits, ir.IRBuilder.fcmp_ordered, "==")
    define(operator.ne, vector, bits, ir.IRBuilder.fcmp_unordered, "!=")  # unordered: NaN differs from all numbers
    define(operator.and_, bits, bits, ir.IRBuilder.and_)
    define(operator.or_, bits, bits, ir.IRBuilder.or_)

    cpu_target.typing_context.refresh()
    cpu_target.target_context.refresh()
    returns = {"vector": vector, "int": types.intp, "nothing": types.void}

    def accepted(name, type):
        """The type that an argument of this name and type is cast to; None if there is none."""
        if isinstance(type, types.Integer):
            return types.intp
        form = types.int64 if name == "places" else types.float32, 1, "C"
        contiguous = isinstance(type, types.Array) and (type.dtype, type.ndim, type.layout) == form
        return type if contiguous or isinstance(type, Vector) else None

    def function_type(instruction):
        meaning = inspect.signature(instruction.__wrapped__)

        def definition(context, *args):
            args = [accepted(*arg) for arg in zip(meaning.parameters, args)]
            if None in args:
                return None

            def generate(context, builder, signature, values):
                values = [context.make_array(type)(context, builder, value).data if isinstance(type, types.Array)
                          else value for type, value in zip(signature.args, values)]
                result = instruction.emit(Emit(builder), *values)
                return context.get_dummy_value() if result is None else result
            return returns[instruction.returns](*args), generate

        context = inspect.Parameter("context", inspect.Parameter.POSITIONAL_OR_KEYWORD)
        definition.__signature__ = meaning.replace(parameters=[context, *meaning.parameters.values()])
        return types.Function(make_intrinsic_template(instruction, definition, instruction.__name__))

    return Vector, function_type


def _vector(name):
    """Numba's type for a vector, which in a cache that machines share may be as wide as another machine's."""
    return _compiler()[0](name)
