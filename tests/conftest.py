"""What every test stands on: nothing leaks, nothing blocks the loop, nothing is skipped in silence.

Test data lies beside the project in ``shared/data``; model files are fetched once into
``.cache/models``. What can be installed is required: with ``CI=true`` its absence is a failure.
"""

from __future__ import annotations

import asyncio
import inspect
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from ctypes.util import find_library
from pathlib import Path
from types import FrameType
from typing import TypeVar

import hypothesis
import psutil
import pytest
from faults.nursery import Nursery, open_nursery
from workers import CAMERAS, ByFile, alone, longest_first, scope_of
from xdist.remote import Producer

from edge.demo import town

PROJECT = Path(__file__).parents[1]
MODELS = PROJECT / ".cache" / "models"
SHARED = PROJECT.parent / "shared" / "data"

SETTLE_S = 60.0  # how long threads and children that were told to end may take on a busy machine
BLOCKED_S = 0.5  # a callback found running this long apart holds the loop
Leak = TypeVar("Leak", threading.Thread, psutil.Process)
hypothesis.settings.register_profile("house", deadline=None)  # no test asserts a time
hypothesis.settings.load_profile("house")

POOLS = ("asyncio_",)  # a loop's own pool ends with its loop, after the test


def pytest_report_header() -> str:
    present = "present" if SHARED.is_dir() else "absent, tests that need it are skipped"
    return f"shared data: {present}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        longest_first(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByFile:
    config.option.loadscopereorder = False
    return ByFile(config, log)


# --- what a test may need --------------------------------------------------------------


@pytest.fixture(scope="session")
def require() -> Callable[[bool, str], None]:
    """``require(condition, what)`` skips by name; with ``CI=true`` it fails instead.

    For what can be installed: a browser, an RTSP server, a model file.
    """

    def check(condition: bool, what: str) -> None:
        if condition:
            return
        if os.environ.get("CI") == "true":
            pytest.fail(f"needs {what}; `make test` as root installs it", pytrace=False)
        pytest.skip(f"needs {what}")

    return check


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of research data beside the project; never part of the repository."""
    if not SHARED.is_dir():
        pytest.skip("needs the folder shared/data beside the project")
    return SHARED


@pytest.fixture(scope="session")
def models_dir(require: Callable[[bool, str], None]) -> Path:
    """The folder of verified model files, fetched when this is their first use."""
    fetch = [sys.executable, "-m", "edge", "models", "fetch", "--models-dir", str(MODELS)]
    fetched = subprocess.run(fetch, capture_output=True, text=True, timeout=600, check=False)
    last = (fetched.stderr.strip() or fetched.stdout.strip() or "no word").splitlines()[-1]
    require(fetched.returncode == 0, f"the model files ({last})")
    return MODELS


@pytest.fixture(scope="session")
def chromium(require: Callable[[bool, str], None]) -> Path:
    """The browser of Debian's package that is built to run without a window."""
    path = shutil.which("chromium-headless-shell")
    require(path is not None, "Debian's chromium-headless-shell package")
    require(find_library("atomic") is not None, "Debian's libatomic1 package")
    return Path(str(path))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A real PostgreSQL; gives its address."""
    # A path that the user it drops root for can reach.
    folder = Path(tempfile.mkdtemp(prefix="regulars-pg-"))
    with ExitStack() as stack:
        with alone("pgserver"):  # the user it drops root for is made by whoever finds none
            server = stack.enter_context(town.postgres(folder))
        yield server
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Forks gateways and headquarters, which a test may kill."""
    with open_nursery() as nursery:
        yield nursery


# --- what a test must leave behind: nothing --------------------------------------------


