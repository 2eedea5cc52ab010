"""The assignments, in the order of the course."""
from .backward_engine import BACKWARD_ENGINE
from .derivatives import DERIVATIVES
from .operators import OPERATORS
from .strides import STRIDES
from .training import TRAINING

ASSIGNMENTS = {assignment.number: assignment
               for assignment in (DERIVATIVES, BACKWARD_ENGINE, STRIDES, OPERATORS, TRAINING)}
