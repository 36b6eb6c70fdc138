"""Quality of life by questionnaire: scales from 0 to 100, and the ITP-PAQ among them.

The engine (`item`, `scale`, `questionnaire`) scores any questionnaire whose scales are means of
items; `itp_paq` knows the shape of one. No wording of any questionnaire is here.
"""
