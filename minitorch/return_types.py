"""The named tuples that operations with several results return: `torch.return_types.max(values=..., indices=...)`."""
from collections import namedtuple


def _declare(name, *fields):
    def __repr__(self):
        shown = ",\n".join(f"{field}={value!r}" for field, value in zip(fields, self))
        return f"torch.return_types.{name}(\n{shown})"

    return type(name, (namedtuple(name, fields),), {"__repr__": __repr__, "__slots__": (), "__module__": __name__})


max = _declare("max", "values", "indices")
min = _declare("min", "values", "indices")
aminmax = _declare("aminmax", "min", "max")
sort = _declare("sort", "values", "indices")
topk = _declare("topk", "values", "indices")
kthvalue = _declare("kthvalue", "values", "indices")
median = _declare("median", "values", "indices")
mode = _declare("mode", "values", "indices")
cummax = _declare("cummax", "values", "indices")
cummin = _declare("cummin", "values", "indices")
