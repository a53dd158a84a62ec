"""What a command is asked about may stand before, between and after its options."""

import pytest

from hessbench.harness.commands.options import parser


@pytest.mark.parametrize(
    ("command", "words", "options", "found"),
    [
        ("run", ["quick", "traps"], ["--backend", "numpy"], {"suites": ["quick", "traps"]}),
        ("verify", ["traps", "canaries"], ["--dtype", "float32"], {"suites": ["traps", "canaries"]}),
        ("compare", ["A", "B"], ["--strict"], {"names": ["A", "B"]}),
        ("versions", ["jax", "0.9,0.10", "traps"], ["--python", "3.12"], {"suites": ["traps"]}),
        ("bisect", ["jax", "0.9..0.10", "traps/det"], ["--python", "3.12"], {"cell": ["traps/det"]}),
    ],
)
def test_options_stand_anywhere(command, words, options, found):
    asked = [[*words[:place], *options, *words[place:]] for place in range(len(words) + 1)]
    understood = [vars(parser(command).parse_args([command, *given])) for given in asked]
    assert all(one == understood[0] for one in understood)
    assert understood[0] | found == understood[0]
