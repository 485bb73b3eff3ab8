"""Answers to lesson 03: for each piece its right ones by style, its wrong ones by misconception and hint."""

RIGHT = {
    "Module.__setattr__": {
        "questions to the dicts": """
            parameters = self.__dict__.get("_parameters", {})
            modules = self.__dict__.get("_modules", {})
            buffers = self.__dict__.get("_buffers", {})
            if isinstance(value, Parameter):
                self._make_room(name, "_parameters")
                self.register_parameter(name, value)
                return
            if name in parameters:
                self._clear_slot("_parameters", name, value)
                return
            if isinstance(value, Module):
                self._make_room(name, "_modules")
                self._modules[name] = value
                return
            if name in modules:
                self._clear_slot("_modules", name, value)
                return
            if isinstance(value, Buffer) or name in buffers:
                self._set_buffer(name, value)
                return
            object.__setattr__(self, name, value)
        """,
        "without helpers": """
            held = {kind: self.__dict__.get(kind) for kind in ("_parameters", "_buffers", "_modules")}

            def forget_elsewhere(kind):
                if held[kind] is None:
                    raise AttributeError("call super().__init__() first")
                self.__dict__.pop(name, None)
                for other, entries in held.items():
                    if other != kind:
                        entries.pop(name, None)

            if isinstance(value, nn.Parameter):
                forget_elsewhere("_parameters")
                held["_parameters"][name] = value
            elif held["_parameters"] and name in held["_parameters"]:
                if value is not None:
                    raise TypeError(f"{name} is a Parameter")
                held["_parameters"][name] = None
            elif isinstance(value, nn.Module):
                forget_elsewhere("_modules")
                held["_modules"][name] = value
            elif held["_modules"] and name in held["_modules"]:
                if value is not None:
                    raise TypeError(f"{name} is a Module")
                held["_modules"][name] = None
            elif isinstance(value, nn.Buffer) or (held["_buffers"] and name in held["_buffers"]):
                self._set_buffer(name, value)
            else:
                self.__dict__[name] = value
        """,
    },
    "Module.__getattr__": {
        "three questions": """
            state = self.__dict__
            if name in state.get("_parameters", {}):
                return state["_parameters"][name]
            if name in state.get("_buffers", {}):
                return state["_buffers"][name]
            if name in state.get("_modules", {}):
                return state["_modules"][name]
            raise AttributeError(name)
        """,
        "by the drawer": """
            drawer = self._drawer_of(name)
            if drawer is None:
                raise AttributeError(f"there is no {name} in a {type(self).__name__}")
            return self.__dict__[drawer][name]
        """,
        "trying": """
            for drawer in ("_modules", "_parameters", "_buffers"):
                try:
                    return vars(self)[drawer][name]
                except KeyError:
                    continue
            raise AttributeError(name)
        """,
    },
    "Module.register_parameter": {
        "without helpers": """
            if "_parameters" not in self.__dict__:
                raise AttributeError("super().__init__() comes first")
            if not isinstance(name, str):
                raise TypeError("a name is a string")
            if name == "" or "." in name:
                raise KeyError(name)
            if name not in self._parameters and hasattr(self, name):
                raise KeyError(name)
            if param is None:
                self._parameters[name] = None
            elif not isinstance(param, Parameter):
                raise TypeError("no Parameter")
            elif not param.is_leaf:
                raise ValueError("computed")
            else:
                self._parameters[name] = param
        """,
        "early return": """
            self._check_new_name("parameter", name)
            if param is None:
                self._parameters[name] = None
                return
            if not isinstance(param, nn.Parameter):
                raise TypeError(f"{param} is no Parameter")
            if param.grad_fn is not None:
                raise ValueError("a Parameter must not be computed")
            self.__dict__["_parameters"].update({name: param})
        """,
    },
    "Module.named_modules": {
        "a list that is filled": """
            if memo is None:
                memo = set()
            found = []
            if self not in memo:
                if remove_duplicate:
                    memo.add(self)
                found.append((prefix, self))
                for name, child in self._modules.items():
                    if child is None:
                        continue
                    below = prefix + "." + name if prefix else name
                    found.extend(child.named_modules(memo, below, remove_duplicate))
            return iter(found)
        """,
        "a stack instead of recursion": """
            seen = set() if memo is None else memo
            todo = [(prefix, self)]
            while todo:
                path, module = todo.pop()
                if module in seen:
                    continue
                if remove_duplicate:
                    seen.add(module)
                yield path, module
                for name, child in reversed(module._modules.items()):
                    if child is not None:
                        todo.append((".".join([path, name]).strip("."), child))
        """,
    },
    "Module.named_parameters": {
        "by recursion": """
            seen = set()

            def walk(module, path, visited):
                if remove_duplicate:
                    if module in visited:
                        return
                    visited.add(module)
                for name, p in module._parameters.items():
                    if p is None or id(p) in seen:
                        continue
                    if remove_duplicate:
                        seen.add(id(p))
                    yield path + name, p
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
                for name in module._parameters:
                    p = module._parameters[name]
                    if p is None:
                        continue
                    if remove_duplicate and any(p is other for _, other in pairs):
                        continue
                    pairs.append((f"{path}.{name}" if path else name, p))
            return iter(pairs)
        """,
    },
}

