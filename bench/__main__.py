"""``python -m bench``: run the measurements and write the table of docs/performance.md."""

from __future__ import annotations

from bench.main import main

if __name__ == "__main__":
    raise SystemExit(main())
