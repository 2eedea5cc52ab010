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
nanmedian = _declare("nanmedian", "values", "indices")
frexp = _declare("frexp", "mantissa", "exponent")
histogram = _declare("histogram", "hist", "bin_edges")
histogramdd = _declare("histogramdd", "hist", "bin_edges")
cummax = _declare("cummax", "values", "indices")
cummin = _declare("cummin", "values", "indices")
linalg_cholesky_ex = _declare("linalg_cholesky_ex", "L", "info")
linalg_eigh = _declare("linalg_eigh", "eigenvalues", "eigenvectors")
linalg_inv_ex = _declare("linalg_inv_ex", "inverse", "info")
linalg_ldl_factor = _declare("linalg_ldl_factor", "LD", "pivots")
linalg_ldl_factor_ex = _declare("linalg_ldl_factor_ex", "LD", "pivots", "info")
linalg_lstsq = _declare("linalg_lstsq", "solution", "residuals", "rank", "singular_values")
linalg_lu = _declare("linalg_lu", "P", "L", "U")
linalg_lu_factor = _declare("linalg_lu_factor", "LU", "pivots")
linalg_lu_factor_ex = _declare("linalg_lu_factor_ex", "LU", "pivots", "info")
linalg_qr = _declare("linalg_qr", "Q", "R")
linalg_slogdet = _declare("linalg_slogdet", "sign", "logabsdet")
linalg_solve_ex = _declare("linalg_solve_ex", "result", "info")
linalg_svd = _declare("linalg_svd", "U", "S", "Vh")
geqrf = _declare("geqrf", "a", "tau")
lu_unpack = _declare("lu_unpack", "P", "L", "U")
qr = _declare("qr", "Q", "R")
svd = _declare("svd", "U", "S", "V")
triangular_solve = _declare("triangular_solve", "solution", "cloned_coefficient")
