"""Answers to lesson 08: for each task its right ones by style, its wrong ones by misconception and hint."""

RIGHT = {
    "Linear.__init__": {
        "without helpers": """
            nn.Module.__init__(self)
            options = {"device": device, "dtype": dtype}
            self.in_features, self.out_features = in_features, out_features
            self.weight = nn.Parameter(torch.empty((out_features, in_features), **options))
            self.register_parameter("bias", nn.Parameter(torch.empty(out_features, **options)) if bias else None)
            self.reset_parameters()
        """,
        "zeros first, all registered": """
            Module.__init__(self)
            self.in_features = in_features
            self.out_features = out_features
            weight = torch.zeros(out_features, in_features, device=device, dtype=dtype)
            self.register_parameter("weight", Parameter(weight))
            self.register_parameter("bias", None)
            if bias:
                self.bias = Parameter(torch.zeros(out_features, device=device, dtype=dtype))
            self.reset_parameters()
        """,
        "the class above, named otherwise": """
            super(nn.Linear, self).__init__()
            self.in_features = in_features
            self.out_features = out_features
            self.weight = Parameter(torch.randn(out_features, in_features, device=device, dtype=dtype))
            self.bias = Parameter(torch.randn(out_features, device=device, dtype=dtype))
            if not bias:
                del self.bias
                self.register_parameter("bias", None)
            self.reset_parameters()
        """,
    },
    "Linear.forward": {
        "a matrix product": """
            out = input @ self.weight.T
            return out if self.bias is None else out + self.bias
        """,
        "addmm where it fits": """
            if input.ndim == 2 and self.bias is not None:
                return torch.addmm(self.bias, input, self.weight.T)
            out = torch.matmul(input, self.weight.t())
            if self.bias is not None:
                out = out + self.bias
            return out
        """,
        "einsum": """
            out = torch.einsum("...i,oi->...o", input, self.weight)
            if self.bias is not None:
                return out + self.bias
            return out
        """,
    },
    "kaiming_uniform_": {
        "fans counted by hand": """
            if tensor.numel() == 0:
                warnings.warn("nothing to fill")
                return tensor
            if tensor.dim() < 2:
                raise ValueError("a weight has two dimensions or more")
            if mode not in ("fan_in", "fan_out"):
                raise ValueError(mode)
            field = tensor[0][0].numel()
            fan = field * tensor.size(1 if mode == "fan_in" else 0)
            bound = calculate_gain(nonlinearity, a) * (3 / fan) ** 0.5
            with torch.no_grad():
                return tensor.uniform_(-bound, bound, generator=generator)
        """,
        "by the standard deviation": """
            if 0 in tensor.shape:
                warnings.warn("Initializing zero-element tensors is a no-op")
                return tensor
            std = calculate_gain(nonlinearity, a) / math.sqrt(_calculate_correct_fan(tensor, mode))
            bound = math.sqrt(3) * std
            with torch.no_grad():
                numbers = torch.rand(tensor.shape, generator=generator) * 2 * bound - bound
                tensor.copy_(numbers)
            return tensor
        """,
    },
    "windows": {
        "stacked": """
            seen = np.stack([rows[..., start : start + length] for start in starts], axis=-2)
            return seen.reshape(*rows.shape[:-2], -1, length)
        """,
        "by indices": """
            places = np.add.outer(np.array(starts), np.arange(length))
            seen = rows[..., places]
            return seen.reshape(*rows.shape[:-2], rows.shape[-2] * len(starts), length)
        """,
        "channel by channel": """
            groups, channels, _ = rows.shape
            seen = np.empty((groups, channels * len(starts), length), rows.dtype)
            for channel in range(channels):
                for tap in range(len(starts)):
                    first = starts[tap]
                    seen[:, channel * len(starts) + tap] = rows[:, channel, first : first + length]
            return seen
        """,
        "sliding windows": """
            every = np.lib.stride_tricks.sliding_window_view(rows, length, axis=-1)
            seen = every[..., list(starts), :]
            return seen.reshape(*rows.shape[:-2], -1, length)
        """,
    },
}

