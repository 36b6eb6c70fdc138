"""Check a built site without a network: every link inside it leads to a page and a place on it.

    python scripts/check_links.py FOLDER

Links that leave the site are only read: they must be https or mailto. Ends with 1 and names page
and link where one leads nowhere.
"""

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

OUTSIDE = {"https", "mailto", "data"}
# the theme's template; listings of source code, whose way back from a re-exported name is Sphinx's
NOT_OURS = {"_static", "_modules"}


class Page(HTMLParser):
    """The places (ids) and the links of a page."""

    def __init__(self, path: Path) -> None:
        """Read the page."""
        super().__init__()
        self.places: set[str] = set()
        self.links: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Keep what is linked to, and what can be linked to."""
        for name, value in attrs:
            if name in {"id", "name"} and value:
                self.places.add(value)
            elif name in {"href", "src"} and value:
                self.links.append(value)


def problems(root: Path) -> list[str]:
    """Return a line per link that leads nowhere."""
    pages = {path.resolve(): Page(path) for path in sorted(root.rglob("*.html"))}
    found = []
    for path, page in pages.items():
        if NOT_OURS & set(path.parts):
            continue
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                if parts.scheme not in OUTSIDE:
                    found.append(f"{path.relative_to(root)}: {link}: neither https nor mailto")
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not target.exists():
                found.append(f"{path.relative_to(root)}: {link}: no such file")
            elif target in pages and unquote(parts.fragment) not in {"", *pages[target].places}:
                found.append(f"{path.relative_to(root)}: {link}: no such place on the page")
    return found


if __name__ == "__main__":
    folder = Path(sys.argv[1]).resolve()
    lines = problems(folder)
    pages = len(list(folder.rglob("*.html")))
    sys.stdout.write("\n".join([*lines, f"{len(lines)} broken links in {pages} pages\n"]))
    sys.exit(bool(lines) or not pages)
