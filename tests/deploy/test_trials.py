"""The harness of benches and proofs: what counts as holding, and what is printed."""

import json
import subprocess
import sys
from types import ModuleType

import pytest

import bench
import proofs
from deploy import trials
from deploy.environment import ROOT
from deploy.trials import Cases, Figure


def module_with(**functions) -> ModuleType:
    made = ModuleType("made")
    vars(made).update(functions)
    return made


def test_a_figure_with_a_reference_is_judged_by_its_ratio():
    slow = Figure("c1_ratio", value=300, reference=900, unit="entries/s", at_least=0.5)

    assert json.loads(slow.line("post")) == {
        "bench": "post", "figure": "c1_ratio", "value": 300, "unit": "entries/s",
        "reference": 900, "ratio": 0.3333, "bar": 0.5, "holds": False,
    }  # fmt: skip


@pytest.mark.parametrize(("value", "holds"), [(0, True), (1, False)])
def test_a_figure_without_a_reference_is_judged_by_its_value(value, holds):
    assert Figure("deadlocks", value=value, unit="deadlocks", at_most=0).holds is holds


def test_a_figure_without_a_bar_is_a_mistake():
    with pytest.raises(ValueError, match="one bar"):
        Figure("c1_ratio", value=1, unit="entries/s")


def test_a_bench_holds_when_all_its_figures_do():
    good, bad = (Figure("p50_ms", value=value, unit="ms", at_most=50) for value in (40, 60))
    lines: list[str] = []

    assert trials.run_bench("wire", module_with(figures=lambda: iter([good])), lines.append)
    assert not trials.run_bench("wire", module_with(figures=lambda: iter([good, bad])), lines.append)
    assert [json.loads(line)["value"] for line in lines] == [40, 40, 60]


def run(check) -> tuple[bool, dict[str, object]]:
    lines: list[str] = []
    holds = trials.run_proof("strings", module_with(check=check), lines.append)
    (line,) = lines
    return holds, {name: value for name, value in json.loads(line).items() if name != "seconds"}


def test_a_proof_counts_its_cases():
    def check(cases: Cases) -> None:
        for number in range(5):
            cases.that(number != 3, f"{number} is wrong")

    assert run(check) == (False, {"proof": "strings", "cases": 5, "failed": 1})


def test_a_proof_without_a_case_proves_nothing():
    assert run(lambda cases: None) == (False, {"proof": "strings", "cases": 0, "failed": 0})


def test_a_proof_that_breaks_has_failed():
    def check(cases: Cases) -> None:
        cases.that(True, "")
        raise RuntimeError("no server")

    assert run(check) == (False, {"proof": "strings", "cases": 2, "failed": 1})


@pytest.mark.parametrize(("package", "function"), [(bench, "figures"), (proofs, "check")])
def test_every_module_has_its_one_function(package, function):
    import importlib

    found = {name: importlib.import_module(f"{package.__name__}.{name}") for name in trials.names(package)}

    assert [name for name, module in found.items() if not callable(getattr(module, function, None))] == []


def test_an_unknown_name_is_refused_with_those_there_are():
    run = subprocess.run([sys.executable, "-m", "bench", "postt"], cwd=ROOT, capture_output=True, text=True)

    assert (run.returncode, run.stdout) == (2, "")
    assert "There is no 'postt'; there are: " in run.stderr
