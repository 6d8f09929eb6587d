"""The e-mail wing: SMTP in, the relay out, and the pure reading and composing between."""
