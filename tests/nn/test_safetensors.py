"""Files that are replaced as a whole or not at all, whatever stands at their path and whoever else writes there."""

import contextlib
import json
import os
import stat
import struct
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

import nn
from nn import safetensors

pytest.importorskip("safetensors")
posix = pytest.mark.skipif(os.name != "posix", reason="modes and links of POSIX")

ARRAYS = {"w": np.arange(6.0).reshape(2, 3), "b": np.zeros(2, np.float32), "n": np.array(3), "yes": np.array([True])}


@contextlib.contextmanager
def umask(mask):
    old = os.umask(mask)
    try:
        yield
    finally:
        os.umask(old)


def mode(path):
    return stat.S_IMODE(os.stat(path).st_mode)


@posix
def test_the_mode_of_a_file_is_kept_and_a_new_one_follows_the_umask(tmp_path):
    path = tmp_path / "file"
    for mask, expected in ((0o022, 0o644), (0o077, 0o600), (0o002, 0o664)):
        with umask(mask):
            safetensors.write(path, ARRAYS, {})
        assert mode(path) == expected
        path.unlink()
    safetensors.write(path, ARRAYS, {})
    for kept in (0o600, 0o640, 0o666, 0o755):
        path.chmod(kept)
        with umask(0o027):
            safetensors.write(path, ARRAYS, {"kept": kept})
        assert mode(path) == kept
        assert safetensors.read(path)[1] == {"kept": kept}


@posix
def test_a_write_protected_file_is_left_alone(tmp_path, monkeypatch):
    path = tmp_path / "file"
    safetensors.write(path, ARRAYS, {})
    path.chmod(0o444)
    monkeypatch.setattr(safetensors.os, "access", lambda *args: False)  # which root is never told
    with pytest.raises(PermissionError, match="write-protected"):
        safetensors.write(path, ARRAYS, {"new": 1})
    assert safetensors.read(path)[1] == {}
    assert os.listdir(tmp_path) == ["file"]


@posix
def test_a_link_stays_and_its_target_is_replaced(tmp_path):
    real, link, chain = tmp_path / "there" / "real", tmp_path / "link", tmp_path / "chain"
    real.parent.mkdir()
    safetensors.write(real, ARRAYS, {"version": 1})
    real.chmod(0o600)
    link.symlink_to(Path("there") / "real")  # relative
    chain.symlink_to(link)
    for i, path in enumerate((link, chain)):
        safetensors.write(path, ARRAYS, {"version": i})
        assert path.is_symlink()
        assert safetensors.read(real)[1] == safetensors.read(path)[1] == {"version": i}
        assert mode(real) == 0o600
    dangling = tmp_path / "dangling"
    dangling.symlink_to(real.with_name("new"))
    safetensors.write(dangling, ARRAYS, {"version": 3})
    assert dangling.is_symlink()
    assert not real.with_name("new").is_symlink()
    assert safetensors.read(real.with_name("new"))[1] == {"version": 3}
    assert sorted(os.listdir(real.parent)) == ["new", "real"]
    assert sorted(os.listdir(tmp_path)) == ["chain", "dangling", "link", "there"]
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(OSError, match="symbolic links"):
        safetensors.write(loop, ARRAYS, {})
    lost = tmp_path / "lost"
    lost.symlink_to(tmp_path / "nowhere" / "file")
    with pytest.raises(FileNotFoundError, match=r"no folder .*nowhere"):
        safetensors.write(lost, ARRAYS, {})


