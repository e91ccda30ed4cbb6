"""Numbers in files in the place of arrays: rows as of the array, and trainings and predictions as with it."""

import mmap
import os
import pickle
import subprocess
import sys
import threading
import tracemalloc
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import nn
from nn.data import formats
from nn.data.formats import opened
from nn.data.passes import Rows, chunk_bounds, passed

stored = nn.data.stored
module = sys.modules["nn.data.stored"]  # The function hides it.
RNG = np.random.default_rng(0)
N, WIDTH = 230, 3
X = RNG.normal(size=(N, WIDTH)).astype(np.float32)
Y = (X.sum(axis=1) > 0).astype(int)
FORMATS = ["npy", "npy in Fortran's order", "npy of the other byte order", "zarr", "zarr in a group", "zarr zipped",
           "safetensors", "parquet", "parquet of lists", "parquet of fixed lists"]  # fmt: skip


def write(folder, kind, a):
    """A file of that kind which holds the array, and the options to read it with."""
    name, *_ = kind.split()
    path = str(folder / f"a.{name}")
    if name == "npy":
        a = np.asfortranarray(a) if "Fortran" in kind else a
        np.save(path, a.astype(a.dtype.newbyteorder()) if "byte" in kind else a)
    elif name == "zarr":
        zarr = pytest.importorskip("zarr")
        path += ".zip" if "zipped" in kind else ""
        place = zarr.storage.ZipStore(path, mode="w") if "zipped" in kind else path
        if "group" in kind:
            group = zarr.open_group(place, mode="w")
            group.create_array("other", data=np.zeros(2))
            group.create_array("a", data=a, chunks=(40, *a.shape[1:]))
            return path, {"columns": "a"}
        zarr.create_array(place, data=a, chunks=(40, *a.shape[1:]), overwrite=True)
        if "zipped" in kind:
            place.close()
    elif name == "safetensors":
        nn.safetensors.write(path, {"b": np.zeros((3, 2)), "a": a, "c": [True]}, {})
        return path, {"columns": "a"}
    else:
        arrow = pytest.importorskip("pyarrow")
        columns = {f"x{i}": column for i, column in enumerate(a.T)} | {"word": ["w"] * len(a), "list": list(a)}
        columns["fixed"] = arrow.FixedSizeListArray.from_arrays(arrow.array(a.ravel()), a.shape[1])
        arrow.parquet.write_table(arrow.table(columns), path, row_group_size=50)
        which = "list" if "of lists" in kind else "fixed" if "fixed" in kind else [f"x{i}" for i in range(a.shape[1])]
        return path, {"columns": which}
    return path, {}


@pytest.fixture(autouse=True)
def _parquet_is_imported():
    pytest.importorskip("pyarrow.parquet")
    pytest.importorskip("safetensors")


@pytest.mark.parametrize("chunk", [None, 64, 7])
@pytest.mark.parametrize("kind", FORMATS)
def test_rows_are_those_of_the_array(tmp_path, kind, chunk):
    path, options = write(tmp_path, kind, X)
    source = stored(path, chunk=chunk, **options)
    assert (source.shape, source.ndim, source.dtype, len(source)) == (X.shape, 2, X.dtype, N)
    assert (source.chunks[0], source.chunks[-1]) == (0, N)
    lengths, columns = np.diff(source.chunks), options.get("columns")
    assert (lengths > 0).all()
    assert chunk is None or lengths.max() <= chunk
    if (pieces := opened(path, tuple(columns) if isinstance(columns, list) else columns).pieces) and chunk != 7:
        assert set(source.chunks) <= set(pieces)
    mask = RNG.random(N) > 0.5
    picks = [3, -1, np.int32(4), slice(None), slice(10, 130), slice(200, 3, -7), slice(5, 2), slice(-20, 999), mask,
             mask.tolist(), RNG.integers(-N, N, 50), [1, -1, 1], np.array([], int)]  # fmt: skip
    for again in (source, pickle.loads(pickle.dumps(source))):
        for rows in picks:
            picked = again[rows]
            assert type(picked) is np.ndarray
            assert picked.dtype == X.dtype
            np.testing.assert_array_equal(picked, X[rows])
        assert again[[]].shape == (0, WIDTH)
        np.testing.assert_array_equal(np.concatenate([again.read(*span) for span in pairwise(source.chunks)]), X)
        np.testing.assert_array_equal(np.asarray(again, float), X.astype(float))
        picked[...] = 0  # It is an array of its own, and no page of the file.
        np.testing.assert_array_equal(again[[1, -1, 1]], X[[1, -1, 1]])


