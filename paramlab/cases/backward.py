"""What happens to a gradient on its way back: shapes, products, paths that part and meet, and where it ends."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from .case import attempt, case, floats
from .leaves import grad_of, weight

Rng = np.random.Generator


def _reaches(torch: Any, rng: Rng, function: Callable[..., Any], *leaves: Any) -> list[Any]:
    """Return what reaches each leaf when the output of ``function`` receives uneven gradients."""
    output = function(*leaves)
    output.backward(floats(torch, rng, *output.shape))
    return [leaf.grad for leaf in leaves]


def _of_sum(torch: Any, rng: Rng, *shapes: tuple[int, ...]) -> list[Any]:
    """Return the gradients of two tensors of these shapes that were added."""
    return _reaches(torch, rng, lambda a, b: a + b, *(floats(torch, rng, *s).requires_grad_() for s in shapes))


def _of_product(torch: Any, rng: Rng, *shapes: tuple[int, ...]) -> list[Any]:
    """Return the gradients of two tensors of these shapes that were multiplied as matrices."""
    return _reaches(torch, rng, lambda a, b: a @ b, *(weight(torch, rng, *shape) for shape in shapes))


# ------------------------------------------------------------------ back to the shape before broadcasting


@case
def a_row_that_was_added_to_every_row(torch: Any, rng: Rng) -> Any:
    """``x + b`` of the shapes (2, 3) and (3,): the gradients of both."""
    return _of_sum(torch, rng, (2, 3), (3,))


@case
def a_row_beside_a_square(torch: Any, rng: Rng) -> Any:
    """``x + b`` of the shapes (3, 3) and (3,): the gradients of both."""
    return _of_sum(torch, rng, (3, 3), (3,))


@case
def one_row_of_two_dimensions(torch: Any, rng: Rng) -> Any:
    """``x + b`` of the shapes (2, 3) and (1, 3): the gradients of both."""
    return _of_sum(torch, rng, (2, 3), (1, 3))


@case
def one_column(torch: Any, rng: Rng) -> Any:
    """``x + b`` of the shapes (2, 3) and (2, 1): the gradients of both."""
    return _of_sum(torch, rng, (2, 3), (2, 1))


@case
def a_row_plus_a_column(torch: Any, rng: Rng) -> Any:
    """``r + c`` of the shapes (1, 3) and (2, 1), where both are stretched: the gradients of both."""
    return _of_sum(torch, rng, (1, 3), (2, 1))


@case
def a_single_number(torch: Any, rng: Rng) -> Any:
    """``x + b`` of the shapes (2, 3) and (), a single number: the gradients of both."""
    return _of_sum(torch, rng, (2, 3), ())


@case
def dimensions_added_and_stretched(torch: Any, rng: Rng) -> Any:
    """``x + b`` of the shapes (2, 3, 4) and (3, 1): the gradients of both."""
    return _of_sum(torch, rng, (2, 3, 4), (3, 1))


@case
def a_dimension_added_in_front_of_one(torch: Any, rng: Rng) -> Any:
    """``x + b`` of the shapes (1, 3) and (3,): the gradients of both."""
    return _of_sum(torch, rng, (1, 3), (3,))


# ------------------------------------------------------------------ products


@case
def each_factor_gets_the_other(torch: Any, rng: Rng) -> Any:
    """``a * b``, and uneven gradients come in: the gradients of both."""
    return _reaches(torch, rng, lambda a, b: a * b, weight(torch, rng), weight(torch, rng))


@case
def a_factor_that_asks_for_nothing(torch: Any, rng: Rng) -> Any:
    """``w * x`` and ``x * w``, and ``w * 3``, where only ``w`` asks for a gradient: ``w.grad``."""
    formulas: list[Callable[[Any], Any]] = [lambda w: w * x, lambda w: x * w, lambda w: w * 3]
    x = floats(torch, rng, 3)
    return [_reaches(torch, rng, formula, weight(torch, rng)) for formula in formulas]


@case
def the_same_factor_twice(torch: Any, rng: Rng) -> Any:
    """``w * w``: ``w.grad``."""
    return _reaches(torch, rng, lambda w: w * w, weight(torch, rng))


@case
def a_factor_that_was_stretched(torch: Any, rng: Rng) -> Any:
    """``x * w`` of the shapes (2, 3) and (3,), and of (2, 1) and (1, 3): the gradients of both."""
    shapes = [((2, 3), (3,)), ((2, 1), (1, 3))]
    return [
        _reaches(torch, rng, lambda a, b: a * b, weight(torch, rng, *first), weight(torch, rng, *second))
        for first, second in shapes
    ]


@case
def a_product_of_matrices(torch: Any, rng: Rng) -> Any:
    """``a @ b`` of the shapes (2, 3) and (3, 4): the gradients of both."""
    return _of_product(torch, rng, (2, 3), (3, 4))


@case
def a_product_of_squares(torch: Any, rng: Rng) -> Any:
    """``a @ b`` of two matrices of the shape (3, 3): the gradients of both."""
    return _of_product(torch, rng, (3, 3), (3, 3))


@case
def data_times_a_weight(torch: Any, rng: Rng) -> Any:
    """``x @ w``, where ``x`` asks for no gradient: ``grad`` of both."""
    x = floats(torch, rng, 4, 3)
    return _reaches(torch, rng, lambda w: x @ w, weight(torch, rng, 3, 2)), x.grad


@case
def a_stack_of_products(torch: Any, rng: Rng) -> Any:
    """``a @ b`` of two stacks of matrices, (2, 2, 3) and (2, 3, 4): the gradients of both."""
    return _of_product(torch, rng, (2, 2, 3), (2, 3, 4))


@case
def one_matrix_for_a_whole_stack(torch: Any, rng: Rng) -> Any:
    """``a @ b`` of one matrix (2, 3) and a stack (4, 3, 2): the gradients of both."""
    return _of_product(torch, rng, (2, 3), (4, 3, 2))


# ------------------------------------------------------------------ the walk


@case
def a_chain_leads_to_the_leaf(torch: Any, rng: Rng) -> Any:
    """``(w * x).exp().sum().backward()``: ``w.grad``."""
    w = weight(torch, rng)
    (w * floats(torch, rng, 3)).exp().sum().backward()
    return w.grad


@case
def every_leaf_is_reached(torch: Any, rng: Rng) -> Any:
    """``((x @ w + b) ** 2).mean().backward()``, where ``x`` asks for no gradient: ``grad`` of all three."""
    x, w, b = floats(torch, rng, 4, 3), weight(torch, rng, 3, 2), weight(torch, rng, 2)
    ((x @ w + b) ** 2).mean().backward()
    return x.grad, w.grad, b.grad


@case
def a_leaf_that_is_used_three_times(torch: Any, rng: Rng) -> Any:
    """``w * x + w * z + w``: ``w.grad``."""
    x, z = floats(torch, rng, 3), floats(torch, rng, 3)
    return _reaches(torch, rng, lambda w: w * x + w * z + w, weight(torch, rng))


@case
def what_is_computed_is_used_twice(torch: Any, rng: Rng) -> Any:
    """``h = w * x``, then ``h.exp() + h * h``: ``w.grad``."""
    x = floats(torch, rng, 3)

    def two_ways(w: Any) -> Any:
        h = w * x
        return h.exp() + h * h

    return _reaches(torch, rng, two_ways, weight(torch, rng))


@case
def a_sum_hands_the_same_to_both(torch: Any, rng: Rng) -> Any:
    """``h = w * 2``, ``k = v * 3``, then ``(h + k) + h``: the gradients of ``w`` and of ``v``."""

    def sums(w: Any, v: Any) -> Any:
        h, k = w * 2, v * 3
        return (h + k) + h

    return _reaches(torch, rng, sums, weight(torch, rng), weight(torch, rng))


@case
def one_of_several_outputs(torch: Any, rng: Rng) -> Any:
    """``w.max(dim=1)``, its values alone; ``a, b = w.unbind(0)``, then ``a * b``; and ``a`` alone: ``w.grad``."""

    def product(w: Any) -> Any:
        a, b = w.unbind(0)
        return a * b

    formulas = (lambda w: w.max(dim=1).values, product, lambda w: w.unbind(0)[0] * 2)
    return [_reaches(torch, rng, formula, weight(torch, rng, 2, 3)) for formula in formulas]


@case
def a_gradient_that_is_none_leads_nowhere(torch: Any, rng: Rng) -> Any:
    """A function of one's own whose ``backward`` returns None for its first argument: ``grad`` of both."""

    class Product(torch.autograd.Function):  # type: ignore[misc]
        @staticmethod
        def forward(ctx: Any, a: Any, b: Any) -> Any:
            ctx.save_for_backward(a)
            return a * b

        @staticmethod
        def backward(ctx: Any, grad: Any) -> Any:
            return None, grad * ctx.saved_tensors[0]

    return _reaches(torch, rng, Product.apply, weight(torch, rng), weight(torch, rng))


