"""All modules, one file a family."""
from .container import *  # noqa: F401,F403
from .linear import *  # noqa: F401,F403
from .module import Module
