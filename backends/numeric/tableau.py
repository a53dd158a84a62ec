"""Richardson's tableau: differences extrapolated to step zero, entry by entry, with an error estimate.

The error of the stencils is a series in h^2. From approximations at falling steps h_0 > h_1 > ... the tableau

    T[k][j] = T[k][j-1] + (T[k][j-1] - T[k-1][j-1]) / (r - 1)  with r = (h_(k-j) / h_k)^2

removes one power of h^2 per column (Richardson 1911; for any sequence of steps Bulirsch & Stoer 1964,
doi:10.1007/BF01386092). Two differences tell how good an entry is (Ridders 1982, doi:10.1016/S0141-1195(82)80057-0,
takes the larger one). |T[k][j] - T[k][j-1]| is what the last power that was removed had left. The difference from the
other parent is r times that, and where it is rounding, it is shared as the rounding errors are that both should have,
so that an approximation in a higher precision is not blamed for the noise of those before it. This share (never less
than the first difference) plus the rounding error is an entry's error estimate. The value with the smallest is taken.
"""

from __future__ import annotations

import numpy as np

from hessbench.backends.contract.arrays import FloatArray

ENOUGH = float(np.finfo(np.float64).eps)
"""Relative to what sets the scale: results are float64, so nothing beyond is of use."""


class Tableau:
    """The best value of each entry so far and its estimated error; NaN and infinite before anything is known.

    Attributes:
        value: The best value of each entry, in the approximations' shape.
        error: The absolute error estimated for it, same shape.
    """

    def __init__(self) -> None:
        self.value: FloatArray = np.array(np.nan)
        self.error: FloatArray = np.array(np.inf)
        self._rounding: FloatArray = np.array(0.0)
        self._steps: list[float] = []
        self._row: list[tuple[FloatArray, FloatArray]] = []

    @np.errstate(all="ignore")  # what NaN and infinity bring
    def add(self, step: float, approximation: FloatArray, rounding: FloatArray) -> None:
        """Extrapolate with one more approximation.

        Args:
            step: The step in any unit, smaller than all before.
            approximation: The stencil's result at that step; NaN where it left f's domain, which is never chosen.
            rounding: The rounding error of each entry.
        """
        rounding = rounding + np.finfo(rounding.dtype).tiny  # a share of no error at all would be 0 / 0
        row = [(approximation, rounding)]
        for coarse_step, (coarse, its_noise) in zip(reversed(self._steps), self._row, strict=True):
            ratio = (coarse_step / step) ** 2
            finer, noise = row[-1]
            # T[k][j] - T[k][j-1]: what the power of h that is removed now had left in the finer value.
            change = (finer - coarse) / (ratio - 1)
            # Rounding errors go with the weights of the two parents, r / (r - 1) and 1 / (r - 1).
            noise = (ratio * noise + its_noise) / (ratio - 1)
            row.append((finer + change, noise))
            # r times the change is the difference from the other parent; of that, this entry's share as rounding goes.
            distance = np.abs(change) * (ratio * noise / (noise + its_noise)) + noise
            better = distance < self.error  # False where NaN
            self.value = np.where(better, row[-1][0], self.value)
            self.error = np.where(better, distance, self.error)
        if not self._row:
            self.value = np.full_like(approximation, np.nan)
            self.error = np.full_like(approximation, np.inf)
        self._row, self._rounding = row, rounding
        self._steps.append(step)

    def noisy(self, factor: float) -> bool:
        """Whether no entry's error is more than so many rounding errors of the last approximation."""
        return bool(np.all(self.error <= factor * self._rounding))

    def known(self, size: FloatArray) -> bool:
        """Whether another step of the same precision would gain nothing.

        Args:
            size: What errors are relative to: the entries themselves, or the largest one.

        Returns:
            True where every entry is known as well as float64 can tell, or rounding is all that is left.
        """
        return bool(np.all(self.error <= ENOUGH * size)) or self.noisy(2)
