"""After how many calls a method has paid for its preparation.

k calls cost prepare + first call + (k - 1) × steady state. Where only one is needed, the method with the least
prepare + first call wins: the quickest start. Another one pays from the first k at which its k calls cost no more.
The framework's import is left out: it is paid once, whatever is computed.
"""

from __future__ import annotations

import math

import pandas as pd


def setup(rows: pd.DataFrame) -> pd.Series[float]:
    """Seconds until the first result is there; a part that is not known counts as nothing."""
    return rows["prepare_s"].fillna(0.0) + rows["first_call_s"].fillna(0.0)


def break_even(rows: pd.DataFrame) -> pd.Series[float]:
    """Calls from which each method costs no more than the quickest start; infinite where never.

    Args:
        rows: The correct methods of one contest, with prepare_s, first_call_s and min_s.

    Returns:
        A number of calls for each row; 1 for the quickest start itself.
    """
    start = setup(rows)
    quickest = int(start.to_numpy().argmin())
    extra, gained = start - start.iloc[quickest], rows["min_s"].iloc[quickest] - rows["min_s"]
    return pd.Series([_calls(e, g) for e, g in zip(extra, gained, strict=True)], rows.index, dtype="float64")


def _calls(extra: float, gained: float) -> float:
    if extra <= 0:
        return 1.0
    return 1.0 + math.ceil(extra / gained) if gained > 0 else math.inf
