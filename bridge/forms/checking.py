"""`folkmoot check-form`: every fault of several files, and what each good one is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.forms import summary
from bridge.forms.schema import Form, load
from bridge.forms.told import Fault, FormFaults


@dataclass(frozen=True, slots=True)
class Checked:
    """What a file was found to be: a good `form` with what could be better, or None and its faults."""

    file: Path
    form: Form | None
    faults: tuple[Fault, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def lines(self) -> list[str]:
        """What a good form is; [] for others."""
        return summary.lines(self.form) if self.form else []

    @property
    def document(self) -> dict[str, Any]:
        """All of it as JSON data."""
        return {
            "file": str(self.file),
            "ok": self.form is not None,
            "faults": [
                {"line": f.line, "key": f.path, "what": f.what, "remedy": f.remedy} for f in self.faults
            ],
            "warnings": list(self.warnings),
            "form": summary.document(self.form) if self.form else None,
        }


def check(files: Iterable[Path], now: float) -> list[Checked]:
    """`files` in their order at `now` (seconds since 1970); one whose form has the id of an earlier
    one's is not good."""
    ids: dict[str, Path] = {}
    found: list[Checked] = []
    for file in dict.fromkeys(files):
        try:
            form = load(file)
        except FormFaults as error:
            found.append(Checked(file, None, error.faults))
            continue
        other = ids.setdefault(form.id, file)
        if other == file:
            found.append(Checked(file, form, warnings=tuple(summary.warnings(form, now))))
        else:
            what = f"is {form.id}, as in {other}"
            fault = Fault(str(file), "id", what, "give each form an id of its own")
            found.append(Checked(file, None, (fault,)))
    return found
