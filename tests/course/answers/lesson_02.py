"""Answers to lesson 02: for each piece its right ones by style, its wrong ones by misconception and hint."""

RIGHT = {
    "Parameter.__new__": {
        "step by step": """
            if data is None:
                data = torch.empty(0)
            parameter = data.detach()
            parameter = parameter.as_subclass(cls)
            parameter.requires_grad = requires_grad
            return parameter
        """,
        "one expression": """
            return (empty(0) if data is None else data).detach().as_subclass(cls).requires_grad_(requires_grad)
        """,
        "by way of data, of which there is a tensor always": """
            tensor = empty(0) if data is None else data
            new = tensor.data.as_subclass(cls)
            new.requires_grad_(requires_grad)
            return new
        """,
        "switched off while it is made": """
            data = data if data is not None else torch.zeros(0)
            with torch.no_grad():
                made = data.detach().as_subclass(cls)
            if requires_grad:
                made.requires_grad_()
            return made
        """,
    },
    "Parameter.__repr__": {
        "f-string": """
            return f"Parameter containing:\\n{Tensor.__repr__(self)}"
        """,
        "joined lines": """
            lines = ["Parameter containing:", Tensor.__repr__(self)]
            return "\\n".join(lines)
        """,
        "super with its arguments": """
            return "Parameter containing:" + "\\n" + super(Parameter, self).__repr__()
        """,
    },
}

