"""Where the time goes: how often each operation ran, forward and backward, and how long it took.

Python tells a profile function about every call and return (sys.setprofile); this one looks for those of the few
functions that operations go through. Nothing in the engine knows about it, so it costs nothing when it is off; on, it
slows all Python code down, so that cheap operations look dearer than they are.
"""
import functools
import json
import sys
import threading
import time

from ..engine import Op
from ..graph import AccumulateGrad, grad_mode
from .function import Function, FunctionNode

__all__ = ["profile", "record_function"]

_FORWARD = {Op.apply.__func__.__code__, Function.apply.__func__.__code__}  # of the class `cls`, on `inputs` or `args`
_BACKWARD = {Op.run.__code__, FunctionNode.run.__code__, AccumulateGrad.run.__code__}  # of the node `self`


class _State(threading.local):
    profile = None  # the one at work in this thread


_state = _State()


class profile:
    """A context manager that times the operations inside. RuntimeError if another one is at work.

    `record_shapes` notes the shapes of the inputs too. The other arguments of PyTorch's profile change nothing.

    >>> import minitorch as torch
    >>> x = torch.ones(2, requires_grad=True)
    >>> with torch.autograd.profiler.profile() as prof:
    ...     (x * x).sum().backward()
    >>> [(event.key, event.count) for event in prof.key_averages()]
    [('Mul', 1), ('Sum', 1), ('SumBackward0', 1), ('MulBackward0', 1), ('torch::autograd::AccumulateGrad', 1)]
    """

    def __init__(self, enabled=True, *, use_cuda=False, use_device=None, record_shapes=False, with_flops=False,
                 profile_memory=False, with_stack=False, with_modules=False, use_kineto=True, use_cpu=True):
        self.enabled, self.record_shapes = enabled, record_shapes
        self.events = []  # FunctionEvent, in the order in which they end
        self.running = []  # those that have begun

    def __enter__(self):
        if self.enabled:
            if _state.profile is not None:
                raise RuntimeError("Profiler is already enabled on this thread")
            _state.profile, self.before = self, sys.getprofile()
            grad_mode.set(profiled=True)
            sys.setprofile(self._watch)
        return self

    def __exit__(self, *exc):
        if self.enabled:
            sys.setprofile(self.before)
            grad_mode.set(profiled=False)
            _state.profile = None

    def _watch(self, frame, event, arg):
        if event == "call":
            if frame.f_code in _FORWARD:
                variables = frame.f_locals
                self.begin(variables["cls"].__name__, variables.get("inputs", variables.get("args")))
            elif frame.f_code in _BACKWARD:
                self.begin(frame.f_locals["self"].name(), frame.f_locals["grads"])
        elif event == "return" and (frame.f_code in _FORWARD or frame.f_code in _BACKWARD):
            self.end()

    def begin(self, name, inputs=()):
        shapes = [list(getattr(x, "shape", ())) for x in inputs] if self.record_shapes else []
        self.running.append(FunctionEvent(name, shapes, time.perf_counter()))

    def end(self):
        if not self.running:
            return  # it began before the profiler did
        event = self.running.pop()
        event.duration = time.perf_counter() - event.start
        if self.running:
            self.running[-1].in_children += event.duration
        self.events.append(event)

    def function_events(self):
        """All events, by when they began."""
        return sorted(self.events, key=lambda event: event.start)

    def key_averages(self, group_by_input_shape=False, group_by_stack_n=0, group_by_overload_name=False):
        """An EventList of the events of each name (and shapes of inputs), added up."""
        groups = {}
        for event in self.function_events():
            key = event.name, str(event.input_shapes) if group_by_input_shape else None
            groups.setdefault(key, FunctionEventAvg(event.name, event.input_shapes if key[1] else [])).add(event)
        return EventList(groups.values(), with_shapes=group_by_input_shape)

    def table(self, **options):
        """key_averages().table(...)"""
        return self.key_averages().table(**options)

    def total_average(self):
        """All events added up."""
        return self.key_averages().total_average()

    @property
    def self_cpu_time_total(self):
        """Microseconds."""
        return self.total_average().self_cpu_time_total

    def export_chrome_trace(self, path):
        """Write the events as a JSON file for chrome://tracing."""
        events = [{"ph": "X", "cat": "cpu_op", "name": event.name, "pid": 0, "tid": 0, "ts": event.start * 1e6,
                   "dur": event.duration * 1e6, "args": {"Input Dims": event.input_shapes}}
                  for event in self.function_events()]
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"traceEvents": events}, file)


