"""Tensors, autograd and a first network: the tutorials that everybody begins with."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np

from . import classes, numbers, same_start


def tensors_of_the_blitz(torch: Any) -> Any:
    """Creation, attributes, indexing, joining, the bridge to NumPy."""
    x_data = torch.tensor([[1, 2], [3, 4]])
    np_array = np.asarray(x_data.tolist())
    x_np = torch.from_numpy(np_array)
    x_ones = torch.ones_like(x_data)
    x_rand = torch.rand_like(x_data, dtype=torch.float)
    shape = (2, 3)
    print(f"Ones Tensor: \n {x_ones} \n{torch.ones(shape)} \n{torch.zeros(shape)}")
    print(f"Shape of tensor: {x_rand.shape}, {x_rand.dtype}, Device tensor is stored on: {x_rand.device}")
    tensor = torch.ones(4, 4)
    tensor[:, 1] = 0
    print(f"First row: {tensor[0]}\nFirst column: {tensor[:, 0]}\nLast column: {tensor[..., -1]}\n{tensor}")
    t1 = torch.cat([tensor, tensor, tensor], dim=1)
    y1, y2 = tensor @ tensor.T, tensor.matmul(tensor.T)
    y3 = torch.empty_like(y1)
    y3.copy_(tensor.mul(tensor))
    agg = tensor.sum()
    print(agg.item(), type(agg.item()), f"{agg}", f"{agg:.2f}", f"{agg.item():>8.3f}")
    tensor.add_(5)
    n = tensor.numpy()
    tensor.add_(1)
    print(f"t: {tensor}\nn: {n}")
    np.add(n, 1, out=n)
    return t1, y1, y2, y3, tensor, x_np, torch.equal(y1, y2), len(tensor), [row.tolist() for row in tensor]


def autograd_of_the_blitz(torch: Any) -> Any:
    """A gradient against its formula, what requires a gradient, freezing."""
    a = torch.tensor([2.0, 3.0], requires_grad=True)
    b = torch.tensor([6.0, 4.0], requires_grad=True)
    q = 3 * a**3 - b**2
    q.backward(gradient=torch.tensor([1.0, 1.0]))
    print(9 * a**2 == a.grad)
    print(-2 * b == b.grad)
    x, z = torch.zeros(5, 5), torch.ones((5, 5), requires_grad=True)
    print(f"Does `a` require gradients?: {(x + x).requires_grad}\nDoes `b`: {(x + z).requires_grad}")
    y = (x + z) * 2
    print(y.grad_fn, y.grad_fn.next_functions[0][0], z.is_leaf, y.is_leaf)
    return q, a.grad, b.grad


def autograd_of_the_basics(torch: Any) -> Any:
    """A one-layer network by hand, no_grad, detach, and a second backward on an identity."""
    x, y = torch.ones(5), torch.zeros(3)
    w = numbers(torch, 5, 3).requires_grad_()
    b = numbers(torch, 3, seed=1).requires_grad_(True)
    z = torch.matmul(x, w) + b
    loss = torch.nn.functional.binary_cross_entropy_with_logits(z, y)
    print(f"Gradient function for z = {z.grad_fn}, for loss = {loss.grad_fn.name()}")
    loss.backward()
    with torch.no_grad():
        inside = torch.matmul(x, w) + b
    print(z.requires_grad, inside.requires_grad, z.detach().requires_grad)
    inp = torch.eye(4, 5, requires_grad=True)
    out = (inp + 1).pow(2).t()
    out.backward(torch.ones_like(out), retain_graph=True)
    print(f"First call\n{inp.grad}")
    out.backward(torch.ones_like(out), retain_graph=True)
    print(f"\nSecond call\n{inp.grad}")
    inp.grad.zero_()
    out.backward(torch.ones_like(out), retain_graph=True)
    return loss, w.grad, b.grad, inp.grad


def lenet_of_the_blitz(torch: Any) -> Any:
    """The network of the sixty minutes: shapes, parameters, a loss, its graph, a step."""
    nn, F = torch.nn, torch.nn.functional

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1 = nn.Conv2d(1, 6, 5)
            self.conv2 = nn.Conv2d(6, 16, 5)
            self.fc1 = nn.Linear(16 * 5 * 5, 120)
            self.fc2 = nn.Linear(120, 84)
            self.fc3 = nn.Linear(84, 10)

        def forward(self, input):
            c1 = F.relu(self.conv1(input))
            s2 = F.max_pool2d(c1, (2, 2))
            c3 = F.relu(self.conv2(s2))
            s4 = F.max_pool2d(c3, 2)
            s4 = torch.flatten(s4, 1)
            return self.fc3(F.relu(self.fc2(F.relu(self.fc1(s4)))))

    net = same_start(torch, Net())
    print(net)
    params = list(net.parameters())
    print(len(params), params[0].size())
    input = numbers(torch, 1, 1, 32, 32)
    net.zero_grad()
    output = net(input)
    target = numbers(torch, 10, seed=2).view(1, -1)
    loss = nn.MSELoss()(output, target)
    print(loss.grad_fn.name(), loss.grad_fn.next_functions[0][0].name())
    print("before", net.conv1.bias.grad)
    loss.backward()
    optimizer = torch.optim.SGD(net.parameters(), lr=1e-4)
    before = net.fc3.bias.detach().clone()
    optimizer.step()
    optimizer.zero_grad()
    return output / 100, loss / 1e4, (net.fc3.bias - before), net.conv1.bias.grad


def quickstart(torch: Any) -> Any:
    """Data, a model, a loop for training and one for testing, as the quickstart prints them."""
    nn = torch.nn
    data = torch.utils.data.TensorDataset(numbers(torch, 96, 1, 4, 4), classes(torch, 3, 96))
    train_dataloader = torch.utils.data.DataLoader(data, batch_size=16)
    for X, y in train_dataloader:
        print(f"Shape of X [N, C, H, W]: {X.shape}\nShape of y: {y.shape} {y.dtype}")
        break
    device = torch.accelerator.current_accelerator().type if torch.accelerator.is_available() else "cpu"
    print(f"Using {device} device")

    class NeuralNetwork(nn.Module):
        def __init__(self):
            super().__init__()
            self.flatten = nn.Flatten()
            self.linear_relu_stack = nn.Sequential(
                nn.Linear(16, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU(), nn.Linear(32, 3)
            )

        def forward(self, x):
            return self.linear_relu_stack(self.flatten(x))

    model = same_start(torch, NeuralNetwork()).to(device)
    print(model)
    loss_fn, optimizer = nn.CrossEntropyLoss(), torch.optim.SGD(model.parameters(), lr=1e-2)
    for t in range(2):
        print(f"Epoch {t + 1}\n-------------------------------")
        size = len(train_dataloader.dataset)
        model.train()
        for batch, (X, y) in enumerate(train_dataloader):
            X, y = X.to(device), y.to(device)
            loss = loss_fn(model(X), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            if batch % 3 == 0:
                print(f"loss: {loss.item():>7f}"[:-2], f"[{(batch + 1) * len(X):>5d}/{size:>5d}]")
    model.eval()
    test_loss, correct = 0, 0
    with torch.no_grad():
        for X, y in train_dataloader:
            pred = model(X)
            test_loss += loss_fn(pred, y).item()
            correct += (pred.argmax(1) == y).type(torch.float).sum().item()
    print(f"Test Error: \n Accuracy: {(100 * correct / size):>0.1f}%, Avg loss: {test_loss / 6:>4f} \n")
    file = io.BytesIO()
    torch.save(model.state_dict(), file)
    file.seek(0)
    again = NeuralNetwork()
    print(again.load_state_dict(torch.load(file, weights_only=True)))
    return again(X), nn.Softmax(dim=1)(again(X)).argmax(1)


def what_is_nn_really(torch: Any) -> Any:
    """From a weight matrix and a loss written by hand to a Module, an optimizer and a DataLoader."""
    nn, F = torch.nn, torch.nn.functional
    x_train, y_train = numbers(torch, 50, 16), classes(torch, 4, 50)
    n, _ = x_train.shape
    weights = (numbers(torch, 16, 4, seed=1) / math.sqrt(16)).requires_grad_()
    bias = torch.zeros(4, requires_grad=True)

    def log_softmax(x):
        return x - x.exp().sum(-1).log().unsqueeze(-1)

    def nll(input, target):
        return -input[range(target.shape[0]), target].mean()

    def accuracy(out, yb):
        return (torch.argmax(out, dim=1) == yb).float().mean()

    losses = []
    for _ in range(2):
        for i in range((n - 1) // 16 + 1):
            xb, yb = x_train[i * 16 : i * 16 + 16], y_train[i * 16 : i * 16 + 16]
            loss = nll(log_softmax(xb @ weights + bias), yb)
            loss.backward()
            with torch.no_grad():
                weights -= weights.grad * 0.5
                bias -= bias.grad * 0.5
                weights.grad.zero_()
                bias.grad.zero_()
        losses.append(loss)
    print(F.cross_entropy(x_train @ weights + bias, y_train).item() < 2, y_train.min(), y_train.max())

    class Lambda(nn.Module):
        def __init__(self, func):
            super().__init__()
            self.func = func

        def forward(self, x):
            return self.func(x)

    model = nn.Sequential(
        Lambda(lambda x: x.view(-1, 1, 4, 4)),
        nn.Conv2d(1, 4, kernel_size=3, stride=2, padding=1),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(1),
        Lambda(lambda x: x.view(x.size(0), -1)),
    )
    same_start(torch, model)
    opt = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    for xb, yb in torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x_train, y_train), batch_size=16):
        F.cross_entropy(model(xb), yb).backward()
        opt.step()
        opt.zero_grad()
    return losses, accuracy(x_train @ weights + bias, y_train), list(model.parameters())


def sine_by_hand(torch: Any) -> Any:
    """A third-order polynomial fitted to a sine with tensors, then with autograd."""
    x = torch.linspace(-math.pi, math.pi, 200)
    y = torch.sin(x)
    a = b = c = d = torch.tensor(0.1)
    for _ in range(10):
        y_pred = a + b * x + c * x**2 + d * x**3
        grad_y_pred = 2.0 * (y_pred - y)
        a = a - 1e-5 * grad_y_pred.sum()
        b = b - 1e-5 * (grad_y_pred * x).sum()
        c = c - 1e-5 * (grad_y_pred * x**2).sum()
        d = d - 1e-5 * (grad_y_pred * x**3).sum()
    wished = [torch.full((), 0.1, requires_grad=True) for _ in range(4)]
    for _ in range(10):
        loss = sum(w * x**n for n, w in enumerate(wished)).sub(y).pow(2).sum()
        loss.backward()
        with torch.no_grad():
            for w in wished:
                w -= 1e-5 * w.grad
                w.grad = None
    print(f"Result: y = {a.item():.4f} + {b.item():.4f} x + {c.item():.4f} x^2 + {d.item():.4f} x^3")
    return a, b, c, d, wished


def sine_with_a_function_of_ones_own(torch: Any) -> Any:
    """The polynomial with the Legendre polynomial as a Function."""

    class LegendrePolynomial3(torch.autograd.Function):
        @staticmethod
        def forward(ctx, input):
            ctx.save_for_backward(input)
            return 0.5 * (5 * input**3 - 3 * input)

        @staticmethod
        def backward(ctx, grad_output):
            (input,) = ctx.saved_tensors
            return grad_output * 1.5 * (5 * input**2 - 1)

    x = torch.linspace(-math.pi, math.pi, 100, dtype=torch.float, device=torch.device("cpu"))
    a, b, c, d = [torch.full((), v, requires_grad=True) for v in (0.0, -1.0, 0.0, 0.3)]
    P3 = LegendrePolynomial3.apply
    for t in range(5):
        y_pred = a + b * P3(c + d * x)
        loss = (y_pred - torch.sin(x)).pow(2).sum()
        print(t, round(loss.item(), 2), y_pred.grad_fn, type(P3(c).grad_fn).__name__)
        loss.backward()
        with torch.no_grad():
            for w in (a, b, c, d):
                w -= 5e-4 * w.grad
                w.grad = None
    return a, b, c, d


def sine_with_nn_and_optim(torch: Any) -> Any:
    """The polynomial as a Linear and a Flatten, trained with RMSprop."""
    x = torch.linspace(-math.pi, math.pi, 200)
    xx = x.unsqueeze(-1).pow(torch.tensor([1, 2, 3]))
    model = same_start(torch, torch.nn.Sequential(torch.nn.Linear(3, 1), torch.nn.Flatten(0, 1)))
    loss_fn = torch.nn.MSELoss(reduction="sum")
    optimizer = torch.optim.RMSprop(model.parameters(), lr=1e-3)
    for _ in range(20):
        loss = loss_fn(model(xx), torch.sin(x))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    linear_layer = model[0]
    print(f"{linear_layer.bias.item():.3f} + {linear_layer.weight[:, 0].item():.3f} x", xx.shape, model)
    return loss, linear_layer.weight


def polynomial_with_shared_weights(torch: Any) -> Any:
    """The dynamic network: a fifth parameter used a varying number of times."""

    class DynamicNet(torch.nn.Module):
        def __init__(self):
            super().__init__()
            for name in "abcde":
                setattr(self, name, torch.nn.Parameter(torch.tensor(0.1)))

        def forward(self, x, orders):
            y = self.a + self.b * x + self.c * x**2 + self.d * x**3
            for exp in range(4, orders):
                y = y + self.e * x**exp
            return y

        def string(self):
            return f"y = {self.a.item():.3f} + {self.b.item():.3f} x + {self.e.item():.3f} x^4 ? + x^5 ?"

    x = torch.linspace(-1, 1, 50)
    model = DynamicNet()
    criterion = torch.nn.MSELoss(reduction="sum")
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-3, momentum=0.9)
    for t in range(6):
        loss = criterion(model(x, 4 + t % 3), torch.sin(x))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"Result: {model.string()}", model)
    return [loss, *model.parameters(), optimizer.state_dict()["state"][0]["momentum_buffer"]]
