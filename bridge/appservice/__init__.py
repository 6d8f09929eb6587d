"""The Matrix wing: transactions in, events and rooms out."""
