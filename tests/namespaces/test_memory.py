"""The memory of an array that was freed serves the next one."""

import platform
import subprocess
import sys

import pytest

PROGRAM = """
import resource
import numpy as np
from autograd import Tensor

x = Tensor(np.ones((256, 1024)))  # 2 MB

def faults(passes):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(passes):
        (x * 2.0 + 1.0).sum().backward()
        x.grad = None
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

faults(3)
print(faults(10))
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another allocator decides by itself")
def test_no_pass_pages_its_memory_in_anew():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 500  # A single array of 2 MB has 512 pages.
