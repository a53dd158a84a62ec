"""For how many variables a problem exists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """The numbers of variables n that a problem takes; what no constructor below says is written out.

    Attributes:
        rule: The condition in words, as a message and the list of problems show it.
        accepts: Whether n meets the condition; it must refuse 0.
    """

    rule: str
    accepts: Callable[[int], bool]

    @staticmethod
    def any() -> Size:
        """Every n from 1 on."""
        return Size.at_least(1)

    @staticmethod
    def at_least(least: int) -> Size:
        """Every n from that number on."""
        return Size(f"n >= {least}", lambda n: n >= least)

    @staticmethod
    def exactly(only: int) -> Size:
        """One n."""
        return Size(f"n = {only}", lambda n: n == only)

    @staticmethod
    def multiple_of(k: int, least: int = 0) -> Size:
        """The multiples of k, from that number on; 0 is none."""
        words = "n even" if k == 2 else f"n a multiple of {k}"
        rule = f"{words}, at least {least}" if least > k else words
        return Size(rule, lambda n: n >= max(k, least) and n % k == 0)

    @staticmethod
    def square(least: int = 2, times: int = 1, root: str = "k") -> Size:
        """The squares of whole numbers.

        Args:
            least: The smallest number that is squared.
            times: A factor in front of the square.
            root: The letter that stands for the number in the words.

        Returns:
            The size n = times root^2.
        """
        words = f"n = {root}^2" if times == 1 else f"n = {times} {root}^2"
        rule = f"{words}, {root} >= {least}" if least > 1 else words
        return Size(rule, lambda n: n >= times * least**2 and times * side(n // times) ** 2 == n)


ANY_SIZE = Size.any()


def side(n: int) -> int:
    """The k of n = k^2, by operations that compilers trace: PyTorch's Dynamo refuses `math.isqrt`."""
    return round(n**0.5)
