"""The live preview: a template, what it renders, and the keys between them, as a page shows it."""
