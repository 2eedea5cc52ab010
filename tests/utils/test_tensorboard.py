"""torch.utils.tensorboard: tensors arrive in the event file as numbers."""
import struct

import numpy as np
import pytest

import minitorch
from minitorch.utils.tensorboard import SummaryWriter


def events(folder):
    """The events in a folder's file: each is its length, a checksum, the message and another checksum."""
    from tensorboardX.proto.event_pb2 import Event
    (path,) = folder.glob("events*")
    data, found = path.read_bytes(), []
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        found.append(Event.FromString(data[12:12 + length]))
        data = data[16 + length:]
    return [value for event in found for value in event.summary.value]


def test_tensors_are_written(tmp_path):
    with SummaryWriter(str(tmp_path)) as writer:
        writer.add_scalar("loss", minitorch.tensor(0.5, requires_grad=True), 3)
        writer.add_histogram("weights", minitorch.tensor([1.0, 2.0, 4.0]), 1)
        writer.add_image("picture", minitorch.zeros(3, 4, 5), 1)
    loss, weights, picture = events(tmp_path)
    assert (loss.tag, loss.simple_value) == ("loss", 0.5)
    assert (weights.histo.min, weights.histo.max, weights.histo.num) == (1, 4, 3)
    assert (picture.image.height, picture.image.width) == (4, 5)


def test_scalars_by_name_and_embeddings(tmp_path):
    with SummaryWriter(str(tmp_path)) as writer:
        writer.add_scalars("losses", {"training": minitorch.tensor(1.0), "validation": 2}, 1)
        writer.add_embedding(minitorch.eye(3), metadata=["a", "b", "c"], label_img=minitorch.rand(3, 1, 2, 2))
    values = [value.simple_value for name in ("training", "validation") for value in events(tmp_path / "losses" / name)]
    assert values == [1, 2]
    (table,) = tmp_path.rglob("tensors.tsv")
    np.testing.assert_array_equal(np.loadtxt(table), np.eye(3))


def test_a_graph_cannot_be_written(tmp_path):
    with SummaryWriter(str(tmp_path)) as writer, pytest.warns(UserWarning, match="no graph is written"):
        writer.add_graph(minitorch.nn.Linear(2, 2), minitorch.ones(1, 2))
