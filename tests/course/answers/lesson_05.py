"""Answers to lesson 05: for each piece its right ones by style, its wrong ones by misconception and hint."""

RIGHT = {
    "Optimizer.add_param_group": {
        "the defaults first, in a new dict": """
            if not isinstance(param_group, dict):
                raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
            group = {**self.defaults, **param_group}
            self._list_params(group)
            self._check_params(group)
            self.param_groups.append(group)
        """,
        "a loop with a question": """
            if type(param_group) is not dict:
                raise TypeError("param_group must be a dict, but got " + str(type(param_group)))
            self._list_params(param_group)
            self._check_params(param_group)
            for option in self.defaults:
                if option not in param_group:
                    param_group[option] = self.defaults[option]
            self.param_groups += [param_group]
        """,
        "get with a default": """
            if not isinstance(param_group, dict):
                raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
            self._list_params(param_group)
            self._check_params(param_group)
            for option, value in self.defaults.items():
                param_group[option] = param_group.get(option, value)
            self.param_groups.append(param_group)
        """,
    },
    "Optimizer.zero_grad": {
        "filled by hand": """
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    if set_to_none:
                        p.grad = None
                    else:
                        p.grad.zero_()
        """,
        "all tensors in one list": """
            tensors = [p for group in self.param_groups for p in group["params"]]
            with torch.no_grad():
                for p in tensors:
                    if set_to_none:
                        p.grad = None
                    elif p.grad is not None:
                        p.grad.fill_(0)
        """,
    },
    "Optimizer._updated": {
        "a loop": """
            found = []
            for p in group["params"]:
                if p.grad is not None:
                    found.append(p)
            return found
        """,
        "a loop that goes on": """
            tensors = []
            for tensor in group["params"]:
                if tensor.grad is None:
                    continue
                tensors += [tensor]
            return tensors
        """,
        "filter": """
            return list(filter(lambda p: p.grad is not None, group["params"]))
        """,
    },
    "sgd_update": {
        "without scalars": """
            for param, grad, buffer in zip(params, grads, buffers):
                if momentum == 0:
                    param -= lr * grad
                    continue
                buffer *= momentum
                buffer += grad
                if nesterov:
                    param -= lr * (grad + momentum * buffer)
                else:
                    param -= lr * buffer
        """,
        "by index": """
            for i in range(len(params)):
                direction = grads[i]
                if momentum != 0:
                    buffers[i][...] = momentum * buffers[i] + grads[i]
                    direction = grads[i] + momentum * buffers[i] if nesterov else buffers[i]
                params[i] -= lr * direction
        """,
        "with NumPy's functions": """
            for param, grad, buffer in zip(params, grads, buffers):
                step = grad
                if buffer is not None:
                    np.multiply(buffer, momentum, out=buffer)
                    np.add(buffer, grad, out=buffer)
                    step = buffer + 0
                    if nesterov:
                        step = step * momentum + grad
                np.subtract(param, lr * step, out=param, casting="same_kind")
        """,
    },
    "adam_update": {
        "the paper, word for word": """
            for param, grad, m, v in zip(params, grads, exp_avgs, exp_avg_sqs):
                m *= beta1
                m += (1 - beta1) * grad
                v *= beta2
                v += (1 - beta2) * grad**2
                m_hat = m / (1 - beta1**steps)
                v_hat = v / (1 - beta2**steps)
                param -= lr * m_hat / (np.sqrt(v_hat) + eps)
        """,
        "by index": """
            for i in range(len(params)):
                g = grads[i]
                exp_avgs[i][...] = beta1 * exp_avgs[i] + (1 - beta1) * g
                exp_avg_sqs[i][...] = beta2 * exp_avg_sqs[i] + (1 - beta2) * (g * g)
                root = (exp_avg_sqs[i] / (1 - pow(beta2, steps))) ** 0.5
                params[i] -= lr / (1 - pow(beta1, steps)) * exp_avgs[i] / (root + eps)
        """,
        "a step towards the new": """
            correct1, correct2 = 1 - beta1**steps, 1 - beta2**steps
            for param, grad, m, v in zip(params, grads, exp_avgs, exp_avg_sqs):
                m += (1 - beta1) * (grad - m)
                v += (1 - beta2) * (grad * grad - v)
                param -= (lr / correct1) * m / ((v / correct2) ** 0.5 + eps)
        """,
    },
}

