"""torch.backends: the switches of libraries that PyTorch may be built with. minitorch uses none of them: setting one
changes nothing, and asking says that the library is not there.

One switch is minitorch's own: after `winograd.enabled = False`, convolutions with filters of 3 x 3 are summed up
directly, at some 5/8 of the speed."""
from ..kernels.cpu._winograd import settings as winograd
from . import cuda, cudnn, mkl, mkldnn, mps, openmp
