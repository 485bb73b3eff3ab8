"""Memory that one step of training has freed serves the next one."""

import subprocess
import sys

import pytest

STEPS = """
import resource
import paramlab
from paramlab import nn

model = nn.Sequential(nn.Conv2d(16, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU())
x = paramlab.randn(32, 16, 8, 8)

def steps(count):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(count):
        model.zero_grad()
        model(x).sum().backward()
    return (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / count

steps(10)
print(steps(50))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other C libraries decide for themselves what they give back")
def test_a_step_asks_the_system_for_no_memory():
    done = subprocess.run([sys.executable, "-c", STEPS], check=True, capture_output=True, text=True)
    assert float(done.stdout) < 10  # pages; without keep_what_is_freed, 128 and more
