"""Convolutions: what comes out, and what flows back to the input, the kernel and the bias."""

from __future__ import annotations

from typing import Any

import numpy as np

from .case import attempt, case, floats

Rng = np.random.Generator


def _and_gradients(torch: Any, rng: Rng, function: Any, *shapes: Any, **options: Any) -> list[Any]:
    """Return what a function makes of tensors of these shapes, and the gradient of each of them."""
    leaves = [floats(torch, rng, *shape).requires_grad_() for shape in shapes]
    out = function(*leaves, **options)
    out.backward(floats(torch, rng, *out.shape))
    return [out.detach(), *(leaf.grad for leaf in leaves)]


@case
def a_kernel_moves_over_images(torch: Any, rng: Rng) -> Any:
    """``F.conv2d(x, weight, bias)``, and the gradients of all three."""
    return _and_gradients(torch, rng, torch.nn.functional.conv2d, (2, 2, 5, 4), (3, 2, 3, 2), (3,))


@case
def a_tap_picks_its_pixel(torch: Any, rng: Rng) -> Any:
    """``F.conv2d`` of the image ``[[1, 2, 3], [4, 5, 6], [7, 8, 9]]`` with four kernels 2 × 2: one tap is 1, else 0."""
    image = torch.arange(1.0, 10.0).reshape(1, 1, 3, 3)
    kernels = torch.eye(4).reshape(4, 1, 2, 2)
    return torch.nn.functional.conv2d(image, kernels)[0]


@case
def channels_are_summed(torch: Any, rng: Rng) -> Any:
    """``F.conv2d`` of two images of three channels with a kernel for each: what comes out."""
    x, kernel = floats(torch, rng, 2, 3, 4, 4), floats(torch, rng, 2, 3, 2, 2)
    return torch.nn.functional.conv2d(x, kernel)


@case
def a_kernel_moves_over_signals(torch: Any, rng: Rng) -> Any:
    """``F.conv1d(x, weight, bias, stride=2, padding=1)``, and the gradients of all three."""
    function = torch.nn.functional.conv1d
    return _and_gradients(torch, rng, function, (2, 2, 7), (3, 2, 3), (3,), stride=2, padding=1)


@case
def stride_padding_and_dilation(torch: Any, rng: Rng) -> Any:
    """``F.conv2d`` with a stride, a padding and a dilation, for each dimension its own."""
    options = {"stride": (2, 1), "padding": (1, 2), "dilation": (1, 2)}
    return _and_gradients(torch, rng, torch.nn.functional.conv2d, (1, 2, 6, 5), (2, 2, 2, 3), **options)


@case
def groups_see_their_own_channels(torch: Any, rng: Rng) -> Any:
    """``F.conv2d(..., groups=2)`` and, with as many groups as channels, the depthwise convolution."""
    function = torch.nn.functional.conv2d
    halves = _and_gradients(torch, rng, function, (1, 4, 4, 4), (2, 2, 3, 3), (2,), groups=2)
    return halves, _and_gradients(torch, rng, function, (1, 2, 4, 4), (4, 1, 3, 3), groups=2)


@case
def padding_by_name(torch: Any, rng: Rng) -> Any:
    """``padding="same"`` keeps the size, also with a dilation; ``"valid"`` adds nothing."""
    function, shapes = torch.nn.functional.conv2d, ((1, 1, 5, 4), (1, 1, 3, 3))
    options = ({"padding": "same"}, {"padding": "same", "dilation": 2}, {"padding": "valid"})
    return [_and_gradients(torch, rng, function, *shapes, **chosen) for chosen in options]


@case
def one_image_without_a_batch(torch: Any, rng: Rng) -> Any:
    """``F.conv2d`` of ``(C, H, W)``, and ``F.conv1d`` of ``(C, L)``."""
    functional = torch.nn.functional
    images = _and_gradients(torch, rng, functional.conv2d, (2, 4, 4), (1, 2, 2, 2))
    return images, _and_gradients(torch, rng, functional.conv1d, (2, 4), (1, 2, 2))


@case
def a_layer_registers_its_kernel_and_its_bias(torch: Any, rng: Rng) -> Any:
    """The Parameters of ``nn.Conv2d(4, 6, (3, 2), groups=2)`` and their shapes; without a bias; how both print."""
    layers = torch.nn.Conv2d(4, 6, (3, 2), groups=2), torch.nn.Conv2d(1, 2, 3, stride=2, padding=1, bias=False)
    return [([(name, list(p.shape)) for name, p in layer.named_parameters()], repr(layer)) for layer in layers]


@case
def a_layer_pads_with_what_is_there(torch: Any, rng: Rng) -> Any:
    """``nn.Conv2d`` with ``padding_mode`` reflect, replicate and circular: outputs and gradients of the input."""
    found = []
    for mode in ("reflect", "replicate", "circular"):
        layer = torch.nn.Conv2d(1, 1, 3, padding=1, padding_mode=mode)
        weights = [floats(torch, rng, *p.shape) for p in layer.parameters()]
        torch.nn.utils.vector_to_parameters(torch.cat([w.reshape(-1) for w in weights]), layer.parameters())
        found.append(_and_gradients(torch, rng, layer, (1, 1, 3, 4)))
    return found


@case
def shapes_that_do_not_fit_are_refused(torch: Any, rng: Rng) -> Any:
    """The errors for a wrong number of channels, too large a kernel, a wrong bias and too few dimensions."""
    conv, ones = torch.nn.functional.conv2d, torch.ones
    image, kernel = ones(1, 3, 5, 5), ones(2, 3, 3, 3)
    return [
        attempt(lambda: conv(image, ones(2, 4, 3, 3))),
        attempt(lambda: conv(image, ones(2, 3, 6, 3))),
        attempt(lambda: conv(image, kernel, ones(3))),
        attempt(lambda: conv(ones(5, 5), kernel)),
        attempt(lambda: conv(image, kernel, groups=2)),
        attempt(lambda: torch.nn.Conv2d(3, 4, 3, groups=2)),
    ]


@case
def a_residual_block(torch: Any, rng: Rng) -> Any:
    """Two convolutions, two BatchNorms and the way around them: the output, the input's and a kernel's gradient."""
    nn, x = torch.nn, floats(torch, rng, 2, 2, 4, 4).requires_grad_()
    first, second = nn.Conv2d(2, 2, 3, padding=1), nn.Conv2d(2, 2, 3, padding=1)
    norms = nn.BatchNorm2d(2), nn.BatchNorm2d(2)
    with torch.no_grad():
        for layer in (first, second):
            for p in layer.parameters():
                p.copy_(floats(torch, rng, *p.shape))
    out = torch.relu(norms[1](second(torch.relu(norms[0](first(x))))) + x)
    out.backward(floats(torch, rng, *out.shape))
    return out.detach(), x.grad, first.weight.grad, norms[0].running_var
