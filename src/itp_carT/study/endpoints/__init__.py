"""The endpoints of the trial over all patients of a study: one module each, each a `Section`.

They count and summarize what `itp_carT.study.assess` found of each patient; every figure keeps the
numbers and rows it was made from.
"""
