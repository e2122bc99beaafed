"""``python -m edge`` is ``regulars``."""

from edge.cli import main

# A benchmark's process of its own reads this file again.
if __name__ == "__main__":
    main()