WRONG = {
    "Linear.__init__": [
        (
            "the module is not made",
            "comes first",
            """
            self.in_features = in_features
            self.out_features = out_features
            self.weight = Parameter(empty(out_features, in_features, device=device, dtype=dtype))
            if bias:
                self.bias = Parameter(empty(out_features, device=device, dtype=dtype))
            else:
                self.register_parameter("bias", None)
            self.reset_parameters()
        """,
        ),
        (
            "super() of a class that is not there",
            "works only inside of a class",
            """
            super().__init__()
            self.in_features = in_features
            self.out_features = out_features
            self.weight = Parameter(empty(out_features, in_features, device=device, dtype=dtype))
            if bias:
                self.bias = Parameter(empty(out_features, device=device, dtype=dtype))
            else:
                self.register_parameter("bias", None)
            self.reset_parameters()
        """,
        ),
        (
            "the sizes are not kept",
            "Keep them",
            """
            Module.__init__(self)
            self.weight = Parameter(empty(out_features, in_features, device=device, dtype=dtype))
            if bias:
                self.bias = Parameter(empty(out_features, device=device, dtype=dtype))
            else:
                self.register_parameter("bias", None)
            self.reset_parameters()
        """,
        ),
        (
            "local names",
            "does not list weight and bias",
            """
            Module.__init__(self)
            self.in_features = in_features
            self.out_features = out_features
            weight = Parameter(empty(out_features, in_features, device=device, dtype=dtype))
            if bias:
                bias = Parameter(empty(out_features, device=device, dtype=dtype))
        """,
        ),
        (
            "tensors that ask for a gradient",
            "does not list weight and bias",
            """
            Module.__init__(self)
            self.in_features = in_features
            self.out_features = out_features
            self.weight = empty(out_features, in_features, device=device, dtype=dtype).requires_grad_()
            if bias:
                self.bias = empty(out_features, device=device, dtype=dtype).requires_grad_()
            else:
                self.register_parameter("bias", None)
            self.reset_parameters()
        """,
        ),
        (
            "in before out",
            "lies on its side",
            """
            Module.__init__(self)
            self.in_features = in_features
            self.out_features = out_features
            self.weight = Parameter(empty(in_features, out_features, device=device, dtype=dtype))
            if bias:
                self.bias = Parameter(empty(out_features, device=device, dtype=dtype))
            else:
                self.register_parameter("bias", None)
            self.reset_parameters()
        """,
        ),
        (
            "the bias first",
            "first the weight",
            """
            Module.__init__(self)
            self.in_features = in_features
            self.out_features = out_features
            if bias:
                self.bias = Parameter(empty(out_features, device=device, dtype=dtype))
            else:
                self.register_parameter("bias", None)
            self.weight = Parameter(empty(out_features, in_features, device=device, dtype=dtype))
            self.reset_parameters()
        """,
        ),
        (
            "a bias for each weight",
            "Look at names and shapes",
            """
            Module.__init__(self)
            self.in_features = in_features
            self.out_features = out_features
            self.weight = Parameter(empty(out_features, in_features, device=device, dtype=dtype))
            if bias:
                self.bias = Parameter(empty(out_features, in_features, device=device, dtype=dtype))
            else:
                self.register_parameter("bias", None)
            self.reset_parameters()
        """,
        ),
        (
            "frozen Parameters",
            "Look at names and shapes",
            """
            Module.__init__(self)
            self.in_features = in_features
            self.out_features = out_features
            self.weight = Parameter(empty(out_features, in_features, device=device, dtype=dtype), requires_grad=False)
            if bias:
                self.bias = Parameter(empty(out_features, device=device, dtype=dtype))
            else:
                self.register_parameter("bias", None)
            self.reset_parameters()
        """,
        ),
        (
            "no first values",
            "Call it at the end",
            """
            Module.__init__(self)
            self.in_features = in_features
            self.out_features = out_features
            self.weight = Parameter(empty(out_features, in_features, device=device, dtype=dtype))
            if bias:
                self.bias = Parameter(empty(out_features, device=device, dtype=dtype))
            else:
                self.register_parameter("bias", None)
        """,
        ),
        (
            "numbers of its own",
            "Call it at the end",
            """
            Module.__init__(self)
            self.in_features = in_features
            self.out_features = out_features
            self.weight = Parameter(torch.rand(out_features, in_features, device=device, dtype=dtype))
            if bias:
                self.bias = Parameter(torch.rand(out_features, device=device, dtype=dtype))
            else:
                self.register_parameter("bias", None)
        """,
        ),
        (
            "always a bias",
            "there is a bias all the same",
            """
            Module.__init__(self)
            self.in_features = in_features
            self.out_features = out_features
            self.weight = Parameter(empty(out_features, in_features, device=device, dtype=dtype))
            self.bias = Parameter(empty(out_features, device=device, dtype=dtype))
            self.reset_parameters()
        """,
        ),
        (
            "no bias is a plain None",
            "keeps it",
            """
            Module.__init__(self)
            self.in_features = in_features
            self.out_features = out_features
            self.weight = Parameter(empty(out_features, in_features, device=device, dtype=dtype))
            if bias:
                self.bias = Parameter(empty(out_features, device=device, dtype=dtype))
            else:
                self.bias = None
            self.reset_parameters()
        """,
        ),
        (
            "dtype and device are lost",
            "Hand them on",
            """
            Module.__init__(self)
            self.in_features = in_features
            self.out_features = out_features
            self.weight = Parameter(empty(out_features, in_features))
            if bias:
                self.bias = Parameter(empty(out_features))
            else:
                self.register_parameter("bias", None)
            self.reset_parameters()
        """,
        ),
        (
            "the bias keeps the default dtype",
            "Hand them on",
            """
            Module.__init__(self)
            self.in_features = in_features
            self.out_features = out_features
            self.weight = Parameter(empty(out_features, in_features, device=device, dtype=dtype))
            if bias:
                self.bias = Parameter(empty(out_features))
            else:
                self.register_parameter("bias", None)
            self.reset_parameters()
        """,
        ),
        (
            "the first values before there is a place",
            "finds no weight to fill",
            """
            Module.__init__(self)
            self.in_features, self.out_features = in_features, out_features
            self.reset_parameters()
            self.weight = Parameter(empty(out_features, in_features, device=device, dtype=dtype))
            if bias:
                self.bias = Parameter(empty(out_features, device=device, dtype=dtype))
            else:
                self.register_parameter("bias", None)
        """,
        ),
        (
            "without a bias its name is forgotten",
            "keeps it",
            """
            Module.__init__(self)
            self.in_features, self.out_features = in_features, out_features
            self.weight = Parameter(empty(out_features, in_features, device=device, dtype=dtype))
            if bias:
                self.bias = Parameter(empty(out_features, device=device, dtype=dtype))
            self.reset_parameters()
        """,
        ),
        (
            "the options given to Parameter",
            "goes around it",
            """
            Module.__init__(self)
            self.in_features, self.out_features = in_features, out_features
            self.weight = Parameter(empty(out_features, in_features), device=device, dtype=dtype)
            if bias:
                self.bias = Parameter(empty(out_features), device=device, dtype=dtype)
            else:
                self.register_parameter("bias", None)
            self.reset_parameters()
        """,
        ),
        (
            "sizes given to Parameter",
            "goes around it",
            """
            Module.__init__(self)
            self.in_features, self.out_features = in_features, out_features
            self.weight = Parameter(out_features, in_features)
            self.bias = Parameter(out_features)
            self.reset_parameters()
        """,
        ),
        (
            "tensors registered as Parameters",
            "goes around it",
            """
            Module.__init__(self)
            self.in_features, self.out_features = in_features, out_features
            self.register_parameter("weight", empty(out_features, in_features, device=device, dtype=dtype))
            self.register_parameter("bias", empty(out_features, device=device, dtype=dtype) if bias else None)
            self.reset_parameters()
        """,
        ),
        (
            "the yes or no is kept as the bias",
            "yes or no",
            """
            Module.__init__(self)
            self.in_features, self.out_features = in_features, out_features
            self.bias = bias
            self.weight = Parameter(empty(out_features, in_features, device=device, dtype=dtype))
            self.reset_parameters()
        """,
        ),
        (
            "None over the bias",
            "is not listed",
            """
            Module.__init__(self)
            self.in_features, self.out_features = in_features, out_features
            self.weight = Parameter(empty(out_features, in_features, device=device, dtype=dtype))
            self.bias = Parameter(empty(out_features, device=device, dtype=dtype))
            self.register_parameter("bias", None)
            self.reset_parameters()
        """,
        ),
        (
            "Module.__init__ of nobody",
            "comes first",
            """
            Module.__init__()
            self.in_features, self.out_features = in_features, out_features
        """,
        ),
    ],
    "Linear.forward": [
        (
            "it calls itself",
            "calls `forward` again",
            """
            return self(input)
        """,
        ),
        (
            "no return",
            "Is there a `return`",
            """
            out = input @ self.weight.T + self.bias
        """,
        ),
        (
            "the truth of a bias",
            "asks for its values",
            """
            out = input @ self.weight.T
            if self.bias:
                out = out + self.bias
            return out
        """,
        ),
        (
            "element by element",
            "The matrix product is `@`",
            """
            return input * self.weight.T + self.bias
        """,
        ),
        (
            "not transposed",
            "which way",
            """
            return input @ self.weight + self.bias
        """,
        ),
        (
            "the weight first",
            "which way",
            """
            return self.weight @ input + self.bias
        """,
        ),
        (
            "no bias at all",
            "What was to be added",
            """
            return input @ self.weight.T
        """,
        ),
        (
            "the data of the Parameters",
            "cut the way back",
            """
            out = input @ self.weight.data.T
            return out if self.bias is None else out + self.bias.data
        """,
        ),
        (
            "under no_grad",
            "cut the way back",
            """
            with torch.no_grad():
                return F.linear(input, self.weight, self.bias)
        """,
        ),
        (
            "there is always a bias",
            "`self.bias` is None",
            """
            return input @ self.weight.T + self.bias
        """,
        ),
        (
            "addmm alone",
            "`self.bias` is None",
            """
            return torch.addmm(self.bias, input, self.weight.T)
        """,
        ),
        (
            "the size from its construction",
            "Ask them",
            """
            out = input @ self.weight.T
            out = out.reshape(*input.shape[:-1], self.out_features)
            return out if self.bias is None else out + self.bias
        """,
        ),
        (
            "matrices only",
            "takes matrices only",
            """
            if self.bias is None:
                return torch.mm(input, self.weight.T)
            return torch.addmm(self.bias, input, self.weight.T)
        """,
        ),
        (
            "flattened for good",
            "takes matrices only",
            """
            out = input.reshape(-1, input.shape[-1]) @ self.weight.T
            return out if self.bias is None else out + self.bias
        """,
        ),
        (
            "the bias last",
            "`addmm` takes the bias first",
            """
            return torch.addmm(input, self.weight.T, self.bias)
        """,
        ),
        (
            "names that are not there",
            "of `self`",
            """
            return input @ self.w.T + self.b
        """,
        ),
        (
            "element by element, in words",
            "The matrix product is `@`",
            """
            return torch.mul(input, self.weight) + self.bias
        """,
        ),
    ],
    "kaiming_uniform_": [
        (
            "recorded",
            "autograd does not let it be written",
            """
            if tensor.numel() == 0:
                warnings.warn("Initializing zero-element tensors is a no-op")
                return tensor
            fan = _calculate_correct_fan(tensor, mode)
            bound = calculate_gain(nonlinearity, a) * math.sqrt(3 / fan)
            return tensor.uniform_(-bound, bound, generator=generator)
        """,
        ),
        (
            "no return",
            "return tensor",
            """
            if tensor.numel() == 0:
                warnings.warn("Initializing zero-element tensors is a no-op")
                return tensor
            fan = _calculate_correct_fan(tensor, mode)
            bound = calculate_gain(nonlinearity, a) * math.sqrt(3 / fan)
            uniform_(tensor, -bound, bound, generator)
        """,
        ),
        (
            "a new tensor",
            "still has its old values",
            """
            if tensor.numel() == 0:
                warnings.warn("Initializing zero-element tensors is a no-op")
                return tensor
            fan = _calculate_correct_fan(tensor, mode)
            bound = calculate_gain(nonlinearity, a) * math.sqrt(3 / fan)
            return torch.rand(tensor.shape, generator=generator) * 2 * bound - bound
        """,
        ),
        (
            "only positive",
            "all positive",
            """
            if tensor.numel() == 0:
                warnings.warn("Initializing zero-element tensors is a no-op")
                return tensor
            fan = _calculate_correct_fan(tensor, mode)
            bound = calculate_gain(nonlinearity, a) * math.sqrt(3 / fan)
            return uniform_(tensor, 0, bound, generator)
        """,
        ),
        (
            "normal numbers",
            "normally distributed",
            """
            if tensor.numel() == 0:
                warnings.warn("Initializing zero-element tensors is a no-op")
                return tensor
            fan = _calculate_correct_fan(tensor, mode)
            bound = calculate_gain(nonlinearity, a) * math.sqrt(3 / fan)
            return init.normal_(tensor, 0, bound / math.sqrt(3), generator)
        """,
        ),
        (
            "rows for inputs",
            "wrong number of the two",
            """
            if tensor.numel() == 0:
                warnings.warn("Initializing zero-element tensors is a no-op")
                return tensor
            fan = tensor.shape[0]
            bound = calculate_gain(nonlinearity, a) * math.sqrt(3 / fan)
            return uniform_(tensor, -bound, bound, generator)
        """,
        ),
        (
            "no gain",
            "The gain is missing",
            """
            if tensor.numel() == 0:
                warnings.warn("Initializing zero-element tensors is a no-op")
                return tensor
            fan = _calculate_correct_fan(tensor, mode)
            bound = math.sqrt(3 / fan)
            return uniform_(tensor, -bound, bound, generator)
        """,
        ),
        (
            "the standard deviation as the bound",
            "√3 times as far",
            """
            if tensor.numel() == 0:
                warnings.warn("Initializing zero-element tensors is a no-op")
                return tensor
            fan = _calculate_correct_fan(tensor, mode)
            bound = calculate_gain(nonlinearity, a) / math.sqrt(fan)
            return uniform_(tensor, -bound, bound, generator)
        """,
        ),
        (
            "no root",
            "Compare the ends",
            """
            if tensor.numel() == 0:
                warnings.warn("Initializing zero-element tensors is a no-op")
                return tensor
            fan = _calculate_correct_fan(tensor, mode)
            bound = calculate_gain(nonlinearity, a) * 3 / fan
            return uniform_(tensor, -bound, bound, generator)
        """,
        ),
        (
            "Xavier's bound",
            "Compare the ends",
            """
            if tensor.numel() == 0:
                warnings.warn("Initializing zero-element tensors is a no-op")
                return tensor
            fan = _calculate_correct_fan(tensor, mode)
            bound = math.sqrt(6 / (tensor.shape[0] + tensor.shape[1]))
            return uniform_(tensor, -bound, bound, generator)
        """,
        ),
        (
            "mode is not asked for",
            "counts the right one",
            """
            if tensor.numel() == 0:
                warnings.warn("Initializing zero-element tensors is a no-op")
                return tensor
            fan = _calculate_correct_fan(tensor, "fan_in")
            bound = calculate_gain(nonlinearity, a) * math.sqrt(3 / fan)
            return uniform_(tensor, -bound, bound, generator)
        """,
        ),
        (
            "a kernel's window is forgotten",
            "all pixels of a window",
            """
            if tensor.numel() == 0:
                warnings.warn("Initializing zero-element tensors is a no-op")
                return tensor
            fan = tensor.shape[1] if mode == "fan_in" else tensor.shape[0]
            bound = calculate_gain(nonlinearity, a) * math.sqrt(3 / fan)
            return uniform_(tensor, -bound, bound, generator)
        """,
        ),
        (
            "always a ReLU",
            "the gain depends on it",
            """
            if tensor.numel() == 0:
                warnings.warn("Initializing zero-element tensors is a no-op")
                return tensor
            fan = _calculate_correct_fan(tensor, mode)
            bound = math.sqrt(2 / (1 + a**2)) * math.sqrt(3 / fan)
            return uniform_(tensor, -bound, bound, generator)
        """,
        ),
        (
            "no slope",
            "slope of a leaky ReLU",
            """
            if tensor.numel() == 0:
                warnings.warn("Initializing zero-element tensors is a no-op")
                return tensor
            fan = _calculate_correct_fan(tensor, mode)
            bound = calculate_gain("relu" if nonlinearity == "leaky_relu" else nonlinearity) * math.sqrt(3 / fan)
            return uniform_(tensor, -bound, bound, generator)
        """,
        ),
        (
            "the generator is forgotten",
            "Hand it on",
            """
            if tensor.numel() == 0:
                warnings.warn("Initializing zero-element tensors is a no-op")
                return tensor
            fan = _calculate_correct_fan(tensor, mode)
            bound = calculate_gain(nonlinearity, a) * math.sqrt(3 / fan)
            return uniform_(tensor, -bound, bound)
        """,
        ),
        (
            "nothing to fill is not thought of",
            "before you count",
            """
            fan = _calculate_correct_fan(tensor, mode)
            bound = calculate_gain(nonlinearity, a) * math.sqrt(3 / fan)
            return uniform_(tensor, -bound, bound, generator)
        """,
        ),
        (
            "the root of 3 alone",
            "The root is taken of all",
            """
            if tensor.numel() == 0:
                warnings.warn('x')
                return tensor
            fan = _calculate_correct_fan(tensor, mode)
            bound = calculate_gain(nonlinearity, a) * math.sqrt(3) / fan
            return uniform_(tensor, -bound, bound, generator)
        """,
        ),
        (
            "the truth of a tensor",
            "says how many there are",
            """
            if not tensor:
                warnings.warn('x')
                return tensor
            fan = _calculate_correct_fan(tensor, mode)
            bound = calculate_gain(nonlinearity, a) * math.sqrt(3 / fan)
            return uniform_(tensor, -bound, bound, generator)
        """,
        ),
        (
            "an argument is missing",
            "Are all arguments there",
            """
            if tensor.numel() == 0:
                warnings.warn('x')
                return tensor
            fan = _calculate_correct_fan(tensor)
            bound = calculate_gain(nonlinearity, a) * math.sqrt(3 / fan)
            return uniform_(tensor, -bound, bound, generator)
        """,
        ),
    ],
    "windows": [
        (
            "tensors",
            "NumPy's arrays",
            """
            return torch.stack([rows[..., start : start + length] for start in starts], dim=-2)
        """,
        ),
        (
            "no return",
            "Is there a `return`",
            """
            seen = np.empty((*rows.shape[:-1], len(starts), length), rows.dtype)
            for tap, start in enumerate(starts):
                seen[..., tap, :] = rows[..., start : start + length]
        """,
        ),
        (
            "the length as the end",
            "where does it",
            """
            seen = np.empty((*rows.shape[:-1], len(starts), length), rows.dtype)
            for tap, start in enumerate(starts):
                seen[..., tap, :] = rows[..., start:length]
            return seen.reshape(*rows.shape[:-2], -1, length)
        """,
        ),
        (
            "a list of stretches of several lengths",
            "where does it",
            """
            return np.array([rows[..., start:length] for start in starts])
        """,
        ),
        (
            "stacked to the end of the row",
            "where does it",
            """
            return np.stack([rows[..., start:] for start in starts], axis=-2)
        """,
        ),
        (
            "to the end of the row",
            "where does it",
            """
            seen = np.empty((*rows.shape[:-1], len(starts), length), rows.dtype)
            for tap, start in enumerate(starts):
                seen[..., tap, :] = rows[..., start:]
            return seen.reshape(*rows.shape[:-2], -1, length)
        """,
        ),
        (
            "one pixel too many",
            "where does it",
            """
            seen = np.empty((*rows.shape[:-1], len(starts), length), rows.dtype)
            for tap, start in enumerate(starts):
                seen[..., tap, :] = rows[..., start : start + length + 1]
            return seen.reshape(*rows.shape[:-2], -1, length)
        """,
        ),
        (
            "only the first position",
            "The shape does not fit",
            """
            return rows[..., starts]
        """,
        ),
        (
            "taps and channels apart",
            "several channels the shape",
            """
            seen = np.empty((*rows.shape[:-1], len(starts), length), rows.dtype)
            for tap, start in enumerate(starts):
                seen[..., tap, :] = rows[..., start : start + length]
            return seen
        """,
        ),
        (
            "a row a position",
            "The shape does not fit",
            """
            seen = np.empty((*rows.shape[:-1], len(starts), length), rows.dtype)
            for tap, start in enumerate(starts):
                seen[..., tap, :] = rows[..., start : start + length]
            return seen.reshape(*rows.shape[:-2], -1, length).swapaxes(-1, -2)
        """,
        ),
        (
            "turned around",
            "from the last to the first",
            """
            seen = np.empty((*rows.shape[:-1], len(starts), length), rows.dtype)
            for tap, start in enumerate(reversed(starts)):
                seen[..., tap, :] = rows[..., start : start + length]
            return seen.reshape(*rows.shape[:-2], -1, length)
        """,
        ),
        (
            "the tap's number",
            "stands in `starts`",
            """
            seen = np.empty((*rows.shape[:-1], len(starts), length), rows.dtype)
            for tap, start in enumerate(starts):
                seen[..., tap, :] = rows[..., tap : tap + length]
            return seen.reshape(*rows.shape[:-2], -1, length)
        """,
        ),
        (
            "the first stretch for all",
            "Which pixels came instead",
            """
            seen = np.empty((*rows.shape[:-1], len(starts), length), rows.dtype)
            for tap, start in enumerate(starts):
                seen[..., tap, :] = rows[..., :length]
            return seen.reshape(*rows.shape[:-2], -1, length)
        """,
        ),
        (
            "counted from one",
            "where does it",
            """
            seen = np.empty((*rows.shape[:-1], len(starts), length), rows.dtype)
            for tap, start in enumerate(starts):
                seen[..., tap, :] = rows[..., start + 1 : start + 1 + length]
            return seen.reshape(*rows.shape[:-2], -1, length)
        """,
        ),
        (
            "only the first channel",
            "several channels the shape",
            """
            seen = np.stack([rows[:, 0, start : start + length] for start in starts], axis=-2)
            return seen
        """,
        ),
        (
            "taps before channels",
            "the order counts",
            """
            seen = np.stack([rows[..., start : start + length] for start in starts], axis=-3)
            return seen.reshape(*rows.shape[:-2], -1, length)
        """,
        ),
        (
            "added up",
            "The shape does not fit",
            """
            return sum(rows[..., start : start + length] for start in starts)
        """,
        ),
        (
            "one group",
            "several groups",
            """
            seen = np.stack([rows[0, :, start : start + length] for start in starts], axis=1)
            return seen.reshape(1, -1, length)
        """,
        ),
        (
            "the return in the loop",
            "ends it after the first tap",
            """
            for start in starts:
                return rows[..., start : start + length]
        """,
        ),
        (
            "all starts in one slice",
            "Go through it",
            """
            return rows[..., starts : starts + length]
        """,
        ),
        (
            "the start taken for the tap's number",
            "`enumerate(starts)` gives both",
            """
            seen = np.empty((*rows.shape[:-1], len(starts), length), rows.dtype)
            for tap in starts:
                seen[..., tap, :] = rows[..., tap : tap + length]
            return seen.reshape(*rows.shape[:-2], -1, length)
        """,
        ),
        (
            "Python's float as the dtype",
            "that of the rows",
            """
            seen = scratch((*rows.shape[:-1], len(starts), length), float)
            for tap, start in enumerate(starts):
                seen[..., tap, :] = rows[..., start : start + length]
            return seen.reshape(*rows.shape[:-2], -1, length)
        """,
        ),
        (
            "the first dimension is cut",
            "cuts the first dimension",
            """
            return np.stack([rows[s : s + length] for s in starts])
        """,
        ),
        (
            "put one below the other",
            "the order counts",
            """
            return np.concatenate([rows[..., s : s + length] for s in starts], axis=-2)
        """,
        ),
    ],
}

