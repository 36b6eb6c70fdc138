"""Fetch and build what the calculator page serves: Pyodide, the wheels, the forms.

    python scripts/build_calculator.py [FOLDER]

FOLDER is ``docs/_calculator`` by default; Sphinx copies it into the site when it is there. Pyodide
comes from the npm package of the same name, by its checksum; our own wheel is built from this
tree; the other wheels are those of ``docs/calculator-wheels.txt``, by their checksums. The same
tree gives the same files.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PYODIDE = "314.0.7"
PYODIDE_SHA512 = (
    "0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A=="
)
PYODIDE_PYTHON = "3.14"
# What a browser needs of the package; the rest are type declarations, source maps and a console.
RUNTIME = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
LICENSE = (
    "Pyodide, https://pyodide.org, is licensed under the Mozilla Public License 2.0.\n"
    f"Its source: https://github.com/pyodide/pyodide, release {PYODIDE}.\n"
    "The files are unchanged, but for pyodide-lock.json, from which the packages that are not\n"
    "used were taken out.\n"
)


class BuildError(Exception):
    """Something the build needs is missing or is not what it should be."""


def main(folder: Path) -> None:
    """Build everything in a folder beside, then put it in place."""
    with tempfile.TemporaryDirectory() as scratch:
        new = Path(scratch) / "calculator"
        runtime(new / "pyodide", folder / "calculator" / "pyodide")
        wheels(new / "wheels")
        forms(new)
        manifest(new)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        shutil.copytree(new, folder / "calculator")


def runtime(folder: Path, before: Path) -> None:
    """Put the files of Pyodide in place: those of the last build where it was the same release."""
    if (before / "VERSION").is_file() and (before / "VERSION").read_text() == PYODIDE:
        shutil.copytree(before, folder)
        return
    folder.mkdir(parents=True)
    found = fetch("pyodide", PYODIDE, PYODIDE_SHA512, (*RUNTIME, "pyodide-lock.json"))
    lock = json.loads(found.pop("pyodide-lock.json"))
    for name, content in found.items():
        (folder / name).write_bytes(content)
    lock["packages"] = {}
    (folder / "pyodide-lock.json").write_text(json.dumps(lock, sort_keys=True))
    (folder / "LICENSE.txt").write_text(LICENSE)
    (folder / "VERSION").write_text(PYODIDE)


def fetch(package: str, version: str, sha512: str, names: tuple[str, ...]) -> dict[str, bytes]:
    """Return files of an npm package, whose checksum must be the known one."""
    npm = shutil.which("npm")
    if npm is None:
        raise BuildError("npm was not found: install Node.js, or build the site without it")
    with tempfile.TemporaryDirectory() as scratch:
        run(npm, "pack", "--silent", f"{package}@{version}", cwd=scratch)
        packed = (Path(scratch) / f"{package}-{version}.tgz").read_bytes()
    if base64.b64encode(hashlib.sha512(packed).digest()).decode() != sha512:
        raise BuildError(f"{package} {version} is not the package whose checksum is known")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        return {name: archive.extractfile(f"package/{name}").read() for name in names}


def wheels(folder: Path) -> None:
    """Build our wheel from this tree and download the others, by checksum."""
    folder.mkdir(parents=True)
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet")
    # 1980 is the first year a wheel can hold; the time of the build would differ every time
    environment = os.environ | {"SOURCE_DATE_EPOCH": "315532800"}
    run(*pip, "wheel", "--no-deps", "--wheel-dir", str(folder), str(ROOT), env=environment)
    run(
        *pip, "download", "--no-deps", "--require-hashes", "--dest", str(folder),
        "--only-binary=:all:", "--implementation", "py", "--abi", "none", "--platform", "any",
        "--python-version", PYODIDE_PYTHON, "-r", str(ROOT / "docs" / "calculator-wheels.txt"),
    )  # fmt: skip


def forms(folder: Path) -> None:
    """Write the forms, so that the page can be read and filled in before Python runs in it."""
    sys.path.insert(0, str(ROOT / "src"))
    from itp_carT import calculator

    text = json.dumps(calculator.page(), ensure_ascii=False, sort_keys=True)
    (folder / "forms.json").write_text(text, encoding="utf-8")


def manifest(folder: Path) -> None:
    """Write what there is to load, with sizes, for the progress bar and for whoever looks."""
    found = sorted((folder / "wheels").glob("*.whl"))
    content = {
        "pyodide": PYODIDE,
        "wheels": [
            {
                "name": wheel.name,
                "bytes": wheel.stat().st_size,
                "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
            }
            for wheel in found
        ],
        "runtime": {name: (folder / "pyodide" / name).stat().st_size for name in RUNTIME},
    }
    (folder / "manifest.json").write_text(json.dumps(content, indent=1))
    every = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    print(f"Pyodide {PYODIDE} and {len(found)} wheels, {every / 1e6:.2f} MB")


def run(*command: str, **settings: object) -> None:
    """Run a program; what it says is shown only where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False, **settings)
    if done.returncode:
        raise BuildError(f"{Path(command[0]).name} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "_calculator")
    except BuildError as error:
        sys.exit(f"The calculator was not built: {error}")
