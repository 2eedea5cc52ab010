"""CPU kernels: NumPy arrays and plain numbers in, NumPy arrays out. One file a family, the same file names as in ops/.

Every public name here is also a function of `minitorch.ops`, with the same parameters: gradient formulas are written
once and run on either (`Op.k` in engine.py).
"""
import warnings

from ._allocator import keep_freed_memory
from ._memory import geometry_of, memory_of  # noqa: F401
from .activation import *  # noqa: F401,F403
from .attention import *  # noqa: F401,F403
from .conv import *  # noqa: F401,F403
from .ctc import *  # noqa: F401,F403
from .distance import *  # noqa: F401,F403
from .elementwise import *  # noqa: F401,F403
from .factor import *  # noqa: F401,F403
from .fft import *  # noqa: F401,F403
from .fold import *  # noqa: F401,F403
from .index import *  # noqa: F401,F403
from .inplace import *  # noqa: F401,F403
from .interpolate import *  # noqa: F401,F403
from .linalg import *  # noqa: F401,F403
from .loss import *  # noqa: F401,F403
from .matmul import *  # noqa: F401,F403
from .norm import *  # noqa: F401,F403
from .number import *  # noqa: F401,F403
from .optimizer import *  # noqa: F401,F403
from .padding import *  # noqa: F401,F403
from .pool import *  # noqa: F401,F403
from .recurrent import *  # noqa: F401,F403
from .reduce import *  # noqa: F401,F403
from .scattering import *  # noqa: F401,F403
from .shape import *  # noqa: F401,F403
from .softmax import *  # noqa: F401,F403
from .special import *  # noqa: F401,F403
from .statistics import *  # noqa: F401,F403

# inf and nan are results, not warnings, as in torch. Kernels whose results are often not finite (division, logarithms,
# the variance of one number) say np.errstate; for the others, down to add, that would cost more than adding four
# numbers, so this filter keeps NumPy quiet about an overflow in there, and only in there.
warnings.filterwarnings("ignore", category=RuntimeWarning, module=r"minitorch\.kernels")

keep_freed_memory()
