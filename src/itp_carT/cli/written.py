"""Files that a command writes: whole or not at all, and in place of no other unasked.

A file is written beside its place under a name of its own and moved there at the end; a run that
fails or is stopped removes it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from itp_carT.errors import NotPermittedError


def check_place(output: Path, *inputs: Path, force: bool, field: str = "output") -> None:
    """Refuse a place that holds an input, or a file that was not to be replaced.

    Raises
    ------
    NotPermittedError
        Says which, and what to do instead.
    """
    for given in inputs:
        if output.exists() and given.exists() and output.samefile(given):
            raise NotPermittedError(
                f"{output.name} is the file that is read: name another file", field=field
            )
    if output.is_dir() or not output.parent.is_dir():
        what = "is a directory" if output.is_dir() else f"has no directory {output.parent.name}"
        raise NotPermittedError(f"{output.name} {what}: name another file", field=field)
    if output.exists() and not force:
        raise NotPermittedError(
            f"{output.name} exists: name another file, or add --force", field=field
        )


@contextmanager
def complete(output: Path, *, force: bool, field: str = "output") -> Iterator[Path]:
    """Give a place beside an output to write to, and move it there when the block has ended well.

    Raises
    ------
    NotPermittedError
        When the place cannot be written, or a file appeared there meanwhile.
    """
    half = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        with _stopped_politely():
            yield half
            check_place(output, force=force, field=field)
            half.replace(output)
    except OSError as error:
        why = error.strerror or str(error)
        raise NotPermittedError(f"{output.name} cannot be written: {why}", field=field) from None
    finally:
        half.unlink(missing_ok=True)


@contextmanager
def _stopped_politely() -> Iterator[None]:
    """Let a request to end the program leave the block like an error, so that it tidies up."""

    def leave(number: int, _: FrameType | None) -> None:
        raise SystemExit(128 + number)

    try:
        before = signal.signal(signal.SIGTERM, leave)
    except ValueError:  # not the main thread: nothing arrives here
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def write_whole(file: Path, content: Any, option: str) -> None:
    """Write a file and put it in its place only when it is complete.

    Parameters
    ----------
    file
        Where; whether it may be replaced was asked before.
    content
        Text, bytes, or a figure of Matplotlib.
    option
        Name of the option, for the message.

    Raises
    ------
    NotPermittedError
        The file cannot be written, or a picture has an ending that Matplotlib does not know.
    """
    try:
        with complete(file, force=True, field=option) as half:
            if isinstance(content, bytes):
                half.write_bytes(content)
            elif isinstance(content, str):
                half.write_text(content, encoding="utf-8", newline="")
            else:
                content.savefig(half, format=file.suffix.removeprefix(".") or "png")
    except NotPermittedError:
        raise
    except ValueError as error:
        raise NotPermittedError(f"{file.name} cannot be written: {error}", field=option) from None


__all__ = ["check_place", "complete", "write_whole"]
