"""Answers to lesson 01: for each piece its right ones by style, its wrong ones by misconception and hint."""

RIGHT = {
    "unbroadcast": {
        "one dimension after the other": """
            while grad.ndim > len(shape):
                grad = grad.sum(axis=0)
            for axis, length in enumerate(shape):
                if length == 1:
                    grad = grad.sum(axis=axis, keepdims=True)
            return grad
        """,
        "all axes at once, and a reshape": """
            missing = grad.ndim - len(shape)
            padded = (1,) * missing + tuple(shape)
            axes = tuple(i for i, n in enumerate(padded) if n != grad.shape[i])
            return grad.sum(axis=axes, keepdims=True).reshape(shape)
        """,
        "by recursion": """
            if grad.shape == shape:
                return grad
            if grad.ndim > len(shape):
                return torch.autograd.unbroadcast(grad.sum(0), shape)
            axis = [n == 1 and m > 1 for n, m in zip(shape, grad.shape)].index(True)
            return torch.autograd.unbroadcast(grad.sum(axis, keepdims=True), shape)
        """,
    },
    "Mul.backward": {
        "with ifs": """
            a, b = self.saved
            to_a = to_b = None
            if self.needs[0]:
                to_a = unbroadcast(b * grad, self.shapes[0])
            if self.needs[1]:
                to_b = unbroadcast(a * grad, self.shapes[1])
            return to_a, to_b
        """,
        "in a loop": """
            grads = []
            for needed, other, shape in zip(self.needs, reversed(self.saved), self.shapes):
                grads.append(unbroadcast(grad * other, shape) if needed else None)
            return grads
        """,
    },
    "Matmul.backward": {
        "both, whether needed or not": """
            a, b = self.saved
            to_a = grad @ b.swapaxes(-1, -2)
            to_b = a.swapaxes(-1, -2) @ grad
            return unbroadcast(to_a, a.shape), unbroadcast(to_b, b.shape)
        """,
        "einsum": """
            import numpy as np
            a, b = self.saved
            to_a = unbroadcast(np.einsum("...np,...mp->...nm", grad, b), a.shape)
            to_b = unbroadcast(np.einsum("...nm,...np->...mp", a, grad), b.shape)
            return (to_a if self.needs[0] else None, to_b if self.needs[1] else None)
        """,
    },
    "propagate": {
        "pairs, and a sum each time": """
            for node, grad in visits:
                for edge, part in zip(node.edges, node.backward(grad)):
                    if edge is not None and part is not None:
                        if edge in arrived:
                            arrived[edge] = arrived[edge] + part
                        else:
                            arrived[edge] = part
        """,
        "get, beginning with 0": """
            for node, grad in visits:
                grads = node.backward(grad)
                for edge, part in zip(node.edges, grads):
                    if edge is None or part is None:
                        continue
                    arrived[edge] = arrived.get(edge, 0) + part
        """,
        "next and try": """
            while True:
                try:
                    node, grad = next(visits)
                except StopIteration:
                    return
                grads = node.backward(grad)
                for i in range(len(node.edges)):
                    if node.edges[i] is None or grads[i] is None:
                        continue
                    try:
                        arrived[node.edges[i]] = arrived[node.edges[i]] + grads[i]
                    except KeyError:
                        arrived[node.edges[i]] = grads[i]
        """,
    },
    "Tensor.detach": {
        "the counter first": """
            counter = self._version_counter()
            detached = self._beside(self._array)
            detached._version_ = counter
            return detached
        """,
        "by way of data": """
            detached = self.data
            detached._version_ = self._version_counter()
            return detached
        """,
    },
}

