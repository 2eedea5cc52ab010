"""Nested containers of tensors: taken apart into a list of leaves, and put together again.

The containers are list, tuple, named tuple, dict and OrderedDict; everything else is a leaf.
"""
from collections import OrderedDict


class _Leaf:
    """Marks the place of a leaf in the structure of a tree."""

    def __repr__(self):
        return "*"


LEAF = _Leaf()


def tree_flatten(tree):
    """(the leaves in order, the structure: the tree with LEAF in the place of each leaf).

    >>> tree_flatten({"a": 1, "b": (2, [3])})
    ([1, 2, 3], {'a': *, 'b': (*, [*])})
    """
    leaves = []

    def visit(leaf):
        leaves.append(leaf)
        return LEAF

    return leaves, tree_map(visit, tree)


def tree_unflatten(leaves, structure):
    """The tree of this structure with these leaves.

    >>> tree_unflatten([1, 2], {"a": LEAF, "b": (LEAF,)})
    {'a': 1, 'b': (2,)}
    """
    leaves = iter(leaves)
    return tree_map(lambda _: next(leaves), structure)


def tree_leaves(tree):
    """The leaves in order.

    >>> tree_leaves([1, {"a": 2}])
    [1, 2]
    """
    return tree_flatten(tree)[0]


def tree_map(function, tree):
    """The same structure with function(leaf) in the place of each leaf.

    >>> tree_map(abs, [-1, {"a": -2}])
    [1, {'a': 2}]
    """
    children = children_of(tree)
    return function(tree) if children is None else like(tree, [tree_map(function, child) for child in children])


def children_of(tree):
    """What a container holds, or None for a leaf.

    >>> children_of({"a": 1}), children_of((2, 3)), children_of("text")
    ([1], [2, 3], None)
    """
    if type(tree) in (dict, OrderedDict):
        return list(tree.values())
    if type(tree) in (list, tuple) or _is_namedtuple(tree):
        return list(tree)


def like(tree, children):
    """A container as `tree`, with other children.

    >>> like({"a": 1}, [2])
    {'a': 2}
    """
    if isinstance(tree, dict):
        return type(tree)(zip(tree, children))
    return type(tree)(*children) if _is_namedtuple(tree) else type(tree)(children)


def same_node(a, b):
    """Whether two trees have the same kind of container at their root, with the same keys or length.

    >>> same_node((1, 2), (3, [4])), same_node((1, 2), [1, 2]), same_node({"a": 1}, {"b": 1})
    (True, False, False)
    """
    return type(a) is type(b) and (list(a) == list(b) if isinstance(a, dict) else len(a) == len(b))


def _is_namedtuple(tree):
    return isinstance(tree, tuple) and hasattr(tree, "_fields")
