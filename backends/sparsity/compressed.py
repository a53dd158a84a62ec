"""Methods of the operator `sparse-hessian` out of a framework's products: what is read, and how.

A framework says how f's Hessian is multiplied with the seeds; the values are then one gather (star colorings), or a
gather and some rounds of sums (acyclic ones, fewer products).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hessbench.backends.sparsity.recovery import Recovery

Multiply = Callable[..., Callable[..., Any]]
"""Takes f, and the number of seeds at a time where there are chunks; gives x, seeds, *data -> products (colors, n)."""


def directly(multiply: Multiply, take: Callable[[Any, Any], Any]) -> Callable[..., Callable[..., Any]]:
    """The builder of a method that reads every value from one product.

    Args:
        multiply: The framework's products.
        take: Gives the values (nnz,) at their places in the products (colors, n).

    Returns:
        The builder: f -> (x, seeds, places, *data) -> values.
    """

    def build(f: Callable[..., Any], *chunk: int | None) -> Callable[..., Any]:
        products = multiply(f, *chunk)
        return lambda x, seeds, places, *data: take(products(x, seeds, *data), places)

    return build


def by_substitution(
    multiply: Multiply,
    flat: Callable[[Any], Any],
    take: Callable[[Any, Any], Any],
    add: Callable[[Any, Any, Any], Any],
) -> Callable[..., Callable[..., Any]]:
    """The builder of a method that reads the values of an acyclic coloring.

    Args:
        multiply: The framework's products.
        flat: Gives them as a vector.
        take: Gives the entries of a vector at places.
        add: Gives a vector with numbers added at places, which may repeat: (vector, places, numbers).

    Returns:
        The builder: f, how many arrays the recovery has -> (x, seeds, *those, *data) -> values.
    """

    def build(f: Callable[..., Any], *, plan: int) -> Callable[..., Any]:
        products = multiply(f)

        def values(x: Any, seeds: Any, *rest: Any) -> Any:
            recovery = Recovery.unpacked(rest[:plan])
            return recovery.apply(flat(products(x, seeds, *rest[plan:])), take, add)

        return values

    return build
