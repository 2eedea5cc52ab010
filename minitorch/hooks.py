"""Handles of hooks: what register_hook and its relatives return."""
import itertools

_ids = itertools.count()


class RemovableHandle:
    """Puts a hook into a dict of hooks, and takes it out again: `handle.remove()`, or at the end of a `with` block.

    >>> hooks = {}
    >>> handle = RemovableHandle(hooks, print)
    >>> len(hooks); handle.remove(); len(hooks)
    1
    0
    """

    def __init__(self, hooks, hook):
        self.id, self.hooks = next(_ids), hooks
        hooks[self.id] = hook

    def remove(self):
        self.hooks.pop(self.id, None)

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.remove()