@pytest.mark.parametrize("dtype", [np.float64, np.int8, np.uint16, np.int64, bool])
@pytest.mark.parametrize("shape", [(9,), (9, 2, 3), (9, 0), (0, 2), (0,)])
@pytest.mark.parametrize("kind", ["npy", "npy in Fortran's order", "npy of the other byte order", "safetensors"])
def test_other_dtypes_and_shapes(tmp_path, kind, shape, dtype):
    a = RNG.integers(0, 2, shape).astype(dtype)
    path, options = write(tmp_path, kind, a)
    source = stored(path, chunk=4, **options)
    assert (source.shape, source.dtype) == (a.shape, a.dtype)
    for rows in (slice(None), slice(2, 7), np.arange(len(a))[::-2]):
        np.testing.assert_array_equal(source[rows], a[rows])
    assert list(source.chunks) == ([0, 4, 8, 9] if len(a) else [0, 0])


@pytest.mark.parametrize("options", [{"zarr_format": 2}, {"zarr_format": 2, "order": "F"}, {"shards": (80, WIDTH)}])
def test_zarr_in_other_layouts(tmp_path, options):
    zarr = pytest.importorskip("zarr")
    zarr.create_array(tmp_path / "a.zarr", data=X, chunks=(20, 2 if "order" in options else WIDTH), **options)
    source = stored(tmp_path / "a.zarr", chunk=50)
    assert set(source.chunks) <= {*range(0, N, 20), N}
    assert source[30:150].flags.c_contiguous
    np.testing.assert_array_equal(source[30:150], X[30:150])
    np.testing.assert_array_equal(source[[200, 3]], X[[200, 3]])
    zarr.create_array(tmp_path / "s.zarr", shape=(3,), dtype=str)
    failing(tmp_path / "s.zarr", TypeError, "s.zarr holds StringDType.*, not numbers")
    zarr.open_group(tmp_path / "g.zarr", mode="w")
    failing(tmp_path / "g.zarr", ValueError, "g.zarr holds nothing; say which")


def test_columns_of_a_table(tmp_path):
    arrow = pytest.importorskip("pyarrow")
    table = {"a": np.arange(6), "word": list("uvwxyz"), "b": np.arange(6) / 2, "c": np.arange(6) > 2,
             "pairs": [[i, i + 1] for i in range(6)]}  # fmt: skip
    path = tmp_path / "t.parquet"
    arrow.parquet.write_table(arrow.table(table), path, row_group_size=4)
    np.testing.assert_array_equal(stored(path, columns="a")[:], table["a"])
    assert stored(path, columns="a").dtype == np.int64
    np.testing.assert_array_equal(stored(path, columns=["a"])[:], table["a"][:, None])
    np.testing.assert_array_equal(stored(path, columns=["b", "a"])[:], np.column_stack([table["b"], table["a"]]))
    np.testing.assert_array_equal(stored(path)[:], np.column_stack([table["a"], table["b"], table["c"]]))
    np.testing.assert_array_equal(stored(path, columns="pairs")[:], table["pairs"])
    joined = np.column_stack([table["b"], table["pairs"]])
    np.testing.assert_array_equal(stored(path, columns=["b", "pairs"])[:], joined)
    arrow.parquet.write_table(arrow.table({"word": table["word"], "pairs": table["pairs"]}), path)
    assert stored(path).shape == (6, 2)
    arrow.parquet.write_table(arrow.table({"none": arrow.array([[], []], arrow.list_(arrow.int64()))}), path)
    assert stored(path)[:].shape == (2, 0)


def test_the_index_of_pandas_is_no_data(tmp_path):
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [5, 6, 7], "b": [0.5, 1.5, 2.5]})
    for index in (pandas.Index([3, 1, 2]), pandas.Index([3, 1, 2], name="number")):
        frame.set_index(index).to_parquet(tmp_path / "t.parquet")
        np.testing.assert_array_equal(stored(tmp_path / "t.parquet")[:], frame.to_numpy())
    assert stored(tmp_path / "t.parquet", columns="number")[:].tolist() == [3, 1, 2]


