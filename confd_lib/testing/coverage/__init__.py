"""Branch coverage of templates, and its reports."""
