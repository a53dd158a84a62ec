"""Classic test functions: two of the quick suite, all of More, Garbow & Hillstrom, and some with many minima."""

from __future__ import annotations

from hessbench.suites.classic.global_optimization import ackley, griewank, rastrigin, styblinski_tang
from hessbench.suites.classic.mgh_blocks import extended_powell_singular, extended_rosenbrock
from hessbench.suites.classic.mgh_dense import chebyquad, trigonometric, watson
from hessbench.suites.classic.mgh_exponentials import biggs_exp6, box_three_dimensional, gaussian, gulf
from hessbench.suites.classic.mgh_penalties import penalty_1, penalty_2, variably_dimensioned
from hessbench.suites.classic.mgh_valleys import (
    beale,
    brown_badly_scaled,
    brown_dennis,
    helical_valley,
    powell_badly_scaled,
    wood,
)
from hessbench.suites.classic.planes import branin, easom, goldstein_price, himmelblau, six_hump_camel
from hessbench.suites.classic.quadratic_form import quadratic
from hessbench.suites.classic.sphere import thomson
from hessbench.suites.classic.valley import rosenbrock
from hessbench.suites.classic.wells import hartmann_6, shekel

PROBLEMS = (
    quadratic,
    rosenbrock,
    helical_valley,
    biggs_exp6,
    gaussian,
    powell_badly_scaled,
    box_three_dimensional,
    variably_dimensioned,
    watson,
    penalty_1,
    penalty_2,
    brown_badly_scaled,
    brown_dennis,
    gulf,
    trigonometric,
    extended_rosenbrock,
    extended_powell_singular,
    beale,
    wood,
    chebyquad,
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
