"""torch.utils: `utils.data` feeds training loops."""
from . import data
