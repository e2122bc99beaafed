"""``python -m edge`` is ``regulars``."""

from edge.cli import main

main()
