"""Answers to lesson 07: for each piece its right ones by style, its wrong ones by misconception and hint."""

RIGHT = {
    "Parameter._swap": {
        "the other one first": """
            if self.grad is not None:
                self.grad.data = grad
            self.data = data
        """,
        "by the argument": """
            self.data = data
            if grad is not None:
                gradient = self.grad
                gradient.data = grad
        """,
        "set by its name": """
            for tensor, new in ((self, data), (self.grad, grad)):
                if tensor is not None:
                    setattr(tensor, "data", new)
        """,
    },
    "Module._apply": {
        "own ones first": """
            for name in self._parameters:
                if self._parameters[name] is None:
                    continue
                self._convert_parameter(name, fn)
            for name in self._buffers:
                if self._buffers[name] is None:
                    continue
                self._buffers[name] = fn(self._buffers[name])
            if recurse:
                for child in self.children():
                    child._apply(fn)
            return self
        """,
        "the dict of the modules": """
            if recurse:
                for child in self._modules.values():
                    if child is not None:
                        child._apply(fn)
            for name, parameter in list(self._parameters.items()):
                if parameter is not None:
                    self._convert_parameter(name, fn)
            self._buffers.update({name: fn(b) for name, b in self._buffers.items() if b is not None})
            return self
        """,
        "the walk of named_parameters": """
            if recurse:
                for _, child in self.named_children():
                    child._apply(fn)
            for name, _ in self.named_parameters(recurse=False):
                self._convert_parameter(name, fn)
            for name, buffer in list(self.named_buffers(recurse=False)):
                setattr(self, name, fn(buffer))
            return self
        """,
    },
    "Module.to": {
        "a conditional dtype": """
            device, dtype = self._parse_to(*args, **kwargs)
            return self._apply(lambda t: t.to(device=device, dtype=dtype if t.is_floating_point() else None))
        """,
        "step by step": """
            device, dtype = self._parse_to(*args, **kwargs)

            def convert(t):
                if device is not None:
                    t = t.to(device)
                if dtype is not None and t.is_floating_point():
                    t = t.to(dtype)
                return t

            self._apply(convert)
            return self
        """,
        "both at once, asked first": """
            where = self._parse_to(*args, **kwargs)

            def convert(t):
                kind = where[1] if t.dtype.is_floating_point else t.dtype
                return t.to(device=where[0], dtype=kind)

            return self._apply(convert)
        """,
    },
}

