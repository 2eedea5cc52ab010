"""Kernels: `cpu` on NumPy arrays; `cuda`, with the same files and functions, on the GPU's."""