WRONG = {
    "unbroadcast": [
        (
            "it is left as it is",
            "as large as the matrix",
            """
            return grad * 1
        """,
        ),
        (
            "reshaped",
            "keeps every number",
            """
            return grad.reshape(shape)
        """,
        ),
        (
            "PyTorch's names for NumPy's arguments",
            "NumPy says `axis`",
            """
            if grad.shape != shape:
                grad = grad.sum(dim=0)
            return grad
        """,
        ),
        (
            "PyTorch's keepdim",
            "NumPy says `axis`",
            """
            while grad.ndim > len(shape):
                grad = grad.sum(0)
            for axis, n in enumerate(shape):
                if n == 1:
                    grad = grad.sum(axis, keepdim=True)
            return grad
        """,
        ),
        (
            "nothing is returned",
            "Is there a `return`",
            """
            while grad.ndim > len(shape):
                grad = grad.sum(axis=0)
        """,
        ),
        (
            "averaged",
            "They are not averaged",
            """
            while grad.ndim > len(shape):
                grad = grad.mean(axis=0)
            for axis, n in enumerate(shape):
                if n == 1:
                    grad = grad.mean(axis=axis, keepdims=True)
            return grad
        """,
        ),
        (
            "the first copy's only",
            "none may be left out",
            """
            while grad.ndim > len(shape):
                grad = grad[0]
            return grad
        """,
        ),
        (
            "the wrong axis",
            "adds dimensions in front",
            """
            while grad.ndim > len(shape):
                grad = grad.sum(axis=-1)
            return grad
        """,
        ),
        (
            "everything is summed",
            "adds dimensions in front",
            """
            return grad if grad.shape == shape else grad.sum()
        """,
        ),
        (
            "stretched dimensions are not thought of",
            "length 1 was stretched",
            """
            while grad.ndim > len(shape):
                grad = grad.sum(axis=0)
            return grad
        """,
        ),
        (
            "keepdims is forgotten",
            "`keepdims=True`",
            """
            while grad.ndim > len(shape):
                grad = grad.sum(axis=0)
            for axis, n in enumerate(shape):
                if n == 1 and grad.shape[axis] > 1:
                    grad = grad.sum(axis=axis)
            return grad
        """,
        ),
        (
            "one added dimension at most",
            "Deal with all of them",
            """
            if grad.ndim > len(shape):
                grad = grad.sum(axis=0)
            for axis, n in enumerate(shape):
                if n == 1:
                    grad = grad.sum(axis=axis, keepdims=True)
            return grad
        """,
        ),
        (
            "added or stretched, not both",
            "Deal with all of them",
            """
            if grad.ndim > len(shape):
                return grad.sum(axis=tuple(range(grad.ndim - len(shape))))
            axes = tuple(i for i, n in enumerate(shape) if n == 1)
            return grad.sum(axis=axes, keepdims=True)
        """,
        ),
        (
            "a tuple is asked for its dimensions",
            "`shape` is a tuple",
            """
            while grad.ndim > shape.ndim:
                grad = grad.sum(axis=0)
            return grad
        """,
        ),
        (
            "the axes are counted as before the sum",
            "what was axis 1 is axis 0 now",
            """
            for axis in range(grad.ndim - len(shape)):
                grad = grad.sum(axis=axis)
            for axis, n in enumerate(shape):
                if n == 1:
                    grad = grad.sum(axis=axis, keepdims=True)
            return grad
        """,
        ),
        (
            "PyTorch's function",
            "This is a NumPy array",
            """
            while grad.ndim > len(shape):
                grad = torch.sum(grad, 0)
            return grad
        """,
        ),
    ],
    "Mul.backward": [
        (
            "each its own",
            "So which of the two",
            """
            a, b = self.saved
            to_a = unbroadcast(grad * a, self.shapes[0]) if self.needs[0] else None
            to_b = unbroadcast(grad * b, self.shapes[1]) if self.needs[1] else None
            return to_a, to_b
        """,
        ),
        (
            "both factors to both",
            "So which of the two",
            """
            a, b = self.saved
            if a is None or b is None:
                return None, None
            return grad * a * b, grad * a * b
        """,
        ),
        (
            "what comes in is forgotten",
            "Multiply by `grad`",
            """
            a, b = self.saved
            return b, a
        """,
        ),
        (
            "what comes in is forgotten, and the shape thought of",
            "Multiply by `grad`",
            """
            a, b = self.saved
            to_a = unbroadcast(b, self.shapes[0]) if self.needs[0] else None
            to_b = unbroadcast(a, self.shapes[1]) if self.needs[1] else None
            return to_a, to_b
        """,
        ),
        (
            "what is not needed is computed",
            "was not saved",
            """
            a, b = self.saved
            return unbroadcast(grad * b, self.shapes[0]), unbroadcast(grad * a, self.shapes[1])
        """,
        ),
        (
            "nothing is returned",
            "Nothing comes out",
            """
            a, b = self.saved
            to_a = grad * b if self.needs[0] else None
            to_b = grad * a if self.needs[1] else None
        """,
        ),
        (
            "one gradient for both",
            "There are two inputs",
            """
            a, b = self.saved
            return grad * b if self.needs[0] else grad * a
        """,
        ),
        (
            "stretched factors are not thought of",
            "may have been stretched",
            """
            a, b = self.saved
            return grad * b if self.needs[0] else None, grad * a if self.needs[1] else None
        """,
        ),
        (
            "the arrays looked for elsewhere",
            "in `self.saved`",
            """
            return grad * self.b, grad * self.a
        """,
        ),
        (
            "the shape of what was not saved",
            "was not saved",
            """
            a, b = self.saved
            return unbroadcast(grad * b, a.shape), unbroadcast(grad * a, b.shape)
        """,
        ),
        (
            "only where both are needed",
            "says whether `a` asks",
            """
            a, b = self.saved
            if not all(self.needs):
                return None, None
            to_a, to_b = grad * b, grad * a
            return unbroadcast(to_a, self.shapes[0]), unbroadcast(to_b, self.shapes[1])
        """,
        ),
        (
            "the arrays are asked for attributes of the tuple",
            "Begin with `a, b",
            """
            to_a = grad * self.saved.b
            to_b = grad * self.saved.a
            return to_a, to_b
        """,
        ),
        (
            "the arrays are asked whether they want a gradient",
            "are NumPy arrays, and ask for nothing",
            """
            a, b = self.saved
            to_a = unbroadcast(grad * b, self.shapes[0]) if a.requires_grad else None
            to_b = unbroadcast(grad * a, self.shapes[1]) if b.requires_grad else None
            return to_a, to_b
        """,
        ),
        (
            "a product of matrices",
            "`@` is the product of matrices",
            """
            a, b = self.saved
            to_a = grad @ b if self.needs[0] else None
            to_b = a @ grad if self.needs[1] else None
            return to_a, to_b
        """,
        ),
    ],
    "Matmul.backward": [
        (
            "nothing is transposed",
            "has to be transposed",
            """
            a, b = self.saved
            return grad @ b, a @ grad
        """,
        ),
        (
            "as for numbers",
            "element by element",
            """
            a, b = self.saved
            return grad * b, grad * a
        """,
        ),
        (
            "the other way round",
            "The order counts",
            """
            a, b = self.saved
            return b.T @ grad, grad @ a.T
        """,
        ),
        (
            "each its own",
            "The order counts",
            """
            a, b = self.saved
            return grad @ a.T, b.T @ grad
        """,
        ),
        (
            "transpose as PyTorch has it",
            "the new order of all axes",
            """
            a, b = self.saved
            return grad @ b.transpose(-2, -1), a.transpose(-2, -1) @ grad
        """,
        ),
        (
            "nothing is returned",
            "Nothing comes out",
            """
            a, b = self.saved
            to_a = grad @ b.T
            to_b = a.T @ grad
        """,
        ),
        (
            "matrices only",
            "swaps the last two",
            """
            a, b = self.saved
            return grad @ b.T, a.T @ grad
        """,
        ),
        (
            "a matrix used for a stack is not thought of",
            "so its gradient is a stack",
            """
            a, b = self.saved
            return grad @ b.swapaxes(-1, -2), a.swapaxes(-1, -2) @ grad
        """,
        ),
        (
            "the shapes are looked for where Mul has them",
            "the shape to go back to",
            """
            a, b = self.saved
            to_a = unbroadcast(grad @ b.swapaxes(-1, -2), self.shapes[0])
            to_b = unbroadcast(a.swapaxes(-1, -2) @ grad, self.shapes[1])
            return to_a, to_b
        """,
        ),
        (
            "unbroadcast without a shape",
            "the shape to go back to",
            """
            a, b = self.saved
            return unbroadcast(grad @ b.swapaxes(-1, -2)), unbroadcast(a.swapaxes(-1, -2) @ grad)
        """,
        ),
        (
            "the gradient of b first",
            "in the order of the inputs",
            """
            a, b = self.saved
            to_a = unbroadcast(grad @ b.swapaxes(-1, -2), a.shape)
            to_b = unbroadcast(a.swapaxes(-1, -2) @ grad, b.shape)
            return to_b, to_a
        """,
        ),
        (
            "one gradient",
            "Two gradients are to be returned",
            """
            a, b = self.saved
            return unbroadcast(grad @ b.swapaxes(-1, -2), a.shape)
        """,
        ),
    ],
    "propagate": [
        (
            "the latest overwrites",
            "was overwritten",
            """
            for node, grad in visits:
                grads = node.backward(grad)
                for edge, part in zip(node.edges, grads):
                    if edge is not None and part is not None:
                        arrived[edge] = part
        """,
        ),
        (
            "the first stays",
            "was overwritten",
            """
            for node, grad in visits:
                for edge, part in zip(node.edges, node.backward(grad)):
                    if edge is not None and part is not None:
                        arrived.setdefault(edge, part)
        """,
        ),
        (
            "added in place",
            "`+=` writes into it",
            """
            for node, grad in visits:
                for edge, part in zip(node.edges, node.backward(grad)):
                    if edge is None or part is None:
                        continue
                    if edge in arrived:
                        arrived[edge] += part
                    else:
                        arrived[edge] = part
        """,
        ),
        (
            "None is not thought of",
            "None leads nowhere",
            """
            for node, grad in visits:
                for edge, part in zip(node.edges, node.backward(grad)):
                    if edge in arrived:
                        arrived[edge] = arrived[edge] + part
                    else:
                        arrived[edge] = part
        """,
        ),
        (
            "a gradient that is None is not thought of",
            "None leads nowhere",
            """
            for node, grad in visits:
                for edge, part in zip(node.edges, node.backward(grad)):
                    if edge is not None:
                        arrived[edge] = arrived[edge] + part if edge in arrived else part
        """,
        ),
        (
            "all of them to each edge",
            "a gradient for each edge",
            """
            for node, grad in visits:
                for edge in node.edges:
                    arrived[edge] = node.backward(grad)
        """,
        ),
        (
            "backward without a gradient",
            "what has arrived at it",
            """
            for node, grad in visits:
                for edge, part in zip(node.edges, node.backward()):
                    if edge is not None and part is not None:
                        arrived[edge] = arrived.get(edge, 0) + part
        """,
        ),
        (
            "kept at the node",
            "go on to what the node",
            """
            for node, grad in visits:
                for part in node.backward(grad):
                    arrived[node] = part
        """,
        ),
        (
            "nothing is handed on",
            "Nothing arrives at the leaf",
            """
            for node, grad in visits:
                node.backward(grad)
        """,
        ),
        (
            "the leaf's grad is written",
            "Nothing arrives at the leaf",
            """
            for node, grad in visits:
                for edge, part in zip(node.edges, node.backward(grad)):
                    if edge is not None:
                        edge._gradient = part
        """,
        ),
        (
            "added to nothing",
            "is a KeyError",
            """
            for node, grad in visits:
                grads = node.backward(grad)
                for i in range(len(grads)):
                    arrived[node.edges[i]] += grads[i]
        """,
        ),
        (
            "the truth of an array is asked",
            "neither true nor false",
            """
            for node, grad in visits:
                for edge, part in zip(node.edges, node.backward(grad)):
                    if edge and part:
                        arrived[edge] = arrived.get(edge, 0) + part
        """,
        ),
        (
            "visits taken for a list",
            "Take them one by one",
            """
            while visits:
                node, grad = visits.pop()
                for edge, part in zip(node.edges, node.backward(grad)):
                    if edge is not None:
                        arrived[edge] = arrived.get(edge, 0) + part
        """,
        ),
        (
            "straight on down",
            "Do not go on from here",
            """
            for node, grad in visits:
                for edge, part in zip(node.edges, node.backward(grad)):
                    if edge is not None and part is not None:
                        edge.backward(part)
        """,
        ),
        (
            "the oldest first",
            "Take them one by one",
            """
            for node, grad in reversed(list(visits)):
                for edge, part in zip(node.edges, node.backward(grad)):
                    if edge is not None and part is not None:
                        arrived[edge] = arrived.get(edge, 0) + part
        """,
        ),
        (
            "a list of them first",
            "Take them one by one",
            """
            nodes = list(visits)
            for node, grad in nodes:
                for edge, part in zip(node.edges, node.backward(grad)):
                    if edge is not None and part is not None:
                        arrived[edge] = arrived.get(edge, 0) + part
        """,
        ),
        (
            "one name for two things",
            "gives two things at a time",
            """
            for node in visits:
                for edge, part in zip(node.edges, node.backward(arrived[node])):
                    if edge is not None and part is not None:
                        arrived[edge] = arrived.get(edge, 0) + part
        """,
        ),
        (
            "no loop at all",
            "Is a `for` missing",
            """
            node, grad = visits
            for edge, part in zip(node.edges, node.backward(grad)):
                if edge is not None and part is not None:
                    arrived[edge] = arrived.get(edge, 0) + part
        """,
        ),
        (
            "the parts are collected",
            "no list of them",
            """
            for node, grad in visits:
                for edge, part in zip(node.edges, node.backward(grad)):
                    if edge is not None and part is not None:
                        arrived.setdefault(edge, []).append(part)
        """,
        ),
        (
            "a None ends the walk",
            "The walk ends too early",
            """
            for node, grad in visits:
                for edge, part in zip(node.edges, node.backward(grad)):
                    if edge is None or part is None:
                        return
                    arrived[edge] = arrived.get(edge, 0) + part
        """,
        ),
        (
            "a None ends the node",
            "The walk ends too early",
            """
            for node, grad in visits:
                for edge, part in zip(node.edges, node.backward(grad)):
                    if edge is None or part is None:
                        break
                    arrived[edge] = arrived.get(edge, 0) + part
        """,
        ),
        (
            "what has arrived goes on",
            "is not what goes on",
            """
            for node, grad in visits:
                for edge in node.edges:
                    if edge is not None:
                        arrived[edge] = arrived.get(edge, 0) + grad
        """,
        ),
        (
            "the truth of what is there",
            "and `edge in arrived`",
            """
            for node, grad in visits:
                for edge, part in zip(node.edges, node.backward(grad)):
                    if edge is None or part is None:
                        continue
                    arrived[edge] = arrived[edge] + part if arrived.get(edge) else part
        """,
        ),
    ],
    "Tensor.detach": [
        (
            "the tensor itself",
            "still part of the graph",
            """
            return self
        """,
        ),
        (
            "under no_grad",
            "still part of the graph",
            """
            with torch.no_grad():
                return self
        """,
        ),
        (
            "another class only",
            "still part of the graph",
            """
            return self.as_subclass(Tensor)
        """,
        ),
        (
            "the tensor is changed",
            "Leave `self` alone",
            """
            self.requires_grad = False
            return self
        """,
        ),
        (
            "the history is taken away",
            "Leave `self` alone",
            """
            self._node = None
            self._requires_grad = False
            return self
        """,
        ),
        (
            "a copy",
            "It has a copy",
            """
            return self._beside(self._array.copy())
        """,
        ),
        (
            "a clone under no_grad",
            "It has a copy",
            """
            with torch.no_grad():
                return self.clone()
        """,
        ),
        (
            "through NumPy",
            "It has a copy",
            """
            return torch.from_numpy(self._array.copy())
        """,
        ),
        (
            "the array",
            "An array comes out",
            """
            return self._array
        """,
        ),
        (
            "nothing is returned",
            "Is there a `return`",
            """
            alias = self._beside(self._array)
            alias._version_ = self._version_counter()
        """,
        ),
        (
            "it calls itself",
            "calls what you are writing",
            """
            return self.detach()
        """,
        ),
        (
            "the counter is forgotten",
            "goes unnoticed",
            """
            return self._beside(self._array)
        """,
        ),
        (
            "data",
            "goes unnoticed",
            """
            return self.data
        """,
        ),
        (
            "the device is forgotten",
            "on another device",
            """
            detached = torch.from_numpy(self._array)
            detached._version_ = self._version_counter()
            return detached
        """,
        ),
        (
            "a tensor around a tensor",
            "It has one: `self._array`",
            """
            return self._beside(self)
        """,
        ),
        (
            "the function of the package that copies",
            "puts it around the array itself",
            """
            return torch.tensor(self._array)
        """,
        ),
        (
            "the history is taken away by hand",
            "This can only be read",
            """
            detached = self._beside(self._array)
            detached.grad_fn = None
            return detached
        """,
        ),
        (
            "the number of writes for the counter",
            "It belongs in `_version_`",
            """
            detached = self._beside(self._array)
            detached._version_ = self._version
            return detached
        """,
        ),
        (
            "the counter without brackets",
            "without brackets is not called",
            """
            detached = self._beside(self._array)
            detached._version_ = self._version_counter
            return detached
        """,
        ),
    ],
}

PREDICTIONS = {
    "leaf or not": {
        "x": (True, False),
        "w": (True, True),
        "scaled": (False, False),
        "unused": (True, False),
        "h": (False, False),
        "loss": (False, False),
    },
    "which way is open": {
        "w * w": True,
        "w.detach() * w.detach()": False,
        "w * w.detach()": True,
        "w * w under no_grad": False,
        "w.item() * w.item()": False,
    },
}
