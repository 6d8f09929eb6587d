"""Two homeservers, a mailbox and a story, for `folkmoot demo` and the tests."""
