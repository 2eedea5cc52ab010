"""Safetensors: files of named tensors, in which no program can hide. `minitorch run` finds it as package safetensors.

    8 bytes         n, the length of the header
    n bytes         a JSON object: name -> {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]},
                    and "__metadata__" -> {text: text}
    the rest        the numbers, C-contiguous and little-endian, one tensor after the other without gaps

https://huggingface.co/docs/safetensors#format
"""
from .torch import SafetensorError, load, load_file, load_model, safe_open, save, save_file, save_model

__all__ = ["SafetensorError", "load", "load_file", "load_model", "safe_open", "save", "save_file", "save_model"]
