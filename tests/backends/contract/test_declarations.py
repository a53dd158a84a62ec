"""Declarations as data: one test per question, over a whole registry, that lists all offenders."""

import json
from collections import Counter
from typing import get_args

import pytest

from hessbench import backends
from hessbench.backends.contract import words
from hessbench.backends.contract.method import declare, find
from hessbench.backends.contract.namespace import VOCABULARY
from hessbench.backends.contract.operators import OPERATORS, YARDSTICKS, OperatorName

METHODS = [(name, method) for name in backends.registry() for method in backends.load(name).methods]


def offenders(wrong):
    """The names of the methods for which `wrong(method)` is true."""
    return [f"{name}: {method.name}" for name, method in METHODS if wrong(method)]


def test_something_is_declared_by_every_backend():
    """Else the tests below could not fail."""
    assert {name for name, _ in METHODS} == set(backends.registry())


def test_types_and_tables_have_the_same_words():
    assert get_args(OperatorName) == tuple(OPERATORS)
    assert get_args(words.Execution) == tuple(words.EXECUTIONS)
    assert get_args(words.Assembly) == tuple(words.ASSEMBLIES)
    assert get_args(words.Sweep) == tuple(words.SWEEPS)
    assert get_args(words.Dtype) == words.DTYPES
    assert get_args(words.Precision) == words.PRECISIONS
    sweeps = {sweep for mode in get_args(words.Mode) for sweep in mode.split("-over-") if sweep}
    assert sweeps == set(words.SWEEPS)


def test_method_names_are_unique():
    counts = Counter((name, method.name) for name, method in METHODS)
    assert not [names for names, count in counts.items() if count > 1]


@pytest.mark.parametrize("field", ["operator", "execution", "assembly", "mode"])
def test_an_unknown_word_is_refused_with_those_that_there_are(field):
    """A third party's backend has no type checker over it."""
    known = {"operator": "hvp", "mode": "forward-over-reverse", "assembly": "vmap"}
    execution = "jitt" if field == "execution" else "jit"
    said = known | ({field: "jitt"} if field != "execution" else {})
    with pytest.raises(ValueError, match=f"^method mine-{execution}: {field} 'jitt' is unknown; known: '"):
        declare("mine", (execution,), lambda f: f, summary="A slip.", **said)


def test_the_accuracy_is_that_of_a_known_formula():
    known = (1.0, 4 / 5, 2 / 3, 1 / 2, 2 / 5)
    assert not offenders(lambda method: method.accuracy not in known), f"accuracy is one of {known}"


def test_names_end_with_the_execution():
    assert not offenders(lambda method: not method.name.endswith(f"-{method.execution}"))


def test_summaries_are_one_sentence():
    assert not offenders(lambda m: not m.summary.endswith(".") or ". " in m.summary or "\n" in m.summary)


def test_second_derivatives_name_both_sweeps():
    """But for Taylor mode, which is one sweep of second order."""
    second = [(name, m) for name, m in METHODS if m.operator not in YARDSTICKS]
    assert not [f"{name}: {m.name}" for name, m in second if not (m.outer and m.inner) and m.mode != "taylor"]


def test_facts_are_json():
    assert not offenders(lambda method: json.loads(json.dumps(method.facts()))["name"] != method.name)


def test_chunked_methods_have_their_chunk_in_the_name():
    assert not offenders(lambda method: bool(method.chunk) != (method.assembly == "chunked"))
    assert not offenders(lambda method: method.chunk and f"-chunk{method.chunk}-" not in method.name)


def test_chunked_methods_are_found_at_another_chunk():
    chunked = [(name, method) for name, method in METHODS if method.chunk]
    assert chunked
    wanted = [(name, method, method.at_chunk("64").name) for name, method in chunked]
    assert not [f"{name}: {other}" for name, _, other in wanted if "-chunk64-" not in other]
    assert not [
        f"{name}: {other}"
        for name, method, other in wanted
        if (found := find(backends.load(name).methods, other)).chunk != "64" or found.build is not method.build
    ]


def test_refusals_name_operations_of_the_vocabulary():
    refused = [(name, refusal) for name, method in METHODS for refusal in method.refusals]
    refused += [(name, refusal) for name in backends.registry() for refusal in backends.load(name).refusals]
    assert refused
    assert not [(name, refusal) for name, refusal in refused if not set(refusal.operations) <= set(VOCABULARY)]
    assert not [(name, refusal) for name, refusal in refused if refusal.reason != refusal.reason.strip()]


def test_the_default_tier_covers_every_operator():
    covered = {(name, method.operator) for name, method in METHODS if method.default}
    missing = {(name, operator) for name in backends.registry() for operator in OPERATORS} - covered
    assert not missing, f"no method has default=... for {sorted(missing)}"


def test_every_execution_has_its_yardsticks():
    wanted = {(name, method.execution, operator) for name, method in METHODS for operator in YARDSTICKS}
    missing = wanted - {(name, m.execution, m.operator) for name, m in METHODS if m.operator in YARDSTICKS}
    assert not missing, f"declare what ratios are to: {sorted(missing)}"
