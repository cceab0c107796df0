"""numpy arrays between nodes, in Python and in Rust."""

import numpy as np
import pytest

KINDS = ["sync", "zmq"]
DTYPES = ["u1", "i1", "u2", "i4", "i8", "u8", "f4", "f8", "?", "c8", "f2", ">f4", "M8[ns]", "U3"]

ECHO = """
    noob_id: echo
    input: {frame: {type: any, scope: process}}
    nodes:
      echo: {type: arrays.transposed, depends: [{frame: input.frame}]}
      return: {type: return, depends: echo.value}
"""


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_keep_type_shape_and_elements(made, kind):
    with made(kind, ECHO) as runner:
        for dtype in DTYPES:
            array = np.arange(6).reshape(2, 3).astype(dtype)
            came = runner.process(frame=array)
            assert came.dtype == np.dtype(dtype).newbyteorder("="), dtype
            assert np.array_equal(came, array.T), dtype
        for shape in [(), (0,), (3, 0, 2), (1, 1, 1, 1)]:
            came = runner.process(frame=np.ones(shape))
            assert came.shape == shape[::-1]


@pytest.mark.parametrize("kind", KINDS)
def test_elements_that_do_not_stand_side_by_side_arrive_in_order(made, kind):
    grid = np.arange(24, dtype="i4").reshape(4, 6)
    read_only = grid.copy()
    read_only.setflags(write=False)
    arrays = [
        grid[0, ::-1],
        grid[0, ::2],
        grid[:, 1],
        grid[::2, ::-3],
        grid[1:1],
        np.asfortranarray(grid),
        np.broadcast_to(np.int16(7), (3, 4)),
        grid.astype(">i8")[::-1],
        read_only,
        np.ndarray((2,), "i4", bytes(range(12)), 1, (5,)),
    ]
    with made(kind, ECHO) as runner:
        for array in arrays:
            came = runner.process(frame=array)
            assert np.array_equal(came, array.T), array
            assert came.dtype == array.dtype.newbyteorder("=") and came.flags.writeable


def tube(*nodes):
    lines = ["frames: {type: arrays.frames, params: {n: 3}}", *nodes]
    return "noob_id: arrays\nnodes:\n" + "".join(f"  {line}\n" for line in lines)


@pytest.mark.parametrize("kind", KINDS)
def test_argument_is_a_copy_that_can_be_written(made, kind):
    text = tube(
        "add: {type: arrays.written, depends: [{frame: frames.frame}]}",
        "told: {type: arrays.described, depends: [{frame: frames.frame}]}",
        "return: {type: return, depends: [{added: add.value}, {told: told.value}]}",
    )
    with made(kind, text) as runner:
        came = runner.process()
    assert np.array_equal(came["added"], np.arange(12).reshape(4, 3) + 1)
    # The other reader of the same array does not see the change.
    assert came["told"] == {"dtype": "|u1", "shape": [4, 3], "sum": 66.0, "writeable": True}


@pytest.mark.parametrize("kind", KINDS)
def test_read_only_argument_is_a_view(made, kind):
    text = tube(
        "view: {type: arrays.viewed, depends: [{frame: frames.frame}]}",
        "return: {type: return, depends: view.value}",
    )
    with made(kind, text) as runner:
        assert runner.process() is False


@pytest.mark.parametrize("kind", KINDS)
def test_arrays_pass_through_a_rust_node(made, kind):
    text = """
        noob_id: mixed
        nodes:
          frames: {type: arrays.frames, params: {n: 3, shape: [256], dtype: f8}}
          gather: {type: gather, params: {n: 2}, depends: [{value: frames.frame}]}
          map: {type: map, depends: [{value: gather.value}]}
          told: {type: arrays.described, depends: [{frame: map.value}]}
          return: {type: return, depends: [{told: told.value}]}
    """
    with made(kind, text) as runner:
        values = runner.run(2)
    assert [one["shape"] for one in values[0]["told"]] == [[256], [256]]


@pytest.mark.parametrize("kind", KINDS)
def test_large_arrays_arrive_whole(made, kind):
    text = """
        noob_id: large
        nodes:
          frames: {type: arrays.frames, params: {n: 8, shape: [512, 512, 4]}}
          add: {type: arrays.written, depends: [{frame: frames.frame}]}
          told: {type: arrays.described, depends: [{frame: add.value}]}
          return: {type: return, depends: told.value}
    """
    size = 512 * 512 * 4
    with made(kind, text) as runner:
        values = runner.run(8)
    sums = [
        float((np.arange(size).astype("i8") + number).astype("u1").__add__(np.uint8(1)).sum())
        for number in range(8)
    ]
    assert [value["sum"] for value in values] == sums


@pytest.mark.parametrize("kind", KINDS)
def test_objects_with_arrays_go_from_node_to_node(made, kind):
    text = tube(
        "packed: {type: arrays.pickled, depends: [{frame: frames.frame}]}",
        "opened: {type: arrays.opened, depends: [{value: packed.value}]}",
        "return: {type: return, depends: opened.value}",
    )
    with made(kind, text) as runner:
        assert runner.process() == [np.arange(12).reshape(4, 3).tolist(), [3, 4]]


@pytest.mark.parametrize("kind", KINDS)
def test_array_that_no_memory_can_hold_is_an_error_of_the_node(made, kind, modules):
    modules(
        "huge",
        """
        import numpy as np

        def node(frame):
            if frame.sum() == 0:
                return np.broadcast_to(np.uint8(1), (1 << 60,))
            return frame
        """,
    )
    with made(kind, ECHO.replace("arrays.transposed", "huge.node")) as runner:
        with pytest.raises(MemoryError):
            runner.process(frame=np.zeros(3))
        assert np.array_equal(runner.process(frame=np.ones(3)), np.ones(3))
