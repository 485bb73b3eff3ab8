"""Random numbers: contracts and errors are PyTorch's, the numbers are NumPy's; so distributions are checked."""

import numpy as np
import pytest

import paramlab

EXPRESSIONS = [
    "(torch.finfo(torch.float16).eps,torch.finfo(torch.float16).tiny,torch.finfo(torch.float16).smallest_normal,torch.finfo(torch.float16).resolution,torch.finfo(torch.float16).bits,torch.finfo(torch.float16).min,torch.finfo(torch.float16).dtype)",
    "torch.manual_seed(3) is torch.default_generator",
    "torch.manual_seed('a')",
    "torch.manual_seed(2**64)",
    "torch.manual_seed(-1).initial_seed()",
    "torch.Generator().get_state().dtype",
    "torch.get_rng_state().dtype",
    "torch.Generator().manual_seed(3).initial_seed()",
    "torch.rand(2,dtype=torch.int64)",
    "torch.randn(2,dtype=torch.int64)",
    "torch.rand(size=(2,)).shape",
    "torch.randint(3,(2,)).dtype",
    "torch.randint(1,3,(2,)).shape",
    "torch.randint(3,1,(2,))",
    "torch.randint(0,(2,))",
    "torch.randint(high=3,size=(2,)).shape",
    "torch.randint(low=1,high=2,size=(2,))",
    "torch.randint(0,300,(2,),dtype=torch.uint8)",
    "torch.randint(0,3,(2,),dtype=torch.float32).dtype",
    "torch.randperm(0)",
    "torch.randperm(3,dtype=torch.float32).dtype",
    "torch.randint_like(torch.ones(2),1)",
    "torch.randint_like(torch.ones(2,dtype=torch.int8),1,2)",
    "torch.rand_like(torch.ones(2,dtype=torch.int64))",
    "torch.normal(0.,0.,(2,))",
    "torch.normal(1,0,size=(2,))",
    "torch.normal(torch.zeros(2),0.)",
    "torch.normal(torch.zeros(2),-1.)",
    "torch.normal(0.,torch.ones(2)).shape",
    "torch.normal(torch.zeros(2,1),torch.ones(3)).shape",
    "torch.normal(torch.zeros(2,dtype=torch.int64),1.)",
    "torch.normal(0.,-torch.ones(2))",
    "torch.bernoulli(torch.tensor([1.,0.]))",
    "torch.bernoulli(torch.tensor([1.5]))",
    "torch.bernoulli(torch.tensor([1]))",
    "torch.bernoulli(torch.tensor([1.]),0.)",
    "torch.ones(2).bernoulli_(2)",
    "torch.ones(2).bernoulli_(torch.tensor([1.,0.]))",
    "torch.ones(2,dtype=torch.int64).bernoulli_(1.)",
    "torch.ones(2).random_(1)",
    "torch.ones(2).random_(5,3)",
    "torch.ones(2).random_(3,4)",
    "torch.ones(2,dtype=torch.int8).random_(0,1000)",
    "torch.ones(2).uniform_(2,1)",
    "torch.ones(2).uniform_(0,1e300)",
    "torch.ones(2).uniform_(float('nan'),1)",
    "torch.ones(2).uniform_(0,float('inf'))",
    "torch.ones(2).uniform_(-3e38,3e38)",
    "torch.ones(2,dtype=torch.float64).uniform_(-1e308,1e308)",
    "torch.ones(2,dtype=torch.float64).uniform_(0,1e300).dtype",
    "torch.ones(2,dtype=torch.float16).uniform_(0,7e4)",
    "torch.ones(2,dtype=torch.float16).uniform_(-6e4,6e4)",
    "torch.ones(2,device='meta').uniform_(2,1).shape",
    "torch.ones(2,dtype=torch.int64).uniform_()",
    "torch.ones(2).normal_(0,-1)",
    "torch.ones(2,dtype=torch.int64).normal_()",
    "torch.ones(2).uniform_(1,1,generator=torch.Generator())",
    "torch.multinomial(torch.tensor([1.,2]),3)",
    "torch.multinomial(torch.tensor([0.,2]),3,True)",
    "torch.multinomial(torch.tensor([0.,0]),1)",
    "torch.multinomial(torch.tensor([0.,-1]),1)",
    "torch.multinomial(torch.tensor([1.,-1]),2,True)",
    "torch.multinomial(torch.tensor([1.,float('inf')]),2,True)",
    "torch.multinomial(torch.tensor([1.,float('nan')]),2,True)",
    "torch.multinomial(torch.tensor([0,1]),1)",
    "torch.multinomial(torch.tensor([0.,1]),0)",
    "torch.multinomial(torch.ones(2,2,2),1)",
    "torch.multinomial(torch.ones(2,3),2).shape",
    "torch.multinomial(torch.tensor([[0.,1],[1.,0]]),1)",
    "torch.multinomial(torch.tensor(1.),1)",
    "torch.set_rng_state(torch.zeros(3))",
    "torch.bernoulli(torch.ones(2,requires_grad=True)*.5).requires_grad",
    "torch.ones(2,requires_grad=True).uniform_()",
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_it_answers_as_pytorch_does(expression, agree):
    agree(expression)


def drawn(make, count=20_000):
    paramlab.manual_seed(0)
    return make(count).double().numpy()


@pytest.mark.parametrize("kind", ["float16", "float32", "float64"])
def test_rand_is_even_and_never_one(kind):
    x = drawn(lambda n: paramlab.rand(n, dtype=getattr(paramlab, kind)))
    assert 0 <= x.min() < 0.01
    assert 0.99 < x.max() < 1
    assert x.mean() == pytest.approx(0.5, abs=0.02)
    assert x.var() == pytest.approx(1 / 12, abs=0.01)


@pytest.mark.parametrize("make", ["randn(n)", "normal(0.0, 1.0, (n,))", "empty(n).normal_()", "normal(zeros(n), 1.0)"])
def test_normal_numbers_have_their_moments(make):
    x = drawn(lambda n: eval(make, {**vars(paramlab), "n": n}))
    assert x.mean() == pytest.approx(0, abs=0.03)
    assert x.std() == pytest.approx(1, abs=0.03)
    assert (x**3).mean() == pytest.approx(0, abs=0.1)


def test_the_mean_and_the_spread_may_be_tensors():
    x = drawn(lambda n: paramlab.normal(paramlab.tensor([[-5.0], [5.0]]), paramlab.full((n,), 0.5)))
    assert x.mean(1) == pytest.approx([-5, 5], abs=0.02)
    assert x.std(1) == pytest.approx([0.5, 0.5], abs=0.02)


def test_whole_numbers_come_equally_often():
    counts = np.bincount(drawn(lambda n: paramlab.randint(2, 6, (n,))).astype(int), minlength=7)
    assert counts[:2].sum() == counts[6] == 0
    assert counts[2:6] == pytest.approx([5000] * 4, rel=0.06)
    assert set(drawn(lambda n: paramlab.empty(n, dtype=paramlab.int8).random_(3))) == {0, 1, 2}


def test_a_coin_falls_as_often_as_it_is_told():
    assert drawn(lambda n: paramlab.bernoulli(paramlab.full((n,), 0.3))).mean() == pytest.approx(0.3, abs=0.02)
    assert drawn(lambda n: paramlab.empty(n).bernoulli_(0.8)).mean() == pytest.approx(0.8, abs=0.02)


def test_multinomial_draws_by_weight():
    weights = paramlab.tensor([1.0, 0.0, 3.0])
    counts = np.bincount(drawn(lambda n: paramlab.multinomial(weights, n, replacement=True)).astype(int), minlength=3)
    assert counts / 20_000 == pytest.approx([0.25, 0, 0.75], abs=0.02)
    without = drawn(lambda n: paramlab.multinomial(weights.expand(n, 3), 1), 4000).ravel()
    assert np.bincount(without.astype(int), minlength=3) / 4000 == pytest.approx([0.25, 0, 0.75], abs=0.04)


def test_without_replacement_nothing_comes_twice():
    rows = paramlab.multinomial(paramlab.rand(50, 6) + 0.1, 6)
    assert paramlab.equal(rows.sort().values, paramlab.arange(6).expand(50, 6))


def test_a_state_brings_the_numbers_back():
    own = paramlab.Generator().manual_seed(7)
    paramlab.rand(3, generator=own)
    state = own.get_state()
    expected = paramlab.rand(3, generator=own)
    own.set_state(state)
    assert paramlab.equal(paramlab.rand(3, generator=own), expected)
    assert own.initial_seed() == 7
    with pytest.raises(RuntimeError, match="no state of a generator"):
        own.set_state(paramlab.zeros(3, dtype=paramlab.uint8))


def test_a_fork_leaves_the_common_generator_as_it_was():
    paramlab.manual_seed(3)
    expected = paramlab.rand(2)
    paramlab.manual_seed(3)
    with paramlab.random.fork_rng():
        paramlab.rand(5)
    assert paramlab.equal(paramlab.rand(2), expected)


def test_a_new_seed_is_another_one():
    assert paramlab.seed() != paramlab.seed()
    assert paramlab.Generator().initial_seed() != paramlab.Generator().initial_seed()


def test_what_was_drawn_gets_no_gradient(agree):
    def program(torch):
        p = torch.tensor([0.0, 1.0], requires_grad=True)
        y = torch.bernoulli(p)
        y.sum().backward()
        return y.grad_fn.name(), p.grad.clone()

    agree(program)


def test_set_state_returns_the_generator(fw):
    g = fw.Generator()
    assert g.set_state(g.get_state()) is g
