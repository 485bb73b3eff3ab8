"""Pictures: residual and depthwise blocks, transfer learning, hooks that look inside, networks that generate."""

from __future__ import annotations

import copy
from collections import OrderedDict
from typing import Any

from . import classes, numbers, same_start


def a_residual_network(torch: Any) -> Any:
    """Basic blocks with and without a projection, in train mode and in eval mode."""
    nn, F = torch.nn, torch.nn.functional

    class BasicBlock(nn.Module):
        expansion = 1

        def __init__(self, in_planes, planes, stride=1):
            super(BasicBlock, self).__init__()  # noqa: UP008 - as older programs have it
            self.conv1 = nn.Conv2d(in_planes, planes, kernel_size=3, stride=stride, padding=1, bias=False)
            self.bn1 = nn.BatchNorm2d(planes)
            self.conv2 = nn.Conv2d(planes, planes, kernel_size=3, stride=1, padding=1, bias=False)
            self.bn2 = nn.BatchNorm2d(planes)
            self.shortcut = nn.Sequential()
            if stride != 1 or in_planes != self.expansion * planes:
                self.shortcut = nn.Sequential(
                    nn.Conv2d(in_planes, planes, kernel_size=1, stride=stride, bias=False), nn.BatchNorm2d(planes)
                )

        def forward(self, x):
            out = F.relu(self.bn1(self.conv1(x)))
            out = self.bn2(self.conv2(out))
            out += self.shortcut(x)
            return F.relu(out)

    model = nn.Sequential(BasicBlock(3, 4), BasicBlock(4, 6, stride=2), nn.AdaptiveAvgPool2d((1, 1)), nn.Flatten())
    model.add_module("fc", nn.Linear(6, 2))
    same_start(torch, model)
    print(model)
    x = numbers(torch, 4, 3, 8, 8)
    trained = model(x)
    loss = F.cross_entropy(trained, torch.tensor([0, 1, 1, 0]), label_smoothing=0.1)
    loss.backward()
    return trained, model.eval()(x), model.state_dict(), [p.grad for p in model.parameters()]


def a_depthwise_separable_block(torch: Any) -> Any:
    """MobileNet's block: ConvBNReLU6 as a Sequential of its own, groups, inverted residual."""
    nn = torch.nn

    class ConvBNReLU(nn.Sequential):
        def __init__(self, in_planes, out_planes, kernel_size=3, stride=1, groups=1):
            padding = (kernel_size - 1) // 2
            super().__init__(
                nn.Conv2d(in_planes, out_planes, kernel_size, stride, padding, groups=groups, bias=False),
                nn.BatchNorm2d(out_planes),
                nn.ReLU6(inplace=True),
            )

    class InvertedResidual(nn.Module):
        def __init__(self, inp, oup, stride, expand_ratio):
            super().__init__()
            hidden = round(inp * expand_ratio)
            self.use_res_connect = stride == 1 and inp == oup
            layers = [ConvBNReLU(inp, hidden, kernel_size=1)] if expand_ratio != 1 else []
            layers.extend([ConvBNReLU(hidden, hidden, stride=stride, groups=hidden), nn.Conv2d(hidden, oup, 1)])
            self.conv = nn.Sequential(*layers)

        def forward(self, x):
            return x + self.conv(x) if self.use_res_connect else self.conv(x)

    model = nn.Sequential(InvertedResidual(4, 4, 1, 2), InvertedResidual(4, 6, 2, 1))
    for m in model.modules():
        if isinstance(m, nn.Conv2d):
            nn.init.kaiming_normal_(m.weight, mode="fan_out")
            if m.bias is not None:
                nn.init.zeros_(m.bias)
        elif isinstance(m, (nn.BatchNorm2d, nn.GroupNorm)):
            nn.init.ones_(m.weight)
    same_start(torch, model)
    out = model(numbers(torch, 2, 4, 6, 6))
    out.mean([2, 3]).square().sum().backward()
    return out, [p.grad for p in model.parameters()], str(model)


