"""From the file's text to a checked ``Config``, or to one line that says what is wrong."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from edge.config import keys
from edge.config.certificate import check_certificate
from edge.config.devices import check_camera, check_scanner
from edge.config.slices import INSIGHTFACE_LICENCE, Config
from edge.domain import ScannerKind
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
    return parse(text_of(path), origin=str(path))


def text_of(path: Path) -> str:
    """The text of a file, line ends as they are. Raises ``ConfigError`` with one line."""
    try:
        return path.read_bytes().decode()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror}); check the path") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text; save it as UTF-8") from error


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
    _check_devices(config, origin)
    check_certificate(config.certificate, origin)
    url = config.headquarters.url
    if url is not None and not re.fullmatch(r"(https|nats)://[^/@\s]+", url):
        raise ConfigError(
            f"{origin}: headquarters.url: {url!r} is no address of headquarters; write "
            "https://HOST:PORT, or nats://HOST:PORT for a NATS server in between"
        )
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


def _check_devices(config: Config, origin: str) -> None:
    """Each camera and scanner can be opened, and has a name of its own."""
    demo = config.privacy.profile == "demo"
    ids: set[str] = set()
    sources: set[str] = set()
    for index, camera in enumerate(config.cameras):
        where = f"{origin}: cameras[{index}]"
        check_camera(camera, where, demo=demo)
        _check_once(camera.id, ids, f"{where}.id")
    for index, scanner in enumerate(config.scanners):
        where = f"{origin}: scanners[{index}]"
        check_scanner(scanner, where, demo=demo)
        _check_once(scanner.id, ids, f"{where}.id")
        if scanner.kind is not ScannerKind.CAMERA:
            _check_once(scanner.source, sources, f"{where}.source")


def _check_once(word: str, seen: set[str], where: str) -> None:
    if word in seen:
        raise ConfigError(f"{where}: {word!r} stands twice")
    seen.add(word)
