"""Answers to lesson 06: for each piece its right ones by style, its wrong ones by misconception and hint."""

RIGHT = {
    "Module._save_to_state_dict": {
        "what belongs in it, in one": """
            for name, tensor in self._own_state().items():
                destination[prefix + name] = tensor if keep_vars else tensor.detach()
            self._save_extra_state(destination, prefix)
        """,
        "step by step": """
            held = dict(self._parameters)
            held.update(self._buffers)
            for name in held:
                value = held[name]
                if value is None:
                    continue
                if name in self._non_persistent_buffers_set:
                    continue
                if not keep_vars:
                    value = value.detach()
                destination[f"{prefix}{name}"] = value
            self._save_extra_state(destination, prefix)
        """,
        "by way of data": """
            entries = list(self._parameters.items())
            entries += [(k, b) for k, b in self._buffers.items() if k not in self._non_persistent_buffers_set]
            destination.update({prefix + k: t if keep_vars else t.data for k, t in entries if t is not None})
            self._save_extra_state(destination, prefix)
        """,
    },
    "Module.state_dict": {
        "another name for the dict, and continue": """
            state, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            self._save_to_state_dict(state, prefix, keep_vars)
            for name in self._modules:
                child = self._modules[name]
                if child is None:
                    continue
                child.state_dict(destination=state, prefix=prefix + name + ".", keep_vars=keep_vars)
            return self._end_saving(state, prefix)
        """,
        "a list of the children, options as a dict": """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            self._save_to_state_dict(destination, prefix, keep_vars)
            children = [(name, module) for name, module in self._modules.items() if module is not None]
            for name, module in children:
                options = dict(destination=destination, prefix="%s%s." % (prefix, name), keep_vars=keep_vars)
                module.state_dict(**options)
            return self._end_saving(destination, prefix)
        """,
    },
    "Module._load_own_state": {
        "early continue": """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                if prefix + name not in state_dict:
                    missing.append(prefix + name)
                    continue
                value = state_dict[prefix + name]
                if value.shape != tensor.shape:
                    self._refuse(name, prefix + name, value, errors)
                    continue
                self._take_over(name, prefix + name, value, assign, errors)
            return missing, errors
        """,
        "copied by hand": """
            own = self._own_state()
            missing = [prefix + name for name in own if prefix + name not in state_dict]
            errors = []
            for name, tensor in own.items():
                value = state_dict.get(prefix + name)
                if value is None:
                    continue
                if value.size() != tensor.size():
                    errors.append(f"{prefix + name} has the shape {tuple(value.shape)}")
                elif assign:
                    self._take_over(name, prefix + name, value, assign, errors)
                else:
                    with torch.no_grad():
                        tensor.copy_(value)
            return missing, errors
        """,
        "copied through data": """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if key not in state_dict:
                    missing.append(key)
                elif state_dict[key].shape != tensor.shape:
                    errors.append("size mismatch for " + key)
                elif assign:
                    self._take_over(name, key, state_dict[key], True, errors)
                else:
                    tensor.data.copy_(state_dict[key])
            return missing, errors
        """,
    },
    "Module.load_state_dict": {
        "a list that grows": """
            keys, errors = self._load_tree(state_dict, assign)
            wrong = []
            if strict:
                wrong += keys.complaints()
            wrong += errors
            if len(wrong) > 0:
                text = f"Error(s) in loading state_dict for {self.__class__.__name__}:"
                for line in wrong:
                    text += "\\n\\t" + line
                raise RuntimeError(text)
            return keys
        """,
        "without the given sentences": """
            keys, errors = self._load_tree(state_dict, assign)
            lines = [f"Error(s) in loading state_dict for {type(self).__name__}:"]
            if strict and keys.missing_keys:
                lines.append("Missing key(s) in state_dict: " + ", ".join(f'"{k}"' for k in keys.missing_keys) + ". ")
            if strict and keys.unexpected_keys:
                named = ", ".join(f'"{k}"' for k in keys.unexpected_keys)
                lines.append("Unexpected key(s) in state_dict: " + named + ". ")
            lines.extend(errors)
            if len(lines) == 1:
                return keys
            raise RuntimeError("\\n\\t".join(lines))
        """,
    },
}

