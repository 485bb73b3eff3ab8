"""Answers to lesson 04: for each piece its right ones by style, its wrong ones by misconception and hint."""

RIGHT = {
    "Module.register_buffer": {
        "without helpers": """
            if "_buffers" not in self.__dict__:
                raise AttributeError("super().__init__() comes first")
            if not isinstance(name, str):
                raise TypeError("a name is a string")
            if name == "" or "." in name:
                raise KeyError(name)
            if name not in self._buffers and hasattr(self, name):
                raise KeyError(name)
            if not (tensor is None or isinstance(tensor, torch.Tensor)):
                raise TypeError(f"{tensor} is no tensor")
            self._buffers[name] = tensor
            self._non_persistent_buffers_set -= {name}
            if not persistent:
                self._non_persistent_buffers_set |= {name}
        """,
        "early return": """
            self._check_new_name("buffer", name)
            if not isinstance(tensor, Tensor | None):
                raise TypeError("no tensor")
            self._buffers.update({name: tensor})
            passing = self._non_persistent_buffers_set
            if not persistent:
                passing.add(name)
                return
            if name in passing:
                passing.remove(name)
        """,
    },
    "Module.named_buffers": {
        "by recursion": """
            seen = set()

            def walk(module, path, visited):
                if remove_duplicate:
                    if module in visited:
                        return
                    visited.add(module)
                for name, tensor in module._buffers.items():
                    if tensor is None or id(tensor) in seen:
                        continue
                    if remove_duplicate:
                        seen.add(id(tensor))
                    yield path + name, tensor
                if recurse:
                    for name, child in module._modules.items():
                        if child is not None:
                            yield from walk(child, path + name + ".", visited)

            yield from walk(self, prefix + "." if prefix else "", set())
        """,
        "an iterator over a list": """
            pairs = []
            if recurse:
                modules = list(self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate))
            else:
                modules = [(prefix, self)]
            for path, module in modules:
                for name in module._buffers:
                    tensor = module._buffers[name]
                    if tensor is None:
                        continue
                    if remove_duplicate and any(tensor is other for _, other in pairs):
                        continue
                    pairs.append((f"{path}.{name}" if path else name, tensor))
            return iter(pairs)
        """,
    },
    "update_running_stats": {
        "one chain": """
            running.mul_(1 - momentum).add_(momentum * batch)
        """,
        "a step towards the batch": """
            running += momentum * (batch - running)
        """,
        "computed, then copied": """
            new = (1 - momentum) * running + momentum * batch
            with torch.no_grad():
                running.copy_(new)
        """,
        "by an assignment to all elements": """
            running[:] = (1 - momentum) * running + momentum * batch
        """,
        "interpolated": """
            running.lerp_(batch, momentum)
        """,
    },
}

