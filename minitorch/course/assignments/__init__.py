"""The assignments, in the order of the course."""
from .backward_engine import BACKWARD_ENGINE

ASSIGNMENTS = {assignment.number: assignment for assignment in (BACKWARD_ENGINE,)}
