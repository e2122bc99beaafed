"""``python -m edge.scanner``: started by the gateway, not by people."""

from edge.scanner.process import main

main()