WRONG = {
    "Parameter._swap": [
        (
            "the truth of a gradient is asked",
            "Ask whether there is a gradient",
            """
            self.data = data
            if self.grad:
                self.grad.data = grad
        """,
        ),
        (
            "a local name gets another object",
            "a local name is not the object",
            """
            self = Parameter(data)
        """,
        ),
        (
            "a new Parameter is returned",
            "a local name is not the object",
            """
            return Parameter(data, self.requires_grad)
        """,
        ),
        (
            "the values are copied into the old memory",
            "nothing can write them into the old memory",
            """
            self.data.copy_(data)
            if self.grad is not None:
                self.grad.data.copy_(grad)
        """,
        ),
        (
            "the leaf is written in place",
            "nothing can write them into the old memory",
            """
            self.copy_(data)
            if self.grad is not None:
                self.grad.copy_(grad)
        """,
        ),
        (
            "every element is assigned",
            "nothing can write them into the old memory",
            """
            self[:] = data
            if self.grad is not None:
                self.grad[:] = grad
        """,
        ),
        (
            "a gradient is taken for granted",
            "Before the first backward",
            """
            self.data = data
            self.grad.data = grad
        """,
        ),
        (
            "the gradient is forgotten",
            "The gradient stayed behind",
            """
            self.data = data
        """,
        ),
        (
            "the gradient becomes another object",
            "another object now",
            """
            self.data = data
            self.grad = grad
        """,
        ),
        (
            "the gradient is dropped",
            "another object now",
            """
            self.data = data
            self.grad = None
        """,
        ),
        (
            "always learned",
            "A frozen Parameter stays frozen",
            """
            self.data = data
            if self.grad is not None:
                self.grad.data = grad
            self.requires_grad = True
        """,
        ),
    ],
    "Module._apply": [
        (
            "a child is handed to fn",
            "a child is a module",
            """
            if recurse:
                for child in self.children():
                    fn(child)
            for name, parameter in self._parameters.items():
                if parameter is not None:
                    self._convert_parameter(name, fn)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self._buffers[name] = fn(buffer)
            return self
        """,
        ),
        (
            "either the children or its own",
            "It asks about the children",
            """
            if recurse:
                for child in self.children():
                    child._apply(fn)
            else:
                for name, parameter in self._parameters.items():
                    if parameter is not None:
                        self._convert_parameter(name, fn)
                for name, buffer in self._buffers.items():
                    if buffer is not None:
                        self._buffers[name] = fn(buffer)
            return self
        """,
        ),
        (
            "what the conversion returns is kept",
            "returns nothing. It changes the Parameter",
            """
            if recurse:
                for child in self.children():
                    child._apply(fn)
            for name, parameter in self._parameters.items():
                if parameter is not None:
                    self._parameters[name] = self._convert_parameter(name, fn)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self._buffers[name] = fn(buffer)
            return self
        """,
        ),
        (
            "the result of fn is thrown away",
            "has to be put somewhere",
            """
            if recurse:
                for child in self.children():
                    child._apply(fn)
            for parameter in self._parameters.values():
                if parameter is not None:
                    fn(parameter)
            for buffer in self._buffers.values():
                if buffer is not None:
                    fn(buffer)
            return self
        """,
        ),
        (
            "a local name is assigned",
            "changes no dict",
            """
            for child in self.children():
                child._apply(fn)
            for name, parameter in self._parameters.items():
                parameter = fn(parameter)
            for name, buffer in self._buffers.items():
                buffer = fn(buffer)
            return self
        """,
        ),
        (
            "children are left out",
            "a child may have children of its own",
            """
            for name, parameter in self._parameters.items():
                if parameter is not None:
                    self._convert_parameter(name, fn)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self._buffers[name] = fn(buffer)
            return self
        """,
        ),
        (
            "the children's own tensors, and no deeper",
            "a child may have children of its own",
            """
            modules = [self, *self.children()] if recurse else [self]
            for module in modules:
                for name, parameter in module._parameters.items():
                    if parameter is not None:
                        module._convert_parameter(name, fn)
                for name, buffer in module._buffers.items():
                    if buffer is not None:
                        module._buffers[name] = fn(buffer)
            return self
        """,
        ),
        (
            "buffers are forgotten",
            "The buffers stayed behind",
            """
            if recurse:
                for child in self.children():
                    child._apply(fn)
            for name, parameter in self._parameters.items():
                if parameter is not None:
                    self._convert_parameter(name, fn)
            return self
        """,
        ),
        (
            "Parameters are forgotten",
            "The Parameters stayed behind",
            """
            if recurse:
                for child in self.children():
                    child._apply(fn)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self._buffers[name] = fn(buffer)
            return self
        """,
        ),
        (
            "Parameters are made anew",
            "The Parameters are new objects",
            """
            if recurse:
                for child in self.children():
                    child._apply(fn)
            for name, parameter in self._parameters.items():
                if parameter is not None:
                    self._parameters[name] = Parameter(fn(parameter))
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self._buffers[name] = fn(buffer)
            return self
        """,
        ),
        (
            "buffers are swapped as Parameters are",
            "The buffer is the same object still",
            """
            if recurse:
                for child in self.children():
                    child._apply(fn)
            for name, parameter in self._parameters.items():
                if parameter is not None:
                    self._convert_parameter(name, fn)
            for buffer in self._buffers.values():
                if buffer is not None:
                    buffer.data = fn(buffer)
            return self
        """,
        ),
        (
            "empty places are not thought of",
            "A place may be empty",
            """
            if recurse:
                for child in self.children():
                    child._apply(fn)
            for name in self._parameters:
                self._convert_parameter(name, fn)
            for name, buffer in self._buffers.items():
                self._buffers[name] = fn(buffer)
            return self
        """,
        ),
        (
            "the truth of a tensor is asked",
            "`buffer is not None`",
            """
            if recurse:
                for child in self.children():
                    child._apply(fn)
            for name, parameter in self._parameters.items():
                if parameter:
                    self._convert_parameter(name, fn)
            for name, buffer in self._buffers.items():
                if buffer:
                    self._buffers[name] = fn(buffer)
            return self
        """,
        ),
        (
            "the Parameter in the place of its name",
            "takes the name",
            """
            if recurse:
                for child in self.children():
                    child._apply(fn)
            for parameter in self._parameters.values():
                if parameter is not None:
                    self._convert_parameter(parameter, fn)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self._buffers[name] = fn(buffer)
            return self
        """,
        ),
        (
            "nothing is returned",
            "return the module",
            """
            if recurse:
                for child in self.children():
                    child._apply(fn)
            for name, parameter in self._parameters.items():
                if parameter is not None:
                    self._convert_parameter(name, fn)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self._buffers[name] = fn(buffer)
        """,
        ),
        (
            "recurse is not asked",
            "With `recurse=False`",
            """
            for child in self.children():
                child._apply(fn)
            for name, parameter in self._parameters.items():
                if parameter is not None:
                    self._convert_parameter(name, fn)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self._buffers[name] = fn(buffer)
            return self
        """,
        ),
        (
            "all modules, and each of them walks again",
            "converted more than once",
            """
            if recurse:
                for module in self.modules():
                    if module is not self:
                        module._apply(fn)
            for name, parameter in self._parameters.items():
                if parameter is not None:
                    self._convert_parameter(name, fn)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self._buffers[name] = fn(buffer)
            return self
        """,
        ),
        (
            "the gradients are forgotten",
            "The gradients stayed behind",
            """
            if recurse:
                for child in self.children():
                    child._apply(fn)
            for parameter in self._parameters.values():
                if parameter is not None:
                    parameter.data = fn(parameter.data)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self._buffers[name] = fn(buffer)
            return self
        """,
        ),
        (
            "buffers are registered again",
            "forgets `persistent=False`",
            """
            if recurse:
                for child in self.children():
                    child._apply(fn)
            for name, parameter in self._parameters.items():
                if parameter is not None:
                    self._convert_parameter(name, fn)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self.register_buffer(name, fn(buffer))
            return self
        """,
        ),
        (
            "buffers are taken out and registered again",
            "while you go through it",
            """
            if recurse:
                for child in self.children():
                    child._apply(fn)
            for name, parameter in self._parameters.items():
                if parameter is not None:
                    self._convert_parameter(name, fn)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    delattr(self, name)
                    self.register_buffer(name, fn(buffer))
            return self
        """,
        ),
        (
            "plain tensors are taken along",
            "A plain tensor was converted, too",
            """
            if recurse:
                for child in self.children():
                    child._apply(fn)
            for name, parameter in self._parameters.items():
                if parameter is not None:
                    self._convert_parameter(name, fn)
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    self._buffers[name] = fn(buffer)
            for name, value in vars(self).items():
                if isinstance(value, Tensor):
                    self.__dict__[name] = fn(value)
            return self
        """,
        ),
    ],
    "Module.to": [
        (
            "the stars are left out",
            "each by itself",
            """
            device, dtype = self._parse_to(args, kwargs)
            return self._apply(lambda t: t.to(device=device, dtype=dtype if t.is_floating_point() else None))
        """,
        ),
        (
            "the wrong way round",
            "first the device",
            """
            dtype, device = self._parse_to(*args, **kwargs)
            return self._apply(lambda t: t.to(device=device, dtype=dtype if t.is_floating_point() else None))
        """,
        ),
        (
            "a method without brackets",
            "counts as true",
            """
            device, dtype = self._parse_to(*args, **kwargs)
            return self._apply(lambda t: t.to(device=device, dtype=dtype if t.is_floating_point else None))
        """,
        ),
        (
            "a Python float",
            "never a Python float",
            """
            device, dtype = self._parse_to(*args, **kwargs)
            return self._apply(lambda t: t.to(device=device, dtype=dtype if isinstance(t, float) else None))
        """,
        ),
        (
            "integers are converted as well",
            "A counter became a float",
            """
            device, dtype = self._parse_to(*args, **kwargs)

            def convert(tensor):
                return tensor.to(device=device, dtype=dtype)

            return self._apply(convert)
        """,
        ),
        (
            "each tensor's own to, as it is",
            "A counter became a float",
            """
            self._parse_to(*args, **kwargs)
            return self._apply(lambda t: t.to(*args, **kwargs))
        """,
        ),
        (
            "integers stay on the old device",
            "The integers stayed behind",
            """
            device, dtype = self._parse_to(*args, **kwargs)

            def convert(tensor):
                if tensor.is_floating_point():
                    return tensor.to(device=device, dtype=dtype)
                return tensor

            return self._apply(convert)
        """,
        ),
        (
            "nothing is returned for integers",
            "The integers are gone",
            """
            device, dtype = self._parse_to(*args, **kwargs)

            def convert(tensor):
                if tensor.is_floating_point():
                    return tensor.to(device=device, dtype=dtype)

            return self._apply(convert)
        """,
        ),
        (
            "the function returns nothing",
            "Does each of its branches",
            """
            device, dtype = self._parse_to(*args, **kwargs)

            def convert(tensor):
                if tensor.is_floating_point():
                    tensor.to(device=device, dtype=dtype)
                else:
                    tensor.to(device=device)

            return self._apply(convert)
        """,
        ),
        (
            "the module is not returned",
            "returns the module itself",
            """
            device, dtype = self._parse_to(*args, **kwargs)

            def convert(tensor):
                if tensor.is_floating_point():
                    return tensor.to(device=device, dtype=dtype)
                return tensor.to(device=device)

            self._apply(convert)
        """,
        ),
        (
            "the function is never used",
            "Nothing was converted",
            """
            device, dtype = self._parse_to(*args, **kwargs)

            def convert(tensor):
                if tensor.is_floating_point():
                    return tensor.to(device=device, dtype=dtype)
                return tensor.to(device=device)

            return self
        """,
        ),
        (
            "tensors are moved and dropped",
            "Nothing was converted",
            """
            device, dtype = self._parse_to(*args, **kwargs)
            for tensor in [*self.parameters(), *self.buffers()]:
                tensor = tensor.to(device=device, dtype=dtype)
            return self
        """,
        ),
        (
            "Parameters only",
            "The Parameters went, the buffers stayed",
            """
            device, dtype = self._parse_to(*args, **kwargs)
            for parameter in self.parameters():
                parameter.data = parameter.data.to(device=device, dtype=dtype)
            return self
        """,
        ),
        (
            "the class decides",
            "The Parameters went, the buffers stayed",
            """
            device, dtype = self._parse_to(*args, **kwargs)

            def convert(tensor):
                if isinstance(tensor, Parameter):
                    return tensor.to(device=device, dtype=dtype)
                return tensor.to(device=device)

            return self._apply(convert)
        """,
        ),
        (
            "the function is called",
            "Hand it over by its name",
            """
            device, dtype = self._parse_to(*args, **kwargs)

            def convert(tensor):
                if tensor.is_floating_point():
                    return tensor.to(device=device, dtype=dtype)
                return tensor.to(device=device)

            return self._apply(convert())
        """,
        ),
        (
            "the device is handed to _apply",
            "takes a function",
            """
            device, dtype = self._parse_to(*args, **kwargs)
            return self._apply(device)
        """,
        ),
        (
            "one or the other",
            "asks for both at once",
            """
            device, dtype = self._parse_to(*args, **kwargs)

            def convert(tensor):
                if dtype is not None and tensor.is_floating_point():
                    return tensor.to(dtype)
                return tensor.to(device)

            return self._apply(convert)
        """,
        ),
    ],
}

PREDICTIONS = {
    "what follows": {
        "weight": (True, True),
        "mean": (True, True),
        "count": (True, False),
        "prior": (False, False),
        "layers[0].weight": (False, False),
    },
    "same object": {"weight": (True, True), "mean": (False, False), "count": (False, True)},
}
