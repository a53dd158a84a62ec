"""Nested parameters as one vector with named blocks, and back."""

import pickle
from collections import OrderedDict, defaultdict
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hessbench.suites.definition.blocks import BadParameters, BlockArray, Nested, flatten, is_nested


class Layer(NamedTuple):
    weight: np.ndarray
    bias: np.ndarray


PARAMETERS = {
    "embed": np.arange(6.0).reshape(2, 3),
    "layers": [Layer(np.ones((2, 2)), np.zeros(2)), Layer(np.full((1, 2), 3.0), np.array([7.0]))],
    "scale": np.array(0.5),
}
NAMES = ("embed", "layers.0.0", "layers.0.1", "layers.1.0", "layers.1.1", "scale")


def test_blocks_are_named_by_their_path_in_the_structures_order():
    vector, layout = flatten(PARAMETERS)
    assert layout.names == NAMES
    np.testing.assert_array_equal(vector[layout.span("embed")], np.arange(6))
    np.testing.assert_array_equal(vector[layout.span("layers.1")], [3, 3, 7])
    assert vector.size == layout.size == 16


def test_nesting_undoes_flattening():
    vector, layout = flatten(PARAMETERS)
    again = layout.nest(np, vector)
    assert isinstance(again["layers"][0], Layer)
    assert again["scale"].shape == ()
    np.testing.assert_array_equal(flatten(again)[0], vector)
    assert flatten(again)[1] == layout
    assert hash(layout) == hash(flatten(again)[1])


class WithAttributes(dict):
    __getattr__ = dict.__getitem__


class ItsOwnAttributes(dict):
    def __init__(self, *parts):
        super().__init__(*parts)
        self.__dict__ = self


class Counted(dict):
    def __init__(self, count, parts):
        super().__init__(parts)
        self.count = count


class Shouted(list):
    volume = 1


ITEMS = {"b": np.ones(2), "a": np.zeros((1, 2))}


def loud():
    made = Shouted(ITEMS.values())
    made.volume = 2
    return made


@pytest.mark.parametrize("kind", [dict, OrderedDict, WithAttributes, ItsOwnAttributes])
def test_a_container_comes_back_as_what_it_was(kind):
    vector, layout = flatten({"p": kind(ITEMS)})
    again = layout.nest(np, vector)["p"]
    assert type(again) is kind
    assert list(again) == list(ITEMS)
    assert layout.fits(flatten({"p": ITEMS})[1])


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (defaultdict(list, ITEMS), r"x is a defaultdict, which cannot be made again of its parts; give dict\(...\)"),
        ({"p": Counted(2, ITEMS)}, r"block 'p' of x is a Counted, which .* give dict\(...\) of it"),
        (loud(), r"x is a Shouted, .* give list\(...\) of it"),
    ],
)
def test_a_container_that_cannot_be_made_again_is_named(x, message):
    with pytest.raises(BadParameters, match=message):
        flatten(x)


LEAVES = st.integers(1, 3).map(lambda k: np.arange(float(k)))
TREES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3), st.dictionaries(st.sampled_from("abc"), inner, min_size=1)
    ),
)


@given(TREES.filter(is_nested))
def test_any_structure_survives(tree):
    vector, layout = flatten(tree)
    assert repr(layout.nest(np, vector)) == repr(tree)


@pytest.mark.parametrize(
    ("x", "nested"), [([1.0, 2.0], False), (np.eye(2), False), ({}, True), ([np.ones(2)], True), ([[1.0], [2.0]], True)]
)
def test_a_list_of_numbers_is_a_vector(x, nested):
    assert is_nested(x) == nested


@pytest.mark.parametrize(
    ("x", "message"),
    [
        ({"a": [1, 2]}, "block 'a' of x has dtype int64"),
        ({}, "x holds no numbers"),
        ({"a": np.zeros((0, 2))}, "x holds no numbers"),
        ({"a.b": np.ones(1), "a": {"b": np.ones(1)}}, "two blocks of x are called 'a.b'"),
    ],
)
def test_what_is_no_vector_of_floats_is_named(x, message):
    with pytest.raises(BadParameters, match=message):
        flatten(x)


def test_parts_of_a_matrix_and_of_a_vector_by_name():
    vector, layout = flatten(PARAMETERS)
    matrix = BlockArray.of(np.outer(vector, vector), layout)
    np.testing.assert_array_equal(matrix.block("layers.1.1", "embed"), 7 * np.arange(6.0)[None])
    gradient = BlockArray.of(vector.copy(), layout)
    np.testing.assert_array_equal(gradient.block("embed"), PARAMETERS["embed"])
    np.testing.assert_array_equal(gradient.nested()["layers"][1].bias, [7])
    with pytest.raises(KeyError, match="no block 'layer'; there are embed, layers"):
        gradient.block("layer")
    with pytest.raises(ValueError, match="give 2 block name"):
        matrix.block("embed")


def test_what_is_computed_from_it_has_no_names():
    vector, layout = flatten(PARAMETERS)
    for other in (BlockArray.of(vector.copy(), layout)[2:], BlockArray.of(vector.copy(), layout) * 2):
        with pytest.raises(ValueError, match="has none itself"):
            other.block("embed")


def test_it_can_be_pickled():
    vector, layout = flatten(PARAMETERS)
    again = pickle.loads(pickle.dumps(BlockArray.of(vector, layout)[:]))
    np.testing.assert_array_equal(again, vector)


def test_an_objective_of_the_structure_takes_the_vector_too():
    vector, layout = flatten(PARAMETERS)
    f = Nested(lambda xp, p: xp.sum(p["embed"]) + p["scale"], layout)
    assert f(np, vector) == f(np, PARAMETERS) == 15.5
