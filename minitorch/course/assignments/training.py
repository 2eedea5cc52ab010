"""Assignment 5, training: modules, first values, and optimizers."""
import minitorch as torch

from ..task import Assignment, Case, Mutant, Task

FANS, XAVIER = "minitorch.nn.init:_calculate_fan_in_and_fan_out", "minitorch.nn.init:xavier_uniform_"
MODULES, TRAIN = "minitorch.nn.modules.module:Module.named_modules", "minitorch.nn.modules.module:Module.train"
SGD, ADAGRAD, ADAM = [f"minitorch.optim.{name.lower()}:{name}._update" for name in ("SGD", "Adagrad", "Adam")]


# ---- 5.1


def fans(shape):
    return [int(fan) for fan in torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(*shape))]


def xavier(shape, gain, seed):
    torch.manual_seed(seed)
    return torch.nn.init.xavier_uniform_(torch.empty(*shape), gain)


def first_values(rng):
    out, into, seed = map(int, rng.integers(3, 20, size=3))
    yield Case("the fans of a linear layer", fans, dict(shape=(out, into)))
    yield Case("the fans of a convolution: each unit sees a window", fans, dict(shape=(out, into, 3, 5)))
    yield Case("a vector has none: a ValueError", fans, dict(shape=(out,)))
    yield Case("a linear layer", xavier, dict(shape=(out, into), gain=1., seed=seed))
    yield Case("with a gain", xavier, dict(shape=(out, into), gain=5 / 3, seed=seed))
    yield Case("a convolution", xavier, dict(shape=(4, 3, 3, 3), gain=1., seed=seed))


FIRST_VALUES = Task(
    "5.1", "First values", (FANS, XAVIER), first_values, mutants=(
        Mutant(FANS, "inputs * taps, outputs * taps", "inputs, outputs",
               "A unit of a convolution sees a window in every channel: the filter's taps count too."),
        Mutant(FANS, "inputs * taps, outputs * taps", "outputs * taps, inputs * taps",
               "A weight is (outputs, inputs, ...): you took the one for the other."),
        Mutant(XAVIER, "math.sqrt(6 / (fan_in + fan_out))", "math.sqrt(2 / (fan_in + fan_out))",
               "That is the standard deviation. Uniform on [-b, b) has the deviation b / sqrt(3)."),
        Mutant(XAVIER, "gain * math", "math", "You leave the gain out."),
        Mutant(XAVIER, "(fan_in + fan_out)", "(2 * fan_in)",
               "Forward wants 1 / fan_in, and backward 1 / fan_out. Xavier's compromise is their mean."),
    ))


# ---- 5.2


def net(kind):
    linear = torch.nn.Linear(2, 2)
    if kind == "flat":
        return torch.nn.Sequential(linear, torch.nn.ReLU(), torch.nn.Linear(2, 2))
    if kind == "nested":
        inner = torch.nn.Sequential(linear, torch.nn.Sequential(torch.nn.Dropout()))
        return torch.nn.Sequential(inner, torch.nn.ReLU())
    return torch.nn.Sequential(linear, torch.nn.Sequential(torch.nn.ReLU(), linear))


def names(kind, remove_duplicate=True):
    """The dotted names of all modules, and of all parameters."""
    model = net(kind)
    return {"modules": [f"{name}: {type(module).__name__}"
                        for name, module in model.named_modules(remove_duplicate=remove_duplicate)],
            "parameters": [name for name, _ in model.named_parameters()]}


def modes(kind, mode):
    """Which modules are in training mode after model.train(mode); and is what it returns the model?"""
    model = net(kind)
    returned = model.train(not mode).train(mode)
    return {"training": [module.training for module in (model, *model.children(), *model[0].children())],
            "returns the model": returned is model}


def trees(rng):
    for kind in ("flat", "nested"):
        yield Case(f"the names of a {kind} network", names, dict(kind=kind))
    yield Case("a module that is used twice appears once", names, dict(kind="shared"))
    yield Case("or twice, with remove_duplicate=False", names, dict(kind="shared", remove_duplicate=False))
    for mode in (True, False):
        yield Case(f"train({mode}) of a nested network", modes, dict(kind="nested", mode=mode))


TREES = Task(
    "5.2", "A tree of modules", (MODULES, TRAIN), trees, mutants=(
        Mutant(MODULES, "yield from module.named_modules(memo, f\"{prefix}.{name}\" if prefix else name, "
                        "remove_duplicate)",
               "yield (f\"{prefix}.{name}\" if prefix else name), module",
               "You list the children, and not their children. Let each child list its own."),
        Mutant(MODULES, "f\"{prefix}.{name}\" if prefix else name", "f\"{prefix}.{name}\"",
               "The names begin with a dot: there is none before the first."),
        Mutant(MODULES, "memo, f\"", "None, f\"",
               "Each child remembers for itself. A module that is used twice appears once if all share one memo."),
        Mutant(TRAIN, "module.train(mode)", "module.training = mode",
               "You set the children, and not their children: a dropout deep inside goes on dropping in evaluation."),
        Mutant(TRAIN, "return self", "return None", "It returns the module, so that model = net.eval() works."),
    ))


