"""Fetch axe-core, which audits the calculator page for accessibility in the browser tests.

    python scripts/fetch_axe.py FILE

For the tests only: it is not part of the site or of the package (Mozilla Public License 2.0).
"""

import sys
from pathlib import Path

from build_calculator import BuildError, fetch

VERSION = "4.14.1"
SHA512 = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="

if __name__ == "__main__":
    try:
        found = fetch("axe-core", VERSION, SHA512, ("axe.min.js",))
    except BuildError as error:
        sys.exit(f"axe-core was not fetched: {error}")
    Path(sys.argv[1]).write_bytes(found["axe.min.js"])
