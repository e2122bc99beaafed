"""``regulars certificate``: the certificate of the gateway's public name."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import typer

from edge import config as configuration
from edge.cli.console import ConfigOption, done

app = typer.Typer(help="Look after the public name's certificate.", no_args_is_help=True)


@app.callback()
def _certificate() -> None:
    """Look after the public name's certificate."""


@app.command()
def renew(config: ConfigOption) -> None:
    """Obtain or renew the certificate, if it is due. The service does it every day."""
    from edge.app import sole_use
    from edge.flows import certificates

    shop = configuration.load(config)
    state_dir = Path(shop.store.state_dir)
    secrets = certificates.secrets_of_dns()
    with sole_use(state_dir, "renewal"):
        found = certificates.renew(shop.certificate, state_dir, secrets, datetime.now(UTC))
    what = "is new" if found.renewed else "is not due yet"
    until = f"it holds until {found.ends_at:%Y-%m-%d}"
    done(f"the certificate of {shop.certificate.name} {what}; {until}")


@app.command("new-authority")
def new_authority(config: ConfigOption) -> None:
    """End the authority that phones trust; the next start makes one. Stop the gateway first."""
    from edge.app import sole_use
    from edge.store.keyring import AUTHORITY, open_keyring

    state_dir = Path(configuration.load(config).store.state_dir)
    with sole_use(state_dir):
        keyring = open_keyring(state_dir / "keys")
        try:
            keyring.drop_secret(AUTHORITY)
        finally:
            keyring.close()
        (state_dir / "tls" / "authority.pem").unlink(missing_ok=True)
    done("the next start makes another authority; open /trust on each phone then")
