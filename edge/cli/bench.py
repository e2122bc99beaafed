"""``regulars bench``: measurements that anyone can run; the last line is one JSON object."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edge.cli.console import print_json, progress
from edge.cli.models import HERE, AcceptOption, ModelsDir, PackOption, models_of, obtain
from edge.config import INSIGHTFACE_LICENCE, RecognitionConfig, load

app = typer.Typer(help="Measure this machine.", no_args_is_help=True)

Faces = Annotated[
    Path | None, typer.Option("--faces", help="Folder of PERSON/*.jpg; default: the demo's faces.")
]


PeerOption = Annotated[
    str | None,
    typer.Option(
        "--peer",
        help="What is measured beside us: insightface, or plain (OpenCV's own classes).",
    ),
]


@app.callback()
def _bench() -> None:
    """Measure this machine."""


@app.command()
def identify(
    faces: Faces = None,
    shots: Annotated[int, typer.Option(help="Photos enrolled of each member.", min=1)] = 3,
    pack: PackOption = "yunet-sface",
    models_dir: ModelsDir = None,
    accept: AcceptOption = None,
    peer: Annotated[
        str | None,
        typer.Option(help="Measured on the same photos: plain (OpenCV's classes) or insightface."),
    ] = None,
) -> None:
    """Who is this, or nobody: open-set identification on photographs."""
    from edge.bench import identify as bench
    from edge.bench import peers

    folder, accepted = models_dir or HERE, accept or []
    obtain(pack, folder, accepted)
    if peer is not None:
        obtain(peers.pack_of(peer), folder, accepted)
    with progress() as report:
        result = bench.run(faces, shots, pack, folder, report, accepted, peer)
    print_json(result)


@app.command()
def door(
    faces: Faces = None,
    approaches: Annotated[int, typer.Option(help="People who walk up.", min=2)] = 40,
    streams: Annotated[int, typer.Option(help="Cameras at once.", min=1)] = 1,
    pack: PackOption = "yunet-sface",
    peer: PeerOption = None,
    models_dir: ModelsDir = None,
    accept: AcceptOption = None,
) -> None:
    """From the camera to the phone, in real time: how soon, how often right."""
    import asyncio

    from edge.bench import door as bench
    from edge.bench import peers

    folder, accepted = models_dir or HERE, accept or []
    obtain(pack, folder, accepted)
    if peer is not None:
        obtain(peers.pack_of(peer), folder, accepted)
    with progress() as report:
        result = asyncio.run(
            bench.run(faces, approaches, streams, pack, folder, report, accepted, peer)
        )
    print_json(result)


@app.command()
def start(
    starts: Annotated[int, typer.Option(help="Starts of each kind, warm and cold.", min=1)] = 5,
    models_dir: ModelsDir = None,
) -> None:
    """From the start of the gateway to its first answer, and to the first name."""
    import asyncio

    from edge.bench import start as bench

    folder = models_dir or HERE
    obtain(bench.PACK, folder, [])
    with progress() as report:
        result = asyncio.run(bench.run(starts, folder, report))
    print_json(result)


@app.command()
def embed(faces: Faces = None, models_dir: ModelsDir = None) -> None:
    """What a face and a detection cost, beside the published files and OpenCV."""
    from edge.bench import embed as bench

    folder = models_dir or HERE
    obtain(bench.PACK, folder, [])
    with progress() as report:
        result = bench.run(faces, folder, report)
    print_json(result)


@app.command()
def search(
    templates: Annotated[int, typer.Option(help="Members in the gallery.", min=1000)] = 1_000_000,
    dim: Annotated[int, typer.Option(help="Length of an embedding.", min=16)] = 128,
) -> None:
    """Who of a million is this: how soon, in how much memory, and as exactly as a plain search."""
    from edge.bench import search as bench

    with progress() as report:
        result = bench.run(templates, dim, report)
    print_json(result)


@app.command()
def scan(
    images: Annotated[
        Path, typer.Option(help="Folder of SYMBOLOGY-N/PICTURE, each with its text beside it.")
    ],
    budget_ms: Annotated[int, typer.Option(help="Time for one picture.", min=0)] = 150,
) -> None:
    """How many codes are read, how fast, and how many wrongly; others beside it."""
    from edge.bench import scan as bench

    with progress() as report:
        result = bench.run(images, budget_ms, report)
    print_json(result)


@app.command()
def wedge(
    codes: Annotated[int, typer.Option(help="Codes scanned each way.", min=20)] = 300,
) -> None:
    """From a scanner's last byte to the verdict that a phone has: how soon."""
    import asyncio

    from edge.bench import wedge as bench

    with progress() as report:
        result = asyncio.run(bench.run(codes, report))
    print_json(result)


