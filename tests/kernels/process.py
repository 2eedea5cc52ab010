"""Scripts in a process of their own, where they can choose Numba's settings, or crash."""
import os
import subprocess
import sys
from pathlib import Path

import minitorch

ROOT = Path(minitorch.__path__[0]).parent


def run(code, *args, cwd=ROOT, **environ):
    """Run a script, which has to succeed; answers with what it printed. Its warnings are errors."""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code, *map(str, args)], cwd=cwd, timeout=100,
                          env={**os.environ, **environ}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done
