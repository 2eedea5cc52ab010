"""NumPy's BLAS keeps to one thread while the kernels have a thread pool of their own.

Idle threads of both pools spin for a while instead of sleeping, to be ready for the next call. With two pools on the
same cores each one's threads wait behind the other's spinning ones: a 15 microsecond kernel between two small matrix
products was measured at 4000 microseconds.
"""
import ctypes

__all__ = ["use_one_thread"]

SETTERS = "scipy_openblas_set_num_threads64_", "openblas_set_num_threads64_", "openblas_set_num_threads"


def use_one_thread():
    """Limit the OpenBLAS that NumPy loaded to one thread; another BLAS, or one not found, is left alone."""
    try:
        from numpy._core import _multiarray_umath  # linked with the BLAS, so its handle finds the symbols of both
        numpy_library = ctypes.CDLL(_multiarray_umath.__file__)
    except (ImportError, OSError):
        return
    for name in SETTERS:
        if hasattr(numpy_library, name):
            getattr(numpy_library, name)(ctypes.c_int(1))