WRONG = {
    "Module._save_to_state_dict": [
        (
            "None is not thought of",
            "A place may hold None",
            """
            for name, parameter in self._parameters.items():
                destination[prefix + name] = parameter if keep_vars else parameter.detach()
            for name, buffer in self._buffers.items():
                if name not in self._non_persistent_buffers_set:
                    destination[prefix + name] = buffer if keep_vars else buffer.detach()
            self._save_extra_state(destination, prefix)
        """,
        ),
        (
            "a dict of its own",
            "write into it, do not make another",
            """
            destination = {}
            for name, tensor in self._own_state().items():
                destination[prefix + name] = tensor if keep_vars else tensor.detach()
            return destination
        """,
        ),
        (
            "buffers are forgotten",
            "The buffer is lost",
            """
            for name, parameter in self._parameters.items():
                if parameter is not None:
                    destination[prefix + name] = parameter if keep_vars else parameter.detach()
            self._save_extra_state(destination, prefix)
        """,
        ),
        (
            "every buffer is packed",
            "stays at home",
            """
            for name, tensor in [*self._parameters.items(), *self._buffers.items()]:
                if tensor is not None:
                    destination[prefix + name] = tensor if keep_vars else tensor.detach()
            self._save_extra_state(destination, prefix)
        """,
        ),
        (
            "what is frozen is left out",
            "A frozen Parameter is saved, too",
            """
            for name, parameter in self._parameters.items():
                if parameter is not None and parameter.requires_grad:
                    destination[prefix + name] = parameter if keep_vars else parameter.detach()
            for name, buffer in self._buffers.items():
                if buffer is not None and name not in self._non_persistent_buffers_set:
                    destination[prefix + name] = buffer if keep_vars else buffer.detach()
            self._save_extra_state(destination, prefix)
        """,
        ),
        (
            "the Parameters themselves",
            "The Parameters themselves are in the dict",
            """
            for name, tensor in self._own_state().items():
                destination[prefix + name] = tensor
            self._save_extra_state(destination, prefix)
        """,
        ),
        (
            "keep_vars the wrong way round",
            "The Parameters themselves are in the dict",
            """
            for name, tensor in self._own_state().items():
                destination[prefix + name] = tensor.detach() if keep_vars else tensor
            self._save_extra_state(destination, prefix)
        """,
        ),
        (
            "a snapshot",
            "PyTorch does not copy",
            """
            for name, tensor in self._own_state().items():
                destination[prefix + name] = tensor if keep_vars else tensor.detach().clone()
            self._save_extra_state(destination, prefix)
        """,
        ),
        (
            "keep_vars is not looked at",
            "With `keep_vars=True`",
            """
            for name, tensor in self._own_state().items():
                destination[prefix + name] = tensor.detach()
            self._save_extra_state(destination, prefix)
        """,
        ),
        (
            "no prefix",
            "`prefix + name`",
            """
            for name, tensor in self._own_state().items():
                destination[name] = tensor if keep_vars else tensor.detach()
            self._save_extra_state(destination, prefix)
        """,
        ),
        (
            "a dot too many",
            "has its dot already",
            """
            for name, tensor in self._own_state().items():
                key = prefix + "." + name if prefix else name
                destination[key] = tensor if keep_vars else tensor.detach()
            self._save_extra_state(destination, prefix)
        """,
        ),
        (
            "the children, too",
            "Only the module's own",
            """
            for path, module in self.named_modules(remove_duplicate=False):
                for name, tensor in module._own_state().items():
                    key = prefix + (path + "." + name if path else name)
                    destination[key] = tensor if keep_vars else tensor.detach()
            self._save_extra_state(destination, prefix)
        """,
        ),
        (
            "the last line is forgotten",
            "more than tensors",
            """
            for name, tensor in self._own_state().items():
                destination[prefix + name] = tensor if keep_vars else tensor.detach()
        """,
        ),
        (
            "the truth of a tensor",
            "not whether it is true",
            """
            for name, tensor in {**self._parameters, **self._buffers}.items():
                if tensor and name not in self._non_persistent_buffers_set:
                    destination[prefix + name] = tensor if keep_vars else tensor.detach()
            self._save_extra_state(destination, prefix)
        """,
        ),
        (
            "a dict is taken for a list",
            "puts something into it",
            """
            for name, tensor in self._own_state().items():
                destination.append((prefix + name, tensor.detach()))
            self._save_extra_state(destination, prefix)
        """,
        ),
        (
            "arrays",
            "The values are tensors",
            """
            for name, tensor in self._own_state().items():
                destination[prefix + name] = tensor if keep_vars else tensor.detach().numpy()
            self._save_extra_state(destination, prefix)
        """,
        ),
        (
            "None is packed",
            "A place may hold None",
            """
            for name, tensor in {**self._parameters, **self._buffers}.items():
                if name not in self._non_persistent_buffers_set:
                    destination[prefix + name] = tensor if keep_vars or tensor is None else tensor.detach()
            self._save_extra_state(destination, prefix)
        """,
        ),
        (
            "a dot, whatever the prefix",
            "has its dot already",
            """
            for name, tensor in self._own_state().items():
                destination[prefix + "." + name] = tensor if keep_vars else tensor.detach()
            self._save_extra_state(destination, prefix)
        """,
        ),
        (
            "detach is not called",
            "without brackets is not called",
            """
            for name, tensor in self._own_state().items():
                destination[prefix + name] = tensor if keep_vars else tensor.detach
            self._save_extra_state(destination, prefix)
        """,
        ),
    ],
    "Module.state_dict": [
        (
            "nothing is returned",
            "Is there a `return`",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            self._save_to_state_dict(destination, prefix, keep_vars)
            for name, module in self._modules.items():
                if module is not None:
                    module.state_dict(destination=destination, prefix=prefix + name + ".", keep_vars=keep_vars)
        """,
        ),
        (
            "no dict to fill",
            "There is no dict to fill yet",
            """
            self._save_to_state_dict(destination, prefix, keep_vars)
            for name, module in self._modules.items():
                if module is not None:
                    module.state_dict(destination=destination, prefix=prefix + name + ".", keep_vars=keep_vars)
            return destination
        """,
        ),
        (
            "None is not thought of",
            "may hold None",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            self._save_to_state_dict(destination, prefix, keep_vars)
            for name, module in self._modules.items():
                module.state_dict(destination=destination, prefix=prefix + name + ".", keep_vars=keep_vars)
            return self._end_saving(destination, prefix)
        """,
        ),
        (
            "only its own",
            "Nothing of the children arrives",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            self._save_to_state_dict(destination, prefix, keep_vars)
            return self._end_saving(destination, prefix)
        """,
        ),
        (
            "each child fills a dict of its own",
            "hand it the same `destination`",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            self._save_to_state_dict(destination, prefix, keep_vars)
            for name, module in self._modules.items():
                if module is not None:
                    module.state_dict(prefix=prefix + name + ".", keep_vars=keep_vars)
            return self._end_saving(destination, prefix)
        """,
        ),
        (
            "the way from the top is lost",
            "the whole way from the top",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            self._save_to_state_dict(destination, prefix, keep_vars)
            for name, module in self._modules.items():
                if module is not None:
                    module.state_dict(destination=destination, prefix=name + ".", keep_vars=keep_vars)
            return self._end_saving(destination, prefix)
        """,
        ),
        (
            "no dot",
            "its name and a dot: `prefix",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            self._save_to_state_dict(destination, prefix, keep_vars)
            for name, module in self._modules.items():
                if module is not None:
                    module.state_dict(destination=destination, prefix=prefix + name, keep_vars=keep_vars)
            return self._end_saving(destination, prefix)
        """,
        ),
        (
            "the children first",
            "the module's own comes first",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            for name, module in self._modules.items():
                if module is not None:
                    module.state_dict(destination=destination, prefix=prefix + name + ".", keep_vars=keep_vars)
            self._save_to_state_dict(destination, prefix, keep_vars)
            return self._end_saving(destination, prefix)
        """,
        ),
        (
            "collected by named_parameters",
            "under each of its names",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            for name, parameter in self.named_parameters():
                destination[prefix + name] = parameter if keep_vars else parameter.detach()
            for name, buffer in self.named_buffers():
                destination[prefix + name] = buffer
            return self._end_saving(destination, prefix)
        """,
        ),
        (
            "named_children",
            "is packed twice",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            self._save_to_state_dict(destination, prefix, keep_vars)
            for name, module in self.named_children():
                module.state_dict(destination=destination, prefix=prefix + name + ".", keep_vars=keep_vars)
            return self._end_saving(destination, prefix)
        """,
        ),
        (
            "keep_vars is not handed down",
            "lost on the way down",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            self._save_to_state_dict(destination, prefix, keep_vars)
            for name, module in self._modules.items():
                if module is not None:
                    module.state_dict(destination=destination, prefix=prefix + name + ".")
            return self._end_saving(destination, prefix)
        """,
        ),
        (
            "packing in the children's place",
            "Call that of each child",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            for path, module in self.named_modules(remove_duplicate=False):
                below = prefix + path + "." if path else prefix
                module._save_to_state_dict(destination, below, keep_vars)
                module._begin_saving((), destination, below, keep_vars)
                module._end_saving(destination, below)
            return destination
        """,
        ),
        (
            "no end",
            "want to change the dict at the end",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            self._save_to_state_dict(destination, prefix, keep_vars)
            for name, module in self._modules.items():
                if module is not None:
                    module.state_dict(destination=destination, prefix=prefix + name + ".", keep_vars=keep_vars)
            return destination
        """,
        ),
        (
            "a dict made by hand",
            "The versions are lost",
            """
            from collections import OrderedDict
            if destination is None:
                destination = OrderedDict()
            self._save_to_state_dict(destination, prefix, keep_vars)
            for name, module in self._modules.items():
                if module is not None:
                    module.state_dict(destination=destination, prefix=prefix + name + ".", keep_vars=keep_vars)
            return self._end_saving(destination, prefix)
        """,
        ),
        (
            "what the other piece returns",
            "returns nothing",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            destination = self._save_to_state_dict(destination, prefix, keep_vars)
            for name, module in self._modules.items():
                if module is not None:
                    module.state_dict(destination=destination, prefix=prefix + name + ".", keep_vars=keep_vars)
            return self._end_saving(destination, prefix)
        """,
        ),
        (
            "the first child is returned",
            "and after the loop",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            self._save_to_state_dict(destination, prefix, keep_vars)
            for name, module in self._modules.items():
                if module is not None:
                    return module.state_dict(destination=destination, prefix=prefix + name + ".", keep_vars=keep_vars)
            return self._end_saving(destination, prefix)
        """,
        ),
        (
            "returned in the loop",
            "and after the loop",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            self._save_to_state_dict(destination, prefix, keep_vars)
            for name, module in self._modules.items():
                if module is not None:
                    module.state_dict(destination=destination, prefix=prefix + name + ".", keep_vars=keep_vars)
                return self._end_saving(destination, prefix)
        """,
        ),
        (
            "itself, not the child",
            "Ask the child",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            self._save_to_state_dict(destination, prefix, keep_vars)
            for name, module in self._modules.items():
                if module is not None:
                    self.state_dict(destination=destination, prefix=prefix + name + ".", keep_vars=keep_vars)
            return self._end_saving(destination, prefix)
        """,
        ),
        (
            "the prefix grows",
            "grows from child to child",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            self._save_to_state_dict(destination, prefix, keep_vars)
            for name, module in self._modules.items():
                if module is not None:
                    prefix += name + "."
                    module.state_dict(destination=destination, prefix=prefix, keep_vars=keep_vars)
            return self._end_saving(destination, prefix)
        """,
        ),
        (
            "the children alone",
            "who packs the module's own tensors",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            for name, module in self._modules.items():
                if module is not None:
                    module.state_dict(destination=destination, prefix=prefix + name + ".", keep_vars=keep_vars)
            return self._end_saving(destination, prefix)
        """,
        ),
        (
            "no grandchildren",
            "has children of its own",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            self._save_to_state_dict(destination, prefix, keep_vars)
            for name, module in self._modules.items():
                if module is not None:
                    module._save_to_state_dict(destination, prefix + name + ".", keep_vars)
            return self._end_saving(destination, prefix)
        """,
        ),
        (
            "None ends the loop",
            "go on with the next",
            """
            destination, prefix, keep_vars = self._begin_saving(args, destination, prefix, keep_vars)
            self._save_to_state_dict(destination, prefix, keep_vars)
            for name, module in self._modules.items():
                if module is None:
                    break
                module.state_dict(destination=destination, prefix=prefix + name + ".", keep_vars=keep_vars)
            return self._end_saving(destination, prefix)
        """,
        ),
    ],
    "Module._load_own_state": [
        (
            "nothing is returned",
            "`return missing, errors`",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if key not in state_dict:
                    missing.append(key)
                else:
                    self._take_over(name, key, state_dict[key], assign, errors)
        """,
        ),
        (
            "autograd is not told",
            "this is no calculation",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if key not in state_dict:
                    missing.append(key)
                elif state_dict[key].shape == tensor.shape:
                    tensor.copy_(state_dict[key])
                else:
                    self._refuse(name, key, state_dict[key], errors)
            return missing, errors
        """,
        ),
        (
            "a tensor is assigned over a Parameter",
            "does not replace a Parameter",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if key not in state_dict:
                    missing.append(key)
                elif state_dict[key].shape == tensor.shape:
                    setattr(self, name, state_dict[key])
                else:
                    self._refuse(name, key, state_dict[key], errors)
            return missing, errors
        """,
        ),
        (
            "a missing key is not thought of",
            "may lack a key",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if state_dict[key].shape == tensor.shape:
                    self._take_over(name, key, state_dict[key], assign, errors)
                else:
                    self._refuse(name, key, state_dict[key], errors)
            return missing, errors
        """,
        ),
        (
            "names are looked up without the prefix",
            "its key is `prefix + name`",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                if name not in state_dict:
                    missing.append(name)
                elif state_dict[name].shape == tensor.shape:
                    self._take_over(name, name, state_dict[name], assign, errors)
                else:
                    self._refuse(name, name, state_dict[name], errors)
            return missing, errors
        """,
        ),
        (
            "names without the prefix are missing",
            "and in `missing`",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if key not in state_dict:
                    missing.append(name)
                elif state_dict[key].shape == tensor.shape:
                    self._take_over(name, key, state_dict[key], assign, errors)
                else:
                    self._refuse(name, key, state_dict[key], errors)
            return missing, errors
        """,
        ),
        (
            "the name is given another object",
            "The values do not arrive",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if key not in state_dict:
                    missing.append(key)
                elif state_dict[key].shape == tensor.shape:
                    tensor = state_dict[key]
                else:
                    self._refuse(name, key, state_dict[key], errors)
            return missing, errors
        """,
        ),
        (
            "the memory is shared",
            "share their memory",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if key not in state_dict:
                    missing.append(key)
                elif state_dict[key].shape == tensor.shape:
                    tensor.data = state_dict[key]
                else:
                    self._refuse(name, key, state_dict[key], errors)
            return missing, errors
        """,
        ),
        (
            "a new Parameter",
            "an optimizer would hold the old one",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if key not in state_dict:
                    missing.append(key)
                elif state_dict[key].shape == tensor.shape:
                    if isinstance(tensor, nn.Parameter):
                        setattr(self, name, nn.Parameter(state_dict[key].clone()))
                    else:
                        setattr(self, name, state_dict[key].clone())
                else:
                    self._refuse(name, key, state_dict[key], errors)
            return missing, errors
        """,
        ),
        (
            "the lists are swapped",
            "The two lists have an order",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if key not in state_dict:
                    missing.append(key)
                elif state_dict[key].shape == tensor.shape:
                    self._take_over(name, key, state_dict[key], assign, errors)
                else:
                    self._refuse(name, key, state_dict[key], errors)
            return errors, missing
        """,
        ),
        (
            "shapes are left to copy_",
            "spreads one row over all",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if key in state_dict:
                    self._take_over(name, key, state_dict[key], assign, errors)
                else:
                    missing.append(key)
            return missing, errors
        """,
        ),
        (
            "the first wrong shape ends it",
            "A wrong shape stops nothing",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if key not in state_dict:
                    missing.append(key)
                elif state_dict[key].shape == tensor.shape:
                    self._take_over(name, key, state_dict[key], assign, errors)
                else:
                    raise RuntimeError(f"size mismatch for {key}")
            return missing, errors
        """,
        ),
        (
            "a wrong shape is passed over",
            "note it with `self._refuse",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if key not in state_dict:
                    missing.append(key)
                elif state_dict[key].shape == tensor.shape:
                    self._take_over(name, key, state_dict[key], assign, errors)
            return missing, errors
        """,
        ),
        (
            "non-persistent buffers take values",
            "leaves it out",
            """
            missing, errors = [], []
            for name, tensor in [*self._parameters.items(), *self._buffers.items()]:
                key = prefix + name
                if tensor is None:
                    continue
                if key not in state_dict:
                    missing.append(key)
                elif state_dict[key].shape == tensor.shape:
                    self._take_over(name, key, state_dict[key], assign, errors)
                else:
                    self._refuse(name, key, state_dict[key], errors)
            return missing, errors
        """,
        ),
        (
            "buffers are forgotten",
            "Buffers are loaded, too",
            """
            missing, errors = [], []
            for name, tensor in self._parameters.items():
                key = prefix + name
                if tensor is None:
                    continue
                if key not in state_dict:
                    missing.append(key)
                elif state_dict[key].shape == tensor.shape:
                    self._take_over(name, key, state_dict[key], assign, errors)
                else:
                    self._refuse(name, key, state_dict[key], errors)
            return missing, errors
        """,
        ),
        (
            "assign is not looked at",
            "the tensors themselves are taken",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if key not in state_dict:
                    missing.append(key)
                elif state_dict[key].shape == tensor.shape:
                    with torch.no_grad():
                        tensor.copy_(state_dict[key])
                else:
                    self._refuse(name, key, state_dict[key], errors)
            return missing, errors
        """,
        ),
        (
            "what the helper returns",
            "They write into `errors` themselves",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if key not in state_dict:
                    missing.append(key)
                elif state_dict[key].shape == tensor.shape:
                    self._take_over(name, key, state_dict[key], assign, errors)
                else:
                    errors = self._refuse(name, key, state_dict[key], errors)
            return missing, errors
        """,
        ),
        (
            "what the helper returns is raised",
            "They write into `errors` themselves",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if key not in state_dict:
                    missing.append(key)
                elif state_dict[key].shape == tensor.shape:
                    self._take_over(name, key, state_dict[key], assign, errors)
                else:
                    raise self._refuse(name, key, state_dict[key], errors)
            return missing, errors
        """,
        ),
        (
            "returned in the loop",
            "after the loop",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if key not in state_dict:
                    missing.append(key)
                elif state_dict[key].shape == tensor.shape:
                    self._take_over(name, key, state_dict[key], assign, errors)
                else:
                    self._refuse(name, key, state_dict[key], errors)
                return missing, errors
        """,
        ),
        (
            "the shape of a dict",
            "The one for a key is",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if key not in state_dict:
                    missing.append(key)
                elif state_dict.shape == tensor.shape:
                    self._take_over(name, key, state_dict[key], assign, errors)
                else:
                    self._refuse(name, key, state_dict[key], errors)
            return missing, errors
        """,
        ),
        (
            "a helper is called with too little",
            "was called with too little",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if key not in state_dict:
                    missing.append(key)
                elif state_dict[key].shape == tensor.shape:
                    self._take_over(name, key, state_dict[key], errors)
                else:
                    self._refuse(name, key, state_dict[key], errors)
            return missing, errors
        """,
        ),
        (
            "the length for the shape",
            "Compare the shapes",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + name
                if key not in state_dict:
                    missing.append(key)
                elif len(state_dict[key]) == len(tensor):
                    self._take_over(name, key, state_dict[key], assign, errors)
                else:
                    self._refuse(name, key, state_dict[key], errors)
            return missing, errors
        """,
        ),
        (
            "a dot too many",
            "a dot too many",
            """
            missing, errors = [], []
            for name, tensor in self._own_state().items():
                key = prefix + "." + name
                if key not in state_dict:
                    missing.append(key)
                elif state_dict[key].shape == tensor.shape:
                    self._take_over(name, key, state_dict[key], assign, errors)
                else:
                    self._refuse(name, key, state_dict[key], errors)
            return missing, errors
        """,
        ),
        (
            "a walk through the state_dict",
            "can't tell what it lacks",
            """
            missing, errors = [], []
            own = self._own_state()
            for key, value in state_dict.items():
                name = key.removeprefix(prefix)
                if name not in own:
                    missing.append(key)
                elif own[name].shape == value.shape:
                    self._take_over(name, key, value, assign, errors)
                else:
                    self._refuse(name, key, value, errors)
            return missing, errors
        """,
        ),
    ],
    "Module.load_state_dict": [
        (
            "the pair of lists is asked whether it is true",
            "counts as true even if both are empty",
            """
            keys, errors = self._load_tree(state_dict, assign)
            if (strict and keys) or errors:
                text = "\\n\\t".join(keys.complaints() + errors)
                raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\\n\\t{text}")
            return keys
        """,
        ),
        (
            "nothing is returned",
            "`return keys`",
            """
            keys, errors = self._load_tree(state_dict, assign)
            if strict:
                errors = keys.complaints() + errors
            if errors:
                text = "\\n\\t".join(errors)
                raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\\n\\t{text}")
        """,
        ),
        (
            "two lists are returned",
            "Return `keys` itself",
            """
            keys, errors = self._load_tree(state_dict, assign)
            if strict:
                errors = keys.complaints() + errors
            if errors:
                text = "\\n\\t".join(errors)
                raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\\n\\t{text}")
            return keys.missing_keys, keys.unexpected_keys
        """,
        ),
        (
            "never strict",
            "A key that does not match is an error, if `strict`",
            """
            keys, errors = self._load_tree(state_dict, assign)
            if errors:
                text = "\\n\\t".join(errors)
                raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\\n\\t{text}")
            return keys
        """,
        ),
        (
            "it prints",
            "raise a RuntimeError that names it",
            """
            keys, errors = self._load_tree(state_dict, assign)
            if strict:
                errors = keys.complaints() + errors
            for error in errors:
                print(error)
            return keys
        """,
        ),
        (
            "always strict",
            "they are returned",
            """
            keys, errors = self._load_tree(state_dict, assign)
            errors = keys.complaints() + errors
            if errors:
                text = "\\n\\t".join(errors)
                raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\\n\\t{text}")
            return keys
        """,
        ),
        (
            "another kind of error",
            "PyTorch raises a RuntimeError",
            """
            keys, errors = self._load_tree(state_dict, assign)
            if strict:
                errors = keys.complaints() + errors
            if errors:
                text = "\\n\\t".join(errors)
                raise KeyError(f"Error(s) in loading state_dict for {type(self).__name__}:\\n\\t{text}")
            return keys
        """,
        ),
        (
            "shapes are forgiven",
            "forgives keys, not shapes",
            """
            keys, errors = self._load_tree(state_dict, assign)
            errors = keys.complaints() + errors
            if strict and errors:
                text = "\\n\\t".join(errors)
                raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\\n\\t{text}")
            return keys
        """,
        ),
        (
            "shapes are forgotten",
            "A wrong shape is an error in any case",
            """
            keys, errors = self._load_tree(state_dict, assign)
            if strict and keys.complaints():
                text = "\\n\\t".join(keys.complaints())
                raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\\n\\t{text}")
            return keys
        """,
        ),
        (
            "all in one line",
            "each complaint on a line",
            """
            keys, errors = self._load_tree(state_dict, assign)
            if strict:
                errors = keys.complaints() + errors
            if errors:
                raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}: {errors}")
            return keys
        """,
        ),
        (
            "shapes after keys, in an error of their own",
            "Collect first, raise once",
            """
            keys, errors = self._load_tree(state_dict, assign)
            head = f"Error(s) in loading state_dict for {type(self).__name__}:\\n\\t"
            if strict and keys.complaints():
                raise RuntimeError(head + "\\n\\t".join(keys.complaints()))
            if errors:
                raise RuntimeError(head + "\\n\\t".join(errors))
            return keys
        """,
        ),
        (
            "assign is not handed on",
            "`assign` is lost",
            """
            keys, errors = self._load_tree(state_dict, False)
            if strict:
                errors = keys.complaints() + errors
            if errors:
                text = "\\n\\t".join(errors)
                raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\\n\\t{text}")
            return keys
        """,
        ),
        (
            "a helper is called with too little",
            "was called with too little",
            """
            keys, errors = self._load_tree(state_dict)
            if strict:
                errors = keys.complaints() + errors
            if errors:
                text = "\\n\\t".join(errors)
                raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\\n\\t{text}")
            return keys
        """,
        ),
        (
            "strict for assign",
            "`assign` is lost",
            """
            keys, errors = self._load_tree(state_dict, strict)
            if strict:
                errors = keys.complaints() + errors
            if errors:
                text = "\\n\\t".join(errors)
                raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\\n\\t{text}")
            return keys
        """,
        ),
        (
            "this module alone",
            "loads the tensors of this one module",
            """
            keys, errors = self._load_own_state(state_dict, "", assign)
            if strict:
                errors = keys.complaints() + errors
            if errors:
                text = "\\n\\t".join(errors)
                raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\\n\\t{text}")
            return keys
        """,
        ),
        (
            "a list in a list",
            "Two lists are joined by `+`",
            """
            keys, errors = self._load_tree(state_dict, assign)
            if strict:
                errors.append(keys.complaints())
            if errors:
                text = "\\n\\t".join(errors)
                raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\\n\\t{text}")
            return keys
        """,
        ),
        (
            "a method that is not called",
            "without brackets is not called",
            """
            keys, errors = self._load_tree(state_dict, assign)
            if strict:
                errors = keys.complaints + errors
            if errors:
                text = "\\n\\t".join(errors)
                raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\\n\\t{text}")
            return keys
        """,
        ),
        (
            "each complaint an error",
            "Collect first, raise once",
            """
            keys, errors = self._load_tree(state_dict, assign)
            if strict:
                for complaint in keys.complaints():
                    raise RuntimeError(complaint)
            if errors:
                text = "\\n\\t".join(errors)
                raise RuntimeError(f"Error(s) in loading state_dict for {type(self).__name__}:\\n\\t{text}")
            return keys
        """,
        ),
        (
            "the name of the example",
            "`type(self).__name__`",
            """
            keys, errors = self._load_tree(state_dict, assign)
            if strict:
                errors = keys.complaints() + errors
            if errors:
                text = "\\n\\t".join(errors)
                raise RuntimeError("Error(s) in loading state_dict for Linear:\\n\\t" + text)
            return keys
        """,
        ),
    ],
}

PREDICTIONS = {
    "what is packed": {"frozen": True, "mean": True, "mask": False, "scale": False, "decoder.weight": True},
    "what follows the model": {
        "state": True,
        "dict(state)": True,
        "clones": False,
        "deepcopy(state)": False,
        "a saved file": False,
    },
}