@app.command()
def pipeline(
    faces: Faces = None,
    streams: Annotated[int, typer.Option(help="Cameras at once.", min=1)] = 1,
    seconds: Annotated[float, typer.Option(help="Of video from each camera.", min=30)] = 60,
    pack: PackOption = "yunet-sface",
    peer: PeerOption = None,
    models_dir: ModelsDir = None,
    accept: AcceptOption = None,
) -> None:
    """Frames per processor second, beside a peer on the same clips; not in real time.

    The peer is insightface where its licence is accepted, else plain, unless it is named.
    """
    from edge.bench import peers
    from edge.bench import pipeline as bench

    folder, accepted = models_dir or HERE, accept or []
    against = peer or ("insightface" if INSIGHTFACE_LICENCE in accepted else "plain")
    obtain(pack, folder, accepted)
    obtain(peers.pack_of(against), folder, accepted)
    with progress() as report:
        result = bench.run(faces, streams, seconds, pack, against, folder, report, accepted)
    print_json(result)


@app.command()
def spoof(
    live: Annotated[Path, typer.Option(help="Folder of pictures of people at a door.")],
    attack: Annotated[
        Path | None,
        typer.Option(help="Folder of pictures held up, by instrument; default: simulated."),
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", "-c", help="Take this shop's threshold and models.")
    ] = None,
    models_dir: ModelsDir = None,
) -> None:
    """How often a picture passes for a person, and a person for a picture (ISO/IEC 30107-3)."""
    from edge.app.matching import bona_fide_threshold
    from edge.bench import spoof as bench

    recognition = load(config).recognition if config else RecognitionConfig()
    folder = models_dir or (models_of(load(config)) if config else HERE)
    obtain(bench.PACK, folder, [], attack_check=True)
    with progress() as report:
        result = bench.run(
            live, attack, folder, bona_fide_threshold(recognition), recognition.min_face_px, report
        )
    print_json(result)


@app.command()
def soak(
    faces: Faces = None,
    frames: Annotated[int, typer.Option(help="15 make a second of a door.", min=900)] = 54_000,
    pack: PackOption = "yunet-sface",
    models_dir: ModelsDir = None,
    accept: AcceptOption = None,
) -> None:
    """Whether memory stays flat: an hour's worth of frames, as fast as they run."""
    from edge.bench import soak as bench

    folder, accepted = models_dir or HERE, accept or []
    obtain(pack, folder, accepted)
    with progress() as report:
        result = bench.run(faces, frames, pack, folder, report, accepted)
    print_json(result)


@app.command()
def vouchers(
    codes: Annotated[int, typer.Option(help="Vouchers of the campaign.", min=100)] = 1_000_000,
) -> None:
    """Issue and verify vouchers; redeem them from 50 phones, and kill the gateway meanwhile."""
    import asyncio

    from edge.bench import vouchers as bench

    with progress() as report:
        result = asyncio.run(bench.run(codes, report))
    print_json(result)


@app.command()
def backup(
    members: Annotated[int, typer.Option(help="Of the store that is copied.", min=1)] = 200_000,
    models_dir: ModelsDir = None,
) -> None:
    """How long a copy of a big store takes, and how long phones wait meanwhile; needs restic."""
    import asyncio
    import tempfile

    from edge.bench import copies as bench

    folder = models_dir or HERE
    obtain("yunet-sface", folder, [])
    with tempfile.TemporaryDirectory(prefix="regulars-bench-") as temporary, progress() as report:
        result = asyncio.run(bench.run(Path(temporary), folder.resolve(), members, report))
    print_json(result)


@app.command()
def sync(
    backlog: Annotated[int, typer.Option(help="Messages that wait in a store.", min=2)] = 200_000,
    withdrawals: Annotated[int, typer.Option(help="Members who withdraw.", min=1)] = 120,
    members: Annotated[int, typer.Option(help="Of the chain, for a resync.", min=1)] = 200_000,
    stores: Annotated[int, typer.Option(help="That speak at once.", min=2)] = 1000,
    models_dir: ModelsDir = None,
) -> None:
    """What the line to headquarters carries, on a real PostgreSQL; needs requirements/dev.txt."""
    import asyncio
    import tempfile

    from edge.bench.sync import run as bench
    from edge.demo.town import postgres

    folder = models_dir or HERE
    obtain("yunet-sface", folder, [])
    size = bench.Size(backlog=backlog, withdrawals=withdrawals, members=members, stores=stores)
    with (
        tempfile.TemporaryDirectory(prefix="regulars-bench-") as temporary,
        postgres(Path(temporary) / "postgresql") as server,
        progress() as report,
    ):
        work = bench.run(server, Path(temporary), folder.resolve(), size, report)
        result = asyncio.run(work)
    print_json(result)


@app.command()
def gap(restarts: Annotated[int, typer.Option(min=1)] = 10) -> None:
    """How long phones wait while the gateway is restarted."""
    from edge.bench import gap as bench

    with progress() as report:
        result = bench.measure(restarts, report)
    print_json(result)
