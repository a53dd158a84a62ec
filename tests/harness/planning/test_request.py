"""The request: from words to JSON and back, and what a resumed run may not ask for."""

import pytest

from hessbench.harness.planning.grid import Selection
from hessbench.harness.planning.request import QUICK_LOOK, Request, from_json
from hessbench.harness.planning.settings import CHECK_ONLY, DEFAULT, QUICK
from hessbench.harness.planning.words import Rounds
from hessbench.harness.usage import UsageError

SAID = Request().changed(
    suites=["quick", "classic", "quick"], sizes=[100, "..50", 10], rounds=Rounds(2, 4), seed=7, memory=True
)


def test_order_and_repetition_do_not_count():
    assert (
        Request().changed(
            suites=["classic", "quick"], sizes=[10, 100, "..50"], rounds=Rounds(2, 4), seed=7, memory=True
        )
        == SAID
    )


def test_what_is_said_replaces_and_what_is_not_said_stays():
    assert SAID.selection == Selection(suites=("classic", "quick"), sizes=(10, 100), ranges=("..50",))
    assert (SAID.rounds, SAID.max_rounds, SAID.seed, SAID.timeout_s, SAID.policy) == (2, 4, 7, 60.0, DEFAULT)
    assert SAID.changed(seed=None, suites=None) == SAID


def test_a_facet_without_a_method_means_all_methods():
    assert Request().changed(modes=["forward-over-reverse"]).selection.methods == ("all",)
    assert Request().changed(chunks=["4"], methods=["modes"]).selection.methods == ("modes",)


@pytest.mark.parametrize("request_", [Request(), SAID, QUICK_LOOK, Request(policy=CHECK_ONLY, workers=4)])
def test_json_and_back(request_):
    assert from_json(request_.to_json()) == request_


def test_the_folder_is_not_stored(tmp_path):
    assert from_json(Request(out=tmp_path).to_json()) == Request()


def test_an_unknown_field_is_named():
    with pytest.raises(UsageError, match="asks for moods, which this hessbench does not know"):
        from_json({**SAID.to_json(), "moods": ["good"]})
    with pytest.raises(TypeError):
        Request().changed(moods=["good"])


def test_a_manifest_of_an_earlier_version_lacks_what_had_no_effect():
    early = {"suites": ["quick"], "rounds": 2, "seed": 3, "timeout_s": 60.0, "memory_limit_bytes": None}
    assert from_json(early) == Request(rounds=2, max_rounds=2, racing=False, seed=3)


@pytest.mark.parametrize(
    ("said", "difference"),
    [
        ({"suites": ["classic"]}, "suites is ['classic', 'quick'] there, ['classic'] here"),
        ({"rounds": Rounds(2, 5)}, "max_rounds is 4 there, 5 here"),
        ({"seed": 8}, "seed is 7 there, 8 here"),
        ({"sizes": ["..60", 10, 100]}, "ranges is ['..50'] there, ['..60'] here"),
        ({"policy": QUICK}, "policy is "),
        ({"suites": ["quick", "classic"], "seed": 7, "sizes": ["..50", 100, 10]}, None),
    ],
)
def test_what_a_resumed_run_may_not_ask_for(said, difference):
    found = SAID.changed(**said).differs(SAID)
    assert found == difference if difference is None else found.startswith(difference)


def test_a_memory_limit_is_the_share_of_the_machine_unless_it_is_given():
    assert Request(memory_limit_bytes=5).settings().limits.memory_bytes == 5
    assert Request().settings().limits.memory_bytes != 5


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"seed": 1.5}, {"timeout_s": 0.0}, {"timeout_s": "soon"}])
def test_numbers_out_of_range(wrong):
    with pytest.raises(UsageError, match=r"--(seed|timeout)"):
        Request().changed(**wrong)