# ---- 5.3, 5.4, 5.5


def descend(optimizer, options, start, steps):
    """A parameter after each step down |x|^4 / 4, whose gradient is x |x|^2."""
    x = torch.tensor(start, requires_grad=True)
    optimizer = getattr(torch.optim, optimizer)([x], **options)
    path, memory = [], x.data_ptr()
    for _ in range(steps):
        optimizer.zero_grad()
        ((x * x).sum() ** 2 / 4).backward()
        optimizer.step()
        path.append(x.tolist())
    return {"path": path, "in the same memory": x.data_ptr() == memory}


def descents(optimizer, *variants):
    def cases(rng):
        for what, options in variants:
            yield Case(what, descend, dict(optimizer=optimizer, options=options, start=rng.normal(size=3), steps=4))
    return cases


MOMENTUM = Task(
    "5.3", "Momentum", (SGD,), descents(
        "SGD", ("plain", dict(lr=0.1)), ("with momentum", dict(lr=0.1, momentum=0.9)),
        ("with dampening, which does not act in the first step", dict(lr=0.1, momentum=0.9, dampening=0.5)),
        ("Nesterov's", dict(lr=0.1, momentum=0.9, nesterov=True)),
    ), mutants=(
        Mutant(SGD, "param -= options[\"lr\"] * grad", "param = param - options[\"lr\"] * grad",
               "You make a new array, and the parameter stays where it was. Write in place: param -= ..."),
        Mutant(SGD, "= np.array(grad)", "= (1 - options[\"dampening\"]) * grad",
               "In the first step the buffer is the gradient itself: dampening acts from the second step on."),
        Mutant(SGD, "grad + options[\"momentum\"] * b", "b + options[\"momentum\"] * grad",
               "Nesterov's step is g + momentum * b: the gradient now, and where the momentum will lead."),
        Mutant(SGD, "b *= options[\"momentum\"]", "pass", "The buffer forgets nothing: shrink it by the momentum."),
        Mutant(SGD, "param -= options", "param += options", "You climb. The gradient points uphill."),
    ))

SQUARES = Task(
    "5.4", "A step for each element", (ADAGRAD,), descents(
        "Adagrad", ("plain", dict(lr=0.1)), ("with a decaying rate", dict(lr=0.1, lr_decay=0.5)),
        ("with a sum that begins above 0", dict(lr=0.1, initial_accumulator_value=0.5)),
        ("with a large eps", dict(lr=0.1, eps=0.5)),
    ), mutants=(
        Mutant(ADAGRAD, "k.sqrt(total)", "total", "Divide by the root of the sum of squares, not by the sum."),
        Mutant(ADAGRAD, "k.sqrt(total) + options[\"eps\"]", "k.sqrt(total + options[\"eps\"])",
               "eps is added to the root, not under it."),
        Mutant(ADAGRAD, "(t - 1)", "t", "In the first step the rate has not decayed yet: t - 1."),
        Mutant(ADAGRAD, "total += grad * grad", "total = grad * grad",
               "You forget the squares of the steps before: the sum is in the state, add to it in place."),
    ))

MOMENTS = Task(
    "5.5", "Adam", (ADAM,), descents(
        "Adam", ("plain", dict(lr=0.1)), ("with other betas", dict(lr=0.1, betas=(0.5, 0.8))),
        ("with a large eps", dict(lr=0.1, eps=0.5)), ("with weight decay", dict(lr=0.1, weight_decay=0.5)),
        ("decoupled: AdamW", dict(lr=0.1, weight_decay=0.5, decoupled_weight_decay=True)),
    ), points=3, mutants=(
        Mutant(ADAM, "m / (1 - beta1 ** t)", "m",
               "The averages begin at 0, and so are too small at first: divide m by 1 - beta1^t."),
        Mutant(ADAM, "v / (1 - beta2 ** t)", "v", "Correct v too: divide it by 1 - beta2^t."),
        Mutant(ADAM, "(k.sqrt(v / (1 - beta2 ** t)) + options[\"eps\"])",
               "k.sqrt(v / (1 - beta2 ** t) + options[\"eps\"])", "eps is added to the root, not under it."),
        Mutant(ADAM, "(grad * grad - v)", "(grad - v)", "v is the average of the squares of the gradient."),
        Mutant(ADAM, "param *= 1 - options[\"lr\"] * options[\"weight_decay\"]", "pass",
               "With decoupled_weight_decay the parameter itself shrinks, by lr * weight_decay, before the step."),
    ))


TRAINING = Assignment(
    5, "training", "Modules, first values, optimizers", (FIRST_VALUES, TREES, MOMENTUM, SQUARES, MOMENTS),
    prerequisites=(2,), given=("minitorch.nn.init:uniform_", "minitorch.optim.optimizer:count"))
