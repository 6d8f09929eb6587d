"""The heart, pure: what came and what is known become effects."""
