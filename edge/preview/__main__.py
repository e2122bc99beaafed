"""``python -m edge.preview``: started by the gateway, not by people."""

from edge.preview.process import main

main()
