"""The data that comes with the package: what is in it, how it is split, and that it can be learned from."""

import hashlib
import math
import re
from importlib.resources import files

import pytest

import paramlab
from paramlab import nn, optim
from paramlab.data import DataLoader, digits, penguins, pride_and_prejudice

FOLDER = files("paramlab.data")


def test_every_file_is_the_one_that_its_source_is_stated_for():
    lines = re.findall(r"^([0-9a-f]{64})  (\S+\.gz)$", FOLDER.joinpath("SOURCES.md").read_text("utf-8"), re.M)
    stated = {name: digest for digest, name in lines}
    found = {f.name: hashlib.sha256(f.read_bytes()).hexdigest() for f in FOLDER.iterdir() if f.name.endswith(".gz")}
    assert found == stated


@pytest.mark.parametrize("read", [digits, penguins])
def test_train_and_test_are_all_and_share_nothing(read):
    train, test, both = read(True), read(False), read()
    assert len(train) + len(test) == len(both)
    assert len(test) == len(both) // 5
    again = read(True)
    assert paramlab.equal(again.tensors[0], train.tensors[0])
    again.tensors[0].zero_()  # nobody else's
    assert not paramlab.equal(again.tensors[0], read(True).tensors[0])


def test_the_digits_are_scaled():
    x, y = digits(True)[:]
    assert (x.shape, x.dtype, y.dtype) == ((1438, 64), paramlab.float32, paramlab.int64)
    assert (x.min().item(), x.max().item(), sorted(set(y.tolist()))) == (0, 1, list(range(10)))


def test_the_digits_can_be_learned_from():
    x, y = digits(True)[:]
    test_x, test_y = digits(False)[:]
    centres = paramlab.stack([x[y == digit].mean(0) for digit in range(10)])
    distances = (test_x[:, None] - centres).square().sum(-1)
    assert (distances.argmin(1) == test_y).float().mean().item() > 0.85


def test_the_penguins_are_standardised_by_the_rows_to_train_on():
    train, both = penguins(True), penguins()
    x, y = train[:]
    assert (len(both), x.shape, x.dtype, y.dtype) == (342, (274, 4), paramlab.float32, paramlab.int64)
    assert x.mean(0).abs().max().item() < 1e-6
    assert (x.std(0, unbiased=False) - 1).abs().max().item() < 1e-5
    assert train.features == ("bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g")
    assert [(both[:][1] == k).sum().item() for k in range(3)] == [151, 68, 123]  # Adelie, Chinstrap, Gentoo
    first = both[0][0] * both.std + both.mean
    assert first.tolist() == pytest.approx([39.1, 18.7, 181, 3750], rel=1e-5)  # the first line of the file


def test_a_small_network_tells_penguins_apart():
    paramlab.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
    optimizer = optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    loader = DataLoader(penguins(True), batch_size=32, shuffle=True)
    for _ in range(20):
        for x, y in loader:
            optimizer.zero_grad()
            nn.functional.cross_entropy(model(x), y).backward()
            optimizer.step()
    x, y = penguins(False)[:]
    assert (model(x).argmax(1) == y).float().mean().item() > 0.95


def test_the_novel_is_split_between_chapters():
    text, train, test = pride_and_prejudice(), pride_and_prejudice(True), pride_and_prejudice(False)
    assert train + test == text
    assert text.startswith("Chapter 1\n\n\nIt is a truth universally acknowledged")
    assert test.startswith("Chapter 21\n")
    assert [int(number) for number in re.findall(r"^Chapter (\d+)$", text, re.M)] == list(range(1, 24))
    assert len(set(text)) == 74
    assert set(test) <= set(train)


def test_the_next_letter_is_learned_from_the_letters_before():
    """A model that sees three letters is far better on new chapters than the frequency of each letter."""
    text, unseen = pride_and_prejudice(True), pride_and_prejudice(False)
    letters = sorted(set(text))
    number = {letter: place for place, letter in enumerate(letters)}
    codes, unseen_codes = (paramlab.tensor([number[letter] for letter in part]) for part in (text, unseen))
    shares = [text.count(letter) / len(text) for letter in letters]
    unigram_entropy = -sum(share * math.log(share) for share in shares)

    paramlab.manual_seed(0)
    table = nn.Parameter(paramlab.zeros(3, len(letters), len(letters)))  # what each of the last three letters says
    optimizer = optim.SGD([table], lr=20.0, momentum=0.9)

    def loss_at(codes, places):
        scores = sum(table[back][codes[places - 1 - back]] for back in range(3))
        return nn.functional.cross_entropy(scores, codes[places])

    for _ in range(200):
        optimizer.zero_grad()
        loss_at(codes, paramlab.randint(3, len(codes), (512,))).backward()
        optimizer.step()
    with paramlab.no_grad():
        assert loss_at(unseen_codes, paramlab.arange(3, len(unseen_codes))).item() < unigram_entropy - 0.4
