"""Mistakes that no exchange of source can say, as functions. An entry of the catalogue names one as "file.function".

A function of `wraps` or `rewrites` takes the finished function or class of the reference and returns what stands in its place; one of `noise`
takes the inputs and returns how far off the result may be. Names that begin with an underscore are not for entries.
"""
