"""Run folders of every schema so far still load and report.

`fixtures/run_schema_1` was written by the version of 2026-11-27, `hessbench run quick/rosenbrock canaries/fft_zero_bin
traps/eigenvalues_repeated --backend numpy,jax,casadi --method hessian-jit,hyper-dual-eager,hessian-mx-symbolic
--operator hessian -n 4,16 --quick --rounds 2 --memory`. It was cut to 18 cells and five samples each, and ends like a
run that was killed: the last record is torn.
"""

import shutil
from pathlib import Path

import pytest

from hessbench.results.comparing import verdict
from hessbench.results.comparing.comparison import Comparison
from hessbench.results.exports import FORMATS
from hessbench.results.run import load
from hessbench.results.stored.record import AXES, SCHEMA_VERSION

FIXTURES = Path(__file__).parents[1] / "fixtures"


@pytest.fixture
def old(tmp_path):
    """A copy of the run of schema 1, which tests may write into."""
    return load(shutil.copytree(FIXTURES / "run_schema_1", tmp_path / "run"))


def test_today_s_schema_has_a_fixture():
    assert (FIXTURES / f"run_schema_{SCHEMA_VERSION}" / "journal.jsonl").exists(), "store a run of the new schema, too"


def test_its_cells_are_the_plan_s_and_the_torn_one_is_interrupted(old):
    assert len(old.summary) == len(old.manifest["cells"]) == 18
    assert old.frame["status"].value_counts().to_dict() == {"ok": 27, "wrong": 6, "unsupported": 2, "interrupted": 1}
    (torn,) = old.frame[old.frame["status"] == "interrupted"].to_dict("records")
    assert (torn["backend"], torn["n"], torn["round"]) == ("casadi", 16, 2)
    assert set(AXES) <= set(old.summary.columns)


def test_its_faults_and_refusals_keep_their_reasons(old):
    table = old.summary.set_index(["problem", "method"])
    silent = table.loc[("fft_zero_bin", "hessian-jit (native)")]
    assert (silent["fault"], silent["judge"]) == ("silently-wrong", "closed_form")
    assert silent["reason"].startswith("entry (0, 0) is off by -6.000e+00")
    refused = table.loc[("eigenvalues_repeated", "hessian-mx-symbolic")]
    assert refused["status"] == "unsupported"
    assert "casadi#2815" in refused["reason"]


def test_its_times_and_memory_are_what_was_measured(old):
    best = old.best()
    assert (best["backend"], best["method"], best["n"]) == ("casadi", "hessian-mx-symbolic", 16)
    assert best["min_s"] == pytest.approx(8.340145e-06, rel=1e-6)
    jax = old.summary.query("method == 'hessian-jit' and problem == 'rosenbrock' and n == 16").iloc[0]
    assert jax["launches"] == 2
    assert jax["ratio_to_gradient"] > 1
    assert old.frame["extra_host_bytes"].notna().any()
    assert max(len(values) for values in old.samples.values()) == 5


@pytest.mark.parametrize("name", FORMATS)
def test_it_can_be_made_into_every_format(old, name):
    if name == "html":
        pytest.importorskip("altair")
        pytest.importorskip("itables")
    if name == "parquet":
        pytest.importorskip("pyarrow")
    assert "rosenbrock" in old.export(name).read_bytes().decode(errors="ignore")


def test_it_can_be_compared(old):
    counts = Comparison(old, old).counts
    assert counts.keys() <= {verdict.SAME, verdict.INCONCLUSIVE, verdict.NOT_COMPARABLE}
    assert sum(counts.values()) == 18