@pytest.fixture(autouse=True)
def nothing_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread, a child process or a task, or blocks the loop."""
    if inspect.iscoroutinefunction(request.function):
        request.getfixturevalue("loop_stays_free")
    threads = set(threading.enumerate())
    children = _children()
    yield
    deadline = time.monotonic() + SETTLE_S
    leaked_threads = _settled(lambda: _new_threads(threads), deadline)
    leaked_children = _settled(lambda: _children() - children, deadline)
    for child in leaked_children:
        child.kill()
    assert not leaked_threads, f"threads left running: {[t.name for t in leaked_threads]}"
    assert not leaked_children, f"child processes left running: {leaked_children}"


@pytest.fixture(autouse=True)
def no_other_cameras(request: pytest.FixtureRequest) -> Iterator[None]:
    """All cameras answer on one multicast address, so one test at a time has any."""
    if scope_of(request.node.nodeid) != CAMERAS:
        yield
        return
    with alone(CAMERAS):
        yield


@pytest.fixture
async def loop_stays_free() -> AsyncIterator[None]:
    """The test's own loop: watched while it runs, empty when it ends."""
    before = asyncio.all_tasks()
    watch = LoopWatch(asyncio.get_running_loop())
    watch.start()
    yield
    watch.end()
    leaked = asyncio.all_tasks() - before - {asyncio.current_task()}
    if leaked:
        _, leaked = await asyncio.wait(leaked, timeout=SETTLE_S)
    names = [task.get_coro() for task in leaked]
    for task in leaked:
        task.cancel()
    assert not leaked, f"tasks left running: {names}"
    if watch.blocked is not None:
        pytest.fail(f"the event loop was blocked here:\n{watch.blocked}", pytrace=False)


class LoopWatch(threading.Thread):
    """Asks a loop for a sign of life and notes where a callback held it for ``BLOCKED_S``.

    A busy machine alone does not count: a loop that waits for its turn is found in its
    selector, a blocked one is found twice in the same call of the same callback, and while that
    call waits for a processor it holds nothing.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(name="loop-watch", daemon=True)
        self.blocked: str | None = None
        self._loop = loop
        self._thread_id = threading.get_ident()
        self._schedule = Path(f"/proc/self/task/{threading.get_native_id()}/schedstat")
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.05):
            if not self._loop.is_running():
                continue
            answered = threading.Event()
            self._loop.call_soon_threadsafe(answered.set)
            before, since_s = None, 0.0
            while not answered.wait(BLOCKED_S / 2) and not self._over.is_set():
                now, now_s = self._callback(), self._had_processor_s()
                if now is None or now is not before:
                    before, since_s = now, now_s
                elif now_s - since_s >= BLOCKED_S:
                    self._note()

    def end(self) -> None:
        self._over.set()
        self.join()

    def _had_processor_s(self) -> float:
        """The time of day without what the loop's thread spent in line for a processor."""
        told = self._schedule.read_text() if self._schedule.exists() else "0 0 0"
        return time.monotonic() - int(told.split()[1]) / 1e9

    def _callback(self) -> FrameType | None:
        """The frame of the callback that the loop is running, or None outside one."""
        frame = sys._current_frames().get(self._thread_id)
        while frame is not None and frame.f_back is not None:
            if frame.f_back.f_code.co_name == "_run_once":
                return frame if frame.f_code.co_name == "_run" else None
            frame = frame.f_back
        return None

    def _note(self) -> None:
        stack = traceback.extract_stack(sys._current_frames().get(self._thread_id))
        ours = (str(PROJECT / "edge"), str(PROJECT / "tests"))
        inner = [entry for entry in stack if entry.filename.startswith(ours)]
        self.blocked = "".join(traceback.format_list(inner or stack))


def _new_threads(before: set[threading.Thread]) -> set[threading.Thread]:
    return {
        thread
        for thread in set(threading.enumerate()) - before
        if not thread.name.startswith(POOLS) and thread.is_alive()
    }


def _children() -> set[psutil.Process]:
    """Living children at any depth; multiprocessing's own tracker serves the whole run.

    What has process ids of its own lives on a machine that a fixture booted, and ends with it.
    """
    living = set()
    own = _process_ids(psutil.Process())
    for child in psutil.Process().children(recursive=True):
        try:
            if child.status() == psutil.STATUS_ZOMBIE or _process_ids(child) != own:
                continue
            if "resource_tracker" not in " ".join(child.cmdline()):
                living.add(child)
        except (psutil.Error, OSError):  # one that ends meanwhile is refused, not only not there
            continue
    return living


def _process_ids(process: psutil.Process) -> int:
    """The namespace in which a process has its number."""
    return Path(f"/proc/{process.pid}/ns/pid_for_children").stat().st_ino


def _settled(look: Callable[[], set[Leak]], deadline: float) -> set[Leak]:
    """What is still there at the deadline; empty as soon as nothing is."""
    while found := look():
        if time.monotonic() > deadline:
            break
        time.sleep(0.02)
    return found
