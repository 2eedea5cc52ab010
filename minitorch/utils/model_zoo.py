"""torch.utils.model_zoo: the old name of some functions of torch.hub."""
from ..hub import download_url_to_file as _download_url_to_file
from ..hub import load_state_dict_from_url as load_url

__all__ = ["load_url", "_download_url_to_file"]
