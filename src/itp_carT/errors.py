"""The errors and warnings of the library, on one screen.

Each error is also the closest built-in, carries its facts as attributes and survives pickling.
A message says what was given, why it cannot be used and what to write instead.
"""

from __future__ import annotations

from typing import Any, Self


class ItpCarTError(Exception):
    """Base of every error this library raises on purpose.

    Parameters
    ----------
    message
        What was given, why it cannot be used, what to write instead.
    field
        Name of the argument, option or column that was wrong, when one is known.
    given
        The value as it was given.
    citation
        The rule behind the refusal, as text, when a rule is behind it.
    facts
        Further facts of the kind of error, e.g. ``possible`` and ``missing``.
    """

    def __init__(
        self,
        message: str,
        *,
        field: str | None = None,
        given: Any = None,
        citation: str | None = None,
        **facts: Any,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.given = given
        self.citation = citation
        self.facts = facts

    def __getattr__(self, name: str) -> Any:
        facts = self.__dict__.get("facts", {})
        if name in facts:
            return facts[name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def __str__(self) -> str:
        return f"{self.field}: {self.message}" if self.field else self.message

    def __reduce__(self) -> tuple[Any, ...]:
        common = {"field": self.field, "given": self.given, "citation": self.citation}
        return _rebuild, (type(self), self.message, common | self.facts)

    def about(self, field: str) -> Self:
        """Return the same error, naming the argument, option or column it is about."""
        common: dict[str, Any] = {"given": self.given, "citation": self.citation}
        return type(self)(self.message, field=field, **common, **self.facts)


def _rebuild(kind: type[ItpCarTError], message: str, facts: dict[str, Any]) -> ItpCarTError:
    return kind(message, **facts)


class UnitError(ItpCarTError, ValueError):
    """A unit is missing, unknown or of the wrong kind."""


class UnitRequiredError(UnitError):
    """A bare number was given where a unit matters."""


class UnknownUnitError(UnitError):
    """The unit is not in the closed table of spellings."""


class DimensionError(UnitError):
    """The unit is known but measures something else."""


class NotationError(ItpCarTError, ValueError):
    """The text is not one number with a unit, or can be read in two ways."""


class ImpossibleError(ItpCarTError, ValueError):
    """The value is outside what can be true."""


class MissingFactError(ItpCarTError, ValueError):
    """A fact that the calculation needs was not given."""


class UndecidedError(ItpCarTError, LookupError):
    """The facts allow more than one outcome: see ``possible`` and ``missing``."""


class UnknownTermError(ItpCarTError, LookupError):
    """No such term, visit, drug, formula or level: see ``nearest``."""


class NotPermittedError(ItpCarTError, ValueError):
    """The protocol or the label forbids what was asked: see ``citation``."""


class RecordError(ItpCarTError, ValueError):
    """A row of a file or frame cannot be used: see ``file``, ``row`` and ``column``."""


class ItpCarTWarning(UserWarning):
    """Base of the warnings of this library."""


class UnusualValueWarning(ItpCarTWarning):
    """Right but rare: check the value against the chart."""


class AssumptionWarning(ItpCarTWarning):
    """A reading or a default was chosen where the input left a choice."""
