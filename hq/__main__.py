"""``python -m hq``."""

from __future__ import annotations

import sys

from hq.cli import app
from hq.problems import Mistake

if __name__ == "__main__":
    try:
        app()
    except Mistake as mistake:
        sys.exit(f"hq: {mistake}")
