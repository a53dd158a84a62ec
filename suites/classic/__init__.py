"""Classic test functions: two of the quick suite, all of More, Garbow & Hillstrom, and some with many minima."""

from __future__ import annotations

from hessbench.suites.classic import mgh
from hessbench.suites.classic.basic import quadratic, rosenbrock
from hessbench.suites.classic.global_optimization import ackley, griewank, rastrigin, styblinski_tang
from hessbench.suites.classic.planes import branin, easom, goldstein_price, himmelblau, six_hump_camel
from hessbench.suites.classic.sphere import thomson
from hessbench.suites.classic.wells import hartmann_6, shekel

PROBLEMS = (
    quadratic,
    rosenbrock,
    *mgh.PROBLEMS,
    ackley,
    griewank,
    rastrigin,
    styblinski_tang,
    goldstein_price,
    branin,
    six_hump_camel,
    himmelblau,
    easom,
    shekel,
    hartmann_6,
    thomson,
)
