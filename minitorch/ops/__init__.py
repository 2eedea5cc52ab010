"""The differentiable operations, one family a file, forward and backward of each side by side.

This package is also the namespace in which recorded backwards compute (`Op.k` in engine.py): it has a function for
every kernel, with the same name and parameters.
"""
from .activation import *  # noqa: F401,F403
from .attention import *  # noqa: F401,F403
from .conv import *  # noqa: F401,F403
from .ctc import *  # noqa: F401,F403
from .distance import *  # noqa: F401,F403
from .elementwise import *  # noqa: F401,F403
from .factor import *  # noqa: F401,F403
from .fft import *  # noqa: F401,F403
from .fold import *  # noqa: F401,F403
from .grid import *  # noqa: F401,F403
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
from .random import *  # noqa: F401,F403
from .rearrange import *  # noqa: F401,F403
from .recurrent import *  # noqa: F401,F403
from .reduce import *  # noqa: F401,F403
from .scattering import *  # noqa: F401,F403
from .shape import *  # noqa: F401,F403
from .shuffle import *  # noqa: F401,F403
from .softmax import *  # noqa: F401,F403
from .special import *  # noqa: F401,F403
from .statistics import *  # noqa: F401,F403
