"""What a tensor can do: operations as methods, operators, writing in place, gradients, Python's protocols."""
