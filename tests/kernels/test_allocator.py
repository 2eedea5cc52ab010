"""Freed memory is kept for the next step, but not without a limit, nor against the user's will."""
import os
import platform
import subprocess
import sys

import pytest

from minitorch.kernels.cpu import _allocator

pytestmark = pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc is told what to keep")

STEPS = """
import resource
import numpy as np
import minitorch

def step():
    arrays = [np.ones(1 << 18, np.float32) for _ in range(20)]  # 1 MiB each

def faults():
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

step()
before = faults()
for _ in range(5):
    step()
print(faults() - before)
"""
FREED = """
from pathlib import Path
import numpy as np
import minitorch

arrays = [np.ones(1 << 20, np.float32) for _ in range(300)]  # 4 MiB each
arrays = None
print(int(Path("/proc/self/status").read_text().partition("VmRSS:")[2].split()[0]) / 1024)  # MiB
"""


def printed(program, **environ):
    own = {name: value for name, value in os.environ.items() if "MALLOC_" not in name and name != "GLIBC_TUNABLES"}
    return float(subprocess.run([sys.executable, "-c", program], env=own | environ, check=True, text=True,
                                stdout=subprocess.PIPE).stdout)


def test_a_step_takes_the_memory_of_the_last_one():
    assert printed(STEPS) < 100


def test_the_user_can_have_the_default():
    assert printed(STEPS, MALLOC_TRIM_THRESHOLD_="131072") > 1000


def test_much_memory_is_returned():
    assert printed(FREED) < 400


@pytest.mark.parametrize("environ", [{"MALLOC_MMAP_THRESHOLD_": "65536"}, {"MALLOC_TRIM_THRESHOLD_": "0"},
                                     {"GLIBC_TUNABLES": "glibc.malloc.tcache_count=0"}])
def test_what_the_user_has_said_stands(environ):
    assert not _allocator.keep_freed_memory(environ)
    assert _allocator.keep_freed_memory({"GLIBC_TUNABLES": "glibc.pthread.rseq=0"})
