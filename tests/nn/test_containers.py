"""Containers answer as PyTorch's do: what they hold, how they print, what they refuse."""

import pytest

import paramlab
from paramlab import nn as our_nn

from .programs import program

SEQUENTIALS = [
    "repr(S(1,2,3)[::2])",
    "repr(S(1,2).insert(1,nn.ReLU()))",
    "repr(S(1,2).insert(-1,nn.ReLU()))",
    "S(1,2).insert(3,nn.ReLU())",
    "repr(S(1,2)+S(3))",
    "S(1,2)+[3]",
    "repr(S(1,2)*2)",
    "repr(2*S(1,2))",
    "s=S(1,2); s*=2; repr(s)",
    "s=S(1,2); s*=2; s[0] is s[2]",
    "s=S(1,2); s+=S(3); repr(s)",
    "s=S(1,2); s+=[3]; None",
    "s=S(1,2,3,4); del s[1:3]; repr(s)",
    "s=S(1,2,3,4); del s[-1]; repr(s)",
    "s=S(1,2,3,4); del s[7]; None",
    "s=S(1,2,3,4); (repr(s.pop(1)),repr(s))",
    "s=S(1,2,3,4); (repr(s.pop(slice(0,2))),repr(s))",
    "repr(S(1,2).extend([nn.ReLU()]))",
    "S(1)[1]",
    'S(1)["0"]',
    "S(1)[1.0]",
    "s=S(1,2); s[1]=nn.ReLU(); repr(s)",
    "s=S(1,2); s[5]=nn.ReLU(); repr(s)",
    "s=S(1,2); s[1]=3; None",
    'nn.Sequential({"a":nn.ReLU()})',
    "repr(nn.Sequential(OD(a=nn.ReLU(),b=nn.Linear(1,2))))",
    "nn.Sequential(OD([(1,nn.ReLU())]))",
    "repr(nn.Sequential(OD(a=nn.ReLU(),b=nn.Linear(1,2)))[1:])",
    "nn.Sequential(OD(a=nn.ReLU(),b=nn.Linear(1,2))).b",
    "s=nn.Sequential(OD(a=nn.ReLU(),b=nn.Linear(1,2))); s.append(nn.Tanh()); repr(s)",
    "len(S(1,2,3)), [type(x).__name__ for x in S(1,2)]",
    "[n for n in dir(S(1,2)) if n.isdigit()]",
]

MODULE_LISTS = [
    "repr(nn.ModuleList())",
    "repr(nn.ModuleList([nn.Linear(1,1)]*3))",
    "repr(nn.ModuleList([nn.Linear(1,1),nn.Linear(1,1),nn.ReLU(),nn.Linear(1,1)]))",
    "repr(nn.ModuleList([S(1,2),S(1,2),nn.ReLU()]))",
    "nn.ModuleList(3)",
    "nn.ModuleList([3])",
    "nn.ModuleList()(1)",
    "repr(nn.ModuleList([nn.ReLU()])+[nn.Tanh()])",
    "l=nn.ModuleList([nn.ReLU()]); l+=[nn.Tanh()]; repr(l)",
    "l=nn.ModuleList([nn.ReLU(),nn.Tanh()]); l.insert(1,nn.Linear(1,1)); repr(l)",
    "l=nn.ModuleList([nn.ReLU(),nn.Tanh()]); l.insert(0,nn.Linear(1,1)); repr(l)",
    "l=nn.ModuleList([nn.ReLU(),nn.Tanh()]); l.insert(-1,nn.Linear(1,1)); repr(l)",
    "l=nn.ModuleList([nn.ReLU(),nn.Tanh(),nn.Sigmoid()]); del l[0]; repr(l)",
    "l=nn.ModuleList([nn.ReLU(),nn.Tanh(),nn.Sigmoid()]); del l[::2]; repr(l)",
    "l=nn.ModuleList([nn.ReLU(),nn.Tanh(),nn.Sigmoid()]); (repr(l.pop(0)),repr(l),repr(l.pop(-1)),repr(l[0:1]))",
    "nn.ModuleList([nn.ReLU()])[3]",
    "nn.ModuleList([nn.ReLU()])[-3]",
    "l=nn.ModuleList([nn.ReLU()]); l[-1]=nn.Tanh(); repr(l)",
    "nn.ModuleList().extend(3)",
    "nn.ModuleList().append(None) and 1",
    "list(nn.ModuleList([nn.Linear(1,1)]).state_dict())",
    "nn.ModuleList([nn.ReLU()]) + 3",
]

