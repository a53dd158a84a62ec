"""`@hb.problem`: defaults, plain arrays, and what is said where it cannot be."""

import numpy as np
import pytest

import hessbench as hb
from hessbench.harness.python import problem as problem_module
from hessbench.suites.definition.problem import draw


def test_a_vector_fixes_the_size():
    @hb.problem(x0=[-1.2, 1.0], tags=("mine",))
    def valley(xp, x):
        """A valley."""
        return (1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2

    assert (valley.name, valley.sizes, valley.rule, valley.tags) == ("valley", (2,), "n = 2", ("mine",))
    assert (valley.takes(2), valley.takes(3), valley.summary) == (True, False, "A valley.")
    assert valley(np, np.array([1.0, 1.0])) == 0
    np.testing.assert_array_equal(draw(valley, 2).points[0], [-1.2, 1.0])


def test_functions_of_n_give_any_size():
    @hb.problem(x0=np.ones, data=lambda n, rng: rng.standard_normal((3, n)), sizes=[7, 4])
    def fit(xp, x, a):
        return xp.sum(xp.matmul(a, x) ** 2)

    assert fit.sizes == (4, 7)
    instance = draw(fit, 5)
    assert instance.data[0].shape == (3, 5)
    assert fit.takes(11)
    assert not fit.takes(0)


@pytest.mark.parametrize("data", [np.ones(2), (np.ones(2),), [[1.0, 1.0]], [1.0, 1.0], lambda n: [1] * n])
def test_data_are_one_array_or_several(data):
    made = hb.problem(lambda xp, x, a: xp.sum(a * x), name="f", x0=[1.0, 2.0], data=data)
    (array,) = made.data(2, None)
    np.testing.assert_array_equal(array, [1, 1])


def test_a_nested_start_reaches_f_nested():
    @hb.problem(x0={"w": np.ones((2, 2)), "b": np.zeros(2)})
    def net(xp, p):
        return xp.sum(xp.tanh(xp.matmul(p["w"], p["b"])))

    assert net.sizes == (6,)
    assert net.layout.names == ("w", "b")
    assert net(np, draw(net, 6).points[0]) == 0
    assert net(np, {"w": np.ones((2, 2)), "b": np.zeros(2)}) == 0


def f(xp, x):
    return xp.sum(x)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"x0": [1, 2]}, "x0 of f has dtype int64, which has no derivatives; give floats"),
        ({"x0": "a"}, "x0 of f is the text 'a'; give a number, an array"),
        ({"x0": {"a": [1]}}, "block 'a' of x0 of f has dtype int64"),
        ({"x0": [1.0], "data": (np.ones(1),)}, r"f\(xp, x\) cannot be called as f\(xp, x, \*data\) with 1 data array"),
        ({"x0": [1.0], "sizes": 5}, "x0 of f has 1 variables; for other sizes make x0 a function of n"),
        ({"x0": np.ones, "sizes": (0,)}, "sizes of f are .*; give whole numbers of 1 or more"),
        ({"x0": np.ones, "sizes": 10.0}, r"sizes of f are \(10.0,\); give whole numbers of 1 or more"),
        ({"x0": [1.0], "native": ["torch"]}, r"native of f is \['torch'\]; give the function of each backend"),
        ({"x0": [1.0], "spread": "a"}, "spread of f is 'a'; give a number of 0 or more"),
        ({"x0": [1.0], "spread": -1}, "spread of f is -1; give a number of 0 or more"),
        ({"x0": [1.0], "native": {"pytorch": f}}, "unknown backend 'pytorch'; did you mean torch"),
        ({"x0": [1.0], "name": "two words"}, "a problem needs a name, not 'two words'"),
    ],
)
def test_bad_input_is_one_line(options, message):
    with pytest.raises(hb.UsageError, match=message) as caught:
        hb.problem(f, **options)
    assert "\n" not in str(caught.value)


def test_a_lambda_needs_a_name():
    with pytest.raises(hb.UsageError, match="a problem needs a name, not '<lambda>'"):
        hb.problem(lambda xp, x: xp.sum(x), x0=[1.0])


def test_a_start_of_the_wrong_size_is_named():
    made = hb.problem(f, x0=lambda n: np.ones(2 * n))
    assert not made.takes(3)
    with pytest.raises(hb.UsageError, match=r"x0\(3\) of f has 6 variables; it must give a vector of 3"):
        draw(made, 3)


def test_what_x0_or_data_raise_is_theirs():
    # A run has it as the outcome of each size, and does not say that none is taken.
    made = hb.problem(f, x0=lambda n: np.one(n))
    assert made.takes(10)
    with pytest.raises(hb.UsageError, match=r"^x0\(10\) raises AttributeError: module 'numpy' has no attribute 'one'"):
        draw(made, 10)
    made = hb.problem(lambda xp, x, a: f(xp, x), name="f", x0=np.ones, data=lambda n: np.one(n))
    with pytest.raises(hb.UsageError, match=r"^data\(10\) raises AttributeError: module 'numpy' has no attribute"):
        draw(made, 10)


def test_a_size_that_x0_refuses_is_none():
    made = hb.problem(f, x0=lambda n: np.ones(n) if n % 2 == 0 else 1 / 0, sizes=(4,))
    assert (made.takes(6), made.takes(5)) == (True, False)


def test_a_problem_may_be_native_only():
    net = hb.native_problem("net", x0=[1.0, 2.0], native={"torch": "my_nets:loss"})
    assert not net.portable
    with pytest.raises(hb.UsageError, match="problem net has no text at all"):
        hb.native_problem("net", x0=[1.0], native={})


@pytest.mark.parametrize("name", ["NA", "nan", "NaN", "null", "NULL", "None"])
def test_names_that_tables_read_as_missing_are_refused(name):
    with pytest.raises(hb.UsageError, match="missing value; give name="):
        hb.problem(lambda xp, x: xp.sum(x), name=name, x0=[1.0])
    with pytest.raises(hb.UsageError, match="missing value"):
        hb.native_problem(name, x0=[1.0], native={"torch": "a:b"})


def test_pandas_reads_no_other_name_as_missing():
    from pandas._libs.parsers import STR_NA_VALUES

    assert {name.lower().lstrip("-") for name in STR_NA_VALUES} - {""} <= problem_module.MISSING


def test_whole_numbers_are_wide_where_f_is_portable():
    narrow = (np.array([1, 0], "u1"), np.array([2, 3], ">i4"), np.array([True, False]), np.array([2**63], "u8"))
    made = hb.problem(lambda xp, x, *data: xp.sum(x), name="f", x0=[1.0], data=narrow)
    assert [array.dtype.str for array in made.data(1, None)] == ["<i8", "<i8", "|b1", "<u8"]
    own = hb.problem(lambda x, *data: x.sum(), name="f", x0=[1.0], data=narrow, framework="torch")
    assert [array.dtype.str for array in own.data(1, None)] == ["|u1", "<i4", "|b1", "<u8"]
