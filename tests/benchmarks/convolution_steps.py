"""How fast is each step of docs/fast_convolution.md?  python -m tests.benchmarks.convolution_steps

Runs the code on that page, on an image of 64 channels of 56x56 pixels and its frame of padding, and writes the figures
into the page, with a picture.
"""
import doctest
import re
import statistics
import time
from pathlib import Path

import numpy as np

import minitorch
from minitorch.kernels import cpu
from minitorch.kernels.cpu._vector import lanes

from . import roof
from .report import figure

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "fast_convolution.md"
C = K = 64
H = W = 58
P = Q = 56
FLOPS = 2 * K * C * 3 * 3 * P * Q
IMAGES = 16  # the last step shares images, not positions, between the cores


def functions():
    """What the examples on the page define."""
    names = {}
    for example in doctest.DocTestParser().get_examples(PAGE.read_text()):
        exec(compile(example.source, "<page>", "exec"), names)
    return names


def seconds(run):
    """The median of some runs, after one that compiles."""
    run()
    times = []
    while len(times) < 5 or sum(times) < 0.5:
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def measure():
    """[(step, threads, seconds for one image)]"""
    page, rng = functions(), np.random.default_rng(0)
    image, weight = rng.standard_normal((C, H, W), np.float32), rng.standard_normal((K, C, 3, 3), np.float32)
    out, flat = np.empty((K, P, Q), np.float32), np.empty((K, H * W), np.float32)
    arrays = page["in_tiles"](image, weight)
    items = arrays[-1].size // (K * 3 * lanes())
    images = np.ascontiguousarray(np.broadcast_to(image[:, 1:-1, 1:-1], (IMAGES, C, P, Q)))

    def part(function):
        """One of 64 channels of one of 56 rows."""
        function(image, weight[:1], out[:1, :1])

    def library():
        cpu.convolution(images, weight, None, (1, 1), (1, 1), (1, 1), 1)

    start = time.perf_counter()
    part(page["naive"])
    minitorch.set_num_threads(1)
    rows = [("0. definition, in Python", 1, (time.perf_counter() - start) * K * P),
            ("1. compiled", 1, seconds(lambda: page["compiled"](image, weight, out))),
            ("2. shifted images", 1, seconds(lambda: page["shifted"](image, weight, flat))),
            ("3. tiles in registers", 1, seconds(lambda: page["tiled"](*arrays))),
            ("4. in the cache", 1, seconds(lambda: page["blocked"][items](*arrays))),
            ("5. Winograd, as in minitorch", 1, seconds(library) / IMAGES)]
    minitorch.set_num_threads(2)
    return rows + [("4. in the cache", 2, seconds(lambda: page["blocked"][items](*arrays))),
                   ("5. Winograd, as in minitorch", 2, seconds(library) / IMAGES)]


def table(rows):
    lines = ["| step | cores | an image | GFLOP/s |", "|---|---|---|---|"]
    return lines + [f"| {step} | {threads} | {figure(took, 's')} | {FLOPS / took / 1e9:.3g} |"
                    for step, threads, took in rows]


def draw(rows, roofs, path):
    """A bar for each step; a line where the machine's arithmetic ends."""
    from matplotlib import pyplot
    figure, axes = pyplot.subplots(figsize=(9, 4), layout="constrained")
    colors = {1: "tab:blue", 2: "tab:orange"}
    for y, (_, threads, took) in enumerate(rows):
        speed = FLOPS / took / 1e9
        axes.barh(y, speed, color=colors[threads])
        axes.annotate(f" {speed:.3g}", (speed, y), va="center")
    for threads, most in roofs.items():
        cores = "one core" if threads == 1 else f"{threads} cores"
        axes.axvline(most, color=colors[threads], linestyle="--", label=f"the most that {cores} can do")
    axes.set_yticks(range(len(rows)), [step for step, *_ in rows])
    axes.set(xscale="log", xlabel="GFLOP/s, those of the definition")
    axes.invert_yaxis()
    axes.legend(loc="lower left")
    figure.savefig(path, metadata={"Date": None})


def main():
    rows, roofs = measure(), {}
    for threads in (1, 2):
        minitorch.set_num_threads(threads)
        roofs[threads] = roof.arithmetic() / 1e9
    text = "\n".join(table(rows))
    page = re.sub(r"(convolution_steps -->\n).*(<!-- end -->)", lambda m: f"{m[1]}\n{text}\n\n{m[2]}", PAGE.read_text(),
                  flags=re.DOTALL)
    PAGE.write_text(page)
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "minitorch"
    draw(rows, roofs, DOCS / "images/fast_convolution.svg")
    print(text)


if __name__ == "__main__":
    main()
