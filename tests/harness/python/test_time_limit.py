"""An evaluation of f that does not end is ended, with a reason; a person's own alarm is left alone."""

import signal

import pytest

import hessbench as hb
from hessbench.harness.machine import time_limit

pytestmark = pytest.mark.timeout(120, method="thread")  # not by the alarm, which is what is tested


def ends_only_where_x_is_positive(xp, x):
    total = xp.sum(x * x)
    while not total * 0 + x[0] > 0:
        pass
    return total


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(time_limit, "LIMIT_S", 0.2)


@pytest.mark.parametrize(
    "call",
    [
        lambda f: hb.hessian(f, [-1.0, 2.0], backend="numpy"),
        lambda f: hb.hvp(f, [-1.0, 2.0], [1.0, 0.0], backend="numpy"),
        lambda f: hb.diagonal(f, {"a": [-1.0, 2.0]}, backend="numpy"),
        lambda f: hb.reference(f, [-1.0, 2.0]),
        lambda f: hb.check(f, [-1.0, 2.0], backends="numpy"),
    ],
)
def test_a_loop_that_does_not_end_is_ended(short, call):
    def f(xp, x):
        x = x["a"] if isinstance(x, dict) else x
        return ends_only_where_x_is_positive(xp, x)

    with pytest.raises(hb.UsageError, match=r"f: an evaluation near x did not end within 0\.2 s"):
        call(f)
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert signal.getsignal(signal.SIGALRM) is signal.SIG_DFL


def test_the_limit_is_for_one_evaluation(short, monkeypatch):
    monkeypatch.setattr(time_limit, "LIMIT_S", 0.5)

    def f(xp, x):
        sum(range(10_000))
        return xp.sum(x**3)

    assert hb.hessian(f, [1.0] * 20, backend="numpy", method="hyper-dual-eager")[0, 0] == pytest.approx(6)


def test_a_persons_own_alarm_is_left_alone(short):
    heard = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: heard.append(number))
    try:
        hb.hessian(lambda xp, x: xp.sum(x**3), [1.0, 2.0], backend="numpy")
        signal.raise_signal(signal.SIGALRM)
    finally:
        signal.signal(signal.SIGALRM, before)
    assert heard == [signal.SIGALRM]


@pytest.mark.parametrize("operator", ["hessian", "hvp", "gradient", "diagonal"])
def test_a_loop_that_ends_on_xs_side_of_zero_ends(short, operator):
    """Differences went up to 8 away from x, to see more of f than rounding leaves."""

    def f(xp, x):
        return ends_only_where_x_is_positive(xp, x) + xp.sum(x) ** 3

    frame = hb.check(
        f, [1.0, 2.0], backends="numpy", methods=["*richardson-eager", "gradient-eager"], operator=operator
    )
    assert set(frame["status"]) <= {"ok"}, frame["reason"].tolist()


def test_a_frameworks_own_loop_is_ended_too(short):
    torch = pytest.importorskip("torch")

    def f(x):
        total = torch.sum(x * x)
        while not bool(total > 5):
            pass
        return total

    with pytest.raises(hb.UsageError, match=r"f: an evaluation near x did not end within 0\.2 s"):
        hb.check(f, [1.0, 2.0001], framework="torch")
