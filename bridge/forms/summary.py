"""A form in a few lines that a clerk understands."""
