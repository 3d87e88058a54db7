"""One module for each package: the programs that `questions` sends requests to, written as its documentation shows.

A module has a function for each program, `DOCUMENT` and `DOCS` (the paths of the OpenAPI document and of the API docs),
`NOTES` (question -> how the program does it), `MISSING` (question -> why the package is not asked) and `INCLUDED`
(feature -> the module that has it).
"""