WRONG = {
    "Module.__setattr__": [
        (
            "the class itself is compared",
            "`isinstance` sees subclasses",
            """
            drawer = self._drawer_of(name)
            if type(value) is Parameter:
                self._make_room(name, "_parameters")
                self.register_parameter(name, value)
            elif drawer == "_parameters":
                self._clear_slot(drawer, name, value)
            elif type(value) is Module:
                self._make_room(name, "_modules")
                self._modules[name] = value
            elif drawer == "_modules":
                self._clear_slot(drawer, name, value)
            elif isinstance(value, Buffer) or drawer == "_buffers":
                self._set_buffer(name, value)
            else:
                object.__setattr__(self, name, value)
        """,
        ),
        (
            "requires_grad decides, by the book",
            "not registered for asking for a gradient",
            """
            if isinstance(value, Tensor) and value.requires_grad:
                self._make_room(name, "_parameters")
                self.register_parameter(name, value)
            elif isinstance(value, Module):
                self._make_room(name, "_modules")
                self._modules[name] = value
            else:
                object.__setattr__(self, name, value)
        """,
        ),
        (
            "every old value is cleared first",
            "neither a Parameter nor a Module",
            """
            drawer = self._drawer_of(name)
            if drawer is not None:
                self._clear_slot(drawer, name, value)
            if isinstance(value, Parameter):
                self._make_room(name, "_parameters")
                self.register_parameter(name, value)
            elif isinstance(value, Module):
                self._make_room(name, "_modules")
                self._modules[name] = value
            elif isinstance(value, Buffer):
                self._set_buffer(name, value)
            else:
                object.__setattr__(self, name, value)
        """,
        ),
        (
            "setattr inside of __setattr__",
            "call `__setattr__` again",
            """
            if isinstance(value, Parameter):
                self.register_parameter(name, value)
            elif isinstance(value, Module):
                self._modules[name] = value
            else:
                setattr(self, name, value)
        """,
        ),
        (
            "self.name is assigned",
            "call `__setattr__` again",
            """
            self.name = value
        """,
        ),
        (
            "super without arguments",
            "`super()` works only inside of a class",
            """
            if isinstance(value, Parameter):
                self.register_parameter(name, value)
            elif isinstance(value, Module):
                self._modules[name] = value
            else:
                super().__setattr__(name, value)
        """,
        ),
        (
            "nothing is sorted",
            "has to end up in `self._parameters`",
            """
            object.__setattr__(self, name, value)
        """,
        ),
        (
            "every tensor is a parameter",
            "Every tensor is listed now",
            """
            if isinstance(value, Tensor):
                self._parameters[name] = value
            elif isinstance(value, Module):
                self._modules[name] = value
            else:
                object.__setattr__(self, name, value)
        """,
        ),
        (
            "requires_grad decides",
            "not registered for asking for a gradient",
            """
            if isinstance(value, Tensor) and value.requires_grad:
                self._parameters[name] = value
            elif isinstance(value, Module):
                self._modules[name] = value
            else:
                object.__setattr__(self, name, value)
        """,
        ),
        (
            "ordinary values are lost",
            "Ordinary values get lost",
            """
            if isinstance(value, Parameter):
                self.register_parameter(name, value)
            elif isinstance(value, Module):
                self._modules[name] = value
        """,
        ),
        (
            "the dicts are looked into too early",
            "there is no `_parameters` to look into",
            """
            if isinstance(value, Parameter):
                self._make_room(name, "_parameters")
                self.register_parameter(name, value)
            elif name in self._parameters:
                self._clear_slot("_parameters", name, value)
            elif isinstance(value, Module):
                self._make_room(name, "_modules")
                self._modules[name] = value
            elif name in self._modules:
                self._clear_slot("_modules", name, value)
            elif isinstance(value, Buffer) or name in self._buffers:
                self._set_buffer(name, value)
            else:
                object.__setattr__(self, name, value)
        """,
        ),
        (
            "parameters are kept twice",
            "in `__dict__` as well",
            """
            if isinstance(value, Parameter):
                self._parameters[name] = value
            elif isinstance(value, Module):
                self._modules[name] = value
            object.__setattr__(self, name, value)
        """,
        ),
        (
            "modules are kept twice",
            "in `__dict__` as well",
            """
            if isinstance(value, Parameter):
                self._make_room(name, "_parameters")
                self._parameters[name] = value
            elif isinstance(value, Module):
                self._make_room(name, "_modules")
                self._modules[name] = value
                object.__setattr__(self, name, value)
            else:
                object.__setattr__(self, name, value)
        """,
        ),
        (
            "modules are not thought of",
            "A Module goes to `self._modules`",
            """
            if isinstance(value, Parameter):
                self._make_room(name, "_parameters")
                self.register_parameter(name, value)
            else:
                object.__setattr__(self, name, value)
        """,
        ),
        (
            "modules first",
            "A name that belongs to a Parameter",
            """
            drawer = self._drawer_of(name)
            if isinstance(value, Parameter):
                self._make_room(name, "_parameters")
                self.register_parameter(name, value)
            elif isinstance(value, Module):
                self._make_room(name, "_modules")
                self._modules[name] = value
            elif drawer in ("_parameters", "_modules"):
                self._clear_slot(drawer, name, value)
            elif isinstance(value, Buffer) or drawer == "_buffers":
                self._set_buffer(name, value)
            else:
                object.__setattr__(self, name, value)
        """,
        ),
        (
            "the other places are not cleared",
            "lives in two places",
            """
            drawer = self._drawer_of(name)
            if isinstance(value, Parameter):
                self._parameters[name] = value
            elif isinstance(value, Module) and drawer != "_parameters":
                self._modules[name] = value
            elif drawer in ("_parameters", "_modules"):
                self._clear_slot(drawer, name, value)
            elif isinstance(value, Buffer) or drawer == "_buffers":
                self._set_buffer(name, value)
            else:
                object.__setattr__(self, name, value)
        """,
        ),
        (
            "the simple sorting of a first draft",
            "lives in two places",
            """
            if isinstance(value, Parameter):
                self._parameters[name] = value
            elif isinstance(value, Module):
                self._modules[name] = value
            else:
                object.__setattr__(self, name, value)
        """,
        ),
        (
            "the place is taken out first",
            "keeps its place",
            """
            drawer = self._drawer_of(name)
            if isinstance(value, Parameter):
                self._make_room(name, "_parameters")
                self._parameters.pop(name, None)
                self.register_parameter(name, value)
            elif isinstance(value, Module) and drawer != "_parameters":
                self._make_room(name, "_modules")
                self._modules[name] = value
            elif drawer in ("_parameters", "_modules"):
                self._clear_slot(drawer, name, value)
            elif isinstance(value, Buffer) or drawer == "_buffers":
                self._set_buffer(name, value)
            else:
                object.__setattr__(self, name, value)
        """,
        ),
        (
            "a tensor may replace a Parameter",
            "would silently stop",
            """
            drawer = self._drawer_of(name)
            if isinstance(value, Parameter):
                self._make_room(name, "_parameters")
                self.register_parameter(name, value)
            elif isinstance(value, Module) and drawer != "_parameters":
                self._make_room(name, "_modules")
                self._modules[name] = value
            elif drawer == "_modules" or value is None and drawer == "_parameters":
                self._clear_slot(drawer, name, value)
            elif isinstance(value, Buffer) or drawer == "_buffers":
                self._set_buffer(name, value)
            else:
                object.__setattr__(self, name, value)
        """,
        ),
        (
            "None is refused",
            "None empties the place",
            """
            drawer = self._drawer_of(name)
            if isinstance(value, Parameter):
                self._make_room(name, "_parameters")
                self.register_parameter(name, value)
            elif isinstance(value, Module) and drawer != "_parameters":
                self._make_room(name, "_modules")
                self._modules[name] = value
            elif drawer in ("_parameters", "_modules"):
                raise TypeError(f"cannot assign {value} to {name}")
            elif isinstance(value, Buffer) or drawer == "_buffers":
                self._set_buffer(name, value)
            else:
                object.__setattr__(self, name, value)
        """,
        ),
        (
            "None takes the place away",
            "None empties the place",
            """
            drawer = self._drawer_of(name)
            if isinstance(value, Parameter):
                self._make_room(name, "_parameters")
                self.register_parameter(name, value)
            elif isinstance(value, Module) and drawer != "_parameters":
                self._make_room(name, "_modules")
                self._modules[name] = value
            elif value is None and drawer is not None:
                del self.__dict__[drawer][name]
                object.__setattr__(self, name, None)
            elif drawer in ("_parameters", "_modules"):
                self._clear_slot(drawer, name, value)
            elif isinstance(value, Buffer) or drawer == "_buffers":
                self._set_buffer(name, value)
            else:
                object.__setattr__(self, name, value)
        """,
        ),
        (
            "a number may replace a module",
            "A name that belongs to a Module",
            """
            drawer = self._drawer_of(name)
            if isinstance(value, Parameter):
                self._make_room(name, "_parameters")
                self.register_parameter(name, value)
            elif isinstance(value, Module) and drawer != "_parameters":
                self._make_room(name, "_modules")
                self._modules[name] = value
            elif drawer == "_parameters":
                self._clear_slot(drawer, name, value)
            elif isinstance(value, Buffer) or drawer == "_buffers":
                self._set_buffer(name, value)
            else:
                object.__setattr__(self, name, value)
        """,
        ),
        (
            "buffers are not thought of",
            "Buffers are given",
            """
            drawer = self._drawer_of(name)
            if isinstance(value, Parameter):
                self._make_room(name, "_parameters")
                self.register_parameter(name, value)
            elif isinstance(value, Module) and drawer != "_parameters":
                self._make_room(name, "_modules")
                self._modules[name] = value
            elif drawer in ("_parameters", "_modules"):
                self._clear_slot(drawer, name, value)
            else:
                object.__setattr__(self, name, value)
        """,
        ),
        (
            "super().__init__() is made up for",
            "and that is an AttributeError",
            """
            if "_parameters" not in self.__dict__ and isinstance(value, (Parameter, Module)):
                Module.__init__(self)
            drawer = self._drawer_of(name)
            if isinstance(value, Parameter):
                self._make_room(name, "_parameters")
                self.register_parameter(name, value)
            elif isinstance(value, Module) and drawer != "_parameters":
                self._make_room(name, "_modules")
                self._modules[name] = value
            elif drawer in ("_parameters", "_modules"):
                self._clear_slot(drawer, name, value)
            elif isinstance(value, Buffer) or drawer == "_buffers":
                self._set_buffer(name, value)
            else:
                object.__setattr__(self, name, value)
        """,
        ),
        (
            "the class is compared by name",
            "`isinstance` sees subclasses too",
            """
            drawer = self._drawer_of(name)
            if type(value) is Parameter:
                self._make_room(name, "_parameters")
                self.register_parameter(name, value)
            elif isinstance(value, Module) and drawer != "_parameters":
                self._make_room(name, "_modules")
                self._modules[name] = value
            elif drawer in ("_parameters", "_modules"):
                self._clear_slot(drawer, name, value)
            elif isinstance(value, Buffer) or drawer == "_buffers":
                self._set_buffer(name, value)
            else:
                object.__setattr__(self, name, value)
        """,
        ),
    ],
    "Module.__getattr__": [
        (
            "or, from dict to dict",
            "whether the name is there",
            """
            held = self.__dict__
            value = held["_parameters"].get(name) or held["_buffers"].get(name) or held["_modules"].get(name)
            if value is None:
                raise AttributeError(name)
            return value
        """,
        ),
        (
            "the object's own dict",
            "holds three dicts",
            """
            return self.__dict__[name]
        """,
        ),
        (
            "getattr inside of __getattr__",
            "asked again, without end",
            """
            return getattr(self, name)
        """,
        ),
        (
            "the dicts are asked of self",
            "there is no `_parameters`",
            """
            if name in self._parameters:
                return self._parameters[name]
            if name in self._buffers:
                return self._buffers[name]
            if name in self._modules:
                return self._modules[name]
            raise AttributeError(name)
        """,
        ),
        (
            "a KeyError for an unknown name",
            "would break `hasattr`",
            """
            state = self.__dict__
            if name in state.get("_parameters", {}):
                return state["_parameters"][name]
            if name in state.get("_buffers", {}):
                return state["_buffers"][name]
            return state["_modules"][name]
        """,
        ),
        (
            "only a lookup",
            "would break `hasattr`",
            """
            return self.__dict__["_parameters"][name]
        """,
        ),
        (
            "None for an unknown name",
            "If a typo answers None",
            """
            for drawer in ("_parameters", "_buffers", "_modules"):
                if name in self.__dict__.get(drawer, {}):
                    return self.__dict__[drawer][name]
        """,
        ),
        (
            "None is taken for missing",
            "A place may hold None",
            """
            for drawer in ("_parameters", "_buffers", "_modules"):
                value = self.__dict__.get(drawer, {}).get(name)
                if value is not None:
                    return value
            raise AttributeError(name)
        """,
        ),
        (
            "ordinary attributes only",
            "and return what is there",
            """
            return object.__getattribute__(self, name)
        """,
        ),
        (
            "the return is missing",
            "and return what is there",
            """
            for drawer in ("_parameters", "_buffers", "_modules"):
                if name in self.__dict__.get(drawer, {}):
                    self.__dict__[drawer][name]
            raise AttributeError(name)
        """,
        ),
        (
            "parameters only",
            "There are three dicts",
            """
            parameters = self.__dict__.get("_parameters", {})
            if name in parameters:
                return parameters[name]
            raise AttributeError(name)
        """,
        ),
        (
            "buffers are not thought of",
            "There are three dicts",
            """
            for drawer in ("_parameters", "_modules"):
                if name in self.__dict__.get(drawer, {}):
                    return self.__dict__[drawer][name]
            raise AttributeError(name)
        """,
        ),
    ],
    "Module.register_parameter": [
        (
            "if param",
            "`param is not None`",
            """
            self._check_new_name("parameter", name)
            if param:
                if not isinstance(param, Parameter):
                    self._refuse_parameter(name, param)
                if param.grad_fn:
                    self._refuse_non_leaf(name)
            self._parameters[name] = param
        """,
        ),
        (
            "an assignment",
            "this must not assign again",
            """
            self._check_new_name("parameter", name)
            setattr(self, name, param)
        """,
        ),
        (
            "an ordinary attribute",
            "has to end up in the dict",
            """
            self._check_new_name("parameter", name)
            object.__setattr__(self, name, param)
        """,
        ),
        (
            "under the wrong key",
            "has to end up in the dict",
            """
            self._check_new_name("parameter", name)
            self._parameters["name"] = param
        """,
        ),
        (
            "None is passed over",
            "None is allowed",
            """
            self._check_new_name("parameter", name)
            if param is None:
                return
            if not isinstance(param, Parameter):
                self._refuse_parameter(name, param)
            if param.grad_fn is not None:
                self._refuse_non_leaf(name)
            self._parameters[name] = param
        """,
        ),
        (
            "None is refused",
            "None is allowed",
            """
            self._check_new_name("parameter", name)
            if not isinstance(param, Parameter):
                raise TypeError("not a Parameter")
            if param.grad_fn is not None:
                raise ValueError("computed")
            self._parameters[name] = param
        """,
        ),
        (
            "anything goes",
            "A plain tensor is a TypeError here",
            """
            self._parameters[name] = param
        """,
        ),
        (
            "a tensor is wrapped",
            "A plain tensor is a TypeError here",
            """
            self._check_new_name("parameter", name)
            if param is not None and not isinstance(param, Parameter):
                param = Parameter(param)
            if param is not None and param.grad_fn is not None:
                raise ValueError("computed")
            self._parameters[name] = param
        """,
        ),
        (
            "an assert",
            "A plain tensor is a TypeError here",
            """
            self._check_new_name("parameter", name)
            assert param is None or isinstance(param, Parameter)
            self._parameters[name] = param
        """,
        ),
        (
            "names are not looked at",
            "Call it first",
            """
            if param is not None and not isinstance(param, Parameter):
                raise TypeError("not a Parameter")
            if param is not None and param.grad_fn is not None:
                raise ValueError("computed")
            self._parameters[name] = param
        """,
        ),
        (
            "a computed one goes",
            "has a `grad_fn`",
            """
            self._check_new_name("parameter", name)
            if param is not None and not isinstance(param, Parameter):
                raise TypeError("not a Parameter")
            self._parameters[name] = param
        """,
        ),
        (
            "a name may be used once",
            "may be registered again",
            """
            self._check_new_name("parameter", name)
            if name in self._parameters:
                raise KeyError(name)
            if param is not None and not isinstance(param, Parameter):
                raise TypeError("not a Parameter")
            if param is not None and param.grad_fn is not None:
                raise ValueError("computed")
            self._parameters[name] = param
        """,
        ),
    ],
    "Module.named_modules": [
        (
            "the walk of a child is not gone through",
            "`yield from` it",
            """
            yield prefix, self
            for name, module in self._modules.items():
                module.named_modules(memo, prefix + "." + name)
        """,
        ),
        (
            "the walk of a child is yielded itself",
            "`yield from` it",
            """
            yield prefix, self
            for name, module in self._modules.items():
                yield module.named_modules(memo, prefix + ("." if prefix else "") + name, remove_duplicate)
        """,
        ),
        (
            "a list, and a dot too many",
            "does not begin with a dot",
            """
            found = [(prefix, self)]
            for name, module in self._modules.items():
                found += module.named_modules(memo, prefix + "." + name)
            return found
        """,
        ),
        (
            "memo is None at the top",
            "`memo` is None at first",
            """
            if self not in memo:
                memo.add(self)
                yield prefix, self
        """,
        ),
        (
            "None is added to",
            "`memo` is None at first",
            """
            memo.add(self)
            yield prefix, self
        """,
        ),
        (
            "itself left out",
            "The module itself comes first",
            """
            for name, module in self._modules.items():
                yield name, module
        """,
        ),
        (
            "no pairs",
            "Yield pairs",
            """
            yield self
            for module in self._modules.values():
                yield from module.named_modules()
        """,
        ),
        (
            "nothing is yielded",
            "Nothing comes out",
            """
            memo = set() if memo is None else memo
            found = [(prefix, self)]
        """,
        ),
        (
            "children are asked for by modules()",
            "asks `named_modules()` in turn",
            """
            yield prefix, self
            for module in self.modules():
                yield prefix, module
        """,
        ),
        (
            "itself only",
            "Children are missing",
            """
            yield prefix, self
        """,
        ),
        (
            "the children only",
            "The walk stops at the children",
            """
            yield prefix, self
            for name, module in self._modules.items():
                yield (f"{prefix}.{name}" if prefix else name), module
        """,
        ),
        (
            "a dot in front",
            "does not begin with a dot",
            """
            memo = set() if memo is None else memo
            if self in memo:
                return
            if remove_duplicate:
                memo.add(self)
            yield prefix, self
            for name, module in self._modules.items():
                if module is not None:
                    yield from module.named_modules(memo, prefix + "." + name, remove_duplicate)
        """,
        ),
        (
            "the last name only",
            "the whole way from the top",
            """
            yield prefix, self
            for name, module in self._modules.items():
                if module is not None:
                    yield from module.named_modules(prefix=name)
        """,
        ),
        (
            "no prefix is handed down",
            "the whole way from the top",
            """
            yield prefix, self
            for name, module in self._modules.items():
                if module is not None:
                    yield from module.named_modules()
        """,
        ),
        (
            "no dot",
            "the whole way from the top",
            """
            yield prefix, self
            for name, module in self._modules.items():
                if module is not None:
                    yield from module.named_modules(prefix=prefix + name)
        """,
        ),
        (
            "the caller's prefix is lost",
            "The prefix of the caller is lost",
            """
            memo = set() if memo is None else memo
            if self in memo:
                return
            if remove_duplicate:
                memo.add(self)
            yield prefix, self
            for name, module in self._modules.items():
                if module is not None:
                    for path, below in module.named_modules(memo, "", remove_duplicate):
                        yield (f"{name}.{path}" if path else name), below
        """,
        ),
        (
            "an empty place is walked into",
            "may hold None",
            """
            memo = set() if memo is None else memo
            if self in memo:
                return
            if remove_duplicate:
                memo.add(self)
            yield prefix, self
            for name, module in self._modules.items():
                yield from module.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)
        """,
        ),
        (
            "shared ones are always passed over",
            "With `remove_duplicate=False`",
            """
            memo = set() if memo is None else memo
            if self in memo:
                return
            memo.add(self)
            yield prefix, self
            for name, module in self._modules.items():
                if module is not None:
                    yield from module.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)
        """,
        ),
        (
            "shared ones come twice",
            "hand `memo` down",
            """
            yield prefix, self
            for name, module in self._modules.items():
                if module is not None:
                    yield from module.named_modules(prefix=f"{prefix}.{name}" if prefix else name)
        """,
        ),
        (
            "memo is not handed down",
            "hand `memo` down",
            """
            memo = set() if memo is None else memo
            if self in memo:
                return
            if remove_duplicate:
                memo.add(self)
            yield prefix, self
            for name, module in self._modules.items():
                if module is not None:
                    path = f"{prefix}.{name}" if prefix else name
                    yield from module.named_modules(None, path, remove_duplicate)
        """,
        ),
        (
            "lists are walked too",
            "A list is an ordinary attribute",
            """
            memo = set() if memo is None else memo
            if self in memo:
                return
            if remove_duplicate:
                memo.add(self)
            yield prefix, self
            children = dict(self._modules)
            for name, value in vars(self).items():
                if isinstance(value, list):
                    children.update({f"{name}.{i}": module for i, module in enumerate(value)})
            for name, module in children.items():
                if module is not None:
                    yield from module.named_modules(memo, f"{prefix}.{name}" if prefix else name, remove_duplicate)
        """,
        ),
        (
            "one memo for all walks",
            "one set for all calls",
            """
            def named_modules(self, memo=set(), prefix="", remove_duplicate=True):
                if self in memo:
                    return
                if remove_duplicate:
                    memo.add(self)
                yield prefix, self
                for name, module in self._modules.items():
                    if module is not None:
                        path = f"{prefix}.{name}" if prefix else name
                        yield from module.named_modules(memo, path, remove_duplicate)
        """,
        ),
    ],
    "Module.named_parameters": [
        (
            "its own, None and all",
            "Only the module's own are listed",
            """
            for name, parameter in self._parameters.items():
                yield name, parameter
        """,
        ),
        (
            "its own only",
            "Only the module's own are listed",
            """
            for name, parameter in self._parameters.items():
                if parameter is not None:
                    yield (f"{prefix}.{name}" if prefix else name), parameter
        """,
        ),
        (
            "parameters() is asked",
            "asks `named_parameters()` in turn",
            """
            for parameter in self.parameters():
                yield prefix, parameter
        """,
        ),
        (
            "an empty place is listed",
            "A place may hold None",
            """
            for path, module in self.named_modules(prefix=prefix):
                for name, parameter in module._parameters.items():
                    yield (f"{path}.{name}" if path else name), parameter
        """,
        ),
        (
            "the truth of a tensor is asked",
            "`is not None`",
            """
            for path, module in self.named_modules(prefix=prefix):
                for name, parameter in module._parameters.items():
                    if parameter:
                        yield (f"{path}.{name}" if path else name), parameter
        """,
        ),
        (
            "seen ones in a list",
            "use a set, or `id(parameter)`",
            """
            seen = []
            modules = [(prefix, self)]
            if recurse:
                modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
            for path, module in modules:
                for name, parameter in module._parameters.items():
                    if parameter is None or parameter in seen:
                        continue
                    seen.append(parameter)
                    yield (f"{path}.{name}" if path else name), parameter
        """,
        ),
        (
            "a dot in front",
            "does not begin with a dot",
            """
            for path, module in self.named_modules(prefix=prefix):
                for name, parameter in module._parameters.items():
                    if parameter is not None:
                        yield path + "." + name, parameter
        """,
        ),
        (
            "the last name only",
            "the path, a dot and the name",
            """
            for path, module in self.named_modules(prefix=prefix):
                for name, parameter in module._parameters.items():
                    if parameter is not None:
                        yield name, parameter
        """,
        ),
        (
            "no pairs",
            "the path, a dot and the name",
            """
            for path, module in self.named_modules(prefix=prefix):
                for parameter in module._parameters.values():
                    if parameter is not None:
                        yield parameter
        """,
        ),
        (
            "recurse is not looked at",
            "With `recurse=False`",
            """
            seen = set()
            for path, module in self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate):
                for name, parameter in module._parameters.items():
                    if parameter is not None and parameter not in seen:
                        if remove_duplicate:
                            seen.add(parameter)
                        yield (f"{path}.{name}" if path else name), parameter
        """,
        ),
        (
            "frozen ones are left out",
            "A frozen Parameter is still a Parameter",
            """
            modules = self.named_modules(prefix=prefix) if recurse else [(prefix, self)]
            for path, module in modules:
                for name, parameter in module._parameters.items():
                    if parameter is not None and parameter.requires_grad:
                        yield (f"{path}.{name}" if path else name), parameter
        """,
        ),
        (
            "tied ones are always passed over",
            "under each of its names",
            """
            seen = set()
            modules = self.named_modules(prefix=prefix) if recurse else [(prefix, self)]
            for path, module in modules:
                for name, parameter in module._parameters.items():
                    if parameter is not None and parameter not in seen:
                        seen.add(parameter)
                        yield (f"{path}.{name}" if path else name), parameter
        """,
        ),
        (
            "tied ones come twice",
            "Remember what was yielded",
            """
            modules = self.named_modules(prefix=prefix) if recurse else [(prefix, self)]
            for path, module in modules:
                for name, parameter in module._parameters.items():
                    if parameter is not None:
                        yield (f"{path}.{name}" if path else name), parameter
        """,
        ),
        (
            "the prefix is lost",
            "The prefix is lost",
            """
            seen = set()
            modules = self.named_modules(remove_duplicate=remove_duplicate) if recurse else [("", self)]
            for path, module in modules:
                for name, parameter in module._parameters.items():
                    if parameter is not None and parameter not in seen:
                        if remove_duplicate:
                            seen.add(parameter)
                        yield (f"{path}.{name}" if path else name), parameter
        """,
        ),
        (
            "a list comes out",
            "not with a list",
            """
            seen = set()
            found = []
            modules = [(prefix, self)]
            if recurse:
                modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
            for path, module in modules:
                for name, parameter in module._parameters.items():
                    if parameter is not None and parameter not in seen:
                        if remove_duplicate:
                            seen.add(parameter)
                        found.append((f"{path}.{name}" if path else name, parameter))
            return found
        """,
        ),
        (
            "lists are looked into",
            "are not looked into",
            """
            seen = set()
            modules = [(prefix, self)]
            if recurse:
                modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
            for path, module in modules:
                held = dict(module._parameters)
                for name, value in vars(module).items():
                    if isinstance(value, list):
                        held.update({f"{name}.{i}": item for i, item in enumerate(value)})
                for name, parameter in held.items():
                    if isinstance(parameter, Parameter) and parameter not in seen:
                        if remove_duplicate:
                            seen.add(parameter)
                        yield (f"{path}.{name}" if path else name), parameter
        """,
        ),
        (
            "tensors that require a gradient are listed",
            "it is not registered",
            """
            seen = set()
            modules = [(prefix, self)]
            if recurse:
                modules = self.named_modules(prefix=prefix, remove_duplicate=remove_duplicate)
            for path, module in modules:
                held = {**module._parameters, **vars(module)}
                for name, value in held.items():
                    if isinstance(value, Tensor) and value not in seen:
                        if remove_duplicate:
                            seen.add(value)
                        yield (f"{path}.{name}" if path else name), value
        """,
        ),
    ],
}

PREDICTIONS = {
    "who picks up what": {
        "weight": (True, True),
        "mean": (False, True),
        "scale": (False, False),
        "layers[0].weight": (False, False),
    },
}
