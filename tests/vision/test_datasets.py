"""Datasets: files in their real formats, written here; downloads from a server that runs here."""
import functools
import gzip
import hashlib
import http.server
import io
import pickle
import struct
import tarfile
import threading

import numpy as np
import pytest
from PIL import Image

import minitorch
from minitorch import hub
from minitorch.vision import datasets, transforms
from minitorch.vision.datasets.mnist import read_idx


def idx(array):
    return struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes()


@pytest.fixture
def served(tmp_path):
    """A folder, and the address at which a server here gives out its files."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def write_mnist(folder, n=6):
    """Fake files of MNIST; {name: content}."""
    rng = np.random.default_rng(0)
    files = {}
    for split in "train", "t10k":
        files[f"{split}-images-idx3-ubyte.gz"] = gzip.compress(idx(rng.integers(0, 256, (n, 28, 28), np.uint8)))
        files[f"{split}-labels-idx1-ubyte.gz"] = gzip.compress(idx(rng.integers(0, 10, n, np.uint8)))
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return files


def test_idx_files_are_read_and_checked(tmp_path):
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    path = tmp_path / "file"
    path.write_bytes(idx(array))
    np.testing.assert_array_equal(read_idx(str(path)), array)
    path.write_bytes(idx(array)[:-1])
    with pytest.raises(ValueError, match="should hold 2 x 3 x 4 bytes, but holds 23"):
        read_idx(str(path))
    path.write_bytes(b"<html>")
    with pytest.raises(ValueError, match="is not an IDX file"):
        read_idx(str(path))


def test_mnist(tmp_path, served):
    folder, url = served
    files = write_mnist(folder)

    class MNIST(datasets.MNIST):
        mirrors = [url + "absent/", url]
        resources = [(name, hashlib.md5(content).hexdigest()) for name, content in files.items()]

    root = str(tmp_path / "data")
    with pytest.raises(RuntimeError, match="Dataset not found. You can use download=True to download it, or put"):
        MNIST(root)
    data = MNIST(root, train=True, download=True, transform=transforms.ToTensor(), target_transform=lambda y: -y)
    assert len(data) == 6 and data.data.shape == (6, 28, 28) and data.targets.dtype == minitorch.int64
    image, target = data[2]
    np.testing.assert_allclose(image.numpy()[0], data.data[2].numpy() / 255, rtol=1e-6)
    assert target == -data.targets[2].item()
    assert isinstance(MNIST(root, train=False)[0][0], Image.Image)
    assert repr(data).splitlines()[:4] == [
        "Dataset MNIST", "    Number of datapoints: 6", f"    Root location: {root}", "    Split: Train"]
    for name in files:
        (folder / name).unlink()
    MNIST(root, download=True)  # nothing is fetched again


def test_a_damaged_download_is_refused(tmp_path, served):
    folder, url = served
    write_mnist(folder)

    class MNIST(datasets.MNIST):
        mirrors = [url]

    with pytest.raises(RuntimeError, match="(?s)Error downloading train-images.*invalid hash value.*put it at"):
        MNIST(str(tmp_path), download=True)
    assert list((tmp_path / "MNIST" / "raw").iterdir()) == []  # no half file, no wrong file


@pytest.mark.parametrize("kind", [datasets.FashionMNIST, datasets.KMNIST])
def test_its_relatives_have_folders_of_their_own(tmp_path, kind):
    write_mnist(tmp_path / kind.__name__ / "raw")
    data = kind(str(tmp_path), train=False)
    assert len(data) == 6 and len(data.class_to_idx) == 10


@pytest.mark.parametrize("kind, labels, names", [
    (datasets.CIFAR10, "labels", "label_names"), (datasets.CIFAR100, "fine_labels", "fine_label_names")])
def test_cifar(tmp_path, served, kind, labels, names):
    folder, url = served
    rng = np.random.default_rng(0)
    archive = folder / kind.url.rpartition("/")[2]
    pixels = {name: rng.integers(0, 256, (4, 3072), np.uint8) for name in (*kind.train_list, *kind.test_list)}
    with tarfile.open(archive, "w:gz") as tar:
        for name, content in [(name, {"data": array, labels: [0, 1, 2, 3]}) for name, array in pixels.items()] + [
                (kind.meta, {names: ["cat", "dog", "owl", "eel"]})]:
            content = pickle.dumps(content, protocol=2)
            info = tarfile.TarInfo(f"{kind.base_folder}/{name}")
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))

    class Fake(kind):
        pass
    Fake.url, Fake.tgz_md5 = url + archive.name, hashlib.md5(archive.read_bytes()).hexdigest()

    with pytest.raises(RuntimeError, match="Dataset not found"):
        Fake(str(tmp_path))
    data = Fake(str(tmp_path), train=False, download=True)
    image, target = data[1]
    expected = pixels[kind.test_list[0]][1].reshape(3, 32, 32).transpose(1, 2, 0)  # (H, W, C)
    np.testing.assert_array_equal(np.asarray(image), expected)
    assert target == 1 and data.classes == ["cat", "dog", "owl", "eel"]
    assert len(Fake(str(tmp_path))) == 4 * len(kind.train_list)


class Evil:
    def __reduce__(self):
        return print, ("code has run",)


def test_a_file_of_cifar_cannot_run_code(tmp_path, capsys):
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    for name in (*datasets.CIFAR10.train_list, *datasets.CIFAR10.test_list, datasets.CIFAR10.meta):
        (folder / name).write_bytes(pickle.dumps(Evil()))
    with pytest.raises(pickle.UnpicklingError, match="has no use for builtins.print"):
        datasets.CIFAR10(str(tmp_path))
    assert capsys.readouterr().out == ""


def test_image_folder(tmp_path):
    for name, color in [("cat/1.png", 10), ("cat/deep/2.PNG", 20), ("dog/3.jpg", 30), ("dog/notes.txt", 0)]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if color:
            Image.new("L", (4, 4), color).save(path)
        else:
            path.write_text("not a picture")
    data = datasets.ImageFolder(str(tmp_path))
    assert data.classes == ["cat", "dog"] and data.targets == [0, 0, 1] and len(data) == 3
    assert [np.asarray(image)[0, 0].tolist() for image, _ in data][:2] == [[10, 10, 10], [20, 20, 20]]
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="Found no valid file for the classes empty"):
        datasets.ImageFolder(str(tmp_path))
    with pytest.raises(FileNotFoundError, match="Couldn't find any class folder"):
        datasets.ImageFolder(str(tmp_path / "empty"))


def test_fake_data_is_the_same_every_time():
    data = datasets.FakeData(3, (3, 8, 8), num_classes=4, transform=transforms.ToTensor())
    state = minitorch.get_rng_state()
    (image, target), (again, _), (other, _) = data[1], data[1], data[2]
    assert (image == again).all() and (image != other).any() and 0 <= target < 4
    assert (minitorch.get_rng_state() == state).all()
    with pytest.raises(IndexError):
        data[3]


def test_weights_are_loaded_from_torch_hubs_cache(tmp_path, served):
    folder, url = served
    minitorch.save({"w": minitorch.ones(2)}, str(folder / "net.pth"))
    digest = hashlib.sha256((folder / "net.pth").read_bytes()).hexdigest()
    (folder / "net.pth").rename(folder / f"net-{digest[:8]}.pth")
    name = f"net-{digest[:8]}.pth"
    cache = str(tmp_path / "cache")
    for _ in range(2):  # the second time without the server's file
        state = hub.load_state_dict_from_url(url + name, cache, check_hash=True, progress=False)
        assert (state["w"] == 1).all()
        (folder / name).unlink(missing_ok=True)
    (folder / "other-00000000.pth").write_bytes(b"something else")
    with pytest.raises(RuntimeError, match="invalid hash value"):
        hub.load_state_dict_from_url(url + "other-00000000.pth", cache, check_hash=True, progress=False)
    with pytest.raises(NotImplementedError, match="does not run the code of 'pytorch/vision'"):
        hub.load("pytorch/vision", "resnet18")