@case
def a_layer_in_a_loop(torch: Any, rng: Rng) -> Any:
    """``h = (h @ w).tanh()`` five times with one ``w``: ``w.grad``."""
    x = floats(torch, rng, 2, 3)

    def loop(w: Any) -> Any:
        h = x
        for _ in range(5):
            h = (h @ w).tanh()
        return h

    return _reaches(torch, rng, loop, weight(torch, rng, 3, 3))


@case
def a_network_of_layers(torch: Any, rng: Rng) -> Any:
    """Two ``nn.Linear`` with a ReLU between them, and ``F.cross_entropy``: the gradient of every Parameter."""
    model = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 2))
    model.load_state_dict({name: floats(torch, rng, *p.shape) for name, p in model.named_parameters()})
    loss = torch.nn.functional.cross_entropy(model(floats(torch, rng, 5, 3)), torch.tensor([0, 1, 1, 0, 1]))
    loss.backward()
    return {name: p.grad for name, p in model.named_parameters()}


# ------------------------------------------------------------------ leaves, and the end of the way


@case
def who_is_a_leaf_and_who_gets_a_gradient(torch: Any, rng: Rng) -> Any:
    """Six tensors of a small program: is it a leaf, and has it a ``grad`` after ``loss.backward()``?"""
    x = torch.ones(3)
    w = torch.ones(3, requires_grad=True)
    scaled = torch.ones(3, requires_grad=True) * 0.1
    unused = torch.ones(3, requires_grad=True)
    h = x * w
    loss = (h * scaled).sum()
    loss.backward()
    named = {"x": x, "w": w, "scaled": scaled, "unused": unused, "h": h, "loss": loss}
    return {name: (t.is_leaf, grad_of(t) is not None) for name, t in named.items()}


