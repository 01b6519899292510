"""The text functions of sprig v3, one file a theme; `functions` has the whole set.

What v3 shares with the version of 2016 is in the folder above. Knows no templates.
"""
