"""torch.utils.tensorboard: write numbers, pictures and histograms for TensorBoard, with the package tensorboardX."""
import functools
import warnings

from ..._pytree import tree_map
from ...engine import TensorBase

try:
    import tensorboardX
except ImportError as error:
    raise ImportError("torch.utils.tensorboard needs the package tensorboardX: pip install tensorboardX") from error


def _numpy(value):
    """An array for a tensor, anything else as it is."""
    return value.detach().numpy() if isinstance(value, TensorBase) else value


def _taking_tensors(name):
    method = getattr(tensorboardX.SummaryWriter, name)

    @functools.wraps(method)
    def wrapper(self, *args, **kwargs):
        return method(self, *tree_map(_numpy, args), **tree_map(_numpy, kwargs))

    return wrapper


class SummaryWriter(tensorboardX.SummaryWriter):
    """Writes events into `log_dir` (default: runs/, then the date and the machine's name), for `tensorboard --logdir`.

        writer = SummaryWriter()
        writer.add_scalar("loss", loss, step)
        writer.close()
    """

    add_scalar, add_scalars, add_histogram, add_image, add_images, add_embedding, add_pr_curve, add_video, add_audio = (
        map(_taking_tensors, ["add_scalar", "add_scalars", "add_histogram", "add_image", "add_images", "add_embedding",
                              "add_pr_curve", "add_video", "add_audio"]))

    def add_graph(self, model, input_to_model=None, verbose=False, use_strict_trace=True):
        """Writes nothing: a module is not traced. Warns so."""
        warnings.warn("SummaryWriter.add_graph: minitorch does not trace modules, no graph is written", stacklevel=2)