def transfer_learning(torch: Any) -> Any:
    """Freeze, replace the head, hand the optimizer the head alone, step the rate, keep the best weights."""
    nn = torch.nn
    backbone = nn.Sequential(OrderedDict(conv=nn.Conv2d(1, 3, 3), bn=nn.BatchNorm2d(3), relu=nn.ReLU(inplace=True)))

    class Pretrained(nn.Module):
        def __init__(self):
            super().__init__()
            self.features = backbone
            self.fc = nn.Linear(3, 100)

        def forward(self, x):
            return self.fc(self.features(x).mean((2, 3)))

    model = Pretrained()
    for param in model.parameters():
        param.requires_grad = False
    model.fc = nn.Linear(model.fc.in_features, 2)
    same_start(torch, model)
    before = model.features.conv.weight.clone()
    optimizer = torch.optim.SGD(model.fc.parameters(), lr=0.1, momentum=0.9)
    scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.1)
    best, best_weights = 0.0, None
    inputs, labels = numbers(torch, 8, 1, 5, 5), classes(torch, 2, 8)
    for epoch in range(2):
        for phase in ["train", "val"]:
            model.train() if phase == "train" else model.eval()
            optimizer.zero_grad()
            with torch.set_grad_enabled(phase == "train"):
                outputs = model(inputs)
                _, preds = torch.max(outputs, 1)
                loss = nn.functional.cross_entropy(outputs, labels)
                if phase == "train":
                    loss.backward()
                    optimizer.step()
            running = loss.item() * inputs.size(0)
            corrects = torch.sum(preds == labels.data)
            if phase == "train":
                scheduler.step()
            acc = corrects.double() / len(labels)
            print(f"{epoch} {phase} Loss: {running / len(labels):.4f} Acc: {acc:.4f}", scheduler.get_last_lr())
            if phase == "val" and acc > best:
                best, best_weights = acc, copy.deepcopy(model.state_dict())
    trained = {n: p.numel() for n, p in model.named_parameters() if p.requires_grad}
    print(trained, torch.equal(before, model.features.conv.weight))
    return outputs, best, best_weights


def grad_cam(torch: Any) -> Any:
    """A heat map from a forward hook and a full backward hook."""
    nn, F = torch.nn, torch.nn.functional
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 5, 3), nn.ReLU(), nn.Flatten(), nn.Linear(5 * 16, 3)
    )
    same_start(torch, model)
    seen = {}
    handles = [
        model[2].register_forward_hook(lambda module, args, output: seen.update(a=output.detach())),
        model[2].register_full_backward_hook(lambda module, grad_in, grad_out: seen.update(g=grad_out[0].detach())),
    ]
    image = numbers(torch, 1, 1, 6, 6)
    scores = model(image)
    model.zero_grad()
    scores[0, scores.argmax(dim=1).item()].backward()
    weights = torch.mean(seen["g"], dim=(2, 3), keepdim=True)
    cam = F.relu(torch.sum(weights * seen["a"], dim=1)).squeeze()
    cam = (cam - cam.min()) / (cam.max() - cam.min() + 1e-8)
    for handle in handles:
        handle.remove()
    image.requires_grad_()
    model(image)[0, 1].backward()
    saliency, _ = torch.max(image.grad.data.abs(), dim=1)
    return scores, seen, cam, saliency


def features_by_forward_hooks(torch: Any) -> Any:
    """Activations by layer name, a pre-hook that changes the input, and shapes in a summary."""
    nn = torch.nn
    model = nn.Sequential(OrderedDict(fc1=nn.Linear(4, 5), act=nn.Tanh(), fc2=nn.Linear(5, 2)))
    same_start(torch, model)
    activation, summary = {}, []

    def get_activation(name):
        def hook(model, input, output):
            activation[name] = output.detach()
            summary.append(f"{name:>6} {type(model).__name__:<8} {tuple(input[0].shape)} -> {list(output.shape)}")

        return hook

    handles = [layer.register_forward_hook(get_activation(name)) for name, layer in model.named_children()]
    handles.append(model.register_forward_pre_hook(lambda module, args: (args[0] * 2,)))
    out = model(numbers(torch, 3, 4))
    for h in handles:
        h.remove()
    print("\n".join(summary))
    return out, activation, model(numbers(torch, 3, 4))


