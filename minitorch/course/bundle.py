"""A Gradescope autograder: a zip with two scripts that it looks for, and this minitorch itself.

Each submission gets a fresh container. There, the grader is root, and students' code runs as the user nobody.
"""
import zipfile
from pathlib import Path

SETUP = """#!/usr/bin/env bash
set -e
apt-get update
apt-get install -y python3 python3-pip python3-venv
python3 -m venv /autograder/venv
/autograder/venv/bin/pip install numba numpy scipy
"""
RUN = """#!/usr/bin/env bash
cd /autograder/source
chmod -R go-w . && chmod 700 run_autograder
/autograder/venv/bin/python -m minitorch course grade {number} /autograder/submission/{name}.py \\
    --seed {seed} --user nobody --gradescope > /autograder/results/results.json
"""


def bundle(assignment, output, seed):
    """Write the zip file `output`."""
    package = Path(__file__).parents[1]
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (("setup.sh", SETUP), ("run_autograder", RUN.format(**vars(assignment), seed=seed))):
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o755 << 16
            archive.writestr(info, text)
        for path in sorted(package.rglob("*.py")):
            archive.write(path, path.relative_to(package.parent))
