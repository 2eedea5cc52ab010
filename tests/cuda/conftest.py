"""The tests of device "cuda", in two runs of their own:

    NUMBA_ENABLE_CUDASIM=1 python -m pytest tests/cuda      kernels run in the simulator (needs the package greenlet),
                                                            at small shapes, and agree with those of the CPU
    python -m pytest tests/cuda                             kernels compile, to the instructions that were planned
                                                            (pip install "minitorch[cuda-check]"; no GPU is needed)

Where a GPU is, `MINITORCH_TEST_GPU=1 python -m pytest tests/cuda` runs all of them, the first ones on it.
"""
import os

SIMULATED = os.environ.get("NUMBA_ENABLE_CUDASIM") == "1"
RUN = SIMULATED or os.environ.get("MINITORCH_TEST_GPU") == "1"


def pytest_ignore_collect(collection_path):
    compiles = collection_path.name == "test_compile.py"
    return (SIMULATED if compiles else not RUN) or None
