"""``python -m hq``."""

from __future__ import annotations

from hq.cli import app

if __name__ == "__main__":
    app()
