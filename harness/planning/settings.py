"""How a run is measured: how long to look, how often, within which limits. Plain values that all floors may hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Policy:
    """How long to look at one cell.

    Attributes:
        warmup_calls: At least so many calls before the first sample...
        warmup_s: ...and for at least so long.
        min_samples: At least so many samples...
        sampling_s: ...and for at least so long, whichever comes last.
        max_samples: At most so many; 0 means that results are checked and nothing is timed.
        budget_s: After so long no further call is begun, once there are three samples.
        patience_s: For so much longer clean samples are waited for, where a neighbor spoils them.
        longest_s: Calls that take longer than a third of this have fewer than three samples, and the record says so.
    """

    warmup_calls: int = 3
    warmup_s: float = 0.1
    min_samples: int = 7
    sampling_s: float = 0.3
    max_samples: int = 40
    budget_s: float = 2.0
    patience_s: float = 2.0
    longest_s: float = 40.0

    @property
    def times(self) -> bool:
        """Whether anything is timed, or results are only checked."""
        return self.max_samples > 0

    @property
    def brief(self) -> Policy:
        """Where further launches go to those that need them: many launches tell more than long ones."""
        return replace(self, warmup_s=self.warmup_s / 2, sampling_s=self.sampling_s / 3, patience_s=self.patience_s / 3)


DEFAULT = Policy()
CHECK_ONLY = Policy(max_samples=0)
QUICK = Policy(
    warmup_calls=2,
    warmup_s=0.01,
    min_samples=5,
    sampling_s=0.03,
    max_samples=20,
    budget_s=0.12,
    patience_s=0.4,
    longest_s=8.0,
)
PAIRS = Policy(
    warmup_calls=3,
    warmup_s=0.02,
    min_samples=7,
    sampling_s=0.06,
    max_samples=30,
    budget_s=1.0,
    patience_s=0.5,
    longest_s=8.0,
)
"""Of live comparisons. A tenth of a second per cell and launch: many launches tell more than long ones."""

PRECISION = 0.05
"""Times have settled when the ends of the median's interval are so close. Six launches are the least that enclose a
median with 95 % (`results.comparing.statistics.median_interval`), hence six rounds at most."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a worker may use.

    Attributes:
        phase_s: Seconds for each phase of a cell (prepare, first call, check, measure).
        memory_bytes: Resident memory; None for no limit.
    """

    phase_s: float = 60.0
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """How a run is measured.

    Attributes:
        policy: How long to look at one cell.
        rounds: Least number of launches per group.
        max_rounds: Most launches per group, for cells whose times do not settle.
        seed: Seed of data, points and order.
        limits: Deadlines and memory of a worker.
        precision: Times have settled when the ends of the median's interval over launches are so close, relatively.
        racing: Whether launches beyond the least go only where the order in a contest is open.
        slowdown: Factor by which workers stretch their samples, to see whether a comparison finds it.
        workers: Launches at a time; more than one only where nothing is timed.
        sources: The user's own suites: name -> file, absolute or in the run folder.
    """

    policy: Policy
    rounds: int
    max_rounds: int
    seed: int
    limits: Limits
    precision: float = PRECISION
    racing: bool = False
    slowdown: float = 1.0
    workers: int = 1
    sources: Mapping[str, str] = field(default_factory=dict)

    @property
    def policy_of_launches(self) -> Policy:
        """How long to look at a cell in each launch: with `--quick`, which has one, as long as it says."""
        return self.policy.brief if self.racing and self.max_rounds > 1 else self.policy
