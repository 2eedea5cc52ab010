"""The profilers count operations, add up their times, and print tables."""
import json
import sys
import time

import pytest

import minitorch as torch
from tests.oracle import check_same


class Slow(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        time.sleep(0.02)
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        return grad * 2


def test_operations_are_counted_and_timed():
    x = torch.ones(2, requires_grad=True)
    with torch.autograd.profiler.profile() as prof:
        for _ in range(3):
            Slow.apply(x).sum().backward()
    events = {event.key: event for event in prof.key_averages()}
    assert list(events) == ["Slow", "Mul", "Sum", "SumBackward0", "SlowBackward", "torch::autograd::AccumulateGrad"]
    slow = events["Slow"]
    assert slow.count == 3 and slow.cpu_time >= 20_000 and slow.cpu_time_total == pytest.approx(3 * slow.cpu_time)
    assert slow.self_cpu_time_total == pytest.approx(
        slow.cpu_time_total - events["Mul"].cpu_time_total / 2, abs=2000)  # Mul: half of it in backward
    assert prof.self_cpu_time_total == pytest.approx(sum(e.self_cpu_time_total for e in events.values()))


def test_outside_nothing_is_recorded():
    before = sys.getprofile()
    with torch.autograd.profiler.profile() as prof:
        pass
    torch.ones(2) + 1
    assert sys.getprofile() is before and prof.key_averages() == []
    with torch.autograd.profiler.profile(enabled=False) as prof:
        torch.ones(2) + 1
    assert prof.key_averages() == []


def test_one_at_a_time():
    with torch.autograd.profiler.profile():
        with pytest.raises(RuntimeError, match="already enabled"):
            torch.autograd.profiler.profile().__enter__()


def test_table():
    x = torch.ones(3)
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], record_shapes=True) as prof:
        with torch.profiler.record_function("both"):
            x + x
            Slow.apply(x)
    table = prof.key_averages().table(sort_by="self_cpu_time_total", row_limit=2)
    rows = table.splitlines()
    assert rows[1].split("  ")[-1] == "# of Calls" and rows[3].split()[0] == "Slow" and len(rows) == 7
    assert rows[-1].startswith("Self CPU time total: ")
    assert "[[3], [3]]" in prof.key_averages(group_by_input_shape=True).table()
    with pytest.raises(AttributeError):
        prof.key_averages().table(sort_by="colour")


def test_a_recorded_function():
    @torch.profiler.record_function("name")
    def add(x):
        return x + x

    with torch.autograd.profiler.profile() as prof:
        add(torch.ones(2))
    assert [event.key for event in prof.key_averages()] == ["name", "Add"]
    assert add(torch.ones(2)).tolist() == [2., 2.]


def test_schedule():
    def actions(T):
        steps = T.profiler.schedule(wait=1, warmup=2, active=2, repeat=2, skip_first=1)
        return [steps(i).name for i in range(14)]
    check_same(actions)


def test_cycles(tmp_path):
    counts = []
    with torch.profiler.profile(
            schedule=torch.profiler.schedule(wait=1, warmup=0, active=2),
            on_trace_ready=lambda p: counts.append([e.count for e in p.key_averages()])) as prof:
        for _ in range(6):
            torch.ones(2) + 1
            prof.step()
    assert counts == [[2], [2]]
    handler = torch.profiler.tensorboard_trace_handler(tmp_path / "log")
    handler(prof)
    (file,) = (tmp_path / "log").iterdir()
    assert [event["name"] for event in json.loads(file.read_text())["traceEvents"]] == ["Add", "Add"]
