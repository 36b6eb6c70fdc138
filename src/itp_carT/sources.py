"""Where each rule comes from: sources, citations, and the bibliography itself as constants.

A rule, a formula or a constant takes a `Citation` without a default, so an unsourced one cannot
be constructed. A citation says whether the fact was checked against an opened source; what is
known from knowledge only is *unverified* and every result that rests on it says so.
"""

from __future__ import annotations

from typing import Any

from attrs import field, frozen, validators

_words: Any = validators.min_len(1)


@frozen
class Source:
    """A publication, label, registry entry or guideline.

    Parameters
    ----------
    key
        Short unique key, e.g. ``"mosteller-1987"``.
    authors
        As cited, e.g. ``"Mosteller RD"``.
    year
        Year of the edition meant.
    title
        Title of the work.
    publication
        Journal with volume and pages, edition, or registry.
    doi, url
        Where it can be found, when known.
    seen
        Whether the source (or a faithful copy of the passage used) was opened.
    """

    key: str = field(validator=_words)
    authors: str = field(validator=_words)
    year: int
    title: str = field(validator=_words)
    publication: str = field(default="", kw_only=True)
    doi: str | None = field(default=None, kw_only=True)
    url: str | None = field(default=None, kw_only=True)
    seen: bool = field(default=True, kw_only=True)

    def at(self, locator: str, *, verified: bool | None = None, note: str = "") -> Citation:
        """Cite a place in this source.

        Parameters
        ----------
        locator
            Section, table or term.
        verified
            Whether this fact was checked there; by default, whether the source was seen.
        note
            Our reading, where the text leaves a choice.
        """
        return Citation(
            self, locator, verified=self.seen if verified is None else verified, note=note
        )

    def __str__(self) -> str:
        where = f" {self.publication}." if self.publication else ""
        link = f" doi:{self.doi}" if self.doi else f" {self.url}" if self.url else ""
        return f"{self.authors}. {self.title}.{where} {self.year}.{link}"


@frozen
class Citation:
    """A place in a source, and whether the fact was checked there.

    Parameters
    ----------
    source
        The publication.
    locator
        Section, table or term in it.
    verified
        False where the fact is from knowledge only and was not confirmed in an opened source.
    note
        Our reading, where the text leaves a choice.

    Examples
    --------
    >>> print(MOSTELLER_1987.at("equation"))
    Mosteller 1987, equation
    """

    source: Source = field(validator=validators.instance_of(Source))
    locator: str = field(validator=_words)
    verified: bool = field(kw_only=True)
    note: str = field(default="", kw_only=True)

    @property
    def short(self) -> str:
        """Author and year, or the name by which the source is known."""
        name = self.source.authors.split(",")[0].split(" et al")[0]
        words = name.split()
        family = words[0] if len(words) == 2 and words[1].isupper() else name
        return f"{family} {self.source.year}"

    def __str__(self) -> str:
        return f"{self.short}, {self.locator}" + ("" if self.verified else " (unverified)")


def bibliography() -> tuple[Source, ...]:
    """Return every source of the library, by key.

    Examples
    --------
    >>> "mosteller-1987" in {source.key for source in bibliography()}
    True
    """
    found = (value for value in globals().values() if isinstance(value, Source))
    return tuple(sorted(found, key=lambda source: source.key))


# --- the trial ------------------------------------------------------------------------------------

NCT05315778 = Source(
    "nct05315778",
    "ClinicalTrials.gov NCT05315778",
    2022,
    "Anti-BCMA CAR-T cells in relapsed or refractory immune thrombocytopenia",
    publication="Registry record, First Affiliated Hospital of Soochow University",
    url="https://clinicaltrials.gov/study/NCT05315778",
)

# --- anthropometry --------------------------------------------------------------------------------

MOSTELLER_1987 = Source(
    "mosteller-1987",
    "Mosteller RD",
    1987,
    "Simplified calculation of body-surface area",
    publication="N Engl J Med 317:1098",
)

