"""What a run says while it goes on: on a terminal a bar, elsewhere lines."""

import io

import pytest

from hessbench.harness.planning.grid import Cell
from hessbench.harness.running.forecast import Forecast
from hessbench.harness.running.progress import Watcher
from hessbench.results.stored.record import Record

CELLS = [Cell("s", "p", n, "hessian", "jax", "m", "float64", "cpu") for n in range(1, 101)]


class Stream(io.StringIO):
    """A terminal, or not one."""

    def __init__(self, terminal):
        super().__init__()
        self.isatty = lambda: terminal


@pytest.mark.parametrize("terminal", [True, False])
def test_the_time_left_is_asked_for_now_and_then_and_at_the_end_of_a_bar(monkeypatch, terminal):
    asked = []
    monkeypatch.setattr(Forecast, "left_s", lambda self: asked.append(self) or 7.0)
    stream = Stream(terminal)
    with Watcher(CELLS, stream=stream) as watcher:
        for cell in CELLS:
            told = {"cell": cell.key, "status": "ok", "launch": "1", "spent_s": 0.0}
            watcher.finished(Record(**cell.as_dict(), mode="", execution="", assembly="", round=1, **told))
    assert len(asked) < len(CELLS) / 2  # it costs, where cells are many
    assert watcher.accounts.counts == {"ok": 100}
    assert ("about 7 s left" in stream.getvalue()) == terminal
