"""torch.nn: modules (parts of a model), their functions (functional), initialisation (init) and helpers (utils)."""
from . import attention, functional, init, modules, parallel, parameter, utils
from .modules import *  # noqa: F401,F403
from .parallel import DataParallel
from .parameter import Buffer, Parameter, UninitializedBuffer, UninitializedParameter