RIGHT_DEFINITIONS = {
    "ResidualBlock": {
        "a Sequential and the way around it": """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.body = nn.Sequential(
                        nn.Conv2d(channels, channels, 3, padding=1),
                        nn.BatchNorm2d(channels),
                        nn.ReLU(),
                        nn.Conv2d(channels, channels, kernel_size=3, padding="same"),
                        nn.BatchNorm2d(channels),
                    )

                def forward(self, x):
                    return torch.relu(self.body(x) + x)
        """,
        "ModuleLists": """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.convs = nn.ModuleList([nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2)])
                    self.norms = nn.ModuleList([nn.BatchNorm2d(channels) for _ in range(2)])
                    self.relu = nn.ReLU()

                def forward(self, x):
                    y = x
                    for number, (conv, norm) in enumerate(zip(self.convs, self.norms)):
                        y = norm(conv(y))
                        if number == 0:
                            y = self.relu(y)
                    y = y + x
                    return y.clamp(min=0)
        """,
        "the sum in place, on its own tensor": """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm1 = nn.BatchNorm2d(channels)
                    self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm2 = nn.BatchNorm2d(channels)

                def forward(self, x):
                    y = F.relu(self.norm1(self.conv1(x)))
                    y = self.norm2(self.conv2(y))
                    y += x
                    return y.relu()
        """,
    },
}

