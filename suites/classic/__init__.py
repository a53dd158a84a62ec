"""Classic test functions: two of the quick suite, all of More, Garbow & Hillstrom, and some with many minima."""

from __future__ import annotations

from hessbench.suites.classic import (
    global_optimization,
    mgh_blocks,
    mgh_dense,
    mgh_exponentials,
    mgh_penalties,
    mgh_valleys,
    planes,
    quadratic_form,
    sphere,
    valley,
    wells,
)

PROBLEMS = (
    *quadratic_form.PROBLEMS,
    *valley.PROBLEMS,
    *mgh_valleys.PROBLEMS,
    *mgh_exponentials.PROBLEMS,
    *mgh_penalties.PROBLEMS,
    *mgh_dense.PROBLEMS,
    *mgh_blocks.PROBLEMS,
    *global_optimization.PROBLEMS,
    *planes.PROBLEMS,
    *wells.PROBLEMS,
    *sphere.PROBLEMS,
)