WRONG = {
    "Module.register_buffer": [
        (
            "setattr",
            "this must not assign again",
            """
            self._check_new_name("buffer", name)
            setattr(self, name, tensor)
        """,
        ),
        (
            "an nn.Buffer is assigned",
            "this must not assign again",
            """
            setattr(self, name, nn.Buffer(tensor, persistent=persistent))
        """,
        ),
        (
            "the truth of a tensor",
            "`if tensor` asks for its values",
            """
            self._check_new_name("buffer", name)
            if tensor and not isinstance(tensor, Tensor):
                self._refuse_buffer(name, tensor)
            self._buffers[name] = tensor
        """,
        ),
        (
            "removed from a set that has it not",
            "`discard` takes it out",
            """
            self._check_new_name("buffer", name)
            if tensor is not None and not isinstance(tensor, Tensor):
                self._refuse_buffer(name, tensor)
            self._buffers[name] = tensor
            if persistent:
                self._non_persistent_buffers_set.remove(name)
            else:
                self._non_persistent_buffers_set.add(name)
        """,
        ),
        (
            "kept in two places",
            "in `__dict__` as well",
            """
            self._check_new_name("buffer", name)
            self._buffers[name] = tensor
            self.__dict__[name] = tensor
            if not persistent:
                self._non_persistent_buffers_set.add(name)
        """,
        ),
        (
            "wrapped in a Buffer",
            "the tensor itself",
            """
            self._check_new_name("buffer", name)
            self._buffers[name] = nn.Buffer(tensor, persistent=persistent)
        """,
        ),
        (
            "a copy",
            "the tensor itself",
            """
            self._check_new_name("buffer", name)
            self._buffers[name] = tensor.detach().clone()
            if not persistent:
                self._non_persistent_buffers_set.add(name)
        """,
        ),
        (
            "among the parameters",
            "an optimizer would train it",
            """
            self._check_new_name("buffer", name)
            self._parameters[name] = tensor
        """,
        ),
        (
            "an attribute of the name `name`",
            "an attribute that is called `name`",
            """
            self._check_new_name("buffer", name)
            self.name = tensor
            self.persistent = persistent
        """,
        ),
        (
            "an ordinary attribute",
            "has to end up in the dict",
            """
            object.__setattr__(self, name, tensor)
        """,
        ),
        (
            "only persistent ones are registered",
            "not registered at all",
            """
            self._check_new_name("buffer", name)
            if tensor is not None and not isinstance(tensor, Tensor):
                self._refuse_buffer(name, tensor)
            if persistent:
                self._buffers[name] = tensor
            else:
                object.__setattr__(self, name, tensor)
        """,
        ),
        (
            "the wrong way round",
            "the wrong way round",
            """
            self._check_new_name("buffer", name)
            if tensor is not None and not isinstance(tensor, Tensor):
                self._refuse_buffer(name, tensor)
            self._buffers[name] = tensor
            if persistent:
                self._non_persistent_buffers_set.add(name)
            else:
                self._non_persistent_buffers_set.discard(name)
        """,
        ),
        (
            "persistent is not thought of",
            "has to be noted",
            """
            self._check_new_name("buffer", name)
            if tensor is not None and not isinstance(tensor, Tensor):
                self._refuse_buffer(name, tensor)
            self._buffers[name] = tensor
        """,
        ),
        (
            "noted on the tensor",
            "has to be noted",
            """
            self._check_new_name("buffer", name)
            self._buffers[name] = tensor
            if tensor is not None:
                tensor.persistent = persistent
        """,
        ),
        (
            "once non-persistent, always non-persistent",
            "has to leave the set",
            """
            self._check_new_name("buffer", name)
            if tensor is not None and not isinstance(tensor, Tensor):
                self._refuse_buffer(name, tensor)
            self._buffers[name] = tensor
            if not persistent:
                self._non_persistent_buffers_set.add(name)
        """,
        ),
        (
            "None is refused",
            "None is allowed",
            """
            self._check_new_name("buffer", name)
            if not isinstance(tensor, Tensor):
                self._refuse_buffer(name, tensor)
            self._buffers[name] = tensor
            if persistent:
                self._non_persistent_buffers_set.discard(name)
            else:
                self._non_persistent_buffers_set.add(name)
        """,
        ),
        (
            "None is passed over",
            "None is allowed",
            """
            self._check_new_name("buffer", name)
            if tensor is None:
                return
            if not isinstance(tensor, Tensor):
                self._refuse_buffer(name, tensor)
            self._buffers[name] = tensor
            if persistent:
                self._non_persistent_buffers_set.discard(name)
            else:
                self._non_persistent_buffers_set.add(name)
        """,
        ),
        (
            "a Parameter is refused",
            "Any tensor may be a buffer",
            """
            self._check_new_name("buffer", name)
            if isinstance(tensor, Parameter):
                raise TypeError("a Parameter is no buffer")
            if tensor is not None and not isinstance(tensor, Tensor):
                self._refuse_buffer(name, tensor)
            self._buffers[name] = tensor
            if persistent:
                self._non_persistent_buffers_set.discard(name)
            else:
                self._non_persistent_buffers_set.add(name)
        """,
        ),
        (
            "it is frozen",
            "Any tensor may be a buffer",
            """
            self._check_new_name("buffer", name)
            if tensor is not None and not isinstance(tensor, Tensor):
                self._refuse_buffer(name, tensor)
            self._buffers[name] = tensor if tensor is None else tensor.requires_grad_(False)
            if persistent:
                self._non_persistent_buffers_set.discard(name)
            else:
                self._non_persistent_buffers_set.add(name)
        """,
        ),
        (
            "numbers are accepted",
            "A number is no tensor",
            """
            self._check_new_name("buffer", name)
            self._buffers[name] = tensor
            if persistent:
                self._non_persistent_buffers_set.discard(name)
            else:
                self._non_persistent_buffers_set.add(name)
        """,
        ),
        (
            "registered before it is refused",
            "Before anything is registered",
            """
            self._check_new_name("buffer", name)
            self._buffers[name] = tensor
            if tensor is not None and not isinstance(tensor, Tensor):
                self._refuse_buffer(name, tensor)
            if persistent:
                self._non_persistent_buffers_set.discard(name)
            else:
                self._non_persistent_buffers_set.add(name)
        """,
        ),
        (
            "the name is not looked at",
            "Call it first",
            """
            if tensor is not None and not isinstance(tensor, Tensor):
                self._refuse_buffer(name, tensor)
            self._buffers[name] = tensor
            if persistent:
                self._non_persistent_buffers_set.discard(name)
            else:
                self._non_persistent_buffers_set.add(name)
        """,
        ),
    ],
    "Module.named_buffers": [
        (
            "its own, None and all",
            "Only the module's own are listed",
            """
            for name, buffer in self._buffers.items():
                yield name, buffer
        """,
        ),
        (
            "buffers() is asked",
            "without end",
            """
            for i, buffer in enumerate(self.buffers()):
                yield str(i), buffer
        """,
        ),
        (
            "the truth of a tensor",
            "write `is not None`",
            """
            for path, module in self.named_modules(prefix=prefix):
                for name, buffer in module._buffers.items():
                    if buffer:
                        yield (f"{path}.{name}" if path else name), buffer
        """,
        ),
        (
            "remembered in a list",
            "write `is not None`",
            """
            seen = []
            for path, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
                for name, buffer in module._buffers.items():
                    if buffer is not None and buffer not in seen:
                        seen.append(buffer)
                        yield (f"{path}.{name}" if path else name), buffer
        """,
        ),
        (
            "no yield",
            "Is there a `yield`",
            """
            for path, module in self.named_modules(prefix=prefix):
                for name, buffer in module._buffers.items():
                    print(path, name)
        """,
        ),
        (
            "named_parameters copied as it is",
            "Parameters are listed now",
            """
            seen = set()
            for path, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
                for name, parameter in module._parameters.items():
                    if parameter is not None and parameter not in seen:
                        seen.add(parameter)
                        yield (f"{path}.{name}" if path else name), parameter
        """,
        ),
        (
            "all that is saved",
            "Parameters are listed now",
            """
            for name, tensor in self.state_dict().items():
                yield name, tensor
        """,
        ),
        (
            "what is saved and is no Parameter",
            "only `state_dict()` passes over it",
            """
            parameters = dict(self.named_parameters(prefix=prefix))
            start = prefix + "." if prefix else ""
            for name, tensor in self.state_dict().items():
                if start + name not in parameters and (recurse or "." not in name):
                    yield start + name, tensor
        """,
        ),
        (
            "None is listed",
            "A place may hold None",
            """
            for path, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
                for name, buffer in module._buffers.items():
                    yield (f"{path}.{name}" if path else name), buffer
        """,
        ),
        (
            "a dot at the start",
            "does not begin with a dot",
            """
            for path, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
                for name, buffer in module._buffers.items():
                    if buffer is not None:
                        yield path + "." + name, buffer
        """,
        ),
        (
            "only its own",
            "Only the module's own are listed",
            """
            for name, buffer in self._buffers.items():
                if buffer is not None:
                    yield (f"{prefix}.{name}" if prefix else name), buffer
        """,
        ),
        (
            "the class is asked for",
            "a registered buffer is a plain tensor",
            """
            for path, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
                for name, value in module._buffers.items():
                    if isinstance(value, Buffer):
                        yield (f"{path}.{name}" if path else name), value
        """,
        ),
        (
            "the ordinary attributes",
            "a registered buffer is a plain tensor",
            """
            for path, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
                for name, value in vars(module).items():
                    if isinstance(value, Tensor):
                        yield (f"{path}.{name}" if path else name), value
        """,
        ),
        (
            "names without paths",
            "yield the path",
            """
            for path, module in self.named_modules():
                for name, buffer in module._buffers.items():
                    if buffer is not None:
                        yield name, buffer
        """,
        ),
        (
            "only persistent ones",
            "only `state_dict()` passes over it",
            """
            seen = set()
            for path, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
                for name, buffer in module._buffers.items():
                    if buffer is None or name in module._non_persistent_buffers_set:
                        continue
                    if buffer not in seen:
                        seen.add(buffer)
                        yield (f"{path}.{name}" if path else name), buffer
        """,
        ),
        (
            "recurse is not thought of",
            "only the module's own count",
            """
            seen = set()
            for path, module in self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate):
                for name, buffer in module._buffers.items():
                    if buffer is not None and buffer not in seen:
                        if remove_duplicate:
                            seen.add(buffer)
                        yield (f"{path}.{name}" if path else name), buffer
        """,
        ),
        (
            "prefix is not thought of",
            "The prefix is lost",
            """
            seen = set()
            for path, module in self.named_modules() if recurse else [("", self)]:
                for name, buffer in module._buffers.items():
                    if buffer is not None and buffer not in seen:
                        if remove_duplicate:
                            seen.add(buffer)
                        yield (f"{path}.{name}" if path else name), buffer
        """,
        ),
        (
            "nothing is remembered",
            "One tensor under two names",
            """
            for path, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
                for name, buffer in module._buffers.items():
                    if buffer is not None:
                        yield (f"{path}.{name}" if path else name), buffer
        """,
        ),
        (
            "always once",
            "comes under each of its names",
            """
            seen = set()
            for path, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
                for name, buffer in module._buffers.items():
                    if buffer is not None and buffer not in seen:
                        seen.add(buffer)
                        yield (f"{path}.{name}" if path else name), buffer
        """,
        ),
        (
            "plain tensors as well",
            "Go through `_buffers` only",
            """
            seen = set()
            for path, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
                plain = {name: value for name, value in vars(module).items() if isinstance(value, Tensor)}
                for name, buffer in {**module._buffers, **plain}.items():
                    if buffer is not None and buffer not in seen:
                        if remove_duplicate:
                            seen.add(buffer)
                        yield (f"{path}.{name}" if path else name), buffer
        """,
        ),
        (
            "a list",
            "an iterator that runs once",
            """
            seen, pairs = set(), []
            for path, module in self.named_modules(prefix=prefix) if recurse else [(prefix, self)]:
                for name, buffer in module._buffers.items():
                    if buffer is not None and buffer not in seen:
                        if remove_duplicate:
                            seen.add(buffer)
                        pairs.append(((f"{path}.{name}" if path else name), buffer))
            return pairs
        """,
        ),
    ],
    "update_running_stats": [
        (
            "a new tensor under the old name",
            "The buffer did not move",
            """
            running = (1 - momentum) * running + momentum * batch
        """,
        ),
        (
            "the result is returned",
            "The buffer did not move",
            """
            return (1 - momentum) * running + momentum * batch
        """,
        ),
        (
            "methods without the underscore",
            "The buffer did not move",
            """
            running.mul(1 - momentum)
            running.add(momentum * batch)
        """,
        ),
        (
            "taken for the module",
            "are tensors of the same shape",
            """
            running.running_mean.mul_(1 - momentum).add_(momentum * batch.mean(dim=0))
        """,
        ),
        (
            "a dict of statistics",
            "are tensors of the same shape",
            """
            running["mean"] = (1 - momentum) * running["mean"] + momentum * batch
        """,
        ),
        (
            "the shares exchanged",
            "the share of the *batch*",
            """
            running.mul_(momentum).add_((1 - momentum) * batch)
        """,
        ),
        (
            "the batch is taken over",
            "With a momentum of 0 nothing may change",
            """
            running.copy_(batch)
        """,
        ),
        (
            "the middle of both",
            "With a momentum of 0 nothing may change",
            """
            running.add_(batch).div_(2)
        """,
        ),
        (
            "the momentum of an optimizer",
            "With a momentum of 0 nothing may change",
            """
            running.mul_(momentum).add_(batch)
        """,
        ),
        (
            "the batch in full",
            "With a momentum of 0 nothing may change",
            """
            running.mul_(1 - momentum).add_(batch)
        """,
        ),
        (
            "the old value is kept in full",
            "the shares add up to 1",
            """
            running.add_(momentum * batch)
        """,
        ),
        (
            "changed before it is used",
            "the shares add up to 1",
            """
            running.mul_(1 - momentum)
            running.add_(momentum * (batch - running))
        """,
        ),
        (
            "always a tenth",
            "Use the argument `momentum`",
            """
            running.mul_(0.9).add_(0.1 * batch)
        """,
        ),
        (
            "other data for the buffer",
            "in new memory",
            """
            running.data = (1 - momentum) * running + momentum * batch
        """,
        ),
    ],
}

PREDICTIONS = {
    "what is kept": {
        "plain": (False, False, False),
        "weight": (False, True, True),
        "mean": (True, True, True),
        "mask": (True, False, True),
    },
    "frozen is not eval": {
        "frozen": (True, False),
        "eval": (False, True),
        "eval, then train": (True, True),
        "no_grad": (True, False),
    },
}