def test_parquet_is_read_without_pandas(tmp_path):
    path, _ = write(tmp_path, "parquet", X)
    code = f"import sys, nn; nn.data.stored({path!r})[[0, 60]]; sys.exit('pandas' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_several_files_lie_one_below_the_other(tmp_path):
    parts = np.split(X, [100, 130])
    for i, part in zip((2, 9, 10), parts, strict=True):
        np.save(tmp_path / f"day{i}.npy", part)
    whole = stored(tmp_path / "day*.npy", chunk=40)
    assert whole.chunks == (0, 40, 80, 100, 130, 170, 210, 230)
    np.testing.assert_array_equal(whole[:], X)
    rows = RNG.integers(0, N, 60)
    np.testing.assert_array_equal(whole[rows], X[rows])
    turned = stored([tmp_path / "day10.npy", str(tmp_path / "day[29].npy")])
    np.testing.assert_array_equal(turned[:], np.concatenate([parts[2], parts[0], parts[1]]))
    arrow = pytest.importorskip("pyarrow")
    for name in ("table.parquet", "of any [name]"):
        folder = tmp_path / name
        folder.mkdir()
        for i in (1, 10, 9):
            arrow.parquet.write_table(arrow.table({"a": [i]}), folder / f"part{i}.parquet")
        (folder / "_SUCCESS").touch()
        np.testing.assert_array_equal(stored(folder, columns="a")[:], [1, 9, 10])


def test_a_path_in_the_place_of_data_says_what_to_pass(tmp_path):
    net = nn.Linear(3, 1)
    with pytest.raises(TypeError, match=r"^fit: X is a path: pass nn.data.stored\('X.npy'\), which reads its rows"):
        nn.fit(net, "X.npy", "y.npy", loss="mse")
    with pytest.raises(TypeError, match=r"^fit: y is a path: pass nn.data.stored\('.*y.npy'\)"):
        nn.fit(net, X, tmp_path / "y.npy", loss="mse")
    with pytest.raises(TypeError, match=r"^predict: X is a path: pass nn.data.stored\('X.npy'\)"):
        nn.predict(net, "X.npy")


def test_a_new_source_reads_anew(tmp_path):
    path, options = write(tmp_path, "zarr", X)
    np.testing.assert_array_equal(stored(path, **options)[[3]], X[[3]])
    pytest.importorskip("zarr").open(path)[...] = X + 1  # Its description stays the same file.
    np.testing.assert_array_equal(stored(path, **options)[[3]], X[[3]] + 1)


def test_memory_of_pieces_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_CACHED_BYTES", 5 * 40 * WIDTH * 4)
    path, options = write(tmp_path, "zarr in a group", X)
    source = stored(path, **options)
    module._lately.clear()
    np.testing.assert_array_equal(source[np.arange(N)], X)
    assert len(module._lately) == 5
    monkeypatch.setattr(module, "_CACHED_BYTES", 1)
    np.testing.assert_array_equal(source[np.arange(N)], X)
    assert len(module._lately) == 2
    kept = list(module._lately.values())[-1]
    source[[N - 1]]
    assert list(module._lately.values())[-1] is kept  # It was not read again.


def test_many_chunks_are_not_pickled(tmp_path):
    np.save(tmp_path / "a.npy", np.arange(5000))
    source = stored(tmp_path / "a.npy", chunk=1)
    pickled = pickle.dumps(source)
    assert len(pickled) < 1000
    assert pickle.loads(pickled).chunks == source.chunks == tuple(range(5001))


def test_a_path_is_absolute(tmp_path, monkeypatch):
    np.save(tmp_path / "a.npy", Y)
    monkeypatch.chdir(tmp_path)
    source = stored("a.npy")
    monkeypatch.chdir("/")
    np.testing.assert_array_equal(source[:], Y)


def test_a_chunk_takes_16_megabytes(tmp_path):
    np.lib.format.open_memmap(tmp_path / "a.npy", "w+", np.float32, (100_000, 100))
    assert stored(tmp_path / "a.npy").chunks == (0, 40_000, 80_000, 100_000)


@pytest.mark.parametrize("kind", FORMATS)
def test_files_that_change(tmp_path, kind):
    path, options = write(tmp_path, kind, X)
    source = stored(path, **options)
    np.testing.assert_array_equal(source[[3]], X[[3]])
    write(tmp_path, kind, X + 1)  # Of one length and shape: rows are what the file holds.
    os.utime(path, (1, 1))
    np.testing.assert_array_equal(stored(path, **options)[[3]], X[[3]] + 1)
    np.testing.assert_array_equal(source[[3]], X[[3]] + 1)
    write(tmp_path, kind, X[:-1])
    for reads in (lambda: source[:5], lambda: source[[0]], lambda: pickle.loads(pickle.dumps(source))[1]):
        with pytest.raises(ValueError, match=r"has changed: it held shape \(230, 3\).* holds \(229, 3\).*new source"):
            reads()
    os.rename(path, tmp_path / "moved")
    with pytest.raises(FileNotFoundError, match=r"there is no '.*' on this machine"):
        source[:5]


