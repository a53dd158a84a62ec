"""`hb.check`: one row per method, whatever f does."""

import math

import numpy as np
import pytest

import hessbench as hb
from hessbench import backends
from hessbench.backends.numeric.reference import reference
from hessbench.harness.judging import references
from hessbench.harness.python import check as module

NAMES = [name for name in backends.BUILT_IN if not backends.missing(name)]
X, A = np.array([0.3, -0.2, 0.5]), np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.1], [0.0, 0.1, 3.0]])


def f(xp, x, a):
    return xp.sum(xp.exp(xp.matmul(a, x)))


@pytest.mark.parametrize("name", NAMES)
def test_every_default_method_has_a_row_and_is_right(name):
    frame = hb.check(f, X, A, backends=[name])
    wanted = {m.name for m in backends.load(name).methods if m.operator == "hessian" and m.default}
    assert set(frame["method"]) == wanted
    assert set(frame["status"]) == {"ok"}, frame["reason"].tolist()
    assert list(frame.columns[:7]) == ["backend", "method", "operator", "status", "rel_error", "reason", "judge"]


@pytest.mark.parametrize("operator", ["gradient", "hvp", "diagonal", "objective"])
def test_other_operators(operator):
    frame = hb.check(f, X, A, backends="numpy", methods="all", operator=operator)
    assert len(frame)
    assert set(frame["status"]) == {"ok"}, frame["reason"].tolist()


def test_a_true_hessian_is_the_judge():
    for factor, status in ((12, "ok"), (11, "unverifiable")):  # a false one is in doubt, and nobody is accused
        true = lambda x, factor=factor: np.diag(factor * x**2)  # noqa: E731
        valley = hb.problem(lambda xp, x: xp.sum(x**4), name="valley", x0=[1.0, 2.0], hessian=true)
        frame = hb.check(valley, [1.0, 2.0], backends="numpy")
        assert set(frame["judge"]) == {"closed_form"}
        assert set(frame["status"]) == {status}


def drops(xp, x):
    return math.sin(x[0]) * x[1]


@pytest.mark.filterwarnings("ignore:Converting a tensor")
def test_one_backends_error_does_not_stop_the_others():
    frame = hb.check(drops, [0.5, 1.5], backends=NAMES).set_index(["backend", "method"])
    assert frame.loc[("numpy", "richardson-eager"), "status"] == "ok"
    for name, row in frame.iterrows():
        if row["status"] != "ok":
            assert "drops" in row["reason"], name
            assert "\n" not in row["reason"]
    assert "error" in set(frame["status"])
    if "torch" in NAMES:
        assert set(frame.loc["torch", "status"]) == {"wrong"}
        assert "makes plain numbers of x" in frame.loc[("torch", "jacrev-grad-eager"), "reason"]


def test_what_changes_its_argument_is_an_error_everywhere():
    def g(xp, x):
        x[0] = 1.0
        return xp.sum(x)

    x = np.array([0.5, 1.5])
    frame = hb.check(g, x, backends="numpy")
    assert set(frame["status"]) == {"error"}
    assert frame["reason"].str.contains("changes its argument x in place").all()
    assert x[0] == 0.5


def test_nan_is_named():
    frame = hb.check(lambda xp, x: xp.sum(xp.log(x)), [-1.0], backends="numpy")
    assert not (frame["status"] == "ok").any()
    assert frame["reason"].str.contains("is NaN at this x").any()


def test_a_framework_that_is_missing_has_rows_with_the_reason(monkeypatch):
    monkeypatch.setattr(backends, "missing", lambda name: "not installed (jax)")
    assert {row.status for row in module.rows(f, X, A, backends="jax")} == {"unsupported"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"backends": "jx"}, "unknown backend 'jx'"),
        ({"methods": "nothing"}, "unknown method 'nothing'"),
        ({"operator": "hesian"}, "unknown operator 'hesian'"),
        ({"operator": "laplacian"}, "takes several points"),
        ({"pattern": "nonsense"}, 'pattern belongs to operator="sparse-hessian", and this is hessian; leave it out'),
    ],
)
def test_bad_input_is_named(options, message):
    with pytest.raises(hb.UsageError, match=message):
        hb.check(f, X, A, **options)


@pytest.mark.parametrize("operator", ["hessian", "hvp"])
def test_a_judge_that_is_wrong_accuses_nobody(operator, monkeypatch):
    def off(*arguments, **options):
        found = reference(*arguments, **options)
        found.value[..., 1] *= 1.001
        return found

    monkeypatch.setattr(references, "reference", off)
    frame = hb.check(f, X, A, backends="numpy", methods="*hyper-dual-eager", operator=operator)
    assert set(frame["status"]) == {"unverifiable"}
    assert all("the judge is in doubt" in reason for reason in frame["reason"])
