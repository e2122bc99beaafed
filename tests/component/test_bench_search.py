"""The benchmark of the search, on a small gallery that is compressed all the same."""

from __future__ import annotations

import json

import numpy as np
from typer.testing import CliRunner

from edge.bench.search import QUERIES, members
from edge.cli import app
from edge.vision.gallery import LARGE


def test_bench_search_ends_with_its_figures_and_agrees_with_a_plain_search() -> None:
    count = LARGE + 2000
    run = CliRunner().invoke(app, ["bench", "search", "--templates", str(count), "--dim", "32"])
    assert run.exit_code == 0, run.output
    figures = json.loads(run.stdout.splitlines()[-1])
    assert figures["templates"] == count
    assert figures["queries"] == QUERIES
    assert figures["agrees_with_exact"] is True
    assert {"ms_p50", "ms_p99", "rss_mb", "numpy_ms_p50", "load_s"} <= set(figures)


def test_invented_members_are_the_same_every_time_and_include_twins() -> None:
    first, again = (np.concatenate(list(members(9000, 32))) for _ in range(2))
    assert np.array_equal(first, again)
    assert first[0] @ first[1] > 0.98
    assert np.allclose(np.linalg.norm(first, axis=1), 1.0, atol=1e-5)