def failing(path, error, match, **options):
    with pytest.raises(error, match=match):
        stored(path, **options)


def test_files_that_cannot_be_read_by_rows(tmp_path):
    np.savez(tmp_path / "a.npz", X)
    failing(tmp_path / "a.npz", ValueError, r"a.npz is of no format .*: numpy.load ignores mmap_mode .* as .npy")
    for name in ("a.csv", "a.json"):
        (tmp_path / name).write_text("1")
        failing(
            tmp_path / name, ValueError, rf"{name} is of no .*: a text is parsed from .*read_csv\(path\).to_parquet"
        )
    (tmp_path / "a.h5").write_text("1")
    failing(tmp_path / "a.h5", ValueError, r"a.h5 is of no format that is read by rows: write .npy")
    failing(tmp_path, ValueError, r"the folder '.*' holds no .parquet files; a pattern names those to read")
    for name in ("b.npy", "b.parquet", "b.safetensors", "b.zarr", "b.zarr.zip"):
        for content in (b"", b"nothing that one could read, but long enough for a header of any format"):
            (tmp_path / name).write_bytes(content)
            failing(tmp_path / name, ValueError, f"stored: .*{name} is damaged, or not what its name says: ")
    (tmp_path / "folder.zarr").mkdir()
    failing(tmp_path / "folder.zarr", ValueError, "folder.zarr is damaged, or not what its name says: ")
    np.save(tmp_path / "c.npy", X)
    content = (tmp_path / "c.npy").read_bytes()
    (tmp_path / "c.npy").write_bytes(content[:-5])
    failing(tmp_path / "c.npy", ValueError, "c.npy is damaged")
    nn.safetensors.write(tmp_path / "c.safetensors", {"a": X}, {})
    content = (tmp_path / "c.safetensors").read_bytes()
    (tmp_path / "c.safetensors").write_bytes(content[:-5])
    failing(tmp_path / "c.safetensors", ValueError, "c.safetensors is damaged.*not as many bytes")
    (tmp_path / "c.safetensors").write_bytes(content.replace(b'"F32"', b'"X32"'))
    failing(tmp_path / "c.safetensors", TypeError, "'a' in .*c.safetensors is of a dtype that NumPy has not")
    nn.safetensors.write(tmp_path / "d.safetensors", {"a": np.zeros(1, np.int16), "b": np.zeros(1)}, {})
    content = (tmp_path / "d.safetensors").read_bytes()
    (tmp_path / "d.safetensors").write_bytes(content.replace(b'"I16"', b'"BF16"').replace(b"}} ", b"}}"))
    failing(tmp_path / "d.safetensors", TypeError, "as bfloat16; save it as float32", columns="a")
    assert stored(tmp_path / "d.safetensors", columns="b")[:].tolist() == [0]
    for a, error, match in (
        (np.array(["x"]), TypeError, "holds <U1, not numbers"),
        (np.array([1j]), TypeError, "holds complex128, not numbers"),
        (np.array(1.0), ValueError, "a single number, and no rows"),
    ):
        np.save(tmp_path / "d.npy", a)
        failing(tmp_path / "d.npy", error, match)
    np.save(tmp_path / "d.npy", np.array([None]), allow_pickle=True)
    failing(tmp_path / "d.npy", ValueError, "d.npy is damaged, or not what its name says: .*Python objects")


@pytest.mark.parametrize(("kind", "place"), [("zarr", "c/0/0"), ("parquet", "")])
def test_rows_that_are_damaged(tmp_path, kind, place):
    path, options = write(tmp_path, kind, X)
    source, damaged = stored(path, **options), Path(path, place)
    content = damaged.read_bytes()
    damaged.write_bytes(content[:20] + content[420:])
    with pytest.raises(ValueError, match=f"{Path(path).name} is damaged"):
        source[:]


