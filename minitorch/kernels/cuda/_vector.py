"""Four numbers in one access to memory: 16 bytes a thread is what the memory of a GPU is built for.

The compiler does not find such accesses by itself; `load4` and `store4` name them, as instructions of LLVM. The address
must be a multiple of what is accessed.
"""
from ._runtime import COMPILED

ALIGNMENT = 16  # bytes

if COMPILED:
    from llvmlite import ir
    from numba.cuda import types
    from numba.cuda.extending import intrinsic

    def _address(context, builder, x_type, x, i):
        """Where element i of a pointer or of a shared array is, as the address of a vector of four."""
        if isinstance(x_type, types.Array):
            x = context.make_array(x_type)(context, builder, x).data
        return builder.bitcast(builder.gep(x, [i]), ir.VectorType(x.type.pointee, 4).as_pointer())

    def _alignment(x_type):
        return min(ALIGNMENT, x_type.dtype.bitwidth // 2)  # four numbers have 4 * bitwidth / 8 bytes

    def _lane(k):
        return ir.Constant(ir.IntType(32), k)

    @intrinsic
    def load4(context, x, i):
        def generate(context, builder, signature, args):
            vector = builder.load(_address(context, builder, signature.args[0], *args))
            vector.align = _alignment(signature.args[0])
            numbers = [builder.extract_element(vector, _lane(k)) for k in range(4)]
            return context.make_tuple(builder, signature.return_type, numbers)
        return types.UniTuple(x.dtype, 4)(x, i), generate

    @intrinsic
    def store4(context, x, i, a, b, c, d):
        def generate(context, builder, signature, args):
            x, i, *numbers = args
            address = _address(context, builder, signature.args[0], x, i)
            vector = ir.Constant(address.type.pointee, ir.Undefined)
            for k, number in enumerate(numbers):
                vector = builder.insert_element(vector, number, _lane(k))
            builder.store(vector, address).align = _alignment(signature.args[0])
        return types.void(x, i, *[x.dtype] * 4), generate
else:
    def load4(x, i):
        """(x[i], x[i + 1], x[i + 2], x[i + 3])"""
        return x[i], x[i + 1], x[i + 2], x[i + 3]

    def store4(x, i, a, b, c, d):
        """x[i], x[i + 1], x[i + 2], x[i + 3] = a, b, c, d"""
        x[i], x[i + 1], x[i + 2], x[i + 3] = a, b, c, d
