"""torch.utils: `utils.data` feeds training loops, `utils.checkpoint` saves their memory."""
from . import checkpoint, data
