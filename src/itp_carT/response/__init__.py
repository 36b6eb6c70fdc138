"""Platelet response: what each published definition says of one visit, and of a whole course.

A module is a published answer (`nct05315778`, `iwg_2009`, `chinese_2020`, `ash_2019`, `pivotal`);
`course` is the one walk over a platelet series that reads any of them.
"""
