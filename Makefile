# make demo            the whole story on this machine; ONCE=1 ends after it
# make test            lint, types, import rules and all tests; ARGS="tests/email -k token" for some
# make lint            lint, types and import rules alone
# make screenshots     a picture of every state of the citizens' pages, in screenshots/; ONLY="check case" for some
# make clean           forget the environment and what was built

.PHONY: demo test lint screenshots clean
.DEFAULT_GOAL := test

demo:
	@scripts/venv demo
	@.venv/bin/folkmoot demo $(if $(filter-out 0 no false,$(ONCE)),--once) $(if $(DIR),--dir "$(DIR)")

test:
	@scripts/test $(ARGS)

lint:
	@scripts/venv demo dev postgres
	@scripts/lint

screenshots:
	@scripts/screenshots $(ONLY)

clean:
	rm -rf .venv build dist screenshots tests/element/node_modules tests/browser/node_modules
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
