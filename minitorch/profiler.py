"""torch.profiler: autograd.profiler, in steps of a training loop."""
import enum
import os

from .autograd import profiler
from .autograd.profiler import record_function

__all__ = ["profile", "record_function", "schedule", "tensorboard_trace_handler", "ProfilerAction", "ProfilerActivity"]


class ProfilerActivity(enum.Enum):
    """What to measure; there is nothing but the CPU."""

    CPU = 0
    XPU = 1
    CUDA = 2


class ProfilerAction(enum.Enum):
    """What to do in a step."""

    NONE = 0
    WARMUP = 1
    RECORD = 2
    RECORD_AND_SAVE = 3


def schedule(*, wait, warmup, active, repeat=0, skip_first=0):
    """A function that says what to do in each step: after skip_first steps, cycles of `wait` steps without measuring,
    `warmup` steps thrown away, `active` steps measured; `repeat` times (0: for ever).

    >>> steps = schedule(wait=1, warmup=1, active=2, repeat=1)
    >>> [steps(i).name for i in range(5)]
    ['NONE', 'WARMUP', 'RECORD', 'RECORD_AND_SAVE', 'NONE']
    """
    def action(step):
        cycle, i = divmod(step - skip_first, wait + warmup + active)
        if step < skip_first or (repeat and cycle >= repeat) or i < wait:
            return ProfilerAction.NONE
        if i < wait + warmup:
            return ProfilerAction.WARMUP
        return ProfilerAction.RECORD_AND_SAVE if i == wait + warmup + active - 1 else ProfilerAction.RECORD

    return action


class profile:
    """A context manager that times the operations inside: autograd.profiler.profile for training loops.

    With a `schedule`, each call of step() ends a step; on_trace_ready(self) is called after the last of each cycle.
    The other arguments of PyTorch's profile change nothing.

    >>> import minitorch as torch
    >>> with profile(activities=[ProfilerActivity.CPU], record_shapes=True) as prof:
    ...     y = torch.ones(2, 3) @ torch.ones(3, 2)
    >>> [(event.key, event.input_shapes) for event in prof.key_averages(group_by_input_shape=True)]
    [('Matmul', [[2, 3], [3, 2]])]
    """

    def __init__(self, *, activities=None, schedule=None, on_trace_ready=None, record_shapes=False,
                 profile_memory=False, with_stack=False, with_flops=False, with_modules=False):
        self.schedule = schedule or (lambda step: ProfilerAction.RECORD)
        self.on_trace_ready, self.record_shapes = on_trace_ready, record_shapes
        self.step_num, self.profiler, self.recording = 0, None, False

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc):
        self.stop()

    def start(self):
        """Begin the first step."""
        self._begin(self.schedule(self.step_num))

    def stop(self):
        """End the last step."""
        if self.recording:
            self._end()
            if self.on_trace_ready is not None:
                self.on_trace_ready(self)

    def step(self):
        """End a step, and begin the next."""
        last, self.step_num = self.schedule(self.step_num), self.step_num + 1
        if last is ProfilerAction.RECORD_AND_SAVE:
            self._end()
            if self.on_trace_ready is not None:
                self.on_trace_ready(self)
        self._begin(self.schedule(self.step_num))

    def _begin(self, action):
        if action in (ProfilerAction.RECORD, ProfilerAction.RECORD_AND_SAVE) and not self.recording:
            self.profiler, self.recording = profiler.profile(record_shapes=self.record_shapes), True
            self.profiler.__enter__()

    def _end(self):
        self.profiler.__exit__()
        self.recording = False

    def events(self):
        """All events of the last cycle."""
        return self.profiler.function_events()

    def key_averages(self, group_by_input_shape=False, group_by_stack_n=0, group_by_overload_name=False):
        """The events of the last cycle, added up by name: `print(prof.key_averages().table())`."""
        return self.profiler.key_averages(group_by_input_shape)

    def export_chrome_trace(self, path):
        """Write the last cycle as a JSON file for chrome://tracing."""
        self.profiler.export_chrome_trace(path)


def tensorboard_trace_handler(dir_name, worker_name=None, use_gzip=False):
    """An on_trace_ready that writes each cycle into a folder, as a file for chrome://tracing."""
    def handler(prof):
        os.makedirs(dir_name, exist_ok=True)
        prof.export_chrome_trace(os.path.join(dir_name, f"{worker_name or 'worker'}.{prof.step_num}.pt.trace.json"))

    return handler
