"""From the file's text to a checked ``Config``, or to one line that says what is wrong."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from edge.config import keys
from edge.config.slices import INSIGHTFACE_LICENCE, CameraConfig, Config
from edge.errors import ConfigError

_PREFACE = """\
# Configuration

`regulars run --config regulars.toml` reads one TOML file. A key it does not know, or a value
it cannot use, is refused at start with one line that names the key and says what to do.
An example to start from is [`regulars.toml.example`](../regulars.toml.example).

This page is printed by `regulars config reference`.
"""


def load(path: Path) -> Config:
    """Read and check a TOML file. Raises ``ConfigError`` with one line."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text; save it as UTF-8") from error
    return parse(text, origin=str(path))


def parse(text: str, *, origin: str = "configuration") -> Config:
    """Check the text of a TOML file. ``origin`` opens every message."""
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{origin}: is not valid TOML: {error}") from error
    try:
        config = msgspec.convert(raw, Config)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{origin}: {_explain(str(error))}") from error
    _check(config, origin)
    return config


def reference() -> str:
    """Every key as Markdown: the text of ``docs/configuration.md``."""
    return f"{_PREFACE}\n{keys.markdown(Config)}"


def _explain(message: str) -> str:
    """msgspec's message with the key in front and, for a misspelling, the likely word."""
    text, _, where = message.partition(" - at `$")
    path = where.rstrip("`").removeprefix(".")
    unknown = re.search(r"unknown field `([^`]+)`", text)
    if unknown:
        key = unknown.group(1)
        dotted = f"{path}.{key}".lstrip(".")
        names = [key.name.replace("[]", "") for key in keys.keys(Config)]
        known = [word for name in names for word in name.split(".")]
        guess = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean `{guess[0]}`?" if guess else "remove it"
        return f"{dotted}: unknown key; {hint}"
    missing = re.search(r"missing required field `([^`]+)`", text)
    if missing:
        dotted = f"{path}.{missing.group(1)}".lstrip(".")
        return f"{dotted}: is missing; add it"
    return f"{path or 'file'}: {text[0].lower()}{text[1:]}; correct it"


def _check(config: Config, origin: str) -> None:
    try:
        ZoneInfo(config.store.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ConfigError(
            f"{origin}: store.timezone: unknown zone {config.store.timezone!r}; "
            "use an IANA name such as Asia/Shanghai"
        ) from error
    seen: set[str] = set()
    for index, camera in enumerate(config.cameras):
        _check_camera(camera, f"{origin}: cameras[{index}]", demo=config.privacy.profile == "demo")
        if camera.id in seen:
            raise ConfigError(f"{origin}: cameras[{index}].id: {camera.id!r} stands twice")
        seen.add(camera.id)
    recognition = config.recognition
    if (
        recognition.pack == "insightface"
        and INSIGHTFACE_LICENCE not in recognition.accepted_licences
    ):
        raise ConfigError(
            f"{origin}: recognition.pack: the insightface models are for non-commercial use; "
            f'add "{INSIGHTFACE_LICENCE}" to recognition.accepted_licences, '
            'or use pack = "yunet-sface"'
        )


def _check_camera(camera: CameraConfig, where: str, *, demo: bool) -> None:
    if demo and camera.kind != "file":
        raise ConfigError(
            f"{where}.source: the demo profile takes recorded files only, never a live camera; "
            "choose the jurisdiction's profile in privacy.profile"
        )
    if "://" in camera.source and camera.kind == "file":
        scheme = camera.source.split("://", 1)[0]
        raise ConfigError(
            f"{where}.source: {scheme}:// is not a camera address; use rtsp://, http:// or https://"
        )
    if camera.kind in ("rtsp", "http") and not re.match(
        r"^[a-z]+://([^/@\s]+@)?(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?(/\S*)?$",
        camera.source,
    ):
        raise ConfigError(
            f"{where}.source: this address does not parse; "
            "write it as rtsp://user:password@host:554/path"
        )
    if camera.kind == "file" and not Path(camera.source).is_file():
        raise ConfigError(f"{where}.source: there is no file {camera.source!r}; check the path")
