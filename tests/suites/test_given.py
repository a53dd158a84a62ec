"""What is no array of numbers is named, with what to give instead; what is one stays what it was."""

import numpy as np
import pandas as pd
import pytest
import scipy.sparse

from hessbench.suites.definition.given import NotNumbers, numbers

FINE = {
    "floats": [1.0, 2.0],
    "integers": np.array([1, 2]),
    "booleans": np.array([True, False]),
    "a number": 3,
    "float32": np.ones(2, np.float32),
    "a series": pd.Series([1, 2], dtype="Int64"),
    "a table": pd.DataFrame({"a": [1.0], "b": [2]}),
    "nothing masked": np.ma.array([1.0, 2.0]),
    "empty": [],
}
WRONG = {
    "None": (None, "is None; let f read it"),
    "text": ("abc", "is the text 'abc'; let f read it"),
    "texts": (["a", "b"], "holds texts; give numbers"),
    "dict": ({"a": 1.0}, "is a dict; give its arrays one by one"),
    "set": ({1.0}, "is a set; give its arrays one by one"),
    "sparse": (scipy.sparse.eye_array(2).tocsr(), "is a sparse matrix (csr_array); give .toarray()"),
    "complex": ([1j], "is complex; give its parts one by one, .real and .imag"),
    "NA": (pd.NA, "has missing values (NAType); fill them in"),
    "a series with NA": (pd.Series([1, pd.NA]), "has missing values (NAType)"),
    "an entry that is None": ([1.0, None], "has missing values (NoneType)"),
    "objects": (np.array([object()]), "holds objects of type object; give numbers"),
    "dates": (pd.Series(pd.to_datetime(["2026-01-01"])), "holds dates or times"),
    "ragged": ([[1.0, 2.0], [3.0]], "has rows of different lengths; give them one by one"),
    "masked": (np.ma.array([1.0, 2.0], mask=[True, False]), "is a masked array; give .filled(0.0)"),
    "function": (np.sin, "is the function sin; let f read it"),
    "records": (np.zeros(1, [("a", float)]), "give .astype(float)"),
}


@pytest.mark.parametrize("given", FINE.values(), ids=FINE)
def test_an_array_of_numbers_stays_what_it_was(given):
    found = numbers(given, "data 0")
    np.testing.assert_array_equal(found, np.asarray(given))
    assert found.dtype == np.asarray(given).dtype


@pytest.mark.parametrize(("given", "said"), WRONG.values(), ids=WRONG)
def test_what_is_none_is_named_in_one_line(given, said):
    with pytest.raises(NotNumbers) as error:
        numbers(given, "data 0")
    line = str(error.value)
    assert line.startswith("data 0 ")
    assert said in line
    assert "; " in line, "with a remedy"
    assert "\n" not in line


def test_an_array_that_refuses_is_named_with_its_reason():
    class Refuses:
        def __array__(self, dtype=None, copy=None):
            raise RuntimeError("on another\nplanet")

    with pytest.raises(NotNumbers, match=r"data 1 cannot be made a NumPy array \(RuntimeError: on another\); give a"):
        numbers(Refuses(), "data 1")
