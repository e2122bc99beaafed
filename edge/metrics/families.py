"""A reading as Prometheus metrics, named after the conventions of its documentation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from edge.domain import CameraState, CameraStatus, ScannerState, ScannerStatus, VisionLoad
from edge.metrics.line_families import line_families
from edge.metrics.reading import Reading


def families(reading: Reading) -> Iterator[Metric]:
    """Every metric that is read off rather than observed."""
    yield from _cameras(reading.cameras)
    yield from _scanners(reading.scanners)
    yield from _processes(reading)
    yield _counter(
        "decisions_total", "Sightings by how they were decided", "outcome", reading.decisions
    )
    yield _gauge("queue_length", "What waits, by queue", "queue", reading.queues)
    yield GaugeMetricFamily(
        "regulars_phones_connected", "Phones that hear the feed", reading.phones_connected
    )
    yield CounterMetricFamily(
        "regulars_sightings_dropped_total",
        "Sightings dropped because the flows were too slow; they come again",
        reading.sightings_dropped,
    )
    yield CounterMetricFamily(
        "regulars_vision_restarts_total",
        "Ends of a vision process that was started again",
        reading.vision_restarts,
    )
    yield CounterMetricFamily(
        "regulars_scanner_restarts_total",
        "Ends of a scanner process that was started again",
        reading.scanner_restarts,
    )
    if reading.members is not None and reading.threshold is not None:
        yield GaugeMetricFamily(
            "regulars_recognition_threshold", "Least score that names", reading.threshold
        )
        yield GaugeMetricFamily(
            "regulars_gallery_members", "Members in the gallery", reading.members
        )
    yield from line_families(reading)
    if reading.vision is not None:
        yield from _vision(reading.vision)


def _cameras(cameras: Iterable[CameraState]) -> Iterator[Metric]:
    seen = {camera.camera_id: camera for camera in cameras}
    live = {name: int(camera.status is CameraStatus.LIVE) for name, camera in seen.items()}
    yield _gauge("camera_live", "1 while the camera gives pictures", "camera", live)
    rates = {name: camera.fps for name, camera in seen.items()}
    yield _gauge("camera_frames_per_second", "Frame rate as it comes", "camera", rates)
    frames = {name: camera.frames_seen for name, camera in seen.items()}
    yield _counter("camera_frames_total", "Frames that came", "camera", frames)
    dropped = {name: camera.frames_dropped for name, camera in seen.items()}
    said = "Frames that a newer one replaced before anybody looked"
    yield _counter("camera_frames_dropped_total", said, "camera", dropped)
    again = {name: camera.reconnects for name, camera in seen.items()}
    yield _counter("camera_reconnects_total", "Tries to reconnect", "camera", again)


def _scanners(scanners: Iterable[ScannerState]) -> Iterator[Metric]:
    seen = {scanner.scanner_id: scanner for scanner in scanners}
    ready = {name: int(s.status is ScannerStatus.READY) for name, s in seen.items()}
    yield _gauge("scanner_ready", "1 while the scanner can be used", "scanner", ready)
    refused = {name: scanner.refused for name, scanner in seen.items()}
    said = "What came from a scanner and was no code, or one too many"
    yield _counter("scans_refused_total", said, "scanner", refused)
    again = {name: scanner.reconnects for name, scanner in seen.items()}
    yield _counter(
        "scanner_reconnects_total", "Times that a lost scanner came back", "scanner", again
    )


def _vision(load: VisionLoad) -> Iterator[Metric]:
    seconds = {str(stage): time.seconds for stage, time in load.stages.items()}
    said = "Time spent in a stage; decode in processor time, the others by the clock on the wall"
    yield _counter("vision_stage_seconds_total", said, "stage", seconds)
    runs = {str(stage): time.runs for stage, time in load.stages.items()}
    yield _counter("vision_stage_runs_total", "Times that a stage ran", "stage", runs)
    for name, said, count in (
        ("frames_looked_at", "Frames that the pipeline took", load.frames_looked_at),
        ("frames_gated", "Frames on which the motion gate ended the look", load.frames_gated),
        ("faces_detected", "Faces found in frames, of whatever size", load.faces_detected),
        ("shots_embedded", "Shots of faces that were embedded", load.shots_embedded),
    ):
        yield CounterMetricFamily(f"regulars_vision_{name}_total", said, count)


def _processes(reading: Reading) -> Iterator[Metric]:
    cpu_s: dict[str, float] = {"gateway": reading.cpu_s}
    rss_bytes: dict[str, float] = {"gateway": reading.rss_bytes}
    if reading.vision is not None:
        cpu_s["vision"] = reading.vision.cpu_s
        rss_bytes["vision"] = reading.vision.rss_bytes
    if reading.scanner_process is not None:
        cpu_s["scanner"] = reading.scanner_process.cpu_s
        rss_bytes["scanner"] = reading.scanner_process.rss_bytes
    yield _counter("process_cpu_seconds_total", "Processor time taken", "process", cpu_s)
    yield _gauge("process_resident_memory_bytes", "Resident memory", "process", rss_bytes)


def _counter(name: str, said: str, label: str, values: Mapping[str, float]) -> Metric:
    family = CounterMetricFamily(f"regulars_{name}", said, labels=[label])
    for value, count in values.items():
        family.add_metric([value], count)
    return family


def _gauge(name: str, said: str, label: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(f"regulars_{name}", said, labels=[label])
    for value, amount in values.items():
        family.add_metric([value], amount)
    return family
