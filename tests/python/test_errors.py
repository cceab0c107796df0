"""Exceptions of nodes, and modules that cannot be imported."""

import pytest
from noob_zmq import Tube
from noob_zmq.errors import NodeFailedError, TubeLoadError

FAILS = """
    noob_id: fails
    nodes:
      count: {type: plain.count, params: {limit: 5}}
      fail: {type: plain.fail_at, params: {at: 1}, depends: [{value: count.index}]}
      return: {type: return, depends: fail.value}
"""


def test_exception_of_a_node_is_raised_again_with_the_report(made, kind):
    with made(kind, FAILS) as runner:
        assert runner.process() == 0
        with pytest.raises(ValueError, match="boom at 1") as caught:
            runner.process()
        [note] = caught.value.__notes__
        for part in ("`fail`", "epoch 1", "ValueError", "boom at 1", "plain.py:"):
            assert part in note, note
        # The epoch is lost, and the next one runs.
        assert runner.process() == 2


def test_traceback_names_the_lines_of_the_node(made):
    with made("zmq", FAILS) as runner, pytest.raises(ValueError) as caught:
        runner.run(5)
    note = "\n".join(caught.value.__notes__)
    assert 'raise ValueError(f"boom at {value}")' in note
    assert "_host.py" not in note


def test_causes_are_told(made, kind, modules):
    modules(
        "causes",
        """
        def look(value):
            try:
                {}[value]
            except KeyError as error:
                raise ValueError("no such frame") from error
        """,
    )
    text = FAILS.replace("plain.fail_at, params: {at: 1}", "causes.look")
    with made(kind, text) as runner, pytest.raises(ValueError, match="no such frame") as caught:
        runner.process()
    assert "KeyError" in "".join(caught.value.__notes__)


def test_exception_that_cannot_be_sent_is_told_by_its_text(made, modules):
    modules(
        "local",
        """
        class Odd(Exception):
            def __init__(self, one, two):
                super().__init__("odd one")

        def fail(value):
            raise Odd(1, 2)
        """,
    )
    text = FAILS.replace("plain.fail_at, params: {at: 1}", "local.fail")
    with made("zmq", text) as runner, pytest.raises(NodeFailedError, match="odd one") as caught:
        runner.process()
    assert (caught.value.node, caught.value.phase, caught.value.epoch) == ("fail", "process", "0")
    assert "local.Odd" in str(caught.value)


@pytest.mark.parametrize("phase", ["new", "init", "process", "deinit"])
def test_exception_in_each_phase_is_raised(made, kind, phase):
    text = f"""
        noob_id: phases
        nodes:
          count: {{type: plain.count}}
          phases: {{type: plain.Phases, params: {{fail: {phase}}}, depends: [{{value: count.index}}]}}
          return: {{type: return, depends: phases.value}}
    """
    runner = made(kind, text)
    with pytest.raises(RuntimeError, match=f"fails in {phase}"), runner:
        runner.process()
    assert not runner.running


def test_module_that_is_not_there_is_told_at_load():
    with pytest.raises(TubeLoadError, match="no_such_module") as caught:
        Tube.from_text("noob_id: x\nnodes:\n  a: {type: no_such_module.node}\n")
    assert "<text>:3" in str(caught.value)


def test_mistake_in_a_module_is_told_with_its_line(modules):
    modules("broken", "import os\n\ndef node(value)\n    return value\n")
    with pytest.raises(TubeLoadError) as caught:
        Tube.from_text("noob_id: x\nnodes:\n  a: {type: broken.node}\n")
    report = str(caught.value)
    assert "SyntaxError" in report and "broken.py:3" in report


def test_exception_while_a_module_is_imported_is_told_with_its_line(modules):
    modules("raises", "import os\n\nx = {}['key']\n")
    with pytest.raises(TubeLoadError) as caught:
        Tube.from_text("noob_id: x\nnodes:\n  a: {type: raises.node}\n")
    report = str(caught.value)
    assert "KeyError" in report and "raises.py:3" in report


def test_name_that_a_module_does_not_have_is_told():
    with pytest.raises(TubeLoadError, match="doubel"):
        Tube.from_text("noob_id: x\nnodes:\n  a: {type: plain.doubel}\n")


def test_object_that_cannot_be_called_is_told(modules):
    modules("constant", "NUMBER = 3\n")
    with pytest.raises(TubeLoadError, match="no function or class"):
        Tube.from_text("noob_id: x\nnodes:\n  a: {type: constant.NUMBER}\n")


def test_node_process_imports_no_module_but_its_own(made, modules):
    for name, other in [("here", "there"), ("there", "here")]:
        modules(
            name,
            f"""
            import sys

            def node(value):
                return "{other}" in sys.modules
            """,
        )
    text = """
        noob_id: apart
        nodes:
          count: {type: plain.count}
          here: {type: here.node, depends: [{value: count.index}]}
          there: {type: there.node, depends: [{value: count.index}]}
          return: {type: return, depends: [{here: here.value}, {there: there.value}]}
    """
    with made("zmq", text) as runner:
        assert runner.process() == {"here": False, "there": False}


ODD = """
    class NoText(Exception):
        def __str__(self):
            raise KeyboardInterrupt

    class NoNotes(Exception):
        def add_note(self, note):
            raise KeyboardInterrupt

        def __setattr__(self, name, value):
            raise KeyboardInterrupt

    class Exits(Exception):
        def __reduce__(self):
            import sys

            return (sys.exit, (3,))

    class NotEqual(Exception):
        def __eq__(self, other):
            raise KeyboardInterrupt

        __hash__ = None

    def raises(value, kind="NoText"):
        odd = globals()[kind]("odd one")
        # The causes of an exception may go round in a circle.
        other = globals()[kind]("another")
        BaseException.__setattr__(other, "__cause__", odd)
        raise odd from other
"""


@pytest.mark.parametrize("odd", ["NoText", "NoNotes", "Exits", "NotEqual"])
def test_exception_of_a_hostile_class_is_told(made, kind, modules, odd):
    modules("odd", ODD)
    text = FAILS.replace("plain.fail_at, params: {at: 1}", f"odd.raises, params: {{kind: {odd}}}")
    with made(kind, text) as runner:
        for _ in range(2):
            with pytest.raises(Exception) as caught:
                runner.process()
            told = repr(caught.value.args) + "".join(getattr(caught.value, "__notes__", []))
            assert f"odd.{odd}" in told and "odd.py:" in told, told


def test_text_that_is_not_unicode_is_told_with_escapes(made, kind, modules):
    modules("texts", 'def fail(value):\n    raise ValueError("caf\\udce9")\n')
    text = FAILS.replace("plain.fail_at, params: {at: 1}", "texts.fail")
    with made(kind, text) as runner, pytest.raises(ValueError) as caught:
        runner.process()
    assert "caf\\udce9" in "".join(caught.value.__notes__)


def test_traceback_of_an_import_begins_in_the_module(modules):
    modules("raises", "import os\n\nx = {}['key']\n")
    with pytest.raises(TubeLoadError) as caught:
        Tube.from_text("noob_id: x\nnodes:\n  a: {type: raises.node}\n")
    report = str(caught.value)
    assert "raises.py" in report and "importlib" not in report, report


def test_package_that_is_not_installed_is_told_with_its_interpreter(modules):
    modules("needs", "import not_installed_package\n")
    with pytest.raises(TubeLoadError) as caught:
        Tube.from_text("noob_id: x\nnodes:\n  a: {type: needs.node}\n")
    report = str(caught.value)
    assert "`not_installed_package` is not installed for" in report and "pip install" in report
