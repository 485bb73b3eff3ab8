"""``out=``: the result is written into a tensor that is there already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

Agree = Callable[..., None]


@pytest.mark.parametrize(
    "call",
    [
        "add(a, b, out=out)",
        "add(a, b, alpha=2, out=out)",
        "sub(a, b, out=out)",
        "mul(a, 3, out=out)",
        "div(a, b, out=out)",
        "div(a, b, rounding_mode='floor', out=out)",
        "pow(a, 2, out=out)",
        "matmul(a, b, out=out)",
        "mm(a, b, out=out)",
        "bmm(a[None], b[None], out=out[None])",
        "stack([a[0], b[0]], out=out)",
        "cat([a[:1], b[:1]], out=out)",
        "cat([a[:1], b[:1]], axis=0, out=out)",
    ],
)
def test_the_result_is_written_into_out_and_returned(agree: Agree, call: str) -> None:
    def program(torch: Any) -> Any:
        a, b, out = torch.tensor([[1.0, 2], [3, 4]]), torch.tensor([[2.0, -1], [0.5, 4]]), torch.zeros(2, 2)
        view = out[0]
        answer = eval(f"torch.{call}", {"torch": torch, "a": a, "b": b, "out": out})
        return answer is out or answer.ndim == 3, out, view, out._version

    agree(program)


def test_out_may_be_an_operand(agree: Agree) -> None:
    def program(torch: Any) -> Any:
        a = torch.tensor([[1.0, 2], [3, 4]])
        return torch.mul(a, a, out=a), a

    agree(program)


def test_out_keeps_its_type_if_it_can_hold_the_result(agree: Agree) -> None:
    agree(lambda torch: torch.add(torch.ones(2), 1, out=torch.empty(2, dtype=torch.float64)))
    agree(lambda torch: torch.add(torch.arange(2), 1, out=torch.empty(2, dtype=torch.float16)))
    agree(lambda torch: torch.add(torch.arange(2), 1, out=torch.empty(2, dtype=torch.int8)))
    agree(lambda torch: torch.mul(torch.ones(2), 1, out=torch.empty(2, dtype=torch.int64)))
    agree(lambda torch: torch.mm(torch.ones(2, 2), torch.ones(2, 2), out=torch.empty(2, 2, dtype=torch.float64)))


def test_out_takes_the_results_shape(agree: Agree) -> None:
    def program(torch: Any) -> Any:
        empty, larger = torch.empty(0), torch.empty(3)
        return torch.add(torch.ones(2), 1, out=empty), empty, torch.add(torch.ones(2), 1, out=larger), larger

    agree(program)  # warned of once, for the larger one


def test_what_is_written_into_out_has_no_gradient(agree: Agree) -> None:
    agree(lambda torch: torch.mul(torch.ones(2, requires_grad=True), 2, out=torch.empty(2)))
    agree(lambda torch: torch.matmul(torch.ones(2, 2), torch.ones(2, 2), out=torch.ones(2, 2, requires_grad=True)))

    def unrecorded(torch: Any) -> Any:
        with torch.no_grad():
            return torch.mul(torch.ones(2, requires_grad=True), 2, out=torch.empty(2))

    agree(unrecorded)


def test_out_is_a_tensor(agree: Agree) -> None:
    agree("torch.mul(torch.ones(2), 2, out=np.ones(2))")