_CHECKED = """
            if not isinstance(param_group, dict):
                raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
            self._list_params(param_group)
            self._check_params(param_group)
"""

_LOOP = "for param, grad, buffer in zip(params, grads, buffers):"
_ADAM = "for param, grad, m, v in zip(params, grads, exp_avgs, exp_avg_sqs):"

WRONG = {
    "Optimizer.add_param_group": [
        (
            "not appended",
            "The new group is not in the list",
            _CHECKED
            + """
            for option, default in self.defaults.items():
                param_group.setdefault(option, default)
        """,
        ),
        (
            "the groups that were there are forgotten",
            "forgets the groups that were there",
            _CHECKED
            + """
            for option, default in self.defaults.items():
                param_group.setdefault(option, default)
            self.param_groups = [param_group]
        """,
        ),
        (
            "the defaults win",
            "What the group names itself counts",
            _CHECKED
            + """
            param_group.update(self.defaults)
            self.param_groups.append(param_group)
        """,
        ),
        (
            "the defaults are overwritten",
            "The defaults are for every group that comes later",
            _CHECKED
            + """
            self.defaults.update(param_group)
            self.param_groups.append(dict(self.defaults))
        """,
        ),
        (
            "no defaults",
            "comes from `self.defaults`",
            _CHECKED
            + """
            self.param_groups.append(param_group)
        """,
        ),
        (
            "the options of the first group",
            "There may be no group yet",
            _CHECKED
            + """
            for option, value in self.param_groups[0].items():
                param_group.setdefault(option, value)
            self.param_groups.append(param_group)
        """,
        ),
        (
            "the tensors are appended, not the group",
            "What stands in `param_groups` are groups",
            _CHECKED
            + """
            for option, default in self.defaults.items():
                param_group.setdefault(option, default)
            self.param_groups.extend(param_group)
        """,
        ),
        (
            "zero counts as not given",
            "A rate of 0 is a rate",
            _CHECKED
            + """
            for option, default in self.defaults.items():
                param_group[option] = param_group.get(option) or default
            self.param_groups.append(param_group)
        """,
        ),
        (
            "copies of the tensors",
            "the very objects that it was handed",
            _CHECKED
            + """
            param_group["params"] = [nn.Parameter(p.detach().clone()) for p in param_group["params"]]
            for option, default in self.defaults.items():
                param_group.setdefault(option, default)
            self.param_groups.append(param_group)
        """,
        ),
        (
            "a generator stays a generator",
            "runs once",
            """
            if not isinstance(param_group, dict):
                raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
            for option, default in self.defaults.items():
                param_group.setdefault(option, default)
            self.param_groups.append(param_group)
        """,
        ),
        (
            "a list, and nothing else is thought of",
            "knows all of these",
            """
            if not isinstance(param_group, dict):
                raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
            param_group["params"] = list(param_group["params"])
            self._check_params(param_group)
            for option, default in self.defaults.items():
                param_group.setdefault(option, default)
            self.param_groups.append(param_group)
        """,
        ),
        (
            "nothing is checked",
            "would be updated twice",
            """
            if not isinstance(param_group, dict):
                raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
            self._list_params(param_group)
            for option, default in self.defaults.items():
                param_group.setdefault(option, default)
            self.param_groups.append(param_group)
        """,
        ),
        (
            "only the other groups are checked",
            "A computed tensor can't be learned",
            """
            if not isinstance(param_group, dict):
                raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
            self._list_params(param_group)
            for group in self.param_groups:
                for p in group["params"]:
                    if any(p is q for q in param_group["params"]):
                        raise ValueError("some parameters appear in more than one parameter group")
            if len(set(param_group["params"])) < len(param_group["params"]):
                import warnings
                warnings.warn("twice in one group")
            for option, default in self.defaults.items():
                param_group.setdefault(option, default)
            self.param_groups.append(param_group)
        """,
        ),
        (
            "what is no dict is not refused",
            "a TypeError that says so",
            """
            param_group = dict(param_group)
            self._list_params(param_group)
            self._check_params(param_group)
            for option, default in self.defaults.items():
                param_group.setdefault(option, default)
            self.param_groups.append(param_group)
        """,
        ),
        (
            "what the helper returns",
            "return nothing: the first changes it",
            """
            if not isinstance(param_group, dict):
                raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
            param_group["params"] = self._list_params(param_group)
            self._check_params(param_group)
            for option, default in self.defaults.items():
                param_group.setdefault(option, default)
            self.param_groups.append(param_group)
        """,
        ),
        (
            "the helpers are handed the tensors",
            "take the whole group",
            """
            if not isinstance(param_group, dict):
                raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
            self._list_params(param_group["params"])
            self._check_params(param_group["params"])
            for option, default in self.defaults.items():
                param_group.setdefault(option, default)
            self.param_groups.append(param_group)
        """,
        ),
        (
            "a list is taken for a set",
            "Append it to `self.param_groups`",
            """
            if not isinstance(param_group, dict):
                raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
            self._list_params(param_group)
            self._check_params(param_group)
            for option, default in self.defaults.items():
                param_group.setdefault(option, default)
            self.param_groups.add(param_group)
        """,
        ),
        (
            "the keys of a dict without its values",
            "`.items()` keys and values",
            """
            if not isinstance(param_group, dict):
                raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
            self._list_params(param_group)
            self._check_params(param_group)
            for option, default in self.defaults:
                param_group.setdefault(option, default)
            self.param_groups.append(param_group)
        """,
        ),
        (
            "a group of the defaults alone",
            "What the group names itself counts",
            """
            if not isinstance(param_group, dict):
                raise TypeError(f"param_group must be a dict, but got {type(param_group)}")
            self._list_params(param_group)
            self._check_params(param_group)
            self.param_groups.append({"params": param_group["params"], **self.defaults})
        """,
        ),
        (
            "an error is returned",
            "and `raise` it",
            """
            if not isinstance(param_group, dict):
                return TypeError("param_group must be a dict")
            self._list_params(param_group)
            self._check_params(param_group)
            for option, default in self.defaults.items():
                param_group.setdefault(option, default)
            self.param_groups.append(param_group)
        """,
        ),
    ],
    "Optimizer.zero_grad": [
        (
            "a number",
            "A gradient is a tensor, or None",
            """
            for group in self.param_groups:
                for p in group["params"]:
                    p.grad = 0
        """,
        ),
        (
            "filled where there is none",
            "nothing to fill",
            """
            for group in self.param_groups:
                for p in group["params"]:
                    if set_to_none:
                        p.grad = None
                    else:
                        p.grad.zero_()
        """,
        ),
        (
            "a group is taken for a tensor",
            "is a list of dicts",
            """
            for p in self.param_groups:
                p.grad = None
        """,
        ),
        (
            "a group is taken for a list",
            "is a list of dicts",
            """
            for group in self.param_groups:
                for p in group:
                    p.grad = None
        """,
        ),
        (
            "the weights are zeroed",
            "The weights themselves are changed",
            """
            with torch.no_grad():
                for group in self.param_groups:
                    for p in group["params"]:
                        p.zero_()
                        p.grad = None
        """,
        ),
        (
            "a name is set, not the attribute",
            "gives the name another meaning",
            """
            for group in self.param_groups:
                for p in group["params"]:
                    grad = p.grad
                    grad = None
        """,
        ),
        (
            "the first group only",
            "There may be more groups than one",
            """
            for p in self.param_groups[0]["params"]:
                if set_to_none:
                    p.grad = None
                elif p.grad is not None:
                    p.grad.zero_()
        """,
        ),
        (
            "the wrong way round",
            "Is it the wrong way round",
            """
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        if set_to_none:
                            p.grad.zero_()
                        else:
                            p.grad = None
        """,
        ),
        (
            "always None",
            "sees zeros",
            """
            for group in self.param_groups:
                for p in group["params"]:
                    p.grad = None
        """,
        ),
        (
            "filled with zeros, then let go",
            "Somebody may have kept the gradient",
            """
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is not None:
                        p.grad.zero_()
                        if set_to_none:
                            p.grad = None
        """,
        ),
        (
            "zeros where there was no gradient",
            "the same tensor as before",
            """
            for group in self.param_groups:
                for p in group["params"]:
                    if set_to_none:
                        p.grad = None
                    elif p.grad is not None:
                        p.grad.zero_()
                    else:
                        p.grad = torch.zeros_like(p)
        """,
        ),
        (
            "a model is asked for",
            "is a list of dicts",
            """
            self.model.zero_grad(set_to_none)
        """,
        ),
        (
            "tensors of the optimizer itself",
            "is a list of dicts",
            """
            for p in self.params:
                p.grad = None
        """,
        ),
        (
            "the truth of a gradient",
            "ask whether it is None",
            """
            for group in self.param_groups:
                for p in group["params"]:
                    if set_to_none:
                        p.grad = None
                    elif p.grad:
                        p.grad.zero_()
        """,
        ),
        (
            "a method that is not called",
            "with brackets",
            """
            for group in self.param_groups:
                for p in group["params"]:
                    if set_to_none:
                        p.grad = None
                    elif p.grad is not None:
                        p.grad.zero_
        """,
        ),
        (
            "the tensor's name is set",
            "gives the name another meaning",
            """
            for group in self.param_groups:
                for p in group["params"]:
                    p = None
        """,
        ),
    ],
    "Optimizer._updated": [
        (
            "the truth of a gradient",
            "`p.grad is not None`",
            """
            return [p for p in group["params"] if p.grad]
        """,
        ),
        (
            "those that want a gradient",
            "wants* a gradient",
            """
            return [p for p in group["params"] if p.requires_grad]
        """,
        ),
        (
            "those that want one and have one",
            "wants* a gradient",
            """
            return [p for p in group["params"] if p.requires_grad and p.grad is not None]
        """,
        ),
        (
            "no return",
            "Is there a `return`",
            """
            [p for p in group["params"] if p.grad is not None]
        """,
        ),
        (
            "the group is taken for a list",
            "`group` is a dict",
            """
            return [p for p in group if p.grad is not None]
        """,
        ),
        (
            "the gradients",
            "not their gradients",
            """
            return [p.grad for p in group["params"] if p.grad is not None]
        """,
        ),
        (
            "everybody",
            "can't do anything with None",
            """
            return group["params"]
        """,
        ),
        (
            "a gradient of zeros is passed over",
            "Ask for None, not for zero",
            """
            return [p for p in group["params"] if p.grad is not None and p.grad.abs().sum() > 0]
        """,
        ),
        (
            "Parameters only",
            "whatever its class",
            """
            return [p for p in group["params"] if isinstance(p, nn.Parameter) and p.grad is not None]
        """,
        ),
        (
            "the wrong way round",
            "can't do anything with None",
            """
            return [p for p in group["params"] if p.grad is None]
        """,
        ),
        (
            "found, and returned too early",
            "and nobody else",
            """
            found = []
            for p in group["params"]:
                if p.grad is not None:
                    found.append(p)
                return found
        """,
        ),
        (
            "the others are taken out of the group",
            "never comes back",
            """
            group["params"] = [p for p in group["params"] if p.grad is not None]
            return group["params"]
        """,
        ),
        (
            "the first of them",
            "and of a list",
            """
            for p in group["params"]:
                if p.grad is not None:
                    return p
        """,
        ),
        (
            "an attribute of a dict",
            "`group` is a dict",
            """
            return [p for p in group.params if p.grad is not None]
        """,
        ),
    ],
    "sgd_update": [
        (
            "a new array under the old name",
            "Nothing has moved",
            f"""
            {_LOOP}
                param = param - lr * grad
        """,
        ),
        (
            "new arrays are returned",
            "Nothing has moved",
            """
            return [param - lr * grad for param, grad in zip(params, grads)]
        """,
        ),
        (
            "new arrays in the list",
            "Nothing has moved",
            """
            for i in range(len(params)):
                params[i] = params[i] - lr * grads[i]
        """,
        ),
        (
            "a slice of each",
            "without a dimension",
            f"""
            {_LOOP}
                direction = grad
                if buffer is not None:
                    buffer[:] = momentum * buffer + grad
                    direction = grad + momentum * buffer if nesterov else buffer
                param[:] = param - lr * direction
        """,
        ),
        (
            "new buffers in the list",
            "is forgotten after the step",
            """
            for i, (p, g) in enumerate(zip(params, grads)):
                if momentum:
                    buffers[i] = momentum * buffers[i] + g
                    p -= lr * buffers[i]
                else:
                    p -= lr * g
        """,
        ),
        (
            "whole lists",
            "Go through all three together",
            """
            params -= lr * grads
        """,
        ),
        (
            "tensors are expected",
            "NumPy arrays, not tensors",
            """
            for param in params:
                param.data -= lr * param.grad
        """,
        ),
        (
            "a tensor's method",
            "NumPy arrays, not tensors",
            f"""
            {_LOOP}
                param.sub_(lr * grad)
        """,
        ),
        (
            "uphill",
            "It goes uphill",
            f"""
            {_LOOP}
                param += lr * grad
        """,
        ),
        (
            "no rate",
            "Is the rate there",
            f"""
            {_LOOP}
                param -= grad
        """,
        ),
        (
            "a buffer that is None",
            "there is nothing to multiply",
            f"""
            {_LOOP}
                buffer *= momentum
                buffer += grad
                param -= lr * buffer
        """,
        ),
        (
            "the truth of a buffer",
            "`buffer is not None`",
            f"""
            {_LOOP}
                direction = grad
                if buffer:
                    buffer *= momentum
                    buffer += grad
                    direction = buffer
                param -= lr * direction
        """,
        ),
        (
            "the gradient is changed",
            "what you write into it stays there",
            f"""
            {_LOOP}
                if buffer is not None:
                    buffer *= momentum
                    buffer += grad
                    if nesterov:
                        grad += momentum * buffer
                    else:
                        grad = buffer
                param -= lr * grad
        """,
        ),
        (
            "a new buffer under the old name",
            "is forgotten after the step",
            f"""
            {_LOOP}
                if buffer is None:
                    param -= lr * grad
                else:
                    buffer = momentum * buffer + grad
                    param -= lr * (grad + momentum * buffer if nesterov else buffer)
        """,
        ),
        (
            "an average",
            "It is no average",
            f"""
            {_LOOP}
                if buffer is None:
                    param -= lr * grad
                else:
                    buffer *= momentum
                    buffer += (1 - momentum) * grad
                    param -= lr * (grad + momentum * buffer if nesterov else buffer)
        """,
        ),
        (
            "no momentum",
            "the buffer is brought up to date first",
            f"""
            {_LOOP}
                param -= lr * grad
        """,
        ),
        (
            "the buffer comes too late",
            "the buffer is brought up to date first",
            f"""
            {_LOOP}
                if buffer is None:
                    param -= lr * grad
                else:
                    param -= lr * buffer
                    buffer *= momentum
                    buffer += grad
        """,
        ),
        (
            "nesterov is forgotten",
            "the step looks ahead",
            f"""
            {_LOOP}
                if buffer is None:
                    param -= lr * grad
                else:
                    buffer *= momentum
                    buffer += grad
                    param -= lr * buffer
        """,
        ),
        (
            "the rate goes into the buffer",
            "`lr` belongs to the step",
            f"""
            {_LOOP}
                if buffer is None:
                    param -= lr * grad
                else:
                    buffer *= momentum
                    buffer += lr * grad
                    param -= lr * grad + momentum * buffer if nesterov else buffer
        """,
        ),
    ],
    "adam_update": [
        (
            "whole lists",
            "Go through all four together",
            """
            exp_avgs = beta1 * exp_avgs + (1 - beta1) * grads
        """,
        ),
        (
            "a tensor's method",
            "NumPy arrays, not tensors",
            f"""
            {_ADAM}
                m.mul_(beta1).add_(grad, alpha=1 - beta1)
        """,
        ),
        (
            "a new array under the old name",
            "Nothing has moved",
            f"""
            {_ADAM}
                m += (1 - beta1) * (grad - m)
                v += (1 - beta2) * (grad * grad - v)
                param = param - lr * m / (1 - beta1**steps) / (np.sqrt(v / (1 - beta2**steps)) + eps)
        """,
        ),
        (
            "new averages in the lists",
            "is forgotten after the step",
            """
            for i, (p, g) in enumerate(zip(params, grads)):
                exp_avgs[i] = beta1 * exp_avgs[i] + (1 - beta1) * g
                exp_avg_sqs[i] = beta2 * exp_avg_sqs[i] + (1 - beta2) * g * g
                m, v = exp_avgs[i] / (1 - beta1**steps), exp_avg_sqs[i] / (1 - beta2**steps)
                p -= lr * m / (np.sqrt(v) + eps)
        """,
        ),
        (
            "uphill",
            "It goes uphill",
            f"""
            {_ADAM}
                m += (1 - beta1) * (grad - m)
                v += (1 - beta2) * (grad * grad - v)
                param += lr * m / (1 - beta1**steps) / (np.sqrt(v / (1 - beta2**steps)) + eps)
        """,
        ),
        (
            "averages that are forgotten",
            "is forgotten after the step",
            f"""
            {_ADAM}
                m = beta1 * m + (1 - beta1) * grad
                v = beta2 * v + (1 - beta2) * grad**2
                param -= lr * m / (1 - beta1**steps) / (np.sqrt(v / (1 - beta2**steps)) + eps)
        """,
        ),
        (
            "the correction is kept",
            "is for this step only",
            f"""
            {_ADAM}
                m *= beta1
                m += (1 - beta1) * grad
                v *= beta2
                v += (1 - beta2) * grad**2
                m /= 1 - beta1**steps
                v /= 1 - beta2**steps
                param -= lr * m / (np.sqrt(v) + eps)
        """,
        ),
        (
            "not squared",
            "the *square* of the gradient",
            f"""
            {_ADAM}
                m += (1 - beta1) * (grad - m)
                v += (1 - beta2) * (abs(grad) - v)
                param -= lr * m / (1 - beta1**steps) / (np.sqrt(v / (1 - beta2**steps)) + eps)
        """,
        ),
        (
            "the gradients are added up",
            "`v` is right, `m` is not",
            f"""
            {_ADAM}
                m *= beta1
                m += grad
                v += (1 - beta2) * (grad * grad - v)
                param -= lr * m / (1 - beta1**steps) / (np.sqrt(v / (1 - beta2**steps)) + eps)
        """,
        ),
        (
            "the betas are swapped",
            "each beta where it belongs",
            f"""
            {_ADAM}
                m += (1 - beta2) * (grad - m)
                v += (1 - beta1) * (grad * grad - v)
                param -= lr * m / (1 - beta2**steps) / (np.sqrt(v / (1 - beta1**steps)) + eps)
        """,
        ),
        (
            "no correction",
            "The averages start at zero",
            f"""
            {_ADAM}
                m += (1 - beta1) * (grad - m)
                v += (1 - beta2) * (grad * grad - v)
                param -= lr * m / (np.sqrt(v) + eps)
        """,
        ),
        (
            "a correction by beta times steps",
            "The averages start at zero",
            f"""
            {_ADAM}
                m += (1 - beta1) * (grad - m)
                v += (1 - beta2) * (grad * grad - v)
                param -= lr * m / (1 - beta1 * steps) / (np.sqrt(v / abs(1 - beta2 * steps)) + eps)
        """,
        ),
        (
            "only one is corrected",
            "with `m` and `v` corrected",
            f"""
            {_ADAM}
                m += (1 - beta1) * (grad - m)
                v += (1 - beta2) * (grad * grad - v)
                param -= lr * m / (1 - beta1**steps) / (np.sqrt(v) + eps)
        """,
        ),
        (
            "no root",
            "where is the root",
            f"""
            {_ADAM}
                m += (1 - beta1) * (grad - m)
                v += (1 - beta2) * (grad * grad - v)
                param -= lr * m / (1 - beta1**steps) / (v / (1 - beta2**steps) + eps)
        """,
        ),
        (
            "no eps",
            "0 / 0 is not a number",
            f"""
            {_ADAM}
                m += (1 - beta1) * (grad - m)
                v += (1 - beta2) * (grad * grad - v)
                param -= lr * m / (1 - beta1**steps) / np.sqrt(v / (1 - beta2**steps))
        """,
        ),
        (
            "eps under the root",
            "not under the root",
            f"""
            {_ADAM}
                m += (1 - beta1) * (grad - m)
                v += (1 - beta2) * (grad * grad - v)
                param -= lr * m / (1 - beta1**steps) / np.sqrt(v / (1 - beta2**steps) + eps)
        """,
        ),
        (
            "a root for single numbers",
            "such as `np.sqrt`",
            """
            import math
            for param, grad, m, v in zip(params, grads, exp_avgs, exp_avg_sqs):
                m += (1 - beta1) * (grad - m)
                v += (1 - beta2) * (grad * grad - v)
                param -= lr * m / (1 - beta1**steps) / (math.sqrt(v / (1 - beta2**steps)) + eps)
        """,
        ),
        (
            "another power",
            "A power is written `**`",
            """
            for param, grad, m, v in zip(params, grads, exp_avgs, exp_avg_sqs):
                m += (1 - beta1) * (grad - m)
                v += (1 - beta2) * (grad * grad - v)
                param -= lr * m / (1 - beta1^steps) / (np.sqrt(v / (1 - beta2^steps)) + eps)
        """,
        ),
        (
            "the steps are counted",
            "counts this step already",
            """
            for param, grad, m, v in zip(params, grads, exp_avgs, exp_avg_sqs):
                steps += 1
                m += (1 - beta1) * (grad - m)
                v += (1 - beta2) * (grad * grad - v)
                param -= lr * m / (1 - beta1**steps) / (np.sqrt(v / (1 - beta2**steps)) + eps)
        """,
        ),
        (
            "brackets are forgotten",
            "Put brackets around",
            """
            for param, grad, m, v in zip(params, grads, exp_avgs, exp_avg_sqs):
                m += (1 - beta1) * (grad - m)
                v += (1 - beta2) * (grad * grad - v)
                param -= lr * m / 1 - beta1**steps / (np.sqrt(v / (1 - beta2**steps)) + eps)
        """,
        ),
        (
            "two lines in one",
            "on two lines",
            """
            for param, grad, m, v in zip(params, grads, exp_avgs, exp_avg_sqs):
                m *= beta1 + (1 - beta1) * grad
                v *= beta2 + (1 - beta2) * grad**2
                param -= lr * m / (1 - beta1**steps) / (np.sqrt(v / (1 - beta2**steps)) + eps)
        """,
        ),
    ],
}

PREDICTIONS = {
    "who is updated": {
        "body": (True, True),
        "new head": (False, False),
        "old head": (True, False),
        "layer added": (False, False),
        "frozen": (True, False),
        "deep copy": (False, False),
        "model.to()": (True, True),
    },
    "frozen, and still moving": {
        "zero_grad()": (False, False, False),
        "zero_grad(set_to_none=False)": (False, True, True),
        "no zero_grad": (True, True, True),
    },
}
