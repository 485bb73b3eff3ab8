"""What a graph costs: time and memory linear in its length, nothing alive behind the walk, no circles."""

import gc
import subprocess
import sys
import weakref

import pytest

import paramlab
from paramlab import nn

# Python before 3.13 takes a chain of objects apart fifty at a time, later ones ten thousand
STACK = 256 * 1024 if sys.version_info < (3, 13) else 1024 * 1024
DEEP = f"""
import threading
import paramlab

def chain(n):
    x = paramlab.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(n // 2):
        y = y * 1.0 + 0.0
    y.backward()
    assert x.grad.item() == 1
    walked = paramlab.tensor(1.0, requires_grad=True)
    y = walked
    for _ in range(n // 2):
        y = y * 1.0 + 0.0
    del y  # a graph that was never walked is dropped too

def run():
    chain(1_000_000)
    print("done")

threading.stack_size({STACK})
thread = threading.Thread(target=run)
thread.start()
thread.join()
"""


def test_a_million_operations_need_no_deep_stack():
    done = subprocess.run([sys.executable, "-c", DEEP], capture_output=True, text=True, timeout=300)
    assert done.stdout == "done\n", done.stderr


FORMULAS = {
    "exp": lambda x: x.exp(),
    "relu": lambda x: x.relu() * 2,
    "product": lambda x: x * x,
    "matrix product": lambda x: x @ x.t(),
    "softmax": lambda x: x.softmax(0),
    "view": lambda x: x.view(-1) * 2,
    "in place": lambda x: (x * 2).add_(1),
    "write to a view": lambda x: (lambda y: (y[0].mul_(2), y)[1])(x * 1),
    "linear": lambda x: nn.functional.linear(x, paramlab.ones(2, 3, requires_grad=True), paramlab.ones(2)),
    "parts": lambda x: x.unbind(0)[0] * 2,
}


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.parametrize("name", FORMULAS)
def test_a_graph_is_freed_by_counting_references(name, no_collector):
    y = FORMULAS[name](paramlab.ones(3, 3, requires_grad=True))
    kept = [weakref.ref(y), weakref.ref(y.grad_fn), weakref.ref(y._array)]
    del y
    assert [ref() for ref in kept] == [None] * 3


@pytest.mark.parametrize("name", FORMULAS)
def test_nothing_is_kept_alive_by_a_graph_that_was_walked(name, no_collector):
    hidden = paramlab.ones(3, 3, requires_grad=True) * 1
    kept = weakref.ref(hidden._array)
    loss = FORMULAS[name](hidden).sum()
    del hidden
    loss.backward()
    assert kept() is None


def test_an_activation_is_freed_as_soon_as_the_walk_has_passed(no_collector):
    alive = []
    x = paramlab.ones(4, requires_grad=True)
    first = x.exp()
    second = first.exp()
    late = weakref.ref(second._array)
    first.register_hook(lambda grad: alive.append(late() is not None))
    loss = (second * second).sum()
    del first, second
    loss.backward()
    assert alive == [False]


def test_a_factor_without_a_gradient_does_not_keep_the_other(no_collector):
    x = paramlab.ones(4, requires_grad=True) * 1
    kept = weakref.ref(x._array)
    y = x * paramlab.ones(4)
    del x
    assert kept() is None
    assert y.requires_grad


def test_a_training_step_takes_what_its_activations_and_gradients_take():
    from tests.benchmarks.memory import peaks

    ours, by_hand = peaks()
    assert ours <= 1.15 * by_hand, f"{ours / 1e6:.1f} MB, by hand {by_hand / 1e6:.1f} MB"