def test_paths_and_columns_that_are_wrong(tmp_path):
    np.save(tmp_path / "a.npy", X)
    np.save(tmp_path / "b.npy", X[:, :2])
    np.save(tmp_path / "c.npy", X.astype(float))
    failing(tmp_path / "none.npy", FileNotFoundError, "there is no '.*none.npy'")
    failing(tmp_path / "none*.npy", FileNotFoundError, r"there is no '.*none\*.npy'")
    failing("s3://bucket/a.npy", ValueError, "no path of a file on this machine")
    failing([], ValueError, "the list of paths is empty")
    failing(3, TypeError, "pass a path, a list of paths, or a pattern")
    failing(X, TypeError, "pass a path, a list of paths, or a pattern")
    failing(tmp_path / "a.npy", ValueError, "chunk", chunk=0)
    failing(tmp_path / "a.npy", ValueError, "one array without names; leave out columns='x'", columns="x")
    failing(tmp_path / "a.npy", TypeError, "columns is a name or a list of names, not .3.", columns=[3])
    failing(tmp_path / "a.npy", TypeError, r"columns is a name or a list of names, not \[\]", columns=[])
    failing([tmp_path / "a.npy", tmp_path / "b.npy"], ValueError, r"b.npy have shape \(2,\).*a.npy \(3,\) and float32")
    failing([tmp_path / "a.npy", tmp_path / "c.npy"], ValueError, r"c.npy have .* dtype float64.*float32; they go")
    arrow = pytest.importorskip("pyarrow")
    path = tmp_path / "t.parquet"
    table = {"a": [1.0, None, 3.0], "w": list("xyz"), "u": [[1, 2], [3], [4, 5]], "v": [[1], [2], [None]]}
    arrow.parquet.write_table(arrow.table(table), path, row_group_size=1)
    failing(path, ValueError, "has no column 'z'; there are a, w, u, v", columns=["a", "z"])
    failing(path, TypeError, "column 'w' of .*t.parquet holds string, not numbers", columns="w")
    for columns, match in (
        ("a", "t.parquet has no value in row 1 of column 'a'; leave out such rows, or fill them in"),
        ("u", "t.parquet has not 2 numbers, as in its first row, in row 1 of column 'u'"),
        ("v", "t.parquet has no value in row 2 of column 'v'"),
    ):
        source = stored(path, columns=columns)
        source[0]
        for read in (lambda source=source: source[:], lambda source=source: source[[2, 1]]):
            with pytest.raises(ValueError, match=match):
                read()
    arrow.parquet.write_table(arrow.table({"w": table["w"]}), path)
    failing(path, ValueError, "t.parquet has no column of numbers, but w")
    nn.safetensors.write(tmp_path / "s.safetensors", {"a": X, "b": Y}, {})
    failing(tmp_path / "s.safetensors", ValueError, "s.safetensors holds a, b; say which to read, as in columns='name'")
    failing(tmp_path / "s.safetensors", ValueError, "holds a, b, and no one array 'c'", columns="c")


def test_rows_that_there_are_not(tmp_path):
    np.save(tmp_path / "a.npy", X)
    source = stored(tmp_path / "a.npy")
    for span in ((-1, 3), (3, 2), (0, N + 1)):
        with pytest.raises(IndexError, match=f"there are {N} rows, and none from"):
            source.read(*span)
    for rows in (N, -N - 1, [0, N]):
        with pytest.raises(IndexError, match=rf"there is no row -?23\d, but {N}, which are numbered from 0"):
            source[rows]
    for rows in ((0, 1), np.array([True]), [[0]], 1.0, "x", None, ...):
        with pytest.raises(IndexError, match=f"of {N} rows, pick some by a number, a slice, or a list"):
            source[rows]


# ---- passes ----


def rows_of(minibatches):
    return [(count, *(np.asarray(part).tolist() for part in make())) for count, make in minibatches]


@pytest.mark.parametrize("size", [1, 7, 64, 229, 230, 1000])
@pytest.mark.parametrize("chunk", [1, 30, 64, 230])
def test_a_pass_takes_each_row_once(tmp_path, chunk, size):
    np.save(tmp_path / "i.npy", np.arange(N))
    source, other = stored(tmp_path / "i.npy", chunk=chunk), np.arange(N) * 2
    in_order = rows_of(passed([source, other], size))
    assert in_order == rows_of(passed([np.arange(N), other], size))
    shuffled, again = (rows_of(passed([source, other], size, np.random.default_rng(3))) for _ in range(2))
    assert shuffled == again
    assert [count for count, *_ in shuffled] == [count for count, *_ in in_order]
    flat = np.array([row for _, rows, _ in shuffled for row in rows])
    assert sorted(flat) == list(range(N))
    assert [row for *_, rows in shuffled for row in rows] == (2 * flat).tolist()
    # Chunks come one after the other, each in an order of its own, and they, too, in a new one.
    numbers = np.searchsorted(source.chunks, flat, "right")
    assert np.count_nonzero(np.diff(numbers)) == len(source.chunks) - 2
    if size < N:
        assert flat.tolist() != list(range(N))
        assert (numbers[0] != 1 or numbers[-1] != numbers.max()) or chunk == 230
    lazily = list(passed([source, other], size, np.random.default_rng(3), lazy=True))
    assert rows_of(lazily) == shuffled
    X_rows, y_rows = lazily[0][1]()
    assert isinstance(X_rows, Rows)
    assert (len(X_rows), X_rows.shape, y_rows.dtype) == (shuffled[0][0], (shuffled[0][0],), np.dtype(int))
    assert np.asarray(X_rows[1:3]).tolist() == shuffled[0][1][1:3]