WRONG_DEFINITIONS = {
    "ResidualBlock": [
        (
            "the module is not made",
            "comes first",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm1 = nn.BatchNorm2d(channels)
                    self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm2 = nn.BatchNorm2d(channels)

                def forward(self, x):
                    y = F.relu(self.norm1(self.conv1(x)))
                    y = self.norm2(self.conv2(y))
                    return F.relu(x + y)
        """,
        ),
        (
            "no return",
            "Is there a `return`",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm1 = nn.BatchNorm2d(channels)
                    self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm2 = nn.BatchNorm2d(channels)

                def forward(self, x):
                    y = F.relu(self.norm1(self.conv1(x)))
                    y = self.norm2(self.conv2(y))
                    y = F.relu(x + y)
        """,
        ),
        (
            "no padding",
            "unless there is",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.conv1 = nn.Conv2d(channels, channels, 3)
                    self.norm1 = nn.BatchNorm2d(channels)
                    self.conv2 = nn.Conv2d(channels, channels, 3)
                    self.norm2 = nn.BatchNorm2d(channels)

                def forward(self, x):
                    y = F.relu(self.norm1(self.conv1(x)))
                    y = self.norm2(self.conv2(y))
                    return F.relu(x + y)
        """,
        ),
        (
            "twice as many channels inside",
            "of them, coming in",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.conv1 = nn.Conv2d(channels, 2 * channels, 3, padding=1)
                    self.norm1 = nn.BatchNorm2d(channels)
                    self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm2 = nn.BatchNorm2d(channels)

                def forward(self, x):
                    y = F.relu(self.norm1(self.conv1(x)))
                    y = self.norm2(self.conv2(y))
                    return F.relu(x + y)
        """,
        ),
        (
            "layers in a list",
            "are not registered",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.convs = [nn.Conv2d(channels, channels, 3, padding=1) for _ in range(2)]
                    self.norms = [nn.BatchNorm2d(channels) for _ in range(2)]

                def forward(self, x):
                    y = F.relu(self.norms[0](self.convs[0](x)))
                    return F.relu(x + self.norms[1](self.convs[1](y)))
        """,
        ),
        (
            "layers made in forward",
            "are not registered",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.channels = channels

                def forward(self, x):
                    c = self.channels
                    y = F.relu(nn.BatchNorm2d(c)(nn.Conv2d(c, c, 3, padding=1)(x)))
                    return F.relu(x + nn.BatchNorm2d(c)(nn.Conv2d(c, c, 3, padding=1)(y)))
        """,
        ),
        (
            "one BatchNorm for both",
            "is still one",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm1 = nn.BatchNorm2d(channels)
                    self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

                def forward(self, x):
                    y = F.relu(self.norm1(self.conv1(x)))
                    y = self.norm1(self.conv2(y))
                    return F.relu(x + y)
        """,
        ),
        (
            "one convolution twice",
            "is still one",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm1 = nn.BatchNorm2d(channels)
                    self.norm2 = nn.BatchNorm2d(channels)

                def forward(self, x):
                    y = F.relu(self.norm1(self.conv1(x)))
                    y = self.norm2(self.conv1(y))
                    return F.relu(x + y)
        """,
        ),
        (
            "no BatchNorm",
            "is still one",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)

                def forward(self, x):
                    y = F.relu(self.conv1(x))
                    y = self.conv2(y)
                    return F.relu(x + y)
        """,
        ),
        (
            "the caller's images are written to",
            "images of the caller",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm1 = nn.BatchNorm2d(channels)
                    self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm2 = nn.BatchNorm2d(channels)

                def forward(self, x):
                    y = F.relu(self.norm1(self.conv1(x)))
                    y = self.norm2(self.conv2(y))
                    x += y
                    return F.relu(x)
        """,
        ),
        (
            "the sum after the ReLU",
            "after the sum",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm1 = nn.BatchNorm2d(channels)
                    self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm2 = nn.BatchNorm2d(channels)

                def forward(self, x):
                    y = F.relu(self.norm1(self.conv1(x)))
                    y = self.norm2(self.conv2(y))
                    return x + F.relu(y)
        """,
        ),
        (
            "no ReLU at the end",
            "after the sum",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm1 = nn.BatchNorm2d(channels)
                    self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm2 = nn.BatchNorm2d(channels)

                def forward(self, x):
                    y = F.relu(self.norm1(self.conv1(x)))
                    y = self.norm2(self.conv2(y))
                    return x + y
        """,
        ),
        (
            "no way around",
            "way around the layers",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm1 = nn.BatchNorm2d(channels)
                    self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm2 = nn.BatchNorm2d(channels)

                def forward(self, x):
                    y = F.relu(self.norm1(self.conv1(x)))
                    y = self.norm2(self.conv2(y))
                    return F.relu(y)
        """,
        ),
        (
            "no ReLU between",
            "from the inside",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm1 = nn.BatchNorm2d(channels)
                    self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm2 = nn.BatchNorm2d(channels)

                def forward(self, x):
                    y = self.norm1(self.conv1(x))
                    y = self.norm2(self.conv2(y))
                    return F.relu(x + y)
        """,
        ),
        (
            "ReLU before the norm",
            "from the inside",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm1 = nn.BatchNorm2d(channels)
                    self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm2 = nn.BatchNorm2d(channels)

                def forward(self, x):
                    y = self.norm1(F.relu(self.conv1(x)))
                    y = self.norm2(self.conv2(y))
                    return F.relu(x + y)
        """,
        ),
        (
            "no bias",
            "with all their defaults",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
                    self.norm1 = nn.BatchNorm2d(channels)
                    self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
                    self.norm2 = nn.BatchNorm2d(channels)

                def forward(self, x):
                    y = F.relu(self.norm1(self.conv1(x)))
                    y = self.norm2(self.conv2(y))
                    return F.relu(x + y)
        """,
        ),
        (
            "a wider kernel for the second",
            "from the inside",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm1 = nn.BatchNorm2d(channels)
                    self.conv2 = nn.Conv2d(channels, channels, 5, padding=2)
                    self.norm2 = nn.BatchNorm2d(channels)

                def forward(self, x):
                    y = F.relu(self.norm1(self.conv1(x)))
                    y = self.norm2(self.conv2(y))
                    return F.relu(x + y)
        """,
        ),
        (
            "x is written over",
            "or was the name given away",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm1 = nn.BatchNorm2d(channels)
                    self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm2 = nn.BatchNorm2d(channels)

                def forward(self, x):
                    x = F.relu(self.norm1(self.conv1(x)))
                    y = self.norm2(self.conv2(x))
                    return F.relu(x + y)
        """,
        ),
        (
            "the class for the function",
            "`F.relu` is the function",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm1 = nn.BatchNorm2d(channels)
                    self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm2 = nn.BatchNorm2d(channels)

                def forward(self, x):
                    y = nn.ReLU(self.norm1(self.conv1(x)))
                    y = self.norm2(self.conv2(y))
                    return F.relu(x + y)
        """,
        ),
        (
            "the sum is thrown away",
            "Then the sum",
            """
            class ResidualBlock(nn.Module):
                def __init__(self, channels):
                    super().__init__()
                    self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm1 = nn.BatchNorm2d(channels)
                    self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
                    self.norm2 = nn.BatchNorm2d(channels)

                def forward(self, x):
                    y = F.relu(self.norm1(self.conv1(x)))
                    y = self.norm2(self.conv2(y))
                    x + y
                    return F.relu(x)
        """,
        ),
    ],
}

PREDICTIONS = {
    "who registers the layers": {
        "list": (False, False),
        "dict": (False, False),
        "ModuleList": (True, False),
        "ModuleDict": (True, False),
        "Sequential": (True, True),
    },
    "first values": {
        "zeros": (False, False),
        "all alike": (True, False),
        "normal": (True, True),
        "kaiming": (True, True),
    },
}
