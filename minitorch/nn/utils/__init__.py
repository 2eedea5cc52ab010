"""Helpers around models: gradient clipping, parameters as one vector or replaced, padding of sequences."""
from . import rnn, stateless
from .clip_grad import clip_grad_norm_, clip_grad_value_, get_total_norm
from .convert_parameters import parameters_to_vector, vector_to_parameters
