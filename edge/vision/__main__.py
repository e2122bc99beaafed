"""``python -m edge.vision``: started by the gateway, not by people."""

from edge.vision.process import main

main()
