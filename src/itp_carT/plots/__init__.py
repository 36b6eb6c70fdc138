"""Pictures on Matplotlib figures: courses, cohorts, survival, therapy, scales, visits, designs.

Colors are those of Okabe and Ito, which color-blind readers tell apart; every meaning is also
carried by shape, line or hatch, so that a page printed in gray reads the same. Figures are made
without the global state of pyplot; save one with ``figure.savefig(...)``.
"""

from .escalation import operating_characteristics
from .events import event_grid
from .quality_of_life import scale_profile
from .response import swimmer, trajectories, trajectory
from .schedule import visit_months
from .style import BLACK, BLUE, GRAY, GREEN, ORANGE, PURPLE, SKY, VERMILLION
from .survival import kaplan_meier
from .therapy import therapy_timeline

__all__ = [
    "BLACK",
    "BLUE",
    "GRAY",
    "GREEN",
    "ORANGE",
    "PURPLE",
    "SKY",
    "VERMILLION",
    "event_grid",
    "kaplan_meier",
    "operating_characteristics",
    "scale_profile",
    "swimmer",
    "therapy_timeline",
    "trajectories",
    "trajectory",
    "visit_months",
]
