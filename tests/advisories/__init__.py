"""Attacks that others suffered, one file a row of the list of attacks."""