def test_the_same_draws_with_and_without_reading(tmp_path):
    np.save(tmp_path / "i.npy", np.arange(N))
    source = stored(tmp_path / "i.npy", chunk=50)
    states = []
    for options in ({}, {"lazy": True}):
        rng = np.random.default_rng(0)
        seen = [rng.bit_generator.state["state"] for _ in passed([source], 8, rng, **options)]
        states.append([*seen, rng.bit_generator.state["state"]])
    assert states[0] == states[1]


def threads():
    return [thread for thread in threading.enumerate() if thread.name.startswith("nn.data.stored")]


def test_the_thread_reads_ahead_and_ends(tmp_path, monkeypatch):
    np.save(tmp_path / "i.npy", np.arange(40))
    source = stored(tmp_path / "i.npy", chunk=10)
    begun, read = [threading.Event() for _ in range(4)], nn.data.Stored.read_stored

    def noted(self, start, stop):
        begun[start // 10].set()
        assert threading.current_thread() in threads()
        return read(self, start, stop)

    monkeypatch.setattr(nn.data.Stored, "read_stored", noted)
    minibatches = passed([source], 10)
    for i, (_, make) in enumerate(minibatches):
        assert make()[0].tolist() == list(range(10 * i, 10 * i + 10))
        assert i == 3 or begun[i + 1].wait(10)  # The next chunk is read while this one is used.
        assert i >= 2 or not begun[i + 2].is_set()
        assert len(threads()) == 1
    assert not threads()
    minibatches = passed([source], 3)
    next(minibatches)
    minibatches.close()
    assert not threads()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such memory")
@pytest.mark.parametrize("kind", ["npy", "safetensors", "zarr", "parquet", "parquet of fixed lists"])
def test_memory_of_what_is_read_is_given_back(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(formats, "_STEP_BYTES", X.nbytes)
    path, options = write(tmp_path, kind, X)
    source = stored(path, **options)
    for rows in (source[:], source.read(0, N)):
        np.testing.assert_array_equal(rows, X)
        rows += 1
        base = rows
        while isinstance(base, np.ndarray):
            base = base.base
        assert isinstance(base.obj, mmap.mmap)


def test_memory_is_that_of_few_chunks(tmp_path, monkeypatch):
    monkeypatch.setattr(formats, "_STEP_BYTES", 10**9)  # Then `tracemalloc` sees all that is taken.
    big = np.lib.format.open_memmap(tmp_path / "big.npy", "w+", float, (40_000, 50))
    big[:] = 1
    source, y = stored(tmp_path / "big.npy", chunk=2500), np.zeros(40_000)
    net = nn.Sequential(nn.Linear(50, 1, rng=0), nn.Flatten(0))
    tracemalloc.start()
    try:
        for call in (
            lambda: train(source, y, 1, model=net, loss="mse", batch_size=100, optimizer="sgd"),
            lambda: nn.predict(net, source, 100),
            lambda: train(np.ones((5, 50)), np.zeros(5), 1, model=net, loss="mse", validation_data=(source, y)),
        ):
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            call()
            chunks = (tracemalloc.get_traced_memory()[1] - before) / (2500 * 50 * 8)
            assert 1 < chunks < 4.5, chunks
    finally:
        tracemalloc.stop()


# ---- trainings ----


def files(folder, kind="npy", chunk=None):
    path, options = write(folder, kind, X)
    np.save(folder / "y.npy", Y)
    return stored(path, chunk=chunk, **options), stored(folder / "y.npy")


def stored_file(folder, a, chunk=None):
    np.save(folder / "b.npy", a)
    return stored(folder / "b.npy", chunk=chunk)


def stored_y(folder, y):
    np.save(folder / "other y.npy", y)
    return stored(folder / "other y.npy")


def train(X, y, epochs=3, **options):
    dtype = options.pop("dtype", None)
    model = options.pop("model", None) or nn.Sequential(
        nn.Linear(WIDTH, 8, rng=0, dtype=dtype), nn.ReLU(), nn.Dropout(0.2, rng=5), nn.Linear(8, 2, rng=1, dtype=dtype)
    )
    options = {"loss": "cross_entropy", "rng": 1, "progress": False} | options
    return model, nn.fit(model, X, y, epochs=epochs, **options)


def assert_same(one, other):
    for name, values in one[0].state_dict().items():
        np.testing.assert_array_equal(other[0].state_dict()[name], values)
    assert other[1].logs == one[1].logs
    assert other[1].dead == one[1].dead


@pytest.mark.parametrize("dtype", [None, "float32"])
@pytest.mark.parametrize("kind", ["npy", "zarr", "safetensors", "parquet"])
def test_one_chunk_gives_what_arrays_give(tmp_path, kind, dtype):
    source, y = files(tmp_path, kind)
    options = {"metrics": ["accuracy"], "record": ["dead"], "dtype": dtype}
    whole = train(X, Y, validation_data=(X, Y), **options)
    assert_same(whole, train(source, y, validation_data=(source, y), **options))
    assert_same(whole, train(source, Y, validation_data=(X, y), **options))
    assert_same(whole, train(X, y, validation_data=(source, Y), **options))
    np.testing.assert_array_equal(nn.predict(whole[0], source), nn.predict(whole[0], X))


def test_several_chunks(tmp_path):
    source, y = files(tmp_path, chunk=50)
    assert_same(train(X, Y, shuffle=False, metrics=["accuracy"], record=["dead"]),
                train(source, y, shuffle=False, metrics=["accuracy"], record=["dead"]))  # fmt: skip
    shuffled = train(source, y)
    assert_same(shuffled, train(source, y))
    assert_same(shuffled, train(source, Y))
    assert_same(train(source, y, compiled=True), train(source, Y, compiled=True))
    assert_same(shuffled, train(X, stored(tmp_path / "y.npy", chunk=50)))
    assert shuffled[1]["loss"] != train(X, Y)[1]["loss"]
    assert shuffled[1]["loss"][-1] < shuffled[1]["loss"][0]
    for size in (7, 100, 1024):
        np.testing.assert_array_equal(nn.predict(shuffled[0], source, size), nn.predict(shuffled[0], X, size))


def test_dead_units_of_many_rows(tmp_path):
    rows = np.concatenate([np.full((1100, 1), -1.0), [[1.0]], np.full((1100, 1), -1.0)])
    model = nn.Sequential(nn.Linear(1, 3, rng=0), nn.ReLU(), nn.Linear(3, 1, rng=0))
    model[0].weight.data, model[0].bias.data = [[1.0], [2.0], [0.0]], [0.0, 0.0, -1.0]
    options = {"loss": "mse", "epochs": 1, "record": ["dead"], "progress": False, "batch_size": None}
    still = nn.optim.SGD(model.parameters(), lr=0.0)
    for data in (rows, stored_file(tmp_path, rows, 900)):
        assert nn.fit(model, data, np.zeros((2201, 1)), optimizer=still, **options).dead == {
            "1": [pytest.approx(1 / 3)]
        }


def test_all_rows_at_once_for_lbfgs(tmp_path):
    source, y = files(tmp_path, chunk=50)
    whole, parts = (
        train(*data, model=nn.Linear(WIDTH, 2, rng=0), optimizer="lbfgs", epochs=2) for data in ((X, Y), (source, y))
    )
    assert_same(whole, parts)


def test_a_net_of_values_trains_on_files(tmp_path):
    whole, parts = (
        train(*data, model=nn.MLP([WIDTH, 2, 2], scalar=True, rng=0), epochs=1, batch_size=100)
        for data in ((X[:20], Y[:20]), (stored_file(tmp_path, X[:20]), Y[:20]))
    )
    assert_same(whole, parts)


def test_a_training_is_resumed(tmp_path):
    source, y = files(tmp_path, chunk=50)
    whole = train(source, y, 5)
    train(source, y, 2, callbacks=[nn.Checkpoint(tmp_path / "c")])
    assert_same(whole, train(source, y, 5, resume=tmp_path / "c"))
    for other in (X, stored_file(tmp_path, X, 100)):
        with pytest.raises(ValueError, match=r"chunks was 5, and is (None|3) now"):
            train(other, Y, 5, resume=tmp_path / "c")


def test_integers_stay_integers_for_an_embedding(tmp_path):
    words = RNG.integers(0, 9, (60, 2))
    np.save(tmp_path / "w.npy", words)
    np.save(tmp_path / "t.npy", words.sum(axis=1))
    options = {"loss": "mse", "epochs": 2, "rng": 0, "progress": False, "batch_size": 16}

    def net():
        return nn.Sequential(nn.Embedding(9, 2, rng=0), nn.Flatten(), nn.Linear(4, 1, rng=0), nn.Flatten(0))

    one, other = net(), net()
    logs = nn.fit(one, words, words.sum(axis=1), **options).logs
    assert nn.fit(other, stored(tmp_path / "w.npy"), stored(tmp_path / "t.npy"), **options).logs == logs


class Stop(KeyboardInterrupt):
    """As Ctrl-C."""


@pytest.mark.parametrize("error", [Stop, RuntimeError])
def test_no_thread_is_left_after_an_interrupt(tmp_path, error):
    source, y = files(tmp_path, chunk=20)

    class Interrupts:
        def on_step(self, run):
            assert len(threads()) == 1
            raise error

    with pytest.raises(error) as caught:
        train(source, y, callbacks=[Interrupts()])
    assert caught.tb  # The traceback holds the frames, and yet
    assert not threads()


def test_flaws_are_met_as_rows_are_read(tmp_path):
    flawed = X.copy()
    flawed[170, 2] = np.nan
    np.save(tmp_path / "X.npy", flawed)
    np.save(tmp_path / "y.npy", np.where(np.arange(N) == 171, 7, Y))
    source, labels = stored(tmp_path / "X.npy", chunk=50), stored(tmp_path / "y.npy")
    message = r"fit: X holds nan at \(170, 2\); remove such rows, or fill them in"
    for options in ({}, {"shuffle": False}):
        with pytest.raises(ValueError, match=message):
            train(source, Y, **options)
        assert not threads()
    with pytest.raises(ValueError, match="validation X holds nan at"):
        train(X, Y, validation_data=(source, Y))
    message = r"cross_entropy: Target 7 is out of bounds\. .* \(row 171 of y\)"
    with pytest.raises(ValueError, match=message):
        train(source, np.asarray(labels))
    clean = stored_file(tmp_path, X, 50)
    with pytest.raises(ValueError, match=message):
        train(clean, labels)
    with pytest.raises(ValueError, match=r"cross_entropy: Target 7 .* \(row 171 of validation y\)"):
        train(X, Y, validation_data=(clean, labels))
    np.save(tmp_path / "y.npy", np.where(np.arange(N) == 0, 7, Y))
    with pytest.raises(ValueError, match=r"cross_entropy: Target 7 .* \(row 0 of y\)"):
        train(clean, stored(tmp_path / "y.npy"))


def test_arguments_that_do_not_go_together(tmp_path):
    source = stored_file(tmp_path, X)
    with pytest.raises(TypeError, match="X is stored without its targets: pass y too"):
        train(source, None)
    with pytest.raises(ValueError, match=r"X has 230 rows, but y has shape \(229,\)"):
        train(source, Y[:-1])
    np.save(tmp_path / "e.npy", np.empty((0, 3)))
    with pytest.raises(ValueError, match=r"there are no data: X has shape \(0, 3\)"):
        train(stored(tmp_path / "e.npy"), np.empty(0, int))
    np.save(tmp_path / "h.npy", X.astype(np.float16))
    with pytest.raises(TypeError, match=r"fit: X: .*float16"):
        train(stored(tmp_path / "h.npy"), Y)
    with pytest.raises(TypeError, match=r"must be integers.* \(row 0 of y\)"):
        train(source, stored_y(tmp_path, Y * 1.0))
    with pytest.raises(ValueError, match="features"):
        train(stored_file(tmp_path, X[:, :2], 9), Y)
    assert nn.predict(nn.ReLU(), stored(tmp_path / "e.npy")).shape == (0, 3)


def test_chunk_bounds_are_those_of_the_first_that_is_stored(tmp_path):
    source, y = files(tmp_path, chunk=100)
    assert chunk_bounds(X, Y) == (0, N)
    assert chunk_bounds(source, y) == (0, 100, 200, N)
    assert chunk_bounds(X, source) == (0, 100, 200, N)
