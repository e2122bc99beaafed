"""The address of headquarters names its transport, and what is none is refused in one line."""

from __future__ import annotations

import pytest

from edge import config
from edge.errors import ConfigError

SHOP = '[store]\nid = "shop"\nname = "Shop"\n[headquarters]\nurl = '


@pytest.mark.parametrize("url", ["https://hq.example:9443", "nats://nats.example:4222"])
def test_both_transports_are_taken(url: str) -> None:
    assert config.parse(f'{SHOP}"{url}"').headquarters.url == url


@pytest.mark.parametrize(
    "url",
    [
        *("", "hq.example", "http://hq.example", "tls://nats.example", "nats://", "nats://a/b"),
        *("nats://user:secret@a:4222", "https://hq.example:9443/", "https://hq.example\\n"),
    ],
)
def test_what_is_no_address_is_refused_and_the_forms_are_named(url: str) -> None:
    with pytest.raises(ConfigError, match=r"headquarters\.url: .*https://HOST:PORT, or nats://"):
        config.parse(f'{SHOP}"{url}"')
