"""An objective with what an operator asks for beside it (`Operator.asks`), for tests over all methods."""

from hessbench.backends.contract.binding import Composed, Sliced
from hessbench.backends.contract.operators import OPERATORS

OF_THE_LOSS = {"ggn-vp": "hvp", "ggn-diagonal": "diagonal"}
"""Where x itself is the outputs, the Gauss-Newton matrix is the Hessian."""


def asked(method, objective, n):
    """The objective with what an operator asks for: itself as the loss of x, or x in two arrays."""
    if OPERATORS[method.operator].asks == "model":
        return Composed(lambda xp, x, *data: x, objective)
    return Sliced(objective, ends(n)) if OPERATORS[method.operator].asks == "arrays" else objective


def ends(n):
    """Where the two arrays end."""
    return n // 3, n
