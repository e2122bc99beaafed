"""Ways to run a model on this machine's processor: the one seam to the libraries that can.

Each computes on one thread. The default, a pool that spins for each model, costs twice the
processor time for the same answers: pools of detector and embedder fight over the same cores.
"""

from __future__ import annotations

import hashlib
import threading
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidArgument, RuntimeException

from edge.vision.models import ModelFile
from edge.vision.preparation import prepared, seal, sealed, stem, unseal

if TYPE_CHECKING:
    import openvino

Answers = list[NDArray[np.float32]]
_ONNX_TROUBLE = (Fail, InvalidArgument, RuntimeException)


class Unusable(Exception):
    """This way does not run this model here, and why; another may."""


class Runner(Protocol):
    """A loaded model. Safe to use from several threads at once."""

    def run(self, blob: NDArray[np.float32]) -> Answers:
        """All outputs, in the model's order, for its one input, float32 [1, 3, h, w].

        Raises ``Unusable`` where the model loads but does not run.
        """


class Execution(Protocol):
    """A way to run models."""

    @property
    def name(self) -> str:
        """Library and precision, as people read it and as choices are kept."""

    def load(self, file: ModelFile, source: Path) -> Runner:
        """Load a verified file. Raises ``Unusable``."""

    def forget(self, file: ModelFile, source: Path) -> None:
        """Delete what this way alone keeps of a file, for another way is taken."""


class OnnxRuntime:
    """onnxruntime in f32, on the prepared copy: always there, and what the others must match."""

    name = "onnxruntime f32"

    def load(self, file: ModelFile, source: Path) -> Runner:
        """See ``Execution``."""
        return OnnxRunner(prepared(file, source))

    def forget(self, file: ModelFile, source: Path) -> None:
        """See ``Execution``. The prepared copy stays: this is the way to fall back on."""


class OnnxRunner:
    """A file on onnxruntime."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        self.session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )
        self._input = self.session.get_inputs()[0].name

    def run(self, blob: NDArray[np.float32]) -> Answers:
        """See ``Runner``."""
        try:
            answers: Answers = self.session.run(None, {self._input: blob})
        except _ONNX_TROUBLE as error:
            raise Unusable(f"onnxruntime does not run it ({_first_line(error)})") from error
        return answers


class OpenVino:
    """OpenVINO on the published file, compiled once for this machine and kept sealed.

    ``precision`` is ``"f32"``, or ``"bf16"`` where the processor has it in hardware.
    """

    def __init__(self, precision: str) -> None:
        self.precision = precision
        self.name = f"openvino {precision}"

    def load(self, file: ModelFile, source: Path) -> Runner:
        """See ``Execution``."""
        try:
            import openvino
        except ImportError as error:
            raise Unusable(f"the package openvino cannot be imported ({error})") from error
        try:
            core = openvino.Core()
            if self.precision.upper() not in _capabilities(core):
                raise Unusable(f"this processor does not compute in {self.precision}")
            return OpenVinoRunner(self._compiled(core, file, source))
        except RuntimeError as error:
            raise Unusable(f"OpenVINO does not run it ({_first_line(error)})") from error

    def forget(self, file: ModelFile, source: Path) -> None:
        """See ``Execution``."""
        unseal(self._kept(file, source))

    def _kept(self, file: ModelFile, source: Path) -> Path:
        return stem(file, source, f"{machine()}-{self.precision}").with_suffix(".openvino")

    def _compiled(
        self, core: openvino.Core, file: ModelFile, source: Path
    ) -> openvino.CompiledModel:
        settings = {
            "PERFORMANCE_HINT": "LATENCY",
            "INFERENCE_PRECISION_HINT": self.precision,
            "INFERENCE_NUM_THREADS": 1,
            "NUM_STREAMS": 1,
            # Pinned, every model and every gateway on the machine would share the first core.
            "ENABLE_CPU_PINNING": False,
        }
        kept = self._kept(file, source)
        if sealed(kept):
            with suppress(RuntimeError):  # another build of the library: compiled again below
                return core.import_model(kept.read_bytes(), "CPU", settings)
        model = core.read_model(source)
        side = file.input.size_px
        if side is None or model.is_dynamic():
            model.reshape([1, 3, side or -1, side or -1])
        compiled = core.compile_model(model, "CPU", settings)
        seal(kept, compiled.export_model().getvalue())
        return compiled


class OpenVinoRunner:
    """A model compiled by OpenVINO. Each thread that asks gets a request of its own."""

    def __init__(self, compiled: openvino.CompiledModel) -> None:
        self._compiled = compiled
        self._of_thread = threading.local()

    def run(self, blob: NDArray[np.float32]) -> Answers:
        """See ``Runner``. The answers are copies: the next run reuses the request's memory."""
        request = getattr(self._of_thread, "request", None)
        if request is None:
            request = self._of_thread.request = self._compiled.create_infer_request()
        try:
            return list(request.infer([blob], share_inputs=True).to_tuple())
        except RuntimeError as error:
            raise Unusable(f"OpenVINO does not run it ({_first_line(error)})") from error


EXECUTIONS: tuple[Execution, ...] = (OnnxRuntime(), OpenVino("f32"), OpenVino("bf16"))
"""The ways there are; the first is the reference that the others are measured against."""


def machine() -> str:
    """What a compiled model and a choice hold for: this processor with these libraries."""
    versions = [f"{name} {_version(name)}" for name in ("onnxruntime", "openvino")]
    return hashlib.sha256(" ".join([_processor(), *versions]).encode()).hexdigest()[:12]


def _processor() -> str:
    """Model and features of the first processor as Linux tells them; empty elsewhere."""
    try:
        first, *_ = Path("/proc/cpuinfo").read_text().split("\n\n")
    except OSError:
        return ""
    told = ("model name", "flags", "Features")
    return " ".join(line for line in first.splitlines() if line.startswith(told))


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _capabilities(core: openvino.Core) -> set[str]:
    """The precisions that the processor computes in hardware, named as we name them."""
    named = {"FP32": "F32"}
    found: list[str] = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return {named.get(one, one) for one in found}


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
