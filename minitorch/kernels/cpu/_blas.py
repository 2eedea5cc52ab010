"""NumPy's BLAS, for one thread: the kernels have a thread pool of their own.

Idle threads of both pools would spin for a while instead of sleeping, to be ready for the next call. With two pools on
the same cores each one's threads wait behind the other's spinning ones: a 15 microsecond kernel between two small
matrix products was measured at 4000 microseconds. So it is our threads that call BLAS, each for a part of the work.
"""
import ctypes
import functools


__all__ = ["NORMAL", "ROW_MAJOR", "TRANSPOSED", "gemm", "use_one_thread"]

SPELLINGS = ("scipy_", "64_"), ("", "64_"), ("", "")  # what stands around a function's name; 64: it counts in 64 bits
ROW_MAJOR, NORMAL, TRANSPOSED = 101, 111, 112  # BLAS's own numbers


def use_one_thread():
    """Limit the OpenBLAS that NumPy loaded to one thread; another BLAS, or one not found, is left alone."""
    set_num_threads, _ = _find("openblas_set_num_threads")
    if set_num_threads:
        set_num_threads(ctypes.c_int(1))


@functools.cache
def gemm(dtype):
    """OpenBLAS's out = alpha * a @ b + beta * out, for float32 or float64, as a function for kernels to call; or None.

    gemm(ROW_MAJOR, NORMAL or TRANSPOSED for a, for b, I, J, K, alpha, a, step, b, step, beta, out, step): a, b and out
    are addresses; a step is the distance between two rows, or two columns of a transposed matrix.
    """
    number = {"f": ctypes.c_float, "d": ctypes.c_double}[dtype.char]
    function, integer = _find("cblas_sgemm" if dtype.char == "f" else "cblas_dgemm")
    if function is None or _find("openblas_set_num_threads")[0] is None:
        return None
    matrix = [ctypes.c_size_t, integer]
    function.argtypes = [*[ctypes.c_int] * 3, *[integer] * 3, number, *matrix, *matrix, number, *matrix]
    function.restype = None
    return function


def _find(name):
    """A function of the BLAS that NumPy loaded, and the type of integer it takes; or None, None."""
    try:
        from numpy._core import _multiarray_umath  # linked with the BLAS, so its handle finds the symbols of both
        numpy_library = ctypes.CDLL(_multiarray_umath.__file__)
    except (ImportError, OSError):
        return None, None
    for prefix, suffix in SPELLINGS:
        if hasattr(numpy_library, prefix + name + suffix):
            return getattr(numpy_library, prefix + name + suffix), ctypes.c_int64 if suffix else ctypes.c_int
    return None, None
