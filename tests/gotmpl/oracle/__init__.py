"""Go as the judge of templates: the program that answers, its client, and what it is asked."""