@posix
@pytest.mark.parametrize("link", [False, True])
def test_what_is_no_regular_file_is_refused_by_name(tmp_path, link):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for path, kind, error in (
        (tmp_path / "pipe", "a pipe", OSError),
        (tmp_path / "folder", "a directory", IsADirectoryError),
        (Path(os.devnull), "a device", OSError),
    ):
        if link:
            path = tmp_path / f"link to {path.name}"
            path.symlink_to(tmp_path / path.name.removeprefix("link to ") if "null" not in path.name else os.devnull)
        before = os.lstat(path)
        for use in (lambda p: safetensors.write(p, ARRAYS, {}), safetensors.read, nn.load):
            with pytest.raises(error, match=f"{path.name}' is {kind}"):
                use(path)
        assert stat.S_IFMT(os.lstat(path).st_mode) == stat.S_IFMT(before.st_mode)
    assert not list(tmp_path.rglob("*.part"))


def test_paths_may_be_texts_and_path_objects_only(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for path in ("file", Path("file"), os.path.join(".", "file"), str(tmp_path / "file")):
        safetensors.write(path, ARRAYS, {})
        assert safetensors.read(path)[1] == {}
    assert os.listdir() == ["file"]
    for path in (3, None, sys.stdout, b"file"):
        for use in (lambda p: safetensors.write(p, ARRAYS, {}), safetensors.read):
            with pytest.raises(TypeError, match=f"a str or pathlib.Path, not {type(path).__name__}"):
                use(path)
    with pytest.raises(FileNotFoundError, match=r"no folder .*nowhere.*'file'"):
        safetensors.write(tmp_path / "nowhere" / "file", ARRAYS, {})
    for use in (lambda p: safetensors.write(p, ARRAYS, {}), safetensors.read, nn.load):
        with pytest.raises(IsADirectoryError, match="models/' is a directory; name a file"):
            use("models/")
    assert os.listdir() == ["file"]
    name = "n" * 255
    safetensors.write(name, ARRAYS, {})  # as long as a name can be
    assert safetensors.read(name)[1] == {}


@pytest.mark.parametrize("fails", ["write", "fsync", "replace", "fchmod", "interrupt"])
def test_after_any_error_the_old_file_is_there_and_nothing_else(tmp_path, monkeypatch, fails):
    path = tmp_path / "file"
    safetensors.write(path, ARRAYS, {})
    before = path.read_bytes()
    error = KeyboardInterrupt if fails == "interrupt" else OSError

    def broken(*args):
        raise error("no space left")

    if fails == "write":
        monkeypatch.setattr(safetensors, "open", lambda *args: Broken(*args), raising=False)
    else:
        monkeypatch.setattr(safetensors.os, "fsync" if fails == "interrupt" else fails, broken)
    for target in (path, tmp_path / "new"):
        if fails == "fchmod" and target != path:
            continue
        with pytest.raises(error, match="no space left"):
            safetensors.write(target, ARRAYS, {"more": 1})
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["file"]


class Broken:
    """A file on a full disk."""

    def __init__(self, descriptor, mode):
        self.file = open(descriptor, mode)

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.file.close()

    def write(self, content):
        self.file.write(content[:10])
        raise OSError("no space left")


@posix
def test_a_file_larger_than_allowed_leaves_the_old_one(tmp_path):
    code = f"""
        import os, resource, signal
        import numpy as np
        from nn import safetensors
        os.chdir({str(tmp_path)!r})
        safetensors.write("file", {{"w": np.zeros(10)}}, {{}})
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))
        try:
            safetensors.write("file", {{"w": np.ones(10_000)}}, {{}})
        except OSError as error:
            print(error.strerror, os.listdir(), safetensors.read("file")[0]["w"].tolist() == [0.0] * 10)
    """
    done = python(code)
    assert done.stdout.strip() == "File too large ['file'] True", done.stderr


def python(code):
    environment = os.environ | {"PYTHONPATH": str(Path(nn.__file__).parents[1]), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], env=environment, capture_output=True, text=True, timeout=120
    )


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.filterwarnings("ignore:os.fork:RuntimeWarning")  # JAX's, where another test of the worker used it
def test_of_several_writers_and_readers_nobody_sees_a_damaged_file(tmp_path):
    path, writers, rounds = tmp_path / "file", 3, 40
    arrays = [{"w": np.full(3000, float(k))} for k in range(writers)]
    safetensors.write(path, arrays[0], {"writer": 0})
    children = []
    for k in range(writers):
        if (child := os.fork()) == 0:
            code = 1
            try:
                for _ in range(rounds):
                    safetensors.write(path, arrays[k], {"writer": k})
                code = 0
            finally:
                os._exit(code)
        children.append(child)
    seen, codes = 0, []
    while children:
        got, description = safetensors.read(path)
        assert (got["w"] == description["writer"]).all()
        assert got["w"].shape == (3000,)
        seen += 1
        child, status = os.waitpid(-1, os.WNOHANG)
        if child:
            children.remove(child)
            codes.append(status)
    assert codes == [0] * writers
    assert seen > writers
    assert os.listdir(tmp_path) == ["file"]


