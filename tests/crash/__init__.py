"""The bridge is killed at every named point, in both directions, and nothing is lost."""
