"""Sphinx directives that write the tables of concomitant therapy from the code."""

from docutils import nodes
from sphinx.util.docutils import SphinxDirective
from units_table import literals, table

from itp_carT.therapy.drugs import DRUGS
from itp_carT.therapy.frequencies import FREQUENCIES, SPELLINGS
from itp_carT.therapy.glucocorticoids import ANTI_INFLAMMATORY
from itp_carT.therapy.options import REASONS, Options


def plain(word):
    return [nodes.Text(str(word))]


class EquivalenceTable(SphinxDirective):
    """Each glucocorticoid: milligrams equal to prednisone 5 mg, exact factor, source."""

    def run(self):
        rows = []
        for name, factor in ANTI_INFLAMMATORY.factors.items():
            equal = f"{float(5 / factor):g} mg"
            source = ANTI_INFLAMMATORY.source(name)
            rows.append((plain(name), plain(equal), literals([str(factor)]), plain(source)))
        head = ("drug", "equal to prednisone 5 mg", "factor", "source")
        return [table(head, (20, 20, 10, 50), rows)]


class DrugTable(SphinxDirective):
    """Each drug: class, code, units, effect window."""

    def run(self):
        rows = []
        for drug in DRUGS.values():
            code = "none" if drug.atc is None else f"{drug.atc} ({drug.atc.as_of})"
            if drug.atc is not None and drug.atc.formerly:
                code += f", formerly {drug.atc.formerly}"
            if drug.atc is not None and not drug.atc.citation.verified:
                code += ", unverified"
            effect = "daily dose" if drug.effect_days is None else f"{drug.effect_days} d"
            if drug.is_procedure:
                effect = "procedure"
            elif drug.effect_source is not None and not drug.effect_source.verified:
                effect += ", our choice"
            rows.append(
                (
                    plain(drug.name), plain(drug.drug_class.label), plain(code),
                    literals(drug.units), plain(effect),
                )
            )  # fmt: skip
        head = ("drug", "class", "ATC (list of)", "units", "effect window")
        return [table(head, (25, 25, 25, 12, 13), rows)]


class FrequencyTable(SphinxDirective):
    """Each frequency: code, meaning, doses a day, further spellings."""

    def run(self):
        rows = []
        for code, one in FREQUENCIES.items():
            others = [word for word, meant in SPELLINGS.items() if meant is one]
            others = [word for word in others if word != code.casefold()]
            doses = "not known" if one.per_day is None else "one dose" if one.once else one.per_day
            rows.append((literals([code]), plain(one.label), plain(doses), literals(others)))
        return [table(("code", "meaning", "doses a day", "also read"), (10, 25, 15, 50), rows)]


class DefaultTable(SphinxDirective):
    """Each choice with its default and its reason."""

    def run(self):
        chosen, rows = Options(), []
        for name, source in REASONS.items():
            value = getattr(chosen, name)
            shown = "each drug's own" if name == "effects" else str(value)
            why = f"{source}: {source.note}" if source.note else str(source)
            rows.append((literals([name]), plain(shown), plain(why)))
        return [table(("option", "default", "reason"), (15, 15, 70), rows)]


def setup(app):
    """Register the directives."""
    app.add_directive("equivalence-table", EquivalenceTable)
    app.add_directive("therapy-drug-table", DrugTable)
    app.add_directive("frequency-table", FrequencyTable)
    app.add_directive("therapy-default-table", DefaultTable)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