def test_what_is_equal_gives_equal_files_and_the_library_reads_them(tmp_path):
    from safetensors.numpy import load_file

    for name in ("a", "b"):
        safetensors.write(tmp_path / name, ARRAYS | {"é\n": np.array(1.0)}, {"x": [1, "é"]})
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    for got in (load_file(tmp_path / "a"), safetensors.read(tmp_path / "a")[0]):
        assert got.keys() == {*ARRAYS, "é\n"}
        for name, a in ARRAYS.items():
            np.testing.assert_array_equal(got[name], a)
            assert got[name].dtype == a.dtype


def changed(path, change):
    """A file whose header and data a function changes."""
    content = path.read_bytes()
    size = 8 + int.from_bytes(content[:8], "little")
    header, data = change(json.loads(content[8:size]), content[size:])
    head = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(head)) + head + data)


@pytest.mark.parametrize("what", ["name", "names", "dtype", "shape", "bytes", "description", "sum", "no sum"])
def test_the_checksum_covers(what, tmp_path):
    path = tmp_path / "file"
    safetensors.write(path, {"a": np.array([[1.0, 2.0]]), "b": np.array([[3.0, 4.0]])}, {"x": 1})

    def change(header, data):
        metadata = header["__metadata__"]
        if what == "name":
            header["c"] = header.pop("b")
        elif what == "names":
            header["a"], header["b"] = header["b"], header["a"]
        elif what == "dtype":
            header["a"]["dtype"] = "I64"
        elif what == "shape":
            header["a"]["shape"] = [2, 1]
        elif what == "bytes":
            data = data[:-1] + bytes([data[-1] ^ 1])
        elif what == "description":
            metadata["graphgrad"] = '{"x": 2}'
        elif what == "sum":
            metadata["sha256"] = "0" * 64
        else:
            del metadata["sha256"]
        return header, data

    changed(path, change)
    words = "has no checksum" if what == "no sum" else "does not agree with its checksum"
    with pytest.raises(ValueError, match=f"{words}.*; so$"):
        safetensors.read(path, advice="; so")
    assert safetensors.read(path, verify=False)[1] == {"x": 2 if what == "description" else 1}
    safetensors.write(path, *safetensors.read(path, verify=False))
    safetensors.read(path)


def test_no_two_contents_have_one_checksum():
    a, b = np.array([1.0]), np.array([2.0])
    sums = [
        safetensors._checksum(arrays, text)
        for arrays, text in (
            ({}, ""), ({}, "a"), ({"a": a}, ""), ({"a": a.astype(np.float32)}, ""), ({"a": a[0]}, ""), ({"a": b}, ""),
            ({"a": a, "b": b}, ""), ({"a": b, "b": a}, ""), ({"ab": a}, ""), ({"a": a[:0]}, ""), ({"a": a[None]}, ""),
            ({"a": np.array([1.0, 2.0])}, ""), ({"a": a.view(np.int64)}, ""), ({"a": a[None][:0]}, ""),
        )
    ]  # fmt: skip
    assert len(set(sums)) == len(sums)
    assert safetensors._checksum({"b": b, "a": a}, "") == safetensors._checksum({"a": a, "b": b}, "")
    assert safetensors._checksum({"a": np.arange(6.0).reshape(2, 3).T}, "") == safetensors._checksum(
        {"a": np.arange(6.0).reshape(2, 3).T.copy()}, ""
    )


