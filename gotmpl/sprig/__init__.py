"""Function sets of Masterminds/sprig for `Template.funcs`, by the version of sprig.

Each theme has its file, whose functions serve every version; what one version does differently is
in the file of that version. A function that reads the clock, chance or the environment gets its
source from outside. Knows no templates.

>>> from gotmpl import render
>>> from gotmpl.sprig import v2016
>>> render('{{ atoi "3" | until }} {{ "a b" | title }}', funcs=v2016.functions())
'[0 1 2] A B'
"""
