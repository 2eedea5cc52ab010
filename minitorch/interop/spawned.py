"""What a process that a program spawns runs in place of the program's file (run.py sees to it): the same, prepared."""
import runpy
import sys

from minitorch.interop.run import prepare

if __name__ == "__mp_main__":
    prepare()
    globals().update(runpy.run_path(sys.argv.pop(1), run_name=__name__))
