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
        family = words[0] if len(words) == 2 and words[1].isalpha() and words[1].isupper() else name
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

NCT06352281 = Source(
    "nct06352281",
    "ClinicalTrials.gov NCT06352281",
    2024,
    "CAR-T cells for chronic or refractory primary immune thrombocytopenia",
    publication="Registry record, 920th Hospital of the Joint Logistics Support Force, and its "
    "meeting abstract with data to June 2025",
    url="https://clinicaltrials.gov/study/NCT06352281",
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

# --- toxicity -------------------------------------------------------------------------------------
# The grade texts are NCI's; terms and codes of MedDRA belong to MSSO. What is kept here is facts.

CTCAE_V4 = Source(
    "ctcae-v4.03",
    "CTCAE v4.03",
    2010,
    "Common Terminology Criteria for Adverse Events, version 4.03 (MedDRA 12.0)",
    publication="U.S. National Cancer Institute; seen in a public copy of its 790 rows",
)
CTCAE_V5 = Source(
    "ctcae-v5.0",
    "CTCAE v5.0",
    2017,
    "Common Terminology Criteria for Adverse Events, version 5.0 (MedDRA 20.1)",
    publication="U.S. National Cancer Institute; seen in three public copies of its 837 rows, "
    "which agree",
)
CTCAE_V6 = Source(
    "ctcae-v6.0",
    "CTCAE v6.0",
    2025,
    "Common Terminology Criteria for Adverse Events, version 6.0 (MedDRA 28.0)",
    publication="U.S. National Cancer Institute; seen in the publisher's workbook with the errata "
    "of 2026-01-20",
)
MOLAR_MASSES = Source(
    "molar-masses",
    "Standard atomic weights",
    2021,
    "Molar mass by summing standard atomic weights over the formula",
    publication="IUPAC Commission on Isotopic Abundances and Atomic Weights",
    seen=False,
)

# --- adverse events -------------------------------------------------------------------------------

ADMIRAL_TRTEMFL = Source(
    "admiral-trtemfl",
    "pharmaverse admiral",
    2026,
    "ADaM in R Asset Library: derive_var_trtemfl",
    publication="Source code at commit 6eb5125, after the PHUSE white paper",
    url="https://github.com/pharmaverse/admiral",
)
ADAM_OCCDS = Source(
    "adam-occds",
    "CDISC",
    2016,
    "ADaM Structure for Occurrence Data",
    publication="Version 1.0",
    seen=False,
)
CDISC_SDTM_CT = Source(
    "cdisc-sdtm-ct",
    "CDISC",
    2024,
    "SDTM Controlled Terminology",
    publication="Published by the US National Cancer Institute",
    seen=False,
)
CTEP_ATTRIBUTION = Source(
    "ctep-attribution",
    "NCI CTEP",
    2013,
    "NCI Guidelines for Investigators: Adverse Event Reporting Requirements",
    seen=False,
)
ICH_E2A = Source(
    "ich-e2a",
    "ICH",
    1994,
    "Clinical Safety Data Management: Definitions and Standards for Expedited Reporting (E2A)",
    seen=False,
)

# --- response -------------------------------------------------------------------------------------

RODEGHIERO_2009 = Source(
    "rodeghiero-2009",
    "Rodeghiero F, et al.",
    2009,
    "Standardization of terminology, definitions and outcome criteria in immune thrombocytopenic "
    "purpura of adults and children: report from an international working group",
    publication="Blood 113:2386-93",
    doi="10.1182/blood-2008-07-162503",
)
CHINESE_ITP_2020 = Source(
    "chinese-itp-2020",
    "Thrombosis and Hemostasis Group, Chinese Society of Hematology, Chinese Medical Association",
    2020,
    "Chinese guideline on the diagnosis and management of adult primary immune thrombocytopenia",
    publication="Chin J Hematol 41(8):617-623",
    doi="10.3760/cma.j.issn.0253-2727.2020.08.001",
    seen=False,
)
NEUNERT_2019 = Source(
    "neunert-2019",
    "Neunert C, et al.",
    2019,
    "American Society of Hematology 2019 guidelines for immune thrombocytopenia",
    publication="Blood Adv 3:3829-66",
    seen=False,
)
ROMIPLOSTIM_LABEL = Source(
    "romiplostim-label", "Romiplostim, EU product information", 2009, "Clinical efficacy"
)
FOSTAMATINIB_FIT = Source(
    "fostamatinib-fit",
    "Fostamatinib phase 3 trials, pooled report",
    2018,
    "Table 2",
    publication="PMC6223701",
)
AVATROMBOPAG_ITP = Source(
    "avatrombopag-itp", "jRCT2031220005", 2022, "Avatrombopag in ITP", publication="Registry record"
)
RILZABRUTINIB_LUNA3 = Source(
    "rilzabrutinib-luna3",
    "LUNA 3 (NCT04562766)",
    2025,
    "Rilzabrutinib in immune thrombocytopenia",
    doi="10.1182/blood.2024027336",
)
EFGARTIGIMOD_ADVANCE = Source(
    "efgartigimod-advance",
    "ADVANCE IV",
    2023,
    "Efgartigimod in immune thrombocytopenia",
    publication="PMID 37778358",
)
ELTROMBOPAG_RAISE = Source(
    "eltrombopag-raise", "RAISE", 2011, "Eltrombopag in chronic immune thrombocytopenia"
)

# --- bleeding instruments -------------------------------------------------------------------------

CHINESE_BLEEDING_2016 = Source(
    "chinese-bleeding-2016",
    "Chinese consensus on adult ITP",
    2016,
    "Bleeding score of the Chinese consensus on adult primary immune thrombocytopenia, kept in the "
    "guideline of 2020",
    seen=False,
)
WHO_BLEEDING = Source(
    "who-bleeding",
    "WHO bleeding scale",
    1979,
    "Bleeding scale of the World Health Organization, as quoted in abstracts of trials in ITP and "
    "of platelet transfusion",
    publication="The handbook itself was not opened",
)
MODIFIED_WHO_BLEEDING = Source(
    "modified-who-bleeding",
    "Modified WHO bleeding scale",
    2025,
    "Itemized form of platelet transfusion trials, grades 1-4",
    publication="medicalalgorithms.com",
)
RODEGHIERO_2013 = Source(
    "rodeghiero-2013",
    "Rodeghiero F et al",
    2013,
    "Standardization of bleeding assessment in immune thrombocytopenia: ITP-BAT, SMOG",
    publication="Blood 121:2596-2606",
)
PAGE_2007 = Source(
    "page-2007",
    "Page LK et al",
    2007,
    "The immune thrombocytopenic purpura (ITP) bleeding score",
    publication="Br J Haematol 138:245-248",
    doi="10.1111/j.1365-2141.2007.06635.x",
)
KHELLAF_2005 = Source(
    "khellaf-2005",
    "Khellaf M et al",
    2005,
    "Bleeding score for the choice of treatment in adult ITP",
    publication="Haematologica 90:829-832; read in the form of a calculator",
)
BUCHANAN_ADIX_2002 = Source(
    "buchanan-adix-2002",
    "Buchanan GR, Adix L",
    2002,
    "Grading of hemorrhage in children with idiopathic thrombocytopenic purpura",
    publication="J Pediatr 141:683-688",
)

# --- statistics: formulas known to the field, each compared with an independent program -----------

CLOPPER_PEARSON_1934 = Source(
    "clopper-pearson-1934",
    "Clopper CJ, Pearson ES",
    1934,
    "The use of confidence or fiducial limits illustrated in the case of the binomial",
    publication="Biometrika 26:404-413",
    seen=False,
)
WILSON_1927 = Source(
    "wilson-1927",
    "Wilson EB",
    1927,
    "Probable inference, the law of succession, and statistical inference",
    publication="J Am Stat Assoc 22:209-212",
    seen=False,
)
KAPLAN_MEIER_1958 = Source(
    "kaplan-meier-1958",
    "Kaplan EL, Meier P",
    1958,
    "Nonparametric estimation from incomplete observations",
    publication="J Am Stat Assoc 53:457-481",
    seen=False,
)
GREENWOOD_1926 = Source(
    "greenwood-1926",
    "Greenwood M",
    1926,
    "The natural duration of cancer",
    publication="Reports on Public Health and Medical Subjects 33:1-26",
    seen=False,
)
BROOKMEYER_CROWLEY_1982 = Source(
    "brookmeyer-crowley-1982",
    "Brookmeyer R, Crowley J",
    1982,
    "A confidence interval for the median survival time",
    publication="Biometrics 38:29-41",
    seen=False,
)

# --- drugs and cells: of a label the year is the one in which it was read ------------------------

FLUDARA_US = Source(
    "fludara-us",
    "Fludara US label",
    2026,
    "Fludara (fludarabine phosphate) for injection: prescribing information",
)
FLUDARABINE_US_OLDER = Source(
    "fludarabine-us-older",
    "Fludarabine US label of older generics",
    2026,
    "Fludarabine phosphate injection: prescribing information",
)
FLUDARABINE_ORAL_US = Source(
    "fludarabine-oral-us",
    "Fludarabine tablets US label",
    2026,
    "Fludarabine phosphate tablets: prescribing information",
)
FLUDARA_EU = Source(
    "fludara-eu",
    "Fludara EU SmPC",
    2026,
    "Fludara: summary of product characteristics (national texts)",
)
FLUDARABINE_VIAL = Source(
    "fludarabine-vial",
    "Accord fludarabine letter",
    2022,
    "Fludarabine phosphate injection 50 mg/2 mL: letter to professionals on its importation",
)
CYCLOPHOSPHAMIDE_US = Source(
    "cyclophosphamide-us",
    "Cyclophosphamide US label",
    2026,
    "Cyclophosphamide for injection (powder): prescribing information",
)
EBMT_AUTOIMMUNE = Source(
    "ebmt-autoimmune-2024",
    "EBMT autoimmune CAR-T recommendations",
    2024,
    "Innovative cellular therapies for autoimmune diseases: position statement and practice "
    "recommendations",
    publication="PMC10867419",
)
DFCI_FLUDARABINE = Source(
    "dfci-fludarabine",
    "DFCI and BWH fludarabine practice",
    2026,
    "Fludarabine renal dosing before CAR T-cell therapy in multiple myeloma (abstract)",
    publication="Patients treated from August 2021 to June 2024",
)
HOPA_2018 = Source(
    "hopa-2018",
    "HOPA dose rounding",
    2018,
    "Dose rounding of biologic and cytotoxic anticancer agents: position statement",
    publication="J Oncol Pract",
)
FREY_2020 = Source(
    "frey-2020",
    "Frey NV et al",
    2020,
    "Optimizing chimeric antigen receptor T-cell therapy for adults with acute lymphoblastic "
    "leukemia",
    publication="J Clin Oncol 38:415",
)
CELL_LABELS = Source(
    "car-t-labels",
    "CAR-T product labels",
    2026,
    "Carvykti, Abecma, Yescarta, Kymriah, Breyanzi: prescribing information and summaries of it",
)

# --- dose escalation ------------------------------------------------------------------------------

KORN_1994 = Source(
    "korn-1994", "Korn EL, et al.", 1994, "A comparison of two phase I trial designs"
)
LIU_YUAN_2015 = Source(
    "liu-yuan-2015",
    "Liu S, Yuan Y",
    2015,
    "Bayesian optimal interval designs for phase I clinical trials",
    publication="J R Stat Soc C 64:507-23",
)
YAN_2017 = Source(
    "yan-2017",
    "Yan F, et al.",
    2017,
    "Keyboard: a novel Bayesian toxicity probability interval design for phase I clinical trials",
    publication="Clin Cancer Res 23:3994",
)
GUO_2017 = Source(
    "guo-2017",
    "Guo W, et al.",
    2017,
    "A Bayesian interval dose-finding design addressing Ockham's razor: mTPI-2",
    doi="10.1016/j.cct.2017.04.006",
)
LIU_WANG_JI_2020 = Source(
    "liu-wang-ji-2020",
    "Liu M, Wang S, Ji Y",
    2020,
    "The i3+3 design for phase I clinical trials",
    publication="J Biopharm Stat 30:294",
)

PAYNE_1973 = Source(
    "payne-1973",
    "Payne RB, et al.",
    1973,
    "Interpretation of serum calcium in patients with abnormal serum proteins",
    publication="Br Med J 4:643; correction read as reprinted elsewhere",
)

# --- toxicity of immune effector cells ------------------------------------------------------------
# Consensus tables were read as reprinted in reviews; what was not seen there is unverified.

LEE_2019 = Source(
    "lee-2019",
    "ASTCT consensus",
    2019,
    "ASTCT consensus grading for cytokine release syndrome and neurologic toxicity associated "
    "with immune effector cells (Lee DW, Santomasso BD, et al)",
    publication="Biol Blood Marrow Transplant 25:625-638; tables read as reprinted in reviews",
    doi="10.1016/j.bbmt.2018.12.758",
)
LEE_2014 = Source(
    "lee-2014",
    "Lee DW, et al.",
    2014,
    "Current concepts in the diagnosis and management of cytokine release syndrome",
    publication="Blood 124:188-195; table read as reprinted in reviews",
)
PENN_CRS = Source(
    "penn-crs",
    "Porter D, et al.",
    2018,
    "Grading of cytokine release syndrome associated with the CAR T cell therapy tisagenlecleucel",
    publication="J Hematol Oncol 11:35; table read as reprinted in reviews",
    doi="10.1186/s13045-018-0571-y",
)
MSKCC_CRS = Source(
    "mskcc-crs",
    "MSKCC scale",
    2018,
    "Grading of cytokine release syndrome of Memorial Sloan Kettering Cancer Center",
    publication="Table read as reprinted in reviews",
)
CARTOX_2018 = Source(
    "cartox-2018",
    "CARTOX",
    2018,
    "Chimeric antigen receptor T-cell therapy: assessment and management of toxicities "
    "(Neelapu SS, et al)",
    publication="Nat Rev Clin Oncol 15:47-62; table read as reprinted in reviews",
)
ICAHT_2023 = Source(
    "icaht-2023",
    "Rejeski K, et al.",
    2023,
    "Immune effector cell-associated hematotoxicity (ICAHT): EHA/EBMT consensus grading and best "
    "practice recommendations",
    publication="Blood 142:865-877; the table itself was not opened",
    seen=False,
)
ICAHT_GRADER = Source(
    "icaht-grader",
    "Public ICAHT graders",
    2024,
    "Programs that grade ICAHT by the EHA/EBMT criteria, read for their conventions of counting",
    publication="Public source code",
)
CAR_HEMATOTOX = Source(
    "car-hematotox",
    "Rejeski K, et al.",
    2021,
    "CAR-HEMATOTOX: a model for CAR T-cell-related hematologic toxicity in relapsed/refractory "
    "large B-cell lymphoma",
    publication="PMC8893508; cut-offs read in a public specification, the table was not opened",
)
EASIX_CAR_T = Source(
    "easix-car-t",
    "EASIX in CAR-T therapy",
    2021,
    "EASIX and modified EASIX before and after CAR T-cell infusion (abstract)",
    publication="PMC8525234",
)
HSCORE = Source(
    "hscore",
    "HScore",
    2014,
    "Score for the reactive hemophagocytic syndrome",
    publication="As reprinted in Case Rep Infect Dis 2017 (5304180) and PMC10101193",
)
HINES_2023 = Source(
    "hines-2023",
    "Hines MR, et al.",
    2023,
    "Immune effector cell-associated hemophagocytic lymphohistiocytosis-like syndrome",
    publication="Transplant Cell Ther; the tables were not opened",
    seen=False,
)
COHEN_2019 = Source(
    "cohen-2019",
    "Cohen AD, et al.",
    2019,
    "B cell maturation antigen-specific CAR T cells are clinically active in multiple myeloma",
    publication="J Clin Invest",
    seen=False,
)

# --- concomitant therapy and the calendar ---------------------------------------------------------

GLUCOCORTICOID_TABLES = Source(
    "glucocorticoid-tables",
    "GlobalRPh steroid converter",
    2026,
    "Two public tables of glucocorticoid equivalents, oral and intravenous",
    publication="They cite Meikle AW, Tyler FH, Am J Med 1977;63:200",
)
BUTTGEREIT_2002 = Source(
    "buttgereit-2002",
    "Buttgereit F, et al.",
    2002,
    "Standardised nomenclature for glucocorticoid dosages and glucocorticoid treatment regimens",
    publication="Ann Rheum Dis 61:718-22",
    seen=False,
)
ATC_INDEX = Source(
    "who-atc",
    "WHO ATC classification",
    2026,
    "Anatomical Therapeutic Chemical codes, as public code lists print them",
)
ROMIPLOSTIM_TRIALS = Source(
    "romiplostim-trials",
    "Romiplostim product text",
    2026,
    "Romiplostim product text on its phase 3 trials: concomitant treatment stopped or reduced",
)
EFGARTIGIMOD_ENTRY = Source(
    "efgartigimod-entry",
    "NCT04188379 registry entry",
    2026,
    "Efgartigimod in adults with primary ITP: wash-out before randomization",
)
ITP_CART_CONVENTIONS = Source(
    "itp-cart-conventions",
    "itp_carT contributors",
    2026,
    "Conventions of this library where no source decides; each can be changed by name",
    seen=False,
)
ADMIRAL_DURATION = Source(
    "admiral-duration",
    "admiral",
    2026,
    "compute_duration and derive_vars_dy: durations and study days",
    publication="pharmaverse/admiral 1.5.0.9003",
)

# --- quality of life ------------------------------------------------------------------------------

MATHIAS_2007 = Source(
    "mathias-2007",
    "Mathias SD, et al.",
    2007,
    "A disease-specific measure of health-related quality of life in adults with ITP: validation",
    publication="Health Qual Life Outcomes 5:11",
)
MATHIAS_2007_TRIAL = Source(
    "mathias-2007-trial",
    "Mathias SD, et al.",
    2007,
    "The ITP-PAQ: psychometric testing in an open-label clinical trial",
    publication="Clin Ther 29:950-962",
)
MATHIAS_2009 = Source(
    "mathias-2009",
    "Mathias SD, et al.",
    2009,
    "Clinically meaningful change on the ITP-PAQ: preliminary minimal important differences",
    publication="Curr Med Res Opin, February 2009",
)
LUNA3_ITP_PAQ = Source(
    "luna3-itp-paq",
    "LUNA 3 congress abstracts",
    2025,
    "ITP-PAQ scales and women's reproductive health in LUNA 3",
    publication="Blood 146 S1:1254 and 146 S1:3027",
)
ITP_PAQ_MANUAL = Source(
    "itp-paq-manual",
    "ITP-PAQ manual",
    2007,
    "Licensed scoring manual of the ITP-PAQ; not shipped, its owner licenses it",
    seen=False,
)
