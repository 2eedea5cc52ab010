"""The table of the benchmarks, docs/benchmarks.md and its pictures, from the measured figures."""
import datetime
import math
import os
import platform
import statistics
from importlib.metadata import version
from pathlib import Path

from minitorch.doctor import cpu_name

from .cases import CASES, GROWTH, MEANS

DOCS = Path(__file__).parents[2] / "docs"
CACHE = 1 << 26  # bytes: data of this size does not fit into a cache

PAGE = """# Benchmarks

Written by `python -m tests.benchmarks`, which measures all of it again, in a quarter of an hour; `--quick` is shorter,
and `--only NAME` measures the rows whose name contains NAME. Figures are from one machine: compare columns, not
machines.

{about}.

* A figure is a median of rounds. A round repeats a call for 10 ms, after 5 ms of warming up: it is the call's time in a
  loop. The two libraries take turns, each in a process of its own, with a pause in between in which the other's
  threads go to sleep. Both get the same numbers and the same environment; each uses the C library's allocator as it
  sets it up (minitorch keeps freed memory: architecture.md, Kernels). Backward rows time the gradient alone, from an
  output gradient of full shape.
* *Ratio*: PyTorch's time divided by ours; above 1, minitorch is the faster one. *Goal*: the ratio to reach. The last
  row of a group is the geometric mean of its ratios.
* *Of the roof*: how near ours is to what this machine can do at most, which a loop that only does this measured just
  before: {arithmetic:.0f} GFLOP/s in float32 (FMA), or {memory:.0f} GB/s from and to memory (RAM). Convolutions count
  as many operations as the direct form has. What is in a cache can be faster than memory.
* *First use* and *memory* are whole processes, the interpreter's start and end included, with Python's bytecode cached
  (with `PYTHONDONTWRITEBYTECODE=1` every start compiles every module anew). *Cold cache*: the very first run on a
  machine, when Numba compiles the kernels, as `python -m minitorch warmup` does beforehand.
* When other programs keep the cores busy, the kernels' threads wait for each other and a launch takes several
  milliseconds; `NUMBA_NUM_THREADS=1` avoids that.

![For each group of rows, the ratio of every row and their geometric mean](images/benchmarks.svg)

{table}

## Where PyTorch is faster, and why

* *16k elements, one image, small graphs*: a call through tensor, operation and kernel is Python, 10 to 30 us of it;
  the arithmetic takes a few. A step of LeNet makes some 2,000 Python calls whatever the batch.
* *Matrix products*: up to some 10^7 multiplications a call of OpenBLAS, its packing included, takes longer than
  PyTorch's library; large ones run at two thirds to three quarters of the roof in both. Loops of our own reach no more,
  but for many small ones, which they compute.
* *One pass over memory*, as in SGD, sums, embedding and pooling's gradients: both libraries wait for memory; no more
  than a ratio of 1 can be expected, and for Adam 2 to 3, which is by how many passes PyTorch makes more.
* *The first step with a cold cache* is Numba's work, two thirds of it for convolution and pooling.
"""
GROWN = """
## How time grows

Each picture shows one thing that grows, and dashed how the arithmetic grows with it.

![Time against batch, channels, image size, length of the graph and threads](images/growth.svg)
"""


def about(options):
    packages = ("numpy", "numba") + ("torch",) * options.torch
    return (f"{datetime.date.today()}, {cpu_name()}, {os.cpu_count()} cores, {options.threads} threads, "
            f"Python {platform.python_version()}, "
            + ", ".join(f"{package} {version(package)}" for package in packages))


def medians(benchmark):
    """(name of the row, [minitorch's figure, PyTorch's or None]) from what pytest-benchmark saved"""
    info = benchmark["extra_info"]
    ours = info.get("ours") or benchmark["stats"]["median"] / info["calls"]
    return benchmark["param"], [ours, statistics.median(info["theirs"]) if info["theirs"] else None]


def geometric_mean(ratios):
    return math.exp(statistics.fmean(map(math.log, ratios)))


def groups(results):
    """(group, [(case, ours, theirs)]) of what has been measured, in the order of cases.py"""
    for group in dict.fromkeys(case.group for case in CASES):
        rows = [(case, *results["rows"][case.name]) for case in CASES
                if case.group == group and case.name in results["rows"]]
        if rows:
            yield group, rows


