"""How much a patient bleeds, by each published instrument: a module is one instrument.

`chinese_adult` is the trial's score. What was not assessed is never counted as none: scores keep
every value that is still possible. `INSTRUMENTS` lists them all by key.
"""

from . import (
    buchanan_adix,
    chinese_adult,
    ibls,
    itp_bat,
    khellaf,
    modified_who,
    who,
)
from .instrument import Instrument

#: Every instrument, by key, the trial's first.
INSTRUMENTS: dict[str, Instrument] = {
    module.INSTRUMENT.key: module.INSTRUMENT
    for module in (chinese_adult, who, modified_who, itp_bat, ibls, khellaf, buchanan_adix)
}

__all__ = ["INSTRUMENTS"]
