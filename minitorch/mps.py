"""torch.mps: Apple's GPUs. There is no such backend."""
from .cuda import device_count, empty_cache, is_available, manual_seed, synchronize

__all__ = ["device_count", "empty_cache", "is_available", "manual_seed", "synchronize"]