def table(results):
    """The whole of it in Markdown, a table for each group."""
    lines = []
    for group, rows in groups(results):
        heads = "", "goal", "minitorch", "PyTorch", "ratio", "of the roof", ""
        lines += ["", f"## {group}", "", row(*heads), "|---" * len(heads) + "|"]
        for case, ours, theirs in rows:
            ratio, reached = theirs and theirs / ours, ""
            goal = f"< {figure(case.limit, case.unit)}" if case.limit else f"{case.goal:g}" if case.goal else ""
            if case.limit or case.goal and ratio:
                reached = verdict(ours < case.limit if case.limit else ratio >= case.goal)
            lines.append(row(case.name, goal, figure(ours, case.unit), theirs and figure(theirs, case.unit),
                             ratio and f"{ratio:.2f}", of_the_roof(case, ours, results["roof"]), reached))
        ratios = [theirs / ours for case, ours, theirs in rows if theirs and case.goal]
        if len(ratios) > 1:
            mean, goal = geometric_mean(ratios), MEANS.get(group)
            lines.append(row("*geometric mean*", f"{goal:g}" if goal else "", "", "", f"**{mean:.2f}**", "",
                             verdict(mean >= goal) if goal else ""))
    return "\n".join(lines[1:])


def row(*cells):
    return f"| {' | '.join(cell or '' for cell in cells)} |"


def verdict(reached):
    return "pass" if reached else "miss"


def figure(x, unit):
    """With three digits: 12.3 ms"""
    if unit == "s" and x < 1:
        x, unit = (x * 1e3, "ms") if x >= 1e-3 else (x * 1e6, "us")
    return f"{x:.{max(0, 2 - math.floor(math.log10(x)))}f} {unit}"


def of_the_roof(case, ours, roof):
    if case.flops:
        return f"{case.flops / ours / roof[0]:.0%} FMA"
    return f"{case.bytes / ours / roof[1]:.0%} RAM" if case.bytes > CACHE else ""


def write(results):
    arithmetic, memory = results["roof"]
    grown = {case.name for case in CASES if case.group.startswith(GROWTH)}
    compared = {name: row for name, row in results["rows"].items() if name not in grown}
    page = PAGE.format(table=table({**results, "rows": compared}), about=results["about"], arithmetic=arithmetic / 1e9,
                       memory=memory / 1e9)
    growth = any(name in results["rows"] for name in grown)
    (DOCS / "benchmarks.md").write_text(page + GROWN * growth)
    import matplotlib
    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "minitorch"  # the same picture from the same figures
    draw_ratios(results, DOCS / "images/benchmarks.svg")
    if growth:
        draw_growth(results, DOCS / "images/growth.svg")


def draw_ratios(results, path):
    """A bar for each group, as long as its geometric mean; a dot for each row."""
    from matplotlib import pyplot
    compared = [(group, [theirs / ours for case, ours, theirs in rows if theirs and case.goal])
                for group, rows in groups(results)]
    compared = [(group, ratios) for group, ratios in compared if ratios]
    figure, axes = pyplot.subplots(figsize=(9, 0.5 + 0.45 * len(compared)), layout="constrained")
    for y, (group, ratios) in enumerate(compared):
        mean = geometric_mean(ratios)
        axes.barh(y, mean - 1, left=1, color="tab:green" if mean >= 1 else "tab:red", alpha=0.5)
        axes.plot(ratios, [y] * len(ratios), "|", color="black", alpha=0.6)
        axes.annotate(f"{mean:.1f}", (mean, y - 0.25), ha="center", va="bottom", fontsize=8)
    axes.axvline(1, color="black", linewidth=1)
    axes.set(xscale="log", xlabel="times as fast as PyTorch (bar: geometric mean; strokes: rows)")
    axes.set_yticks(range(len(compared)), [group for group, _ in compared])
    axes.set_xticks([1 / 64, 1 / 16, 1 / 4, 1, 4, 16], ["1/64", "1/16", "1/4", 1, 4, 16])
    axes.minorticks_off()
    axes.invert_yaxis()
    figure.savefig(path, metadata={"Date": None})


def draw_growth(results, path):
    from matplotlib import pyplot
    grown = [(group, rows) for group, rows in groups(results) if group.startswith(GROWTH)]
    figure, panels = pyplot.subplots(2, -(-len(grown) // 2), figsize=(12, 7), layout="constrained")
    for axes, (group, rows) in zip(panels.flat, grown):
        lines = {}
        for case, ours, theirs in rows:
            lines.setdefault(case.name.rpartition(" ")[0], []).append((case.at, ours, theirs, case.flops))
        for line in lines.values():
            at, ours, theirs, flops = zip(*line)
            axes.plot(at, ours, "o-", color="tab:blue", label="minitorch")
            if all(theirs):
                axes.plot(at, theirs, "s-", color="tab:orange", label="PyTorch")
            if all(flops):
                axes.plot(at, [ours[-1] * n / flops[-1] for n in flops], "--", color="gray", label="arithmetic")
        axes.set(xscale="log", yscale="log", xlabel=group.removeprefix(GROWTH), ylabel="seconds")
    panels.flat[0].legend()
    for axes in panels.flat[len(grown):]:
        axes.set_axis_off()
    figure.savefig(path, metadata={"Date": None})