WRONG = {
    "Parameter.__new__": [
        (
            "the history of the given tensor is cut off",
            "`detach_()` is not",
            """
            if data is None:
                data = empty(0)
            return data.detach_().as_subclass(cls).requires_grad_(requires_grad)
        """,
        ),
        (
            "a plain tensor comes out",
            "You return a plain tensor",
            """
            if data is None:
                data = empty(0)
            return data.detach().requires_grad_(requires_grad)
        """,
        ),
        (
            "what was made is not returned",
            "Is there a `return`",
            """
            if data is None:
                data = empty(0)
            data.detach().as_subclass(cls).requires_grad_(requires_grad)
        """,
        ),
        (
            "the class is taken for the object",
            "`cls` is the class itself",
            """
            cls.data = data
            cls.requires_grad = requires_grad
            return cls
        """,
        ),
        (
            "an object made from nothing",
            "made from nothing",
            """
            self = object.__new__(cls)
            self.data = data
            self.requires_grad = requires_grad
            return self
        """,
        ),
        (
            "super without arguments",
            "`super()` works only inside of a class",
            """
            self = super().__new__(cls)
            self.data = data
            return self
        """,
        ),
        (
            "a Parameter made by Parameter()",
            "calls `__new__` again",
            """
            if data is None:
                data = empty(0)
            return Parameter(data.detach(), requires_grad)
        """,
        ),
        (
            "requires_grad is forgotten",
            "asks for a gradient unless told otherwise",
            """
            if data is None:
                data = empty(0)
            return data.detach().as_subclass(cls)
        """,
        ),
        (
            "requires_grad is compared, not set",
            "asks for a gradient unless told otherwise",
            """
            if data is None:
                data = empty(0)
            new = data.detach().as_subclass(cls)
            new.requires_grad == requires_grad
            return new
        """,
        ),
        (
            "another default",
            "asks for a gradient unless told otherwise",
            """
            def __new__(cls, data=None, requires_grad=False):
                if data is None:
                    data = empty(0)
                return data.detach().as_subclass(cls).requires_grad_(requires_grad)
        """,
        ),
        (
            "always learned",
            "has to stay False",
            """
            if data is None:
                data = empty(0)
            return data.detach().as_subclass(cls).requires_grad_()
        """,
        ),
        (
            "the tensor itself is changed",
            "that was handed in has changed",
            """
            if data is None:
                data = empty(0)
            data.requires_grad_(requires_grad)
            return data.detach().as_subclass(cls).requires_grad_(requires_grad)
        """,
        ),
        (
            "a clone",
            "its own copy of the values",
            """
            if data is None:
                data = empty(0)
            return data.clone().detach().as_subclass(cls).requires_grad_(requires_grad)
        """,
        ),
        (
            "a copy by torch.tensor",
            "its own copy of the values",
            """
            if data is None:
                data = empty(0)
            return torch.tensor(data.tolist()).as_subclass(cls).requires_grad_(requires_grad)
        """,
        ),
        (
            "numbers are let in",
            "A number is no tensor",
            """
            if data is None:
                data = empty(0)
            if not isinstance(data, Tensor):
                data = torch.tensor(float(data))
            return data.detach().as_subclass(cls).requires_grad_(requires_grad)
        """,
        ),
        (
            "the history is kept",
            "A Parameter is a leaf",
            """
            if data is None:
                data = empty(0)
            return data.as_subclass(cls).requires_grad_(requires_grad)
        """,
        ),
        (
            "no data is not thought of",
            "has no data",
            """
            return data.detach().as_subclass(cls).requires_grad_(requires_grad)
        """,
        ),
        (
            "the truth of a tensor is asked",
            "`data is None`",
            """
            if not data:
                data = empty(0)
            return data.detach().as_subclass(cls).requires_grad_(requires_grad)
        """,
        ),
        (
            "the class is written out",
            "Use `cls`",
            """
            if data is None:
                data = empty(0)
            return data.detach().as_subclass(Parameter).requires_grad_(requires_grad)
        """,
        ),
        (
            "integers are silently frozen",
            "Integers have no gradient",
            """
            if data is None:
                data = empty(0)
            new = data.detach().as_subclass(cls)
            if new.is_floating_point():
                new.requires_grad_(requires_grad)
            return new
        """,
        ),
        (
            "integers are turned into floats",
            "Integers have no gradient",
            """
            if data is None:
                data = empty(0)
            return data.detach().float().as_subclass(cls).requires_grad_(requires_grad)
        """,
        ),
    ],
    "Parameter.__repr__": [
        (
            "the class's method, and no object",
            "`self` goes into the brackets",
            """
            return "Parameter containing:\\n" + Tensor.__repr__()
        """,
        ),
        (
            "repr asks for itself",
            "asks for `__repr__` again",
            """
            return "Parameter containing:\\n" + repr(self)
        """,
        ),
        (
            "an f-string asks for itself",
            "asks for `__repr__` again",
            """
            return f"Parameter containing:\\n{self}"
        """,
        ),
        (
            "super without arguments",
            "`Tensor.__repr__(self)`",
            """
            return "Parameter containing:\\n" + super().__repr__()
        """,
        ),
        (
            "it prints",
            "It does not print",
            """
            print("Parameter containing:")
            print(Tensor.__repr__(self))
        """,
        ),
        (
            "the data is printed",
            "`requires_grad=True` is lost",
            """
            return "Parameter containing:\\n" + str(self.data)
        """,
        ),
        (
            "everything on one line",
            "a line of their own",
            """
            return "Parameter containing: " + Tensor.__repr__(self)
        """,
        ),
        (
            "no words at all",
            "a line of their own",
            """
            return Tensor.__repr__(self)
        """,
        ),
        (
            "other words",
            "letter by letter",
            """
            return "Parameter:\\n" + Tensor.__repr__(self)
        """,
        ),
        (
            "two line breaks",
            "letter by letter",
            """
            return "Parameter containing:\\n\\n" + Tensor.__repr__(self)
        """,
        ),
        (
            "requires_grad is written in",
            "A frozen Parameter prints without",
            """
            return "Parameter containing:\\n" + repr(self.detach())[:-1] + ", requires_grad=True)"
        """,
        ),
    ],
}

PREDICTIONS = {
    "three kinds": {"Tensor": (False, False, False), "Parameter": (True, True, True), "Buffer": (False, True, True)},
    "same as requires_grad": {
        "gets a gradient": True,
        "parameters()": False,
        "state_dict()": False,
        ".to()": False,
    },
}
