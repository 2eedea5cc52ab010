"""torch.backends: the switches of libraries that PyTorch may be built with. minitorch uses none of them: setting one
changes nothing, and asking says that the library is not there."""
from . import cuda, cudnn, mkl, mkldnn, mps, openmp
