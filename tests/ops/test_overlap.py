"""Writing to memory of which another part is still to be read: refused where PyTorch refuses it."""

import pytest

WRITES = """
v[1:] = v[:-1]
v[:-1] = v[1:]
v[1:].copy_(v[:-1])
v[1:] += v[:-1]
v[1:].sub_(v[:-1])
v[1:].eq_(v[:-1])
v[1:5].add_(v[:4], alpha=2)
v.div_(v[0])
v.unsqueeze(0).add_(v)
x -= x[0]
x *= x[0, 0]
x.copy_(x[0])
x.copy_(x.t())
x += x.t()
x.index_add_(0, torch.tensor([0]), x[1:2])
v[3:] += v[:3]
v.add_(v)
v.copy_(v)
v.mul_(v.view(6))
v.add_(v.detach())
v /= v.sum()
v[::2] += v[1::2]
v[[0, 1]] = v[[1, 0]]
v[1:] = v[:-1].clone()
v[1:].add_(v[:-1].double())
v.fill_(v[3])
v.masked_fill_(v > 2, v[0])
x[1] += x[0]
x[0] = x[1]
x[:, 0] = x[:, 1]
"""


@pytest.mark.parametrize("write", WRITES.strip().splitlines())
def test_a_block_is_not_written_from_another_part_of_itself(write, agree):
    def program(torch):
        names = {"torch": torch, "v": torch.arange(6.0), "x": torch.arange(9.0).reshape(3, 3)}
        exec(write, names)
        return names["v"], names["x"]

    agree(program)
