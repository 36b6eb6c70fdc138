"""What the criteria sets share: the outcomes of one visit and the fact of bleeding."""

from __future__ import annotations

from enum import Enum

from itp_carT.rules import Fact, Not


class Response(Enum):
    """Outcome of one visit or of a course; NE (not evaluable) is an answer, not a zero."""

    CR = "complete response"
    PR = "partial response"
    R = "response"
    NR = "no response"
    NE = "not evaluable"

    @property
    def label(self) -> str:
        """The term in words."""
        return self.value


#: Any bleeding since the previous assessment; unknown until somebody looked.
BLEEDING = Fact("bleeding", "bleeding")

#: Somebody looked, and there was none.
NO_BLEEDING = Not(BLEEDING.is_())