MODULE_DICTS = [
    'repr(nn.ModuleDict({"b":nn.ReLU(),"a":nn.Tanh()}))',
    'repr(nn.ModuleDict([["b",nn.ReLU()],("a",nn.Tanh())]))',
    "nn.ModuleDict([3])",
    "nn.ModuleDict([(1,2,3)])",
    "nn.ModuleDict(3)",
    "nn.ModuleDict({1:nn.ReLU()})",
    'nn.ModuleDict({"a.b":nn.ReLU()})',
    'nn.ModuleDict({"keys":nn.ReLU()})',
    'nn.ModuleDict({"a":3})',
    'd=nn.ModuleDict({"a":nn.ReLU(),"b":nn.Tanh()}); '
    '(repr(d.pop("a")),repr(d),len(d),"a" in d,list(d),list(d.keys()),[repr(v) for v in d.values()],'
    "[k for k,_ in d.items()])",
    'nn.ModuleDict().pop("a")',
    'nn.ModuleDict()["a"]',
    'd=nn.ModuleDict({"a":nn.ReLU()}); d.clear(); len(d)',
    'd=nn.ModuleDict({"a":nn.ReLU()}); del d["a"]; len(d)',
    'd=nn.ModuleDict({"a":nn.ReLU()}); d.update(nn.ModuleDict({"c":nn.Tanh()})); repr(d)',
    'd=nn.ModuleDict({"a":nn.ReLU()}); d["a"]=nn.Tanh(); repr(d)',
    'nn.ModuleDict({"a":nn.ReLU()})(3)',
    'nn.ModuleDict({"a":nn.ReLU()}).a',
]

PARAMETER_LISTS = [
    'repr(nn.ParameterList([torch.ones(2),nn.Parameter(torch.ones(2,3)),3,"x"]))',
    "repr(nn.ParameterList())",
    "repr(nn.ParameterList([nn.Parameter(torch.tensor(1.))]))",
    "p=nn.ParameterList([torch.ones(2),3]); [type(x).__name__ for x in p]+[len(p),[n for n,_ in p.named_parameters()]]",
    "p=nn.ParameterList([torch.ones(2),3]); [type(p[-1]).__name__, type(p[0:1]).__name__, len(p[0:1])]",
    "nn.ParameterList([torch.ones(2)])[2]",
    "nn.ParameterList(torch.ones(2))",
    "nn.ParameterList(3)",
    "nn.ParameterList()(3)",
    "p=nn.ParameterList([torch.ones(2)]); p[0]=torch.zeros(3); type(p[0]).__name__",
    "p=nn.ParameterList([torch.ones(2)]); p[0]=3; None",
    "p=nn.ParameterList([torch.ones(2)]); p[4]=torch.ones(1); None",
    "p=nn.ParameterList([torch.ones(2)]); p+=[torch.ones(1)]; len(p)",
    "p=nn.ParameterList([torch.ones(2)]); p.extend(p2 for p2 in [torch.ones(3)]); list(p.state_dict())",
    "nn.ParameterList([torch.ones(2,dtype=torch.int64)])",
    "[n for n in dir(nn.ParameterList([torch.ones(2)])) if n.isdigit()]",
    "del nn.ParameterList([torch.ones(2)])[0]; None",
    "len(pickle.loads(pickle.dumps(nn.ParameterList([torch.ones(1),2]))))",
]

