"""torch.nn: modules (parts of a model), their functions (functional), initialisation (init) and helpers (utils)."""
from . import functional, init, modules, parameter, utils
from .modules import *  # noqa: F401,F403
from .parameter import Buffer, Parameter, UninitializedBuffer, UninitializedParameter
