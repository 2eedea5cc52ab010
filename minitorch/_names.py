"""Which of minitorch's modules stand for torch's and its companions'."""

OURS = {"torch": "minitorch", "torchvision": "minitorch.vision", "safetensors": "minitorch.interop.safetensors"}


def ours(name):
    """The module of minitorch that a module of torch's or its companions' stands for; another name as it is.

    >>> ours("torch.nn"), ours("torchvision.utils"), ours("math")
    ('minitorch.nn', 'minitorch.vision.utils', 'math')
    """
    package, dot, rest = name.partition(".")
    return OURS.get(package, package) + dot + rest


def theirs(name):
    """The way back.

    >>> theirs("minitorch.nn"), theirs("minitorch.vision.utils"), theirs("math")
    ('torch.nn', 'torchvision.utils', 'math')
    """
    for package, module in reversed(OURS.items()):
        if f"{name}.".startswith(f"{module}."):
            return package + name.removeprefix(module)
    return name
