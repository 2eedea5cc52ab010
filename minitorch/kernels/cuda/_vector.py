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

    def _address(builder, pointer, i):
        """pointer + i, as a pointer to a vector of four, and its alignment."""
        vector = ir.VectorType(pointer.type.pointee, 4)
        return builder.bitcast(builder.gep(pointer, [i]), vector.as_pointer())

    def _alignment(pointer_type):
        return min(ALIGNMENT, pointer_type.dtype.bitwidth // 2)  # four numbers have 4 * bitwidth / 8 bytes

    def _lane(k):
        return ir.Constant(ir.IntType(32), k)

    @intrinsic
    def load4(context, x, i):
        def generate(context, builder, signature, args):
            vector = builder.load(_address(builder, *args))
            vector.align = _alignment(signature.args[0])
            numbers = [builder.extract_element(vector, _lane(k)) for k in range(4)]
            return context.make_tuple(builder, signature.return_type, numbers)
        return types.UniTuple(x.dtype, 4)(x, i), generate

    @intrinsic
    def store4(context, x, i, a, b, c, d):
        def generate(context, builder, signature, args):
            pointer, i, *numbers = args
            vector = ir.Constant(ir.VectorType(pointer.type.pointee, 4), ir.Undefined)
            for k, number in enumerate(numbers):
                vector = builder.insert_element(vector, number, _lane(k))
            builder.store(vector, _address(builder, pointer, i)).align = _alignment(signature.args[0])
        return types.void(x, i, *[x.dtype] * 4), generate
else:
    def load4(x, i):
        """(x[i], x[i + 1], x[i + 2], x[i + 3])"""
        return x[i], x[i + 1], x[i + 2], x[i + 3]

    def store4(x, i, a, b, c, d):
        """x[i], x[i + 1], x[i + 2], x[i + 3] = a, b, c, d"""
        x[i], x[i + 1], x[i + 2], x[i + 3] = a, b, c, d
