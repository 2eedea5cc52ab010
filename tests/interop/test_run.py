"""python -m minitorch: `run` shows a program what Python and PyTorch would show it."""
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.oracle import import_torch

ROOT = Path(__file__).parents[2]

TUTORIAL = """
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
    import torch.optim as optim
    from torch.autograd import Variable

    torch.manual_seed(0)

    class Net(nn.Module):
        def __init__(self):
            super(Net, self).__init__()
            self.conv1 = nn.Conv2d(1, 6, KERNEL)
            self.conv2 = nn.Conv2d(6, 16, KERNEL)
            self.fc1 = nn.Linear(16 * LEFT * LEFT, 120)
            self.fc2 = nn.Linear(120, 84)
            self.fc3 = nn.Linear(84, 10)

        def forward(self, x):
            x = F.max_pool2d(F.relu(self.conv1(x)), (2, 2))
            x = F.max_pool2d(F.relu(self.conv2(x)), 2)
            x = FLATTEN
            return self.fc3(F.relu(self.fc2(F.relu(self.fc1(x)))))

        def features(self, x):
            count = 1
            for size in x.size()[1:]:
                count *= size
            return count

    net = Net()
    print(net)
    print([p.size() for p in net.parameters()])
    image = Variable(torch.randn(1, 1, 32, 32))
    print(net(image), type(image))
    net.zero_grad()
    net(image).backward(torch.randn(1, 10))
    print(net.conv2.bias.grad)

    target = torch.linspace(-1, 1, 10).view(1, -1)
    output = net(image)
    loss = F.mse_loss(output, target)
    print(loss, nn.MSELoss()(output, target))

    def show(node, depth):
        print(" " * depth, node)
        for below, _ in node.next_functions if node else ():
            show(below, depth + 1)
    show(loss.grad_fn, 0)

    net.zero_grad()
    print(net.conv1.bias.grad)
    loss.backward()
    print(net.conv1.bias.grad)
    for f in net.parameters():
        f.data.sub_(f.grad.data * 0.01)
    print(net.conv1.bias)

    optimizer = optim.SGD(net.parameters(), lr=0.01)
    for step in range(3):
        optimizer.zero_grad()
        loss = nn.MSELoss()(net(image), target)
        loss.backward()
        optimizer.step()
        print(loss)
"""


def program(path, source):
    """A file with the dedented source."""
    path.write_text(textwrap.dedent(source))
    return path


