"""Training and prediction on files four times as large as the memory that a process may take.

For each format a file of float64 is written to a temporary folder (1.5 GiB; with --quick 1 GiB, and two formats), and a
process of its own sets RLIMIT_DATA to a quarter of its size, trains for an epoch on it, predicts, and tells its peak of
resident memory, which counts mapped pages too, in chunks of the file. Then, without a limit, an epoch from a file
beside one in memory. Linux only.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"

import numpy as np  # noqa: E402
from timing import Gates, interleaved, ratio, table  # noqa: E402

import nn  # noqa: E402

WIDTH, BLOCK, CHUNKS = 512, 4096, 8
FORMATS = ["npy", "safetensors", "zarr", "parquet"]


def blocks(n):
    """Rows of random numbers, block by block."""
    rng = np.random.default_rng(0)
    return (rng.normal(size=(min(BLOCK, n - start), WIDTH)) for start in range(0, n, BLOCK))


def write(path, n):
    """A file of `n` rows, written without ever holding it."""
    if path.suffix == ".npy":
        file = np.lib.format.open_memmap(path, "w+", float, (n, WIDTH))
        for i, block in enumerate(blocks(n)):
            file[i * BLOCK : i * BLOCK + len(block)] = block
    elif path.suffix == ".safetensors":
        header = json.dumps({"X": {"dtype": "F64", "shape": [n, WIDTH], "data_offsets": [0, n * WIDTH * 8]}}).encode()
        with path.open("wb") as file:
            file.write(len(header).to_bytes(8, "little") + header)
            for block in blocks(n):
                file.write(block)
    elif path.suffix == ".zarr":
        import zarr

        array = zarr.create_array(path, shape=(n, WIDTH), dtype=float, chunks=(BLOCK // 4, WIDTH), compressors=None)
        for i, block in enumerate(blocks(n)):
            array[i * BLOCK : i * BLOCK + len(block)] = block
    else:
        import pyarrow
        from pyarrow import parquet

        names = [f"x{i}" for i in range(WIDTH)]
        schema = pyarrow.schema([(name, pyarrow.float64()) for name in names])
        with parquet.ParquetWriter(path, schema, compression="none", use_dictionary=False) as file:
            for block in blocks(n):
                file.write_table(pyarrow.table(list(block.T.copy()), schema=schema))


def net():
    """A net of two layers."""
    return nn.MLP([WIDTH, 64, 2], rng=0)


def options():
    """An epoch of the training."""
    return {"loss": "cross_entropy", "epochs": 1, "batch_size": 256, "rng": 0, "progress": False}


def resident():
    """The peak of this process's resident memory so far, in bytes; rusage would count its parent's, too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) * 1024


def child(path, limit):
    """Train under the limit, and print the peaks."""
    source = nn.data.stored(path)
    y = np.arange(len(source)) % 2
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    nn.fit(net(), np.zeros((1024, WIDTH)), y[:1024], **options())
    try:
        refused = np.empty(source.shape).ndim == 0
    except MemoryError:
        refused = True
    before, chunk = resident(), max(np.diff(source.chunks)) * WIDTH * 8
    loss = nn.fit(net(), source, y, **options())["loss"][0]
    trained = resident()
    output = nn.predict(net(), source)
    peaks = [(peak - before) / chunk for peak in (trained, resident())]
    print(json.dumps({"refused": refused, "loss": loss, "outputs": len(output), "peaks": peaks, "chunk": int(chunk)}))


def larger_than_memory(gates, folder, formats, limit):
    """Each format under the limit."""
    n = 4 * limit // (WIDTH * 8) + 1
    lines = []
    for name in formats:
        path = Path(folder, f"X.{name}")
        write(path, n)
        command = [sys.executable, __file__, "--child", str(path), "--limit", str(limit)]
        # Its own pool of memory would reserve a gigabyte of addresses, which RLIMIT_DATA counts.
        environment = os.environ | {"ARROW_DEFAULT_MEMORY_POOL": "system"}
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
        if done.returncode:
            print(done.stderr)
            gates.check(f"{name}: a file four times RLIMIT_DATA", False)
            continue
        said = json.loads(done.stdout)
        peaks = said["peaks"]
        lines.append([name, f"{said['chunk'] / 1e6:.1f}", *(f"{peak:.1f}" for peak in peaks)])
        gates.check(
            f"{name}: fit and predict on a file four times RLIMIT_DATA ({limit >> 20} MiB) "
            f"take {max(peaks):.1f} chunks (at most {CHUNKS})",
            said["refused"] and np.isfinite(said["loss"]) and said["outputs"] == n and max(peaks) <= CHUNKS,
        )
        subprocess.run(["rm", "-r", path], check=True)
    print(table(["format", "chunk, MB", "fit, chunks", "predict, chunks"], lines))


def beside_memory(folder, rounds):
    """An epoch from a file of several chunks beside one in memory."""
    n = 8 * BLOCK
    X, y = np.concatenate(list(blocks(n))), np.arange(n) % 2
    cases = {"in memory": lambda: nn.fit(net(), X, y, **options())}
    for name in FORMATS:
        path = Path(folder, f"small.{name}")
        write(path, n)
        source = nn.data.stored(path)
        cases[name] = lambda source=source: nn.fit(net(), source, y, **options())
    times = interleaved(cases, rounds=rounds)
    lines = [[k, f"{t.least:.2f}", f"{t.median:.2f}", f"{ratio(t, times['in memory']):.2f}"] for k, t in times.items()]
    print(table([f"an epoch of {n:,} rows", "least s", "median s", "times memory's"], lines))


def main():
    """Run everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller files, fewer rounds")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--limit", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        child(arguments.child, arguments.limit)
        return 0
    gates = Gates()
    with tempfile.TemporaryDirectory() as folder:
        larger_than_memory(gates, folder, *((FORMATS[::3], 256 << 20) if arguments.quick else (FORMATS, 384 << 20)))
        beside_memory(folder, 3 if arguments.quick else 7)
    return gates.status()


if __name__ == "__main__":
    sys.exit(main())
