"""Whatever way a changed reference is made, it is the same changed reference."""

from __future__ import annotations

import dis
from types import CodeType
from typing import Any

import pytest

from conformance.faults.catalogue import entries
from conformance.faults.changed import reference
from conformance.faults.changed.bytecode import compiled
from conformance.faults.changed.reference import implementation, lent
from conformance.faults.fault import Fault
from reference.specification import catalogue

CHANGED = [fault for fault in entries().values() if fault.changes]


# How Python calls np.exp depends on whether it has seen the import of np; what is called does not.
_HOW_TO_CALL = {"LOAD_METHOD": "LOAD_ATTR", "PRECALL": None, "EXTENDED_ARG": None, "PUSH_NULL": None}
_PLACES = {*dis.hasjrel, *dis.hasjabs}


def _content(code: CodeType) -> Any:
    """What a code object does, without the places where its parts stand."""
    steps = []
    for step in dis.get_instructions(code):
        name = _HOW_TO_CALL.get(step.opname, step.opname)
        if name is not None:
            steps.append((name, None if isinstance(step.argval, CodeType) or step.opcode in _PLACES else step.argval))
    return code.co_name, steps, [_content(constant) for constant in code.co_consts if isinstance(constant, CodeType)]


@pytest.mark.slow
def test_a_function_compiled_alone_is_the_same() -> None:
    """As if the whole changed module were compiled, for every entry of the catalogue."""
    different = [fault.id for fault in CHANGED if not _same(fault)]
    assert len(CHANGED) > 500
    assert not different, f"compiled otherwise: {', '.join(different)}"


def _same(fault: Fault) -> bool:
    for module, edits in reference._edits(fault.changes).items():
        source = text = reference._sources()[module]
        for edit in reversed(edits):
            text = text[: edit.start] + edit.new + text[edit.end :]
        if repr(_content(compiled(module, source, edits))) != repr(_content(compile(text, module, "exec"))):
            return False
    return True


def test_what_is_lent_is_given_back() -> None:
    """Inside the context the mistake is made, outside it nothing is changed, in the copy as in the real reference."""
    fault, name = entries()["dense_bias_twice"], "LinearAutoencoder"
    model = catalogue()[name].evaluate
    inputs = {"features": 3, "codings": 2}
    batch = {"inputs": [[1.0, 2.0, 3.0]]}

    def codings(offered: Any) -> list[Any]:
        element = offered(**inputs)
        element.import_weights({n: w + 1.0 for n, w in element.export_weights().items()})
        return [value.tolist() for value in element.activations(**batch).values()]

    right, wrong = codings(model), codings(getattr(implementation((fault,), name), name))
    assert right != wrong
    with lent((fault,), name) as offered:
        assert codings(offered) == wrong
        assert codings(model) == right
    with lent((), name) as offered:
        assert codings(offered) == right
    with pytest.raises(ZeroDivisionError), lent((fault,), name):
        raise ZeroDivisionError
    with lent((), name) as offered:
        assert codings(offered) == right
