"""The guards of ``conftest.py`` catch what they are there for, each in a test run of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

CONFTEST = Path(__file__).parents[1] / "conftest.py"
GUARDS = CONFTEST.read_text(encoding="utf-8")
IMPATIENT = "\nSETTLE_S = 1.0\n"
"""What never ends need not be waited for."""

LEAKS = {
    "tasks left running": """
        import asyncio
        kept = []
        async def test_it():
            kept.append(asyncio.create_task(asyncio.Event().wait()))
        """,
    "threads left running": """
        import threading
        def test_it():
            threading.Thread(target=threading.Event().wait, daemon=True).start()
        """,
    "child processes left running": """
        import subprocess
        kept = []
        def test_it():
            kept.append(subprocess.Popen(["sleep", "600"]))
        """,
    "the event loop was blocked here": """
        import threading
        async def test_it():
            (watch,) = (t for t in threading.enumerate() if t.name == "loop-watch")
            waits = iter(range(600))  # as long as it takes to be noticed
            while watch.blocked is None and next(waits, None) is not None:
                threading.Event().wait(0.1)
        """,
}
TIDY = """
    import asyncio
    import threading

    async def test_a_task_that_is_awaited():
        await asyncio.create_task(asyncio.sleep(0))

    async def test_blocking_work_in_its_home():
        await asyncio.to_thread(threading.Event().wait, 2)
    """


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.delenv("CI", raising=False)
    pytester.makeconftest(GUARDS)
    pytester.makeini(f"[pytest]\nasyncio_mode = auto\npythonpath = {CONFTEST.parent}")
    return pytester


@pytest.mark.parametrize("complaint", LEAKS)
def test_what_a_test_leaves_behind_is_named(run: pytest.Pytester, complaint: str) -> None:
    run.makeconftest(GUARDS + IMPATIENT)
    run.makepyfile(LEAKS[complaint])
    result = run.runpytest_subprocess("-p", "no:schemathesis")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([f"*{complaint}*"])


def test_a_tidy_test_passes(run: pytest.Pytester) -> None:
    run.makepyfile(TIDY)
    run.runpytest_subprocess("-p", "no:schemathesis").assert_outcomes(passed=2)


def test_a_missing_requirement_skips_here_and_fails_in_ci(
    run: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.makepyfile("def test_it(require): require(False, 'a left-handed smoke shifter')")
    skipped = run.runpytest_subprocess("-rs", "-p", "no:schemathesis")
    skipped.assert_outcomes(skipped=1)
    skipped.stdout.fnmatch_lines(["*needs a left-handed smoke shifter*"])
    monkeypatch.setenv("CI", "true")
    run.runpytest_subprocess("-p", "no:schemathesis").assert_outcomes(failed=1)
