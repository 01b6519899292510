"""Go as the judge of templates: the program that answers, its client, and the cases that it is asked."""
