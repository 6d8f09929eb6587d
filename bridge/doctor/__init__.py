"""The doctor: what the mail domain shows the world, what it should show, and the parts beside it."""
