"""One worker process seen from the parent: start it, read its messages, hold it to its deadlines, clean up after it.

The worker leads a process group of its own; whatever it started dies with it. Memory is watched from
here (not by RLIMIT_AS: CUDA and XLA reserve huge address ranges).
"""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType

from hessbench.harness.machine import memory
from hessbench.harness.planning.settings import Limits
from hessbench.harness.protocol import End, Message, NotUnderstood, Phase, Task, Unavailable, decode, encode_task
from hessbench.harness.running.log import WorkerLog
from hessbench.results.stored.record import Status

POLL_S = 0.05
GRACE_S = 1.0
IMPORT_LIMIT_S = 180.0
GROUP_S = 0.5
"""How often the memory of what a worker has started is added up: that takes a look at every process."""
ABORTED = ("bad_alloc", "CUDA_ERROR_OUT_OF_MEMORY")
"""What the log of a worker says that aborted for want of memory."""
JUDGE_TOO_LONG = "the judge took longer than"
"""How a reason begins that is the machine's and nobody's fault: with less to do it may tell."""


class WorkerDied(Exception):
    """The worker is gone before its task was done.

    Attributes:
        status: "timeout", "out_of_memory" or "crashed"; "unverifiable" if it was the judge that took too long.
        reason: One line.
    """

    def __init__(self, status: Status, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Launch:
    """A worker and its event pipe; use as a context manager, which kills it on the way out.

    Args:
        task: What the worker does.
        environment: Variables set before the framework is imported.
        limits: Deadlines and memory.
        log: Where the worker's output goes.
        python: The worker's interpreter.
        inherited: Variables that the worker inherits (default: those of this process).
        folder: Where it begins (default: where this process is).
    """

    def __init__(
        self,
        task: Task,
        environment: Mapping[str, str],
        limits: Limits,
        log: Path,
        python: str = sys.executable,
        inherited: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self._limits = limits
        self._log = WorkerLog(log)
        self._next_look = 0.0
        self._phase: str = "start"
        self._deadline = time.monotonic() + IMPORT_LIMIT_S
        self._kills = memory.kernel_kills()
        self._ended = False
        # A scratch folder of its own: compile caches start empty and leave nothing behind.
        self._scratch = tempfile.mkdtemp(prefix="hessbench-")
        self._events, sending = os.pipe()
        with self._log.opened() as output:
            self._process = subprocess.Popen(
                [python, "-P", "-m", "hessbench.harness.worker", str(sending), self._scratch],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                pass_fds=(sending,),
                start_new_session=True,
                cwd=folder,
                env={**(os.environ if inherited is None else inherited), **environment, "TMPDIR": self._scratch},
            )
        os.close(sending)
        self._send(task)

    @property
    def pid(self) -> int:
        """The worker's process id, which is also its process group."""
        return self._process.pid

    def _send(self, task: Task) -> None:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(encode_task(task))
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it died at once; the event pipe will say so

    def __enter__(self) -> Launch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        os.close(self._events)
        shutil.rmtree(self._scratch, ignore_errors=True)

    def messages(self) -> Iterator[Message]:
        """The worker's messages as they come.

        Yields:
            Each message. `WorkerDied` is raised where the worker dies, or is killed for passing a limit, before it
            says `End` or `Unavailable`.
        """
        rest = b""
        while True:
            readable, _, _ = select.select([self._events], [], [], POLL_S)
            if readable:
                chunk = os.read(self._events, 1 << 16)
                if not chunk:
                    break
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    yield self._received(line)
                if self._ended:
                    return
            self._log.trim()
            self._guard()
        raise self._cause_of_death()

    def _received(self, line: bytes) -> Message:
        try:
            message = decode(line)
        except NotUnderstood as error:
            self.kill()
            raise WorkerDied("crashed", f"{self._phase}: the worker says what is not understood: {error}") from None
        if isinstance(message, End | Unavailable):
            self._ended = True
        if isinstance(message, Phase):
            self._phase = message.phase
            limit = IMPORT_LIMIT_S if message.phase == "import" else self._limits.phase_s
            self._deadline = time.monotonic() + limit
        return message

    def _guard(self) -> None:
        if time.monotonic() > self._deadline:
            limit = IMPORT_LIMIT_S if self._phase in ("start", "import") else self._limits.phase_s
            self.kill(GRACE_S)
            if self._phase == "check":
                raise WorkerDied("unverifiable", f"{JUDGE_TOO_LONG} {limit:g} s")
            raise WorkerDied("timeout", f"{self._phase} took longer than {limit:g} s")
        self._guard_memory(self._limits.memory_bytes)

    def _guard_memory(self, allowed: int | None) -> None:
        if allowed is None:
            return
        used, whose = memory.resident(self.pid), ""
        if (used is None or used <= allowed) and time.monotonic() > self._next_look:
            self._next_look = time.monotonic() + GROUP_S
            used, whose = memory.of_session(self.pid, allowed), " with the processes that it has started"
        if used is not None and used > allowed:
            self.kill()
            said = f"{self._phase} used {used / 1e9:.1f} GB{whose}; the limit is {allowed / 1e9:.1f} GB"
            raise WorkerDied("out_of_memory", said)

    def _cause_of_death(self) -> WorkerDied:
        closed = self._gone(GRACE_S)
        self.kill()
        code = self._process.returncode
        if memory.kernel_kills() > self._kills:
            return WorkerDied("out_of_memory", f"killed by the system in {self._phase}: memory ran out")
        how = f"killed by {signal.Signals(-code).name}" if code < 0 else f"worker exited with code {code}"
        how = how if closed else "worker closed its event pipe"
        how += " (not by hessbench; perhaps memory ran out)" if closed and code == -signal.SIGKILL else ""
        status: Status = "out_of_memory" if any(sign in self.log_tail() for sign in ABORTED) else "crashed"
        return WorkerDied(status, f"{self._phase}: {how}")

    def kill(self, grace_s: float = 0.0) -> None:
        """End the whole process group: SIGTERM if there is grace (it leaves a stack in the log), then SIGKILL."""
        if self._process.returncode is not None:
            return
        if grace_s:
            self._signal(signal.SIGTERM)
            self._gone(grace_s)
        self._signal(signal.SIGKILL)
        self._process.wait()
        self._log.trim()
        assert self._process.stdin is not None
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass

    def _gone(self, within_s: float) -> bool:
        """Whether the worker ends in time. It stays unreaped, so that its group's number is not given to others."""
        end = time.monotonic() + within_s
        while not os.waitid(os.P_PID, self.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG):
            if time.monotonic() > end:
                return False
            time.sleep(0.01)
        return True

    def _signal(self, which: signal.Signals) -> None:
        try:
            os.killpg(self.pid, which)
        except ProcessLookupError:
            pass

    def log_tail(self) -> str:
        """The last lines of the worker's output."""
        return self._log.tail()
