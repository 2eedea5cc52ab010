"""Each row of docs/conventions.md: minitorch prints what stands there, and so does PyTorch."""

import importlib.util
import re
from pathlib import Path

import pytest

import minitorch

PAGE = Path(__file__).parents[1] / "docs" / "conventions.md"
ROW = re.compile(r"^\| (?P<what>.+?) \| `(?P<expression>.+?)` \| (?P<result>`.+`) \|$")
ROWS = [
    ROW.match(line)
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and "|---" not in line
]
ROWS = [row.groupdict() for row in ROWS if row]
LIBRARIES = ["minitorch"] + ["torch"] * (importlib.util.find_spec("torch") is not None)


def test_the_page_is_read():
    assert (
        len(ROWS)
        == PAGE.read_text(encoding="utf-8").count("\n| ") - PAGE.read_text(encoding="utf-8").count("| what |")
        > 40
    )


@pytest.mark.filterwarnings("ignore:Using padding='same'")  # PyTorch's, about its own speed
@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["what"])
def test_row(row, library):
    T = minitorch if library == "minitorch" else importlib.import_module("torch")

    def grad(function, data):
        x = T.tensor(data, requires_grad=True)
        function(x).sum().backward()
        return x.grad

    result = eval(row["expression"], {"T": T, "grad": grad, "nan": float("nan"), "inf": float("inf")})
    expected = "\n".join(part.strip("`") for part in row["result"].split("<br>"))
    assert repr(result) == expected
