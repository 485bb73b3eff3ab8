"""Order and counts: sort, topk, kthvalue, searchsorted, unique, bincount, histc."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import paramlab

from .test_pointwise import gradient_of

CHOSEN = [
    "x.sort().values",
    "x.sort(0, True).values",
    "x.sort(dim=0, stable=True).values",
    "x.msort()",
    "x.topk(2).values",
    "x.topk(1, 0, False).values",
    "x.kthvalue(2).values",
    "x.kthvalue(1, 0, keepdim=True).values",
]

EXPRESSIONS = [
    "torch.tensor([3, 1, 2]).sort()",
    "repr(torch.tensor([3, 1, 2]).sort())",
    "torch.sort(torch.tensor([[3, 1], [1, 2]]), dim=0, descending=True)",
    "torch.tensor([3.0, float('nan'), 1.0]).sort(descending=True)",
    "torch.tensor([2, 1, 2, 1]).sort(stable=True, descending=True)",
    "torch.tensor(3.0).sort()",
    "torch.ones(0).sort()",
    "torch.ones(2).sort(5)",
    "torch.tensor([True, False]).sort()",
    "torch.argsort(torch.tensor([[3, 1, 2]]), dim=-1, descending=True)",
    "torch.tensor([3, 1, 2]).topk(2)",
    "torch.tensor([3, 1, 2]).topk(0)",
    "torch.tensor([3, 1, 2]).topk(4)",
    "torch.tensor([True]).topk(1)",
    "torch.topk(torch.tensor([[3, 1, 2], [4, 6, 5]]), 1, dim=0, largest=False)",
    "torch.topk(torch.arange(100.0), 3)",
    "torch.topk(torch.arange(200.0).reshape(2, 100), 2, largest=False)",
    "torch.tensor(3.0).topk(1)",
    "torch.tensor([3, 1, 2]).kthvalue(2)",
    "torch.tensor([3, 1, 2]).kthvalue(4)",
    "torch.searchsorted(torch.tensor([1, 3, 5]), torch.tensor([3, 4]))",
    "torch.searchsorted(torch.tensor([1, 3, 5]), 3, right=True, out_int32=True)",
    "torch.searchsorted(torch.tensor([[1, 3], [2, 4]]), torch.tensor([[2, 3], [4, 5]]), side='right')",
    "torch.searchsorted(torch.ones(2, 3), torch.ones(3, 2))",
    "torch.searchsorted(torch.ones(2, 3), 1)",
    "torch.searchsorted(torch.tensor([1, 3]), torch.tensor([3]), side='righ')",
    "torch.searchsorted(torch.tensor([5, 1, 3]), torch.tensor([3]), sorter=torch.tensor([1, 2, 0]))",
    "torch.bucketize(torch.tensor([3, 4]), torch.tensor([1, 3, 5]), right=True)",
    "torch.bucketize(torch.tensor([3, 4]), torch.ones(2, 2))",
    "torch.tensor([3, 1, 1, 2]).unique(return_counts=True, return_inverse=True)",
    "torch.unique(torch.tensor([[3, 1], [1, 3]]), return_inverse=True)",
    "torch.unique(torch.tensor([[3, 1], [3, 1], [0, 1]]), dim=0, return_inverse=True)",
    "torch.unique(torch.tensor([1.0, float('nan'), float('nan')]))",
    "torch.bincount(torch.tensor([1, 1, 3]))",
    "torch.bincount(torch.tensor([1, 2]), torch.tensor([0.5, 1.0]), minlength=6)",
    "torch.bincount(torch.tensor([1, 1, -3]))",
    "torch.bincount(torch.tensor([1.0]))",
    "torch.bincount(torch.tensor([1, 2]), torch.tensor([1.0]))",
    "torch.bincount(torch.tensor([1, 2]), minlength=-1)",
    "torch.histc(torch.tensor([1.0, 2.0, 2.0]), 3)",
    "torch.histc(torch.tensor([2.0, 2.0]), 3)",
    "torch.histc(torch.arange(10.0), 4, 2, 8)",
    "torch.histc(torch.tensor([1, 2]))",
    "torch.histc(torch.tensor([2.0]), 3, 5, 1)",
    "torch.histc(torch.tensor([2.0]), 0)",
]


@pytest.mark.parametrize("expression", CHOSEN)
def test_the_gradient_goes_to_the_elements_that_were_chosen(expression, agree):
    agree(gradient_of(expression, [[1.0, 3.0, 2.0], [-1.0, 0.5, 2.5]]))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_it_answers_as_pytorch_does(expression, agree):
    agree(expression)


@given(st.lists(st.floats(-5, 5, width=32), min_size=1, max_size=40), st.data(), st.booleans())
def test_topk_is_the_beginning_of_the_sorted_elements(values, data, largest):
    k = data.draw(st.integers(0, len(values)))
    x = paramlab.tensor(values)
    found, index = x.topk(k, largest=largest)
    assert paramlab.equal(found, x.sort(descending=largest).values[:k])
    np.testing.assert_array_equal(x.numpy()[index.numpy()], found.numpy())
