"""torch.hub: downloading files. Models are not fetched from GitHub: their code would be written for PyTorch."""
import contextlib
import hashlib
import os
import re
import sys
import tempfile
from urllib.parse import urlparse

from .serialization import load as _load

_HASH = re.compile(r"-([a-f0-9]{8,})\.")  # resnet18-f37072fd.pth: the SHA-256 of the file begins like this
_settings = {"dir": None}


def get_dir():
    """Where downloads are kept: what set_dir was told, else $TORCH_HOME/hub, else ~/.cache/torch/hub."""
    home = os.environ.get("TORCH_HOME") or os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.join("~", ".cache"), "torch")
    return _settings["dir"] or os.path.join(os.path.expanduser(home), "hub")


def set_dir(d):
    """Keep downloads in the folder `d`."""
    _settings["dir"] = os.path.expanduser(d)


def download_url_to_file(url, dst, hash_prefix=None, progress=True):
    """Download `url` into the file `dst`, which appears only when it is complete.

    hash_prefix: how the file's SHA-256 has to begin. RuntimeError if it does not; URLError if nothing can be reached.
    """
    digest = hashlib.sha256()
    _download(url, dst, digest, progress, lambda: digest.hexdigest().startswith(hash_prefix or ""))


def download_and_check(url, dst, md5=None, progress=True):
    """The same, with an MD5 checksum (or None)."""
    digest = hashlib.md5(usedforsecurity=False)
    _download(url, dst, digest, progress, lambda: md5 is None or digest.hexdigest() == md5)


def _download(url, dst, digest, progress, valid):
    from urllib.request import Request, urlopen  # late: it takes a while
    dst = os.path.expanduser(dst)
    with contextlib.ExitStack() as stack:
        response = stack.enter_context(urlopen(Request(url, headers={"User-Agent": "minitorch"})))
        size = response.headers.get("Content-Length")
        bar = stack.enter_context(_progress_bar(progress, size and int(size)))
        part = tempfile.NamedTemporaryFile(dir=os.path.dirname(os.path.abspath(dst)), suffix=".part", delete=False)
        stack.callback(_remove, part.name)
        with part:
            while block := response.read(1 << 16):
                digest.update(block)
                part.write(block)
                bar.update(len(block))
        if not valid():
            raise RuntimeError(f"invalid hash value: {url} is not the file that was expected (its "
                               f"{digest.name} is {digest.hexdigest()})")
        os.replace(part.name, dst)


def _remove(path):
    with contextlib.suppress(FileNotFoundError):
        os.remove(path)


class _Silent(contextlib.nullcontext):
    """A progress bar that shows nothing."""

    def __enter__(self):
        return self

    def update(self, n):
        pass


def _progress_bar(progress, total):
    """tqdm's bar, where tqdm is installed and `progress` is asked for."""
    try:
        from tqdm import tqdm
    except ImportError:
        return _Silent()
    return tqdm(total=total, unit="B", unit_scale=True, unit_divisor=1024) if progress else _Silent()


def load_state_dict_from_url(url, model_dir=None, map_location=None, progress=True, check_hash=False, file_name=None,
                             weights_only=True):
    """torch.load of a file that is downloaded unless it is in `model_dir` (default: checkpoints/ in get_dir())."""
    folder = model_dir or os.path.join(get_dir(), "checkpoints")
    os.makedirs(folder, exist_ok=True)
    name = file_name or os.path.basename(urlparse(url).path)
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        print(f'Downloading: "{url}" to {path}', file=sys.stderr)
        expected = _HASH.search(name) if check_hash else None
        download_url_to_file(url, path, expected and expected[1], progress)
    return _load(path, map_location=map_location, weights_only=weights_only)


def load(repo_or_dir, model, *args, **kwargs):
    """Raises NotImplementedError: a repository's models are code for PyTorch."""
    raise NotImplementedError(f"torch.hub.load: minitorch does not run the code of {repo_or_dir!r}. Build the model "
                              "yourself, and read its weights with torch.hub.load_state_dict_from_url.")
