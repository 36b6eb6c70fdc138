"""The small-sample methods the endpoints need: exact and Wilson intervals, Kaplan-Meier.

Plain Python, because five patients need no numerical library; the tests compare every method with
independent programs. What the data cannot say is None, "not estimable", and never the last value.
"""

from .rates import RateInterval as RateInterval
from .rates import Sided as Sided
from .rates import clopper_pearson as clopper_pearson
from .rates import wilson as wilson
from .survival import KaplanMeier as KaplanMeier
from .survival import SurvivalRow as SurvivalRow
from .survival import Transform as Transform
from .survival import kaplan_meier as kaplan_meier
