"""CPU kernels: NumPy arrays and plain numbers in, NumPy arrays out. One file a family, the same file names as in ops/.

Every public name here is also a function of `minitorch.ops`, with the same parameters: gradient formulas are written once
and run on either (`Op.k` in engine.py).
"""
import warnings

from ._memory import geometry_of  # noqa: F401
from .conv import *  # noqa: F401,F403
from .elementwise import *  # noqa: F401,F403
from .index import *  # noqa: F401,F403
from .matmul import *  # noqa: F401,F403
from .pool import *  # noqa: F401,F403
from .reduce import *  # noqa: F401,F403
from .shape import *  # noqa: F401,F403

# 1/0 is inf, log(-1) is nan: results, not warnings, as in torch. Only what these modules compute is silenced. (A filter,
# since np.errstate around each kernel would cost more than adding four numbers.)
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"minitorch\.kernels")