def adversarial_networks(torch: Any) -> Any:
    """The order of a GAN's steps: real, fake with detach, then the generator; weights_init by class name."""
    nn = torch.nn

    def weights_init(m):
        classname = m.__class__.__name__
        if classname.find("Linear") != -1:
            nn.init.normal_(m.weight.data, 0.0, 0.02)
        elif classname.find("BatchNorm") != -1:
            nn.init.normal_(m.weight.data, 1.0, 0.02)
            nn.init.constant_(m.bias.data, 0)

    netG = nn.Sequential(nn.Linear(3, 8, bias=False), nn.BatchNorm1d(8), nn.ReLU(True), nn.Linear(8, 16), nn.Tanh())
    netD = nn.Sequential(
        nn.Unflatten(1, (1, 4, 4)),
        nn.Conv2d(1, 4, 4, 2, 1, bias=False),
        nn.LeakyReLU(0.2, inplace=True),
        nn.Flatten(),
        nn.Linear(16, 1),
        nn.Sigmoid(),
    )
    netG.apply(weights_init)
    same_start(torch, netD.apply(weights_init)), same_start(torch, netG)
    criterion = nn.BCELoss()
    optimizerD = torch.optim.Adam(netD.parameters(), lr=0.02, betas=(0.5, 0.999))
    optimizerG = torch.optim.Adam(netG.parameters(), lr=0.02, betas=(0.5, 0.999))
    results = []
    for step in range(3):
        netD.zero_grad()
        real = numbers(torch, 5, 16, seed=step)
        label = torch.full((5,), 1.0, dtype=torch.float)
        errD_real = criterion(netD(real).view(-1), label)
        errD_real.backward()
        fake = netG(numbers(torch, 5, 3, seed=step + 10))
        label.fill_(0.0)
        output = netD(fake.detach()).view(-1)
        errD_fake = criterion(output, label)
        errD_fake.backward()
        optimizerD.step()
        netG.zero_grad()
        errG = criterion(netD(fake).view(-1), label.fill_(1.0))
        errG.backward()
        optimizerG.step()
        results += [(errD_real + errD_fake).item(), errG.item(), output.mean().item()]
    return results, netG.eval()(numbers(torch, 1, 3))


def a_variational_autoencoder(torch: Any) -> Any:
    """Reparametrisation with given noise, the reconstruction and the KL term in closed form and by kl_div."""
    nn, F = torch.nn, torch.nn.functional

    class VAE(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1, self.fc21, self.fc22 = nn.Linear(12, 8), nn.Linear(8, 2), nn.Linear(8, 2)
            self.fc3, self.fc4 = nn.Linear(2, 8), nn.Linear(8, 12)

        def reparameterize(self, mu, logvar):
            std = torch.exp(0.5 * logvar)
            eps = torch.randn_like(std)
            assert eps.shape == std.shape
            return mu + std * numbers(torch, *std.shape, seed=9)

        def forward(self, x):
            h1 = F.relu(self.fc1(x.view(-1, 12)))
            mu, logvar = self.fc21(h1), self.fc22(h1)
            return torch.sigmoid(self.fc4(F.relu(self.fc3(self.reparameterize(mu, logvar))))), mu, logvar

    model = same_start(torch, VAE())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    x = torch.sigmoid(numbers(torch, 6, 3, 4))
    for _ in range(3):
        optimizer.zero_grad()
        recon_x, mu, logvar = model(x)
        bce = F.binary_cross_entropy(recon_x, x.view(-1, 12), reduction="sum")
        kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
        (bce + kld).backward()
        optimizer.step()
    against = F.kl_div(F.log_softmax(mu, 1), F.softmax(logvar, 1), reduction="batchmean")
    return bce, kld, against, recon_x, model.fc22.weight.grad