PARAMETER_DICTS = [
    'repr(nn.ParameterDict({"b":torch.ones(2),"a":nn.Parameter(torch.ones(1,2)),"c":3}))',
    'list(nn.ParameterDict({"b":torch.ones(2),"a":torch.ones(1,2)}))',
    'list(nn.ParameterDict(OD([("b",torch.ones(2)),("a",torch.ones(1,2))])))',
    'list(nn.ParameterDict([("b",torch.ones(2)),("a",torch.ones(1,2))]))',
    "nn.ParameterDict([3])",
    "nn.ParameterDict([(1,2,3)])",
    "nn.ParameterDict(3)",
    "nn.ParameterDict({1:torch.ones(2)})",
    "d=nn.ParameterDict(); d[1]=torch.ones(1); None",
    'nn.ParameterDict()["x"]',
    'nn.ParameterDict().pop("x")',
    "nn.ParameterDict().popitem()",
    "P=nn.ParameterDict(dict(a=torch.ones(1),b=torch.ones(2))); (P.popitem()[0],len(P),list(P))",
    'P=nn.ParameterDict(dict(a=torch.ones(1),b=torch.ones(2))); (P.pop("a"),len(P),list(P))',
    "P=nn.ParameterDict(dict(a=torch.ones(1),b=torch.ones(2))); "
    '(P.get("x"),P.get("x",3),type(P.get("a")).__name__,list(reversed(P)))',
    "P=nn.ParameterDict(dict(a=torch.ones(1))); "
    '(type(P.setdefault("z",torch.ones(1))).__name__, P.setdefault("n"), list(P))',
    'P=nn.ParameterDict(dict(a=torch.ones(1))); (P.copy()["a"] is P["a"], type(P.copy()).__name__)',
    "P=nn.ParameterDict(dict(a=torch.ones(1))); list(P|nn.ParameterDict(dict(c=torch.ones(1))))",
    "P=nn.ParameterDict(dict(a=torch.ones(1))); P|=nn.ParameterDict(dict(c=torch.ones(1))); list(P)",
    'P=nn.ParameterDict(dict(a=torch.ones(1))); P|={"z":torch.ones(1),"c":torch.ones(1)}; list(P)',
    'P=nn.ParameterDict(dict(a=torch.ones(1))); r={"q":torch.ones(1)}|P; [list(r),type(r).__name__]',
    "P=nn.ParameterDict(dict(a=torch.ones(1))); P|3",
    'P=nn.ParameterDict(); repr(P.fromkeys(["x","y"],torch.ones(1)))',
    'P=nn.ParameterDict(); repr(P.fromkeys(["x","y"]))',
    "P=nn.ParameterDict(dict(a=torch.ones(1))); P.clear(); (len(P),list(P.state_dict()))",
    "P=nn.ParameterDict(dict(a=torch.ones(1))); P(3)",
    'P=nn.ParameterDict(dict(a=torch.ones(1))); del P["a"]; "a" in P',
    'P=nn.ParameterDict(dict(a=torch.ones(1))); del P["x"]; None',
    'P=nn.ParameterDict(dict(a=torch.ones(1))); P["a"]=torch.zeros(3); P.a',
    "P=nn.ParameterDict(dict(a=torch.ones(1))); "
    "([k for k in P.keys()],[k for k,v in P.items()],[v for v in P.values()])",
    'nn.ParameterDict({"keys":torch.ones(1)})',
    'copy.deepcopy(nn.ParameterDict(dict(a=torch.ones(1))))["a"]',
]


@pytest.mark.parametrize("line", SEQUENTIALS + MODULE_LISTS + MODULE_DICTS + PARAMETER_LISTS + PARAMETER_DICTS)
def test_a_container_answers_as_pytorchs_does(line, agree):
    agree(program(line))


@pytest.mark.parametrize("factor", [0, -1, 1.5, "2"])
def test_a_sequential_is_repeated_a_whole_number_of_times(factor, torch):
    for nn in (our_nn, torch.nn):
        error = ValueError if isinstance(factor, int) else TypeError
        with pytest.raises(error, match=r"multiplication factor|unsupported operand"):
            nn.Sequential(nn.ReLU()) * factor


def test_a_container_moves_saves_and_lists_what_it_holds(agree):
    def run(torch):
        nn = torch.nn
        model = nn.Module()
        model.layers = nn.ModuleList([nn.Linear(1, 1), nn.Linear(1, 1)])
        model.heads = nn.ModuleDict({"b": nn.Linear(1, 2), "a": nn.Linear(1, 1)})
        model.scales = nn.ParameterList([torch.ones(1), torch.ones(2)])
        model.named = nn.ParameterDict({"y": torch.ones(1), "x": torch.ones(1)})
        model.double()
        return list(model.state_dict()), {str(p.dtype) for p in model.parameters()} == {"torch.float64"}

    agree(run)


def test_a_repeated_module_is_shared():
    layers = our_nn.Sequential(our_nn.Linear(1, 1)) * 3
    assert layers[0] is layers[2]
    assert len(list(layers.parameters())) == 2


def test_a_container_of_parameters_learns():
    weights = our_nn.ParameterList([paramlab.ones(1), paramlab.ones(1)])
    sum(w.sum() for w in weights).backward()
    assert all(w.grad is not None for w in weights)