def python(*arguments, **options):
    """Run Python on these arguments, with this minitorch to be found whether or not it is installed."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return subprocess.run([sys.executable, *map(str, arguments)], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": path}, **options)


def run(*arguments, **options):
    return python("-m", "minitorch", "run", *arguments, **options)


@pytest.mark.parametrize("kernel, left, flatten", [
    (5, 5, "x.view(-1, self.features(x))"), (3, 6, "torch.flatten(x, 1)")])
def test_the_tutorial_prints_what_it_prints_under_pytorch(tmp_path, kernel, left, flatten):
    import_torch()
    source = TUTORIAL.replace("KERNEL", str(kernel)).replace("LEFT", str(left)).replace("FLATTEN", flatten)
    path = program(tmp_path / "tutorial.py", source)
    theirs, ours = python(path), run(path)
    assert (ours.returncode, ours.stderr) == (0, "")
    addresses = re.compile("0x[0-9a-f]+")
    assert addresses.sub("0x", ours.stdout) == addresses.sub("0x", theirs.stdout)
    assert "<AddmmBackward0 object at 0x" in ours.stdout


def test_torch_is_another_name_of_minitorch(tmp_path):
    """... even where a real torch stands first on the path, and for submodules imported in every way."""
    (tmp_path / "torch").mkdir()
    program(tmp_path / "torch" / "__init__.py", "raise ImportError('an installed torch was touched')")
    done = run(program(tmp_path / "names.py", """
        import torch, torch.nn as nn, torch.nn.functional as F
        import torch.optim.lr_scheduler
        from torch.utils.data import DataLoader
        from torch import optim
        import minitorch
        assert torch is minitorch and nn is minitorch.nn and F is minitorch.nn.functional and optim is minitorch.optim
        assert torch.optim.lr_scheduler is minitorch.optim.lr_scheduler
        assert DataLoader is minitorch.utils.data.DataLoader
        assert nn.__spec__.name == "minitorch.nn"
        print(type(torch.ones(1)), type(torch.float32), nn.Linear, sep="\\n")
    """))
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "<class 'torch.Tensor'>", "<class 'torch.dtype'>", "<class 'torch.nn.modules.linear.Linear'>"]


def test_a_program_sees_what_python_shows_it(tmp_path):
    (tmp_path / "inner").mkdir()
    path = program(tmp_path / "inner" / "look.py", """
        import sys, pickle, neighbour
        class Here: pass
        print(__name__, __file__, sys.argv, sys.path[0], __spec__, __doc__, __package__)
        print(sys.modules["__main__"].Here is Here, type(pickle.loads(pickle.dumps(Here()))) is Here)
    """)
    program(tmp_path / "inner" / "neighbour.py", "")
    arguments = [Path("inner", "look.py"), "--epochs", "3", "-h"]
    assert run(*arguments, cwd=tmp_path).stdout == python(*arguments, cwd=tmp_path).stdout != ""
    assert str(path) in run(*arguments, cwd=tmp_path).stdout


@pytest.mark.parametrize("source", [
    "import sys; sys.exit(3)", "import sys; sys.exit('sorry')", "raise SystemExit", "def f():\n    return 1 / 0\nf()",
    "def (", "import no_such_package", "raise OSError(2, 'gone')"])
def test_exit_codes_and_tracebacks_are_pythons(tmp_path, source):
    path = program(tmp_path / "fails.py", source)
    theirs, ours = python(path), run(path)
    assert (ours.returncode, ours.stdout, ours.stderr) == (theirs.returncode, theirs.stdout, theirs.stderr)


@pytest.mark.parametrize("source, message", [
    ("import torch; torch.vmapp",
     "AttributeError: module 'torch' has no attribute 'vmapp': minitorch does not have torch.vmapp"),
    ("import torch; torch.nn.Lineaire",
     "module 'torch.nn' has no attribute 'Lineaire': minitorch does not have torch.nn.Lineaire"),
    ("import torch; torch.ones(1).vmapp",
     "AttributeError: 'Tensor' object has no attribute 'vmapp': minitorch does not have torch.Tensor.vmapp"),
    ("import torchvision; torchvision.models.vmapp",
     "module 'torchvision.models' has no attribute 'vmapp': minitorch does not have torchvision.models.vmapp"),
    ("import torchvision.nonsense", "ModuleNotFoundError: No module named 'torchvision.nonsense': minitorch does not"),
    ("from torch import vmapp", "ImportError: cannot import name 'vmapp' from 'torch'"),
    ("from torch.nn import Lineaire", "ImportError: cannot import name 'Lineaire' from 'torch.nn'"),
    ("import torch.nonsense.part", "ModuleNotFoundError: No module named 'torch.nonsense': minitorch does not have it"),
    ("import torch.nn.functional.relu",
     "No module named 'torch.nn.functional.relu'; 'torch.nn.functional' is not a package"),
])
def test_what_minitorch_lacks_is_named_in_torchs_terms(tmp_path, source, message):
    done = run(program(tmp_path / "lacks.py", source))
    assert done.returncode == 1
    last = done.stderr.splitlines()[-1]
    assert message in last and "minitorch does not have" in last


def test_torchvision_is_another_name_of_minitorch_vision(tmp_path):
    done = run(program(tmp_path / "pictures.py", """
        import torch, torchvision
        from torchvision import datasets, transforms
        import torchvision.transforms.functional as TF
        import minitorch.vision
        assert torchvision is minitorch.vision and TF is minitorch.vision.transforms.functional
        images = datasets.FakeData(4, (3, 16, 16), transform=transforms.Compose([transforms.ToTensor()]))
        image, target = next(iter(torch.utils.data.DataLoader(images, batch_size=4)))
        print(image.shape, target.dtype, type(images), torchvision.models.ResNet.__module__)
    """))
    assert done.stderr == ""
    assert done.stdout == ("torch.Size([4, 3, 16, 16]) torch.int64 "
                           "<class 'torchvision.datasets.fakedata.FakeData'> torchvision.models.resnet\n")


def test_programs_can_compare_versions(tmp_path):
    done = run(program(tmp_path / "version.py", """
        import torch
        assert tuple(map(int, torch.__version__.split("+")[0].split("."))) >= (2, 0)
        print(torch.__version__)
    """))
    assert (done.stdout, done.stderr) == ("2.13.0+minitorch0.1.0\n", "")


def test_processes_that_a_program_spawns_find_minitorch_too(tmp_path):
    (tmp_path / "torch.py").write_text("raise ImportError('another torch was touched')")
    done = run(program(tmp_path / "spawns.py", """
        import multiprocessing, sys
        import torch

        class Net(torch.nn.Linear):
            pass

        def work(net, queue):
            linear = type(net).__mro__[1]
            queue.put([torch.__version__[:4], linear.__module__, tuple(net(torch.ones(1, 2)).shape), sys.argv[1:]])

        if __name__ == "__main__":
            context = multiprocessing.get_context("spawn")
            queue = context.Queue()
            process = context.Process(target=work, args=(Net(2, 3), queue))
            process.start()
            print(queue.get(timeout=100))
            process.join()
            print(process.exitcode)
    """), "--flag")
    assert (done.stdout, done.stderr) == (
        "['2.13', 'torch.nn.modules.linear', (1, 3), ['--flag']]\n0\n", "")


def test_absence_can_be_asked_for(tmp_path):
    done = run(program(tmp_path / "asks.py", """
        import torch
        print(hasattr(torch, "vmapp"))
        try:
            from torch import vmapp
        except ImportError:
            print("no vmapp")
        try:
            import torch.nonsense
        except ModuleNotFoundError as error:
            print(error.name)
    """))
    assert (done.stdout, done.stderr) == ("False\nno vmapp\ntorch.nonsense\n", "")


@pytest.mark.parametrize("arguments, status, message", [
    (["--help"], 0, "run a PyTorch program"),
    (["run", "--help"], 0, "SCRIPT"),
    ([], 2, "the following arguments are required: COMMAND"),
    (["rnu"], 2, "invalid choice: 'rnu'"),
    (["run"], 2, "the following arguments are required: SCRIPT"),
    (["run", "absent.py"], 2, "absent.py': No such file or directory"),
])
def test_the_command_line(tmp_path, arguments, status, message):
    done = python("-m", "minitorch", *arguments, cwd=tmp_path)
    assert done.returncode == status and message in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