@case
def which_way_is_open(torch: Any, rng: Rng) -> Any:
    """Five losses of a ``w`` that asks for a gradient: does ``backward()`` fill ``w.grad``?"""

    def under_no_grad(w: Any) -> Any:
        with torch.no_grad():
            return (w * w).sum()

    losses: dict[str, Callable[[Any], Any]] = {
        "w * w": lambda w: (w * w).sum(),
        "w.detach() * w.detach()": lambda w: (w.detach() * w.detach()).sum(),
        "w * w.detach()": lambda w: (w * w.detach()).sum(),
        "w * w under no_grad": under_no_grad,
        "w.item() * w.item()": lambda w: torch.tensor(w[0].item() * w[0].item()),
    }
    found = {}
    for name, loss in losses.items():
        w = weight(torch, rng)
        attempt(loss(w).backward)
        found[name] = w.grad is not None
    return found


@case
def asking_a_non_leaf_for_its_gradient_warns(torch: Any, rng: Rng) -> Any:
    """``h.grad`` after ``backward()``, where ``h`` is computed; and after ``h.retain_grad()``: which warnings?"""
    found = []
    for retain in (False, True):
        h = weight(torch, rng) * 2
        if retain:
            h.retain_grad()
        h.sum().backward()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            grad = h.grad
        found.append((grad, [(one.category.__name__, "is not a leaf Tensor" in str(one.message)) for one in caught]))
    return found


@case
def detached_it_has_no_history(torch: Any, rng: Rng) -> Any:
    """``d = (w * 2).detach()``: its values, ``requires_grad``, ``is_leaf``, and ``grad_fn is None``."""
    d = (weight(torch, rng) * 2).detach()
    return d, d.requires_grad, d.is_leaf, d.grad_fn is None


@case
def the_tensor_that_was_detached_is_as_before(torch: Any, rng: Rng) -> Any:
    """``h = w * 2``; after ``h.detach()``: ``h.requires_grad``, ``h.is_leaf``, and ``w.grad`` of ``h.sum()``."""
    w = weight(torch, rng)
    h = w * 2
    h.detach()
    h.sum().backward()
    return h.requires_grad, h.is_leaf, w.grad


@case
def no_gradient_passes_what_is_detached(torch: Any, rng: Rng) -> Any:
    """``(w * (w * 2).detach()).sum().backward()``: ``w.grad``."""
    w = weight(torch, rng)
    (w * (w * 2).detach()).sum().backward()
    return w.grad


@case
def a_detached_parameter_is_a_plain_tensor(torch: Any, rng: Rng) -> Any:
    """``nn.Parameter(t).detach()``: its type, and ``requires_grad``."""
    d = torch.nn.Parameter(floats(torch, rng, 3)).detach()
    return type(d).__name__, d.requires_grad


@case
def what_is_detached_may_ask_for_itself(torch: Any, rng: Rng) -> Any:
    """``d = w.detach().requires_grad_()``, then ``(d * d).sum().backward()``: ``w.grad`` and ``d.grad``."""
    w = weight(torch, rng)
    d = w.detach().requires_grad_()
    (d * d).sum().backward()
    return w.grad, d.grad


@case
def a_write_through_what_is_detached_is_noticed(torch: Any, rng: Rng) -> Any:
    """``y = w * h`` of a computed ``h``; ``h.detach()[0] = 7``, then ``y.sum().backward()``: refused."""
    w = weight(torch, rng)
    h = w * 2
    y = w * h
    h.detach()[0] = 7
    return (attempt(y.sum().backward) or {}).get("raises")


@case
def it_stays_on_its_device(torch: Any, rng: Rng) -> Any:
    """``torch.ones(3, device="meta").detach()``: its device."""
    return torch.ones(3, device="meta").detach().device
