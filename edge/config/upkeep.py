"""The keys of what keeps a machine for years: copies of its data, releases of its program."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from edge.config.slice import Slice


class BackupConfig(Slice, frozen=True, kw_only=True):
    """Where copies of the shop's data go; without a place none are made."""

    to: Annotated[
        str | None,
        Meta(
            description="A folder, or what restic takes: `sftp:user@host:/folder`, "
            "`s3:https://host/bucket`."
        ),
    ] = None
    password_file: Annotated[
        str | None,
        Meta(
            description="The file with the password that encrypts the copies; default: "
            "`backup.password` in `store.state_dir`, made with the first copy."
        ),
    ] = None
    environment_file: Annotated[
        str | None,
        Meta(
            description="A file with the storage's own credentials, a `NAME=value` a line, e.g. "
            "`AWS_ACCESS_KEY_ID`."
        ),
    ] = None


class UpdatesConfig(Slice, frozen=True, kw_only=True):
    """Where releases of the program come from, and when they are taken."""

    source: Annotated[
        Annotated[str, Meta(pattern=r"^https?://[^\s]+\Z")] | None,
        Meta(
            description="The publisher's repository, e.g. `https://releases.example/regulars`, "
            "believed for its signatures alone; default: none, and releases come by hand."
        ),
    ] = None
    opens: Annotated[
        str,
        Meta(
            description="When releases may begin to be taken, `HH:MM` by the clock of the shop.",
            pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z",
        ),
    ] = "02:00"
    closes: Annotated[
        str,
        Meta(
            description="From when on none is begun any more.",
            pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]\Z",
        ),
    ] = "05:00"
