"""Keep freed memory for the next arrays, where the C library would hand it back to the system only to ask for it again.

A training step frees what the next one allocates. By default glibc returns the free end of its heap as soon as that is
larger than 128 KiB, later up to 64 MiB, and the system fills returned pages with zeros before a process gets them
again: a quarter of a step of LeNet. Here it keeps up to 256 MiB, and still returns at once whatever was as large as
32 MiB by itself.

The variables by which glibc itself is told so, as MALLOC_TRIM_THRESHOLD_=131072, have precedence.
"""
import ctypes
import os
import platform

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3  # of malloc.h
KEPT, MAPPED = 256 << 20, 32 << 20  # bytes


def keep_freed_memory(environ=os.environ):
    """Tell glibc. Whether it has been told: not where another library allocates, or where the user has said it all."""
    told = "MALLOC_TRIM_THRESHOLD_" in environ or "MALLOC_MMAP_THRESHOLD_" in environ
    if platform.libc_ver()[0] != "glibc" or told or "glibc.malloc" in environ.get("GLIBC_TUNABLES", ""):
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return mallopt(M_TRIM_THRESHOLD, KEPT) == mallopt(M_MMAP_THRESHOLD, MAPPED) == 1
