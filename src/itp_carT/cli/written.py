"""Files that a command writes: whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from itp_carT.errors import NotPermittedError


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
    half = file.with_name(f"{file.name}.part")
    try:
        if isinstance(content, bytes):
            half.write_bytes(content)
        elif isinstance(content, str):
            half.write_text(content, encoding="utf-8", newline="")
        else:
            content.savefig(half, format=file.suffix.removeprefix(".") or "png")
        half.replace(file)
    except (OSError, ValueError) as error:
        half.unlink(missing_ok=True)
        reason = getattr(error, "strerror", None) or str(error)
        raise NotPermittedError(f"{file.name} cannot be written: {reason}", field=option) from None


__all__ = ["write_whole"]
