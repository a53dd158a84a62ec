"""Groups of variables such that one Hessian-vector product serves a whole group: colorings of the pattern's graph.

The variables are vertices, the entries off the diagonal edges. With a color for every variable, and the sum of the unit
vectors of a color as a seed s_c, the products H s_c show every entry, read directly or by substitution (`recovery`):

* **column** (Curtis, Powell & Reid 1974): no two columns of a color meet in a row; symmetry is not used.
* **star** (Powell & Toint 1979; Coleman & More 1984): neighbors differ, and every path of four vertices has three
  colors; every entry stands alone in the product of one of its two ends.
* **acyclic** (Coleman & Cai 1986): neighbors differ, and every cycle has three colors; two colors make trees, whose
  entries follow one from another, leaves first. Fewest colors, some sums.

All are found greedily: the variables in some order, each gets the least color that keeps the rule. The least number of
colors is NP-hard to find for all three (Gebremedhin, Manne & Pothen 2005, doi:10.1137/S0036144504444711).
"""

from __future__ import annotations

from hessbench.backends.sparsity.coloring.coloring import Coloring as Coloring
from hessbench.backends.sparsity.coloring.coloring import Kind as Kind
from hessbench.backends.sparsity.coloring.greedy import color as color
from hessbench.backends.sparsity.coloring.orders import Order as Order
