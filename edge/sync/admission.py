"""The one call of a machine that is no store yet: it shows a claim and asks to be admitted."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import msgspec

from edge.contract import AdmissionAsked, Admitted, Problem, StoreClaim
from edge.errors import HeadquartersRefused, HeadquartersUnavailable
from edge.sync.credentials import claim_context

TIMEOUT = aiohttp.ClientTimeout(total=60, sock_connect=5, sock_read=20)


async def ask(claim: StoreClaim, admission: Path, request: str) -> Admitted:
    """Ask by the claim's own authority, and no other, for a certificate for the key in ``request``.

    ``admission`` is the file with the claim's key and certificate. Raises
    ``HeadquartersUnavailable`` and ``HeadquartersRefused``.
    """
    body = msgspec.json.encode(AdmissionAsked(request=request))
    try:
        context = await asyncio.to_thread(claim_context, claim.authority, admission)
        connector = aiohttp.TCPConnector(ssl=context)
        async with (
            aiohttp.ClientSession(connector=connector, timeout=TIMEOUT) as session,
            session.post(f"{claim.admissions}/v1/admissions", data=body) as answer,
        ):
            told = await answer.read()
            if answer.status == 200:
                return msgspec.json.decode(told, type=Admitted)
            problem = msgspec.json.decode(told, type=Problem)
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise HeadquartersUnavailable(
            f"headquarters gives no answer of use ({type(error).__name__})"
        ) from error
    raise HeadquartersRefused(
        f"headquarters says {problem.code}: {problem.detail}", refusal=problem.code
    )
