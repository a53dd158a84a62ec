"""The worked examples of docs/uses.md do what the page says."""

import doctest
from pathlib import Path

import pytest

from hessbench import backends


def test_the_examples_give_what_the_page_shows():
    if reason := backends.missing("jax"):
        pytest.skip(reason)
    page = Path(__file__).parents[3] / "docs" / "uses.md"
    found = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert found.attempted > 20
    assert not found.failed
