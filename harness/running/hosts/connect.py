"""`--scheduler`: what it means for a request, and the machines behind it. Dask is loaded here, where it is said."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from hessbench.harness.planning.request import Request, Sharing
from hessbench.harness.running.hosts.machines import WITHIN_S, Machines
from hessbench.harness.usage import UsageError

MISSING = "many machines need Dask: pip install 'hessbench[dask]'"
WITHOUT = "belongs to a run on several machines; name their scheduler: --scheduler tcp://HOST:PORT or local:2"


def on_hosts(request: Request, scheduler: str | None, usual: Sharing) -> Request:
    """The request as one for several machines, where a scheduler is named.

    Args:
        request: What is asked for.
        scheduler: Its address, or None.
        usual: What machines do with the plan unless it is said.

    Returns:
        The request.

    Raises:
        UsageError: Something is said of machines, and no scheduler is named.
    """
    if scheduler is not None:
        return replace(request, sharing=request.sharing or usual)
    if request.sharing or request.selection.hosts:
        raise UsageError(f"{'--hosts' if request.sharing else '--host'} {WITHOUT}")
    return request


def check_scheduler(request: Request, scheduler: str | None, directory: Path) -> None:
    """See that a stored run goes on where it began.

    Args:
        request: Of the stored run.
        scheduler: The address that is named now, or None.
        directory: Where the run is.

    Raises:
        UsageError: It was here and is to go on elsewhere, or the other way round.
    """
    if request.sharing and scheduler is None:
        raise UsageError(f"{directory} is a run on several machines; go on with it there: --scheduler tcp://HOST:PORT")
    if scheduler is not None and not request.sharing:
        raise UsageError(f"{directory} is a run of one machine; go on with it there, without --scheduler")


@contextmanager
def connected(scheduler: str | None, within_s: float | None = None) -> Iterator[Machines | None]:
    """The machines of a scheduler while the block lasts; None where none is named.

    Args:
        scheduler: Its address, or "local:2".
        within_s: Seconds that nobody may be there.

    Yields:
        The machines.

    Raises:
        UsageError: Dask is not installed, no scheduler answers, or none is named and yet machines are waited for.
    """
    if scheduler is None:
        if within_s is not None:
            raise UsageError(f"--hosts-within {WITHOUT}")
        yield None
        return
    try:
        from hessbench.harness.running.hosts.cluster import Cluster
    except ImportError:
        raise UsageError(MISSING) from None
    with Cluster(scheduler) as cluster:
        yield Machines(cluster, WITHIN_S if within_s is None else within_s)
