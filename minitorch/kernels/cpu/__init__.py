"""The CPU kernels: NumPy where NumPy is the best kernel, Numba where it is not."""
