"""torch.optim: optimizers, and schedules for their learning rates. Read optimizer.py, then sgd.py."""
from . import lr_scheduler
from .adam import Adam
from .adamw import AdamW
from .optimizer import Optimizer
from .sgd import SGD
