"""Getting a dataset's files, or saying where to put them."""
import os
from urllib.error import URLError

from ...hub import download_and_check


def fetch(urls, path, md5):
    """Download the file `path` from the first of `urls` that answers with the right checksum.

    RuntimeError, with what each one said and what to do by hand, if none does.
    """
    os.makedirs(os.path.dirname(path), exist_ok=True)
    errors = []
    for url in urls:
        try:
            return download_and_check(url, path, md5)
        except (URLError, OSError, RuntimeError) as error:
            errors.append(f"Tried {url}, got:\n{error}")
    raise RuntimeError("\n".join([f"Error downloading {os.path.basename(path)}:", *errors,
                                  f"Without a connection: get that file elsewhere, and put it at {path}"]))