def test_headers_that_say_what_is_not_so(tmp_path):
    path = tmp_path / "file"
    entry = {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]}
    twice = b'{"a":%b,"a":%b}' % ((json.dumps(entry).encode(),) * 2)
    ours = {"__metadata__": {"graphgrad": '{"x": 1, "x": 2}'}}
    for head, data, words in (
        (twice, b"1" * 8, "'a' stands there twice"),
        ({"a": entry | {"shape": [2**61]}}, b"1" * 8, "damaged"),
        ({"a": entry | {"shape": [0, 2**62], "data_offsets": [0, 0]}}, b"", "damaged"),
        ({"a": entry | {"shape": [-1]}}, b"1" * 8, "damaged"),
        ({"a": entry | {"dtype": "U100000000"}}, b"1" * 8, "damaged"),
        ({"a": entry | {"dtype": "F8_E4M3", "shape": [8]}}, b"1" * 8, "an array of F8_E4M3, which NumPy has not"),
        ({"a": entry, "b": entry}, b"1" * 8, "damaged"),
        ({"a": entry}, b"1" * 9, "damaged"),
        ({"__metadata__": {"graphgrad": 5}}, b"", "damaged"),
        ({"__metadata__": ["graphgrad"]}, b"", "damaged"),
        ([], b"", "damaged"),
        (b"[" * 100_000, b"", "damaged"),
        (b'{"a":' + b"9" * 5000 + b"}", b"", "damaged"),
        (b"\xff\xfe{}", b"", "damaged"),
        (ours, b"", "no checksum"),
    ):
        path.write_bytes(b"")
        head = head if isinstance(head, bytes) else json.dumps(head).encode()
        path.write_bytes(struct.pack("<Q", len(head)) + head + data)
        with pytest.raises(ValueError, match=words) as caught:
            safetensors.read(path)
        assert len(str(caught.value)) < 1000
    with pytest.raises(ValueError, match="'x' stands there twice"):
        safetensors.read(path, verify=False)
    for size in (2**60, 2**63, 2**64 - 1, 100_000_001, 3):
        path.write_bytes(struct.pack("<Q", size) + b"{}")
        with pytest.raises(ValueError, match=f"its header has {size} bytes, the file 10"):
            safetensors.read(path)


def test_bfloat16_of_other_libraries_is_read(tmp_path):
    entry = {"dtype": "BF16", "shape": [3], "data_offsets": [0, 6]}
    head = json.dumps({"a": entry}).encode()
    values = np.array([1.0, -2.5, 3e38], np.float32)
    data = (values.view(np.uint32) >> 16).astype("<u2").tobytes()
    (tmp_path / "file").write_bytes(struct.pack("<Q", len(head)) + head + data)
    arrays, description = safetensors.read(tmp_path / "file")
    assert description is None
    assert arrays["a"].dtype == np.float32
    np.testing.assert_allclose(arrays["a"], values, rtol=2**-7)


def test_a_text_out_of_a_file_is_short_and_harmless_in_a_message():
    assert safetensors.short("a" * 1000, 10) == "a" * 10 + "…"
    assert safetensors.short("a\x1b[31m\n\tb") == "a\N{REPLACEMENT CHARACTER}[31m b"
    assert safetensors.short([1] * 1000) == "list"


def test_too_long_a_description_is_refused_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(safetensors, "_LONGEST_HEADER", 1000)
    with pytest.raises(ValueError, match="1000 are the most"):
        safetensors.write(tmp_path / "file", ARRAYS, {"text": "a" * 1000})
    assert os.listdir(tmp_path) == []