class record_function:
    """Inside (or in a decorated function), a profiler sees one event of this name.

    >>> import minitorch as torch
    >>> with torch.autograd.profiler.profile() as prof, torch.autograd.profiler.record_function("both"):
    ...     y = torch.ones(2) + 1
    >>> [event.key for event in prof.key_averages()]
    ['both', 'Add']
    """

    def __init__(self, name, args=None):
        self.name = name

    def __enter__(self):
        self.profile = _state.profile
        if self.profile is not None:
            self.profile.begin(self.name)
        return self

    def __exit__(self, *exc):
        if self.profile is not None:
            self.profile.end()

    def __call__(self, function):
        @functools.wraps(function)
        def recorded(*args, **kwargs):
            with record_function(self.name):
                return function(*args, **kwargs)

        return recorded


class FunctionEvent:
    """One run of an operation; times in seconds."""

    def __init__(self, name, input_shapes, start):
        self.name, self.input_shapes, self.start = name, input_shapes, start
        self.duration = self.in_children = 0.0


class FunctionEventAvg:
    """The runs of one operation; times in microseconds."""

    def __init__(self, key, input_shapes):
        self.key, self.input_shapes, self.count = key, input_shapes, 0
        self.cpu_time_total = self.self_cpu_time_total = 0.0

    def add(self, event):
        self.count += 1
        self.cpu_time_total += event.duration * 1e6
        self.self_cpu_time_total += (event.duration - event.in_children) * 1e6

    @property
    def cpu_time(self):
        """Of one run, on average."""
        return self.cpu_time_total / self.count if self.count else 0.0

    def __repr__(self):
        return (f"<FunctionEventAvg key={self.key} self_cpu_time={_time(self.self_cpu_time_total)} "
                f"cpu_time={_time(self.cpu_time)} input_shapes={self.input_shapes}>")


class EventList(list):
    """What key_averages returns."""

    def __init__(self, events, with_shapes=False):
        super().__init__(events)
        self.with_shapes = with_shapes

    def total_average(self):
        """All of them as one, without counting an operation inside another twice."""
        total = FunctionEventAvg("Total", [])
        total.count = sum(event.count for event in self)
        total.self_cpu_time_total = total.cpu_time_total = sum(event.self_cpu_time_total for event in self)
        return total

    def table(self, sort_by=None, row_limit=100, max_name_column_width=55, header=None, top_level_events_only=False):
        """A printed table. sort_by: "cpu_time_total", "self_cpu_time_total", "cpu_time" or "count", largest first."""
        rows = self if sort_by is None else sorted(self, key=lambda event: getattr(event, sort_by), reverse=True)
        total = self.total_average().self_cpu_time_total
        columns = ["Name", "Self CPU %", "Self CPU", "CPU total %", "CPU total", "CPU time avg", "# of Calls"]
        lines = [[_cut(event.key, max_name_column_width), _share(event.self_cpu_time_total, total),
                  _time(event.self_cpu_time_total), _share(event.cpu_time_total, total), _time(event.cpu_time_total),
                  _time(event.cpu_time), str(event.count)] for event in rows[:row_limit]]
        if self.with_shapes:
            columns.append("Input Shapes")
            lines = [[*line, str(event.input_shapes)] for line, event in zip(lines, rows)]
        widths = [max(12, *(len(line[i]) for line in [columns, *lines])) for i in range(len(columns))]
        rule = "  ".join("-" * width for width in widths)
        body = ["  ".join(text.rjust(width) for text, width in zip(line, widths)) for line in [columns, *lines]]
        return "\n".join([*([header] if header else []), rule, body[0], rule, *body[1:], rule,
                          f"Self CPU time total: {_time(total)}", ""])

    def __str__(self):
        return self.table()


def _time(microseconds):
    for unit, size in ("s", 1e6), ("ms", 1e3):
        if microseconds >= size:
            return f"{microseconds / size:.3f}{unit}"
    return f"{microseconds:.3f}us"


def _share(part, total):
    return f"{100 * part / total:.2f}%" if total else "NaN"


def _cut(name, width):
    return name if len(name) <= width else name[:width - 3] + "..."
