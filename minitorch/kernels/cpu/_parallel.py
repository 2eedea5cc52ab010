"""How the items of a parallel kernel are shared between the cores.

Numba has parallel loops (`prange`), but compiles the body of such a loop some four times over, which the first run on a
machine has to wait for; and it divides the loop beforehand, so that a core that another program keeps busy makes all
the others wait. Here is a loop of our own on Numba's pool of threads: the body is compiled twice, alone and within its
loop, and a thread that has done some items takes the next ones.

Which thread runs an item is up to chance: what the item computes must not depend on it.
"""
import functools
import types

__all__ = ["loop_over"]

PIECES = 8  # a thread takes so many items at a time that it comes back about so often


def loop_over(body, compiled_body):
    """The function loop(items, threads, *args), for Numba to compile: body(item, *args) for each item.

    For Numba's cache on disk, which goes by files and names, it stands where the body does.
    """
    if compiled_body is body:  # NUMBA_DISABLE_JIT=1
        return lambda items, threads, *args: [body(item, *args) for item in range(items)]
    code, name = body.__code__, body.__qualname__ + "_loop"
    code = _loop.__code__.replace(co_filename=code.co_filename, co_firstlineno=code.co_firstlineno)
    loop = types.FunctionType(code, {"__name__": body.__module__, "share": _share(), "body": compiled_body}, name)
    loop.__module__, loop.__qualname__ = body.__module__, name
    return loop


def _loop(items, threads, *args):
    share(body, items, threads, args)  # noqa: F821 - loop_over() says what these are


@functools.cache
def _share():
    """share(body, items, threads, args), made once Numba is there: it writes LLVM's language.

    What the threads share is a record: the next item to do, the error that a body has raised, and the arguments.
    """
    import numba
    from llvmlite import ir
    from numba.core import cgutils
    from numba.core import types as numba_types

    numba.get_num_threads()  # starts the pool: from then on LLVM knows numba_parallel_for
    int32, int64, pointer = ir.IntType(32), ir.IntType(64), ir.IntType(8).as_pointer()
    pointers, numbers = pointer.as_pointer(), int64.as_pointer()
    task_type = ir.FunctionType(ir.VoidType(), [pointers, numbers, numbers, pointer])
    pool_type = ir.FunctionType(ir.VoidType(), [pointer, pointers, numbers, numbers, pointer, int64, int64, int32])

    @numba.extending.intrinsic
    def share(context, body, items, threads, args):
        body_args = (numba_types.int64, *args)
        returned = body.get_call_type(context, body_args, {}).return_type
        compiled = body.dispatcher.overloads[body_args]

        def generate(target, builder, signature, values):
            _, items, threads, args = values
            calls = target.call_conv
            target.active_code_library.add_linking_library(compiled.library)
            function = target.declare_function(builder.module, compiled.fndesc)
            error = calls._get_excinfo_argument(function).type.pointee
            record_type = ir.LiteralStructType([int64, int64, int64, int32, error, args.type])
            NEXT, ITEMS, PIECE, CODE, ERROR, ARGS = range(6)

            def field(builder, record, i):
                return builder.gep(record, [int32(0), int32(i)])

            def lend(builder, value, type):
                # An array whose uses nobody counts: the threads would take turns at the one counter for every row.
                return builder.insert_value(value, pointer(None), 0) if isinstance(type, numba_types.Array) else value

            # What each thread runs: body(item, *args) for the next items, until there are none left.
            task = ir.Function(builder.module, task_type, f"{builder.function.name}.task")
            task.linkage = "internal"
            b = ir.IRBuilder(task.append_basic_block("entry"))
            record = b.bitcast(task.args[3], record_type.as_pointer())
            items_here, piece, args_here = (b.load(field(b, record, i)) for i in (ITEMS, PIECE, ARGS))
            args_here = [lend(b, b.extract_value(args_here, i), type) for i, type in enumerate(body_args[1:])]
            take, work, done = (b.append_basic_block(name) for name in ("take", "work", "done"))
            b.branch(take)
            b.position_at_end(take)
            first = b.atomic_rmw("add", field(b, record, NEXT), piece, "monotonic")
            b.cbranch(b.icmp_signed("<", first, items_here), work, done)
            b.position_at_end(work)
            last = b.add(first, piece)
            last = b.select(b.icmp_signed("<", last, items_here), last, items_here)
            with cgutils.for_range_slice(b, first, last, int64(1), int64) as (item, _):
                status, _ = calls.call_function(b, function, returned, body_args, [item, *args_here])
                with cgutils.if_unlikely(b, status.is_error):
                    b.store(status.code, field(b, record, CODE))
                    b.store(status.excinfoptr, field(b, record, ERROR))
            b.branch(take)
            b.position_at_end(done)
            b.ret_void()

            record = cgutils.alloca_once(builder, record_type)
            piece = builder.add(builder.sdiv(items, builder.mul(threads, int64(PIECES))), int64(1))
            for i, value in [(NEXT, int64(0)), (ITEMS, items), (PIECE, piece), (CODE, int32(0)),
                             (ERROR, error(None)), (ARGS, args)]:
                builder.store(value, field(builder, record, i))
            data = builder.bitcast(record, pointer)
            with builder.if_else(builder.icmp_signed(">", threads, int64(1))) as (several, one):
                with several:
                    pool = cgutils.get_or_insert_function(builder.module, pool_type, "numba_parallel_for")
                    count = cgutils.alloca_once_value(builder, threads)
                    builder.call(pool, [builder.bitcast(task, pointer), pointers(None), count, numbers(None), data,
                                        int64(0), int64(0), builder.trunc(threads, int32)])
                with one:
                    builder.call(task, [pointers(None), numbers(None), numbers(None), data])
            status = calls._get_return_status(builder, builder.load(field(builder, record, CODE)),
                                              builder.load(field(builder, record, ERROR)))
            with cgutils.if_unlikely(builder, status.is_error):
                calls.return_status_propagate(builder, status)
            return target.get_dummy_value()

        return numba_types.none(body, numba_types.int64, numba_types.int64, args), generate

    return share