DU_BOIS_1916 = Source(
    "du-bois-1916",
    "Du Bois and Du Bois",
    1916,
    "A formula to estimate the approximate surface area if height and weight be known",
    publication="Arch Intern Med 17:863-871",
)
HAYCOCK_1978 = Source(
    "haycock-1978",
    "Haycock GB, Schwartz GJ, Wisotsky DH",
    1978,
    "Geometric method for measuring body surface area: a height-weight formula validated in "
    "infants, children, and adults",
    publication="J Pediatr 93:62-66",
)
GEHAN_GEORGE_1970 = Source(
    "gehan-george-1970",
    "Gehan EA, George SL",
    1970,
    "Estimation of human body surface area from height and weight",
    publication="Cancer Chemother Rep 54:225-235",
)
BOYD_1935 = Source(
    "boyd-1935",
    "Boyd E",
    1935,
    "The growth of the surface area of the human body",
    publication="University of Minnesota Press",
)
FUJIMOTO_1968 = Source(
    "fujimoto-1968",
    "Fujimoto S et al",
    1968,
    "Studies on the physical surface area of Japanese: calculation formulas",
    publication="Nippon Eiseigaku Zasshi 23:443-450",
)
SHUTER_ASLANI_2000 = Source(
    "shuter-aslani-2000",
    "Shuter B, Aslani A",
    2000,
    "Body surface area: Du Bois and Du Bois revisited",
    publication="Eur J Appl Physiol 82:250-254",
)
SCHLICH_2010 = Source(
    "schlich-2010",
    "Schlich E, Schumm M, Schlich M",
    2010,
    "3-D body scan as an anthropometric method to determine body surface area (in German)",
    publication="Ernahrungs Umschau 57:178-183",
)
LIVINGSTON_LEE_2001 = Source(
    "livingston-lee-2001",
    "Livingston EH, Lee S",
    2001,
    "Body surface area prediction in normal-weight and obese patients",
    publication="Am J Physiol Endocrinol Metab 281:E586-E591",
)
YU_2003 = Source(
    "yu-2003",
    "Yu CY, Lo YH, Chiou WK",
    2003,
    "The 3D scanner for measuring body surface area: a simplified calculation in the Chinese adult",
    publication="Appl Ergon 34:273-278",
    seen=False,
)
YU_2010 = Source(
    "yu-2010",
    "Yu CY, Lin CH, Yang YH",
    2010,
    "Human body surface area database and estimation formula",
    publication="Burns 36:616-629",
    seen=False,
)
STEVENSON_1937 = Source(
    "stevenson-1937",
    "Stevenson PH",
    1937,
    "Height-weight-surface formula for the estimation of surface area in Chinese subjects",
    publication="Chin J Physiol 12:327",
    seen=False,
)
ZHAO_1984 = Source(
    "zhao-1984",
    "Zhao et al",
    1984,
    "Measurement of the body surface area of Chinese adult men (in Chinese; abstract)",
)
ZHAO_1987 = Source(
    "zhao-1987",
    "Zhao et al",
    1987,
    "Measurement of the body surface area of Chinese adult women (in Chinese)",
    seen=False,
)
HU_1999 = Source(
    "hu-1999",
    "Hu et al",
    1999,
    "Formulas of body surface area for Chinese adults (in Chinese)",
    seen=False,
)
ADMIRAL = Source(
    "admiral",
    "pharmaverse admiral",
    2025,
    "ADaM in R Asset Library: compute_bmi, compute_bsa, compute_egfr",
    publication="Source code at commit 6eb5125",
    url="https://github.com/pharmaverse/admiral",
)
WST_428_2013 = Source(
    "ws-t-428-2013",
    "WS/T 428-2013",
    2013,
    "Criteria of weight for adults",
    publication="Health industry standard of China",
)
WHO_BMI = Source(
    "who-bmi",
    "World Health Organization",
    2000,
    "Obesity: preventing and managing the global epidemic",
    publication="Technical Report Series 894",
    seen=False,
)
DEVINE_1974 = Source(
    "devine-1974",
    "Devine BJ",
    1974,
    "Gentamicin therapy",
    publication="Drug Intell Clin Pharm 8:650-655",
)
GLOBALRPH_CRCL = Source(
    "globalrph-crcl",
    "GlobalRPh",
    2025,
    "Creatinine clearance, multiple methods: ideal and adjusted body weight",
    publication="Web calculator",
)
EBMT_OBESITY_SURVEY = Source(
    "ebmt-obesity-survey",
    "EBMT obesity survey",
    2015,
    "Chemotherapy dose adjustment for obese patients: a survey of transplant centers",
    publication="PMC4294603",
)
JANMAHASATIAN_2005 = Source(
    "janmahasatian-2005",
    "Janmahasatian S et al",
    2005,
    "Quantification of lean bodyweight",
    publication="Clin Pharmacokinet 44:1051-1065",
)

# --- renal function -------------------------------------------------------------------------------

COCKCROFT_GAULT_1976 = Source(
    "cockcroft-gault-1976",
    "Cockcroft DW, Gault MH",
    1976,
    "Prediction of creatinine clearance from serum creatinine",
    publication="Nephron 16:31-41",
)
CKD_EPI_2021 = Source(
    "ckd-epi-2021",
    "Inker LA et al",
    2021,
    "New creatinine- and cystatin C-based equations to estimate GFR without race",
    publication="N Engl J Med 385:1737-1749",
)
