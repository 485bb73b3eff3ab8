"""Text: characters, translation, a small GPT, word vectors."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from . import classes, numbers, same_start


def names_classified_by_an_rnn(torch: Any) -> Any:
    """The character RNN that reads one letter at a time, with one-hot letters and NLLLoss."""
    nn = torch.nn
    letters = "abcdefghij"

    def line_to_tensor(line):
        tensor = torch.zeros(len(line), 1, len(letters))
        for li, letter in enumerate(line):
            tensor[li][0][letters.find(letter)] = 1
        return tensor

    class RNN(nn.Module):
        def __init__(self, input_size, hidden_size, output_size):
            super().__init__()
            self.hidden_size = hidden_size
            self.i2h = nn.Linear(input_size, hidden_size)
            self.h2h = nn.Linear(hidden_size, hidden_size)
            self.h2o = nn.Linear(hidden_size, output_size)
            self.softmax = nn.LogSoftmax(dim=1)

        def forward(self, input, hidden):
            hidden = torch.tanh(self.i2h(input) + self.h2h(hidden))
            return self.softmax(self.h2o(hidden)), hidden

        def init_hidden(self):
            return torch.zeros(1, self.hidden_size)

    rnn = same_start(torch, RNN(len(letters), 8, 3))
    criterion = nn.NLLLoss()
    losses = []
    for name, category in (("abba", 0), ("jade", 1), ("chi", 2), ("dig", 1)):
        hidden = rnn.init_hidden()
        rnn.zero_grad()
        for letter in line_to_tensor(name):
            output, hidden = rnn(letter, hidden)
        loss = criterion(output, torch.tensor([category], dtype=torch.long))
        loss.backward()
        for p in rnn.parameters():
            p.data.add_(p.grad.data, alpha=-0.05)
        losses.append(loss.item())
    _, top_i = output.topk(1)
    print(line_to_tensor("ja").size(), top_i[0].item(), [f"{v:.2f}" for v in output.exp()[0].tolist()])
    return losses, output, output.data.topk(3, 1, True)


def names_classified_by_nn_rnn(torch: Any) -> Any:
    """The newer form of it: nn.RNN over the whole line, clipping, a confusion matrix."""
    nn = torch.nn

    class CharRNN(nn.Module):
        def __init__(self, input_size, hidden_size, output_size):
            super(CharRNN, self).__init__()  # noqa: UP008 - as older programs have it
            self.rnn = nn.RNN(input_size, hidden_size)
            self.h2o = nn.Linear(hidden_size, output_size)
            self.softmax = nn.LogSoftmax(dim=1)

        def forward(self, line_tensor):
            _, hidden = self.rnn(line_tensor)
            return self.softmax(self.h2o(hidden[0]))

    rnn = same_start(torch, CharRNN(5, 6, 3))
    print(rnn)
    optimizer = torch.optim.SGD(rnn.parameters(), lr=0.15)
    confusion = torch.zeros(3, 3)
    for _ in range(3):
        batch_loss = 0
        for i in range(4):
            guess = rnn(numbers(torch, 3 + i, 1, 5, seed=i))
            batch_loss += torch.nn.functional.nll_loss(guess, torch.tensor([i % 3]))
            confusion[i % 3][guess.argmax(1).item()] += 1
        batch_loss.backward()
        norm = nn.utils.clip_grad_norm_(rnn.parameters(), 3)
        optimizer.step()
        optimizer.zero_grad()
    for i in range(3):
        denom = confusion[i].sum()
        if denom > 0:
            confusion[i] = confusion[i] / denom
    return batch_loss, norm, confusion, dict(rnn.named_parameters())


def text_generated_by_an_lstm(torch: Any) -> Any:
    """Next-character prediction with an embedding, an LSTM with carried state, and greedy generation."""
    nn, F = torch.nn, torch.nn.functional
    text = "hello world hello there"
    chars = sorted(set(text))
    stoi = {ch: i for i, ch in enumerate(chars)}
    data = torch.tensor([stoi[c] for c in text], dtype=torch.long)

    class Net(nn.Module):
        def __init__(self):
            super().__init__()
            self.emb = nn.Embedding(len(chars), 8)
            self.lstm = nn.LSTM(8, 12, num_layers=2, batch_first=True)
            self.fc = nn.Linear(12, len(chars))

        def forward(self, x, state=None):
            out, state = self.lstm(self.emb(x), state)
            return self.fc(out), state

    model = same_start(torch, Net())
    opt = torch.optim.Adam(model.parameters(), lr=0.01)
    state = None
    for start in (0, 7, 14):
        x, y = data[start : start + 7].unsqueeze(0), data[start + 1 : start + 8].unsqueeze(0)
        logits, state = model(x, state)
        state = tuple(s.detach() for s in state)
        loss = F.cross_entropy(logits.reshape(-1, len(chars)), y.reshape(-1))
        opt.zero_grad(set_to_none=True)
        loss.backward()
        opt.step()
    model.eval()
    out, state = [stoi["h"]], None
    with torch.inference_mode():
        for _ in range(8):
            logits, state = model(torch.tensor([[out[-1]]]), state)
            out.append(logits[0, -1].argmax().item())
    print("".join(chars[i] for i in out), model)
    return loss, logits, state


def translation_with_attention(torch: Any) -> Any:
    """The sequence-to-sequence tutorial: GRU encoder, Bahdanau attention, GRU decoder, teacher forcing."""
    nn, F = torch.nn, torch.nn.functional

    class EncoderRNN(nn.Module):
        def __init__(self, input_size, hidden_size, dropout_p=0.0):
            super().__init__()
            self.embedding = nn.Embedding(input_size, hidden_size)
            self.gru = nn.GRU(hidden_size, hidden_size, batch_first=True)
            self.dropout = nn.Dropout(dropout_p)

        def forward(self, input):
            return self.gru(self.dropout(self.embedding(input)))

    class BahdanauAttention(nn.Module):
        def __init__(self, hidden_size):
            super().__init__()
            self.Wa = nn.Linear(hidden_size, hidden_size)
            self.Ua = nn.Linear(hidden_size, hidden_size)
            self.Va = nn.Linear(hidden_size, 1)

        def forward(self, query, keys):
            scores = self.Va(torch.tanh(self.Wa(query) + self.Ua(keys))).squeeze(2).unsqueeze(1)
            weights = F.softmax(scores, dim=-1)
            return torch.bmm(weights, keys), weights

    class AttnDecoderRNN(nn.Module):
        def __init__(self, hidden_size, output_size):
            super().__init__()
            self.embedding = nn.Embedding(output_size, hidden_size)
            self.attention = BahdanauAttention(hidden_size)
            self.gru = nn.GRU(2 * hidden_size, hidden_size, batch_first=True)
            self.out = nn.Linear(hidden_size, output_size)

        def forward(self, encoder_outputs, encoder_hidden, target_tensor=None):
            decoder_input = torch.empty(encoder_outputs.size(0), 1, dtype=torch.long).fill_(0)
            decoder_hidden, decoder_outputs, attentions = encoder_hidden, [], []
            for i in range(4):
                query = decoder_hidden.permute(1, 0, 2)
                context, attn_weights = self.attention(query, encoder_outputs)
                input_gru = torch.cat((self.embedding(decoder_input), context), dim=2)
                output, decoder_hidden = self.gru(input_gru, decoder_hidden)
                decoder_outputs.append(self.out(output))
                attentions.append(attn_weights)
                if target_tensor is not None:
                    decoder_input = target_tensor[:, i].unsqueeze(1)
                else:
                    _, topi = decoder_outputs[-1].topk(1)
                    decoder_input = topi.squeeze(-1).detach()
            outputs = F.log_softmax(torch.cat(decoder_outputs, dim=1), dim=-1)
            return outputs, decoder_hidden, torch.cat(attentions, dim=1)

    encoder, decoder = same_start(torch, EncoderRNN(9, 6)), same_start(torch, AttnDecoderRNN(6, 7))
    optimizers = [torch.optim.Adam(m.parameters(), lr=0.01) for m in (encoder, decoder)]
    source, target = classes(torch, 9, 3, 5), classes(torch, 7, 3, 4, seed=1)
    for _ in range(3):
        for opt in optimizers:
            opt.zero_grad()
        outputs, _, _ = decoder(*encoder(source), target)
        loss = nn.NLLLoss()(outputs.view(-1, outputs.size(-1)), target.view(-1))
        loss.backward()
        for opt in optimizers:
            opt.step()
    encoder.eval(), decoder.eval()
    with torch.no_grad():
        outputs, hidden, attention = decoder(*encoder(source))
    print(decoder)
    return loss, outputs, hidden, attention, outputs.topk(1)[1].squeeze()


def a_small_gpt(torch: Any) -> Any:
    """A GPT: causal attention in two spellings, tied weights, AdamW with groups, cosine schedule, clipping."""
    nn, F = torch.nn, torch.nn.functional
    T, C, H, V = 6, 8, 2, 11

    class CausalSelfAttention(nn.Module):
        def __init__(self, flash):
            super().__init__()
            self.c_attn = nn.Linear(C, 3 * C, bias=False)
            self.c_proj = nn.Linear(C, C)
            self.flash = flash
            self.register_buffer("bias", torch.tril(torch.ones(T, T)).view(1, 1, T, T), persistent=False)

        def forward(self, x):
            B, T, C = x.size()
            q, k, v = (a.view(B, T, H, C // H).transpose(1, 2) for a in self.c_attn(x).split(C, dim=2))
            if self.flash:
                y = F.scaled_dot_product_attention(q, k, v, attn_mask=None, dropout_p=0.0, is_causal=True)
            else:
                att = (q @ k.transpose(-2, -1)) * (1.0 / math.sqrt(k.size(-1)))
                att = F.softmax(att.masked_fill(self.bias[:, :, :T, :T] == 0, float("-inf")), dim=-1)
                y = att @ v
            return self.c_proj(y.transpose(1, 2).contiguous().view(B, T, C))

    class Block(nn.Module):
        def __init__(self, flash):
            super().__init__()
            self.ln_1, self.attn, self.ln_2 = nn.LayerNorm(C), CausalSelfAttention(flash), nn.LayerNorm(C)
            self.mlp = nn.Sequential(nn.Linear(C, 4 * C), nn.GELU(approximate="tanh"), nn.Linear(4 * C, C))

        def forward(self, x):
            x = x + self.attn(self.ln_1(x))
            return x + self.mlp(self.ln_2(x))

    class GPT(nn.Module):
        def __init__(self):
            super().__init__()
            self.transformer = nn.ModuleDict(
                {
                    "wte": nn.Embedding(V, C),
                    "wpe": nn.Embedding(T, C),
                    "h": nn.ModuleList([Block(flash) for flash in (True, False)]),
                    "ln_f": nn.LayerNorm(C),
                }
            )
            self.lm_head = nn.Linear(C, V, bias=False)
            self.transformer.wte.weight = self.lm_head.weight
            self.apply(self._init_weights)
            for pn, p in self.named_parameters():
                if pn.endswith("c_proj.weight"):
                    nn.init.normal_(p, mean=0.0, std=0.02 / math.sqrt(2 * 2))

        def _init_weights(self, module):
            if isinstance(module, nn.Linear):
                nn.init.normal_(module.weight, mean=0.0, std=0.02)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
            elif isinstance(module, nn.Embedding):
                nn.init.normal_(module.weight, mean=0.0, std=0.02)

        def forward(self, idx, targets=None):
            pos = torch.arange(0, idx.size(1), dtype=torch.long, device=idx.device)
            x = self.transformer.wte(idx) + self.transformer.wpe(pos)
            for block in self.transformer.h:
                x = block(x)
            x = self.transformer.ln_f(x)
            if targets is None:
                return self.lm_head(x[:, [-1], :]), None
            logits = self.lm_head(x)
            return logits, F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1), ignore_index=-1)

    model = same_start(torch, GPT())
    named = {pn: p for pn, p in model.named_parameters() if p.requires_grad}
    groups = [
        {"params": [p for p in named.values() if p.dim() >= 2], "weight_decay": 0.1},
        {"params": [p for p in named.values() if p.dim() < 2], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=1e-2, betas=(0.9, 0.95), eps=1e-8)
    warmup = torch.optim.lr_scheduler.LinearLR(optimizer, 0.1, total_iters=2)
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=4, eta_min=1e-4)
    schedule = torch.optim.lr_scheduler.SequentialLR(optimizer, [warmup, cosine], milestones=[2])
    x, y = classes(torch, V, 3, T), classes(torch, V, 3, T, seed=1)
    y[0, :2] = -1
    losses, rates = [], []
    for _ in range(4):
        _, loss = model(x, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        rates.append(schedule.get_last_lr()[0])
        schedule.step()
        losses.append(loss.item())
    model.eval()
    idx = torch.zeros((1, 1), dtype=torch.long)
    with torch.no_grad():
        for _ in range(3):
            logits, _ = model(idx[:, -T:])
            logits = logits[:, -1, :] / 0.8
            v, _ = torch.topk(logits, min(5, logits.size(-1)))
            logits[logits < v[:, [-1]]] = -float("Inf")
            idx = torch.cat((idx, F.softmax(logits, dim=-1).argmax(-1, keepdim=True)), dim=1)
    print(sum(p.numel() for p in model.parameters()), len(model.state_dict()), model)
    return losses, rates, norm, logits, idx, list(model.state_dict())


def bigrams_of_makemore(torch: Any) -> Any:
    """Counts of pairs, normalised with keepdim; then the same as a neural network of one layer."""
    F = torch.nn.functional
    words = ["emma", "olivia", "ava", "isabella"]
    chars = sorted(set("".join(words)))
    stoi = {s: i + 1 for i, s in enumerate(chars)}
    stoi["."] = 0
    N = torch.zeros((len(stoi), len(stoi)), dtype=torch.int32)
    xs, ys = [], []
    for w in words:
        chs = [".", *w, "."]
        for ch1, ch2 in pairwise(chs):
            N[stoi[ch1], stoi[ch2]] += 1
            xs.append(stoi[ch1])
            ys.append(stoi[ch2])
    P = (N + 1).float()
    P /= P.sum(1, keepdims=True)
    log_likelihood = 0.0
    for i, j in zip(xs, ys, strict=True):
        log_likelihood += torch.log(P[i, j])
    print(f"{log_likelihood=}", N[0], P[0].sum())
    xs, ys = torch.tensor(xs), torch.tensor(ys)
    W = numbers(torch, len(stoi), len(stoi)).requires_grad_()
    for _ in range(3):
        counts = (F.one_hot(xs, num_classes=len(stoi)).float() @ W).exp()
        probs = counts / counts.sum(1, keepdims=True)
        loss = -probs[torch.arange(xs.nelement()), ys].log().mean() + 0.01 * (W**2).mean()
        W.grad = None
        loss.backward()
        W.data += -50 * W.grad
    return N, log_likelihood, loss, W


def backprop_by_hand(torch: Any) -> Any:
    """Makemore's exercise: BatchNorm and cross-entropy written out, every gradient checked against autograd."""
    F = torch.nn.functional
    Xb, Yb, n = classes(torch, 5, 8, 3), classes(torch, 5, 8, seed=1), 8
    C, W1, W2 = numbers(torch, 5, 2), numbers(torch, 6, 7, seed=1) * 0.3, numbers(torch, 7, 5, seed=2) * 0.1
    b2, bngain, bnbias = numbers(torch, 5, seed=3) * 0.1, torch.ones((1, 7)), torch.zeros((1, 7))
    parameters = [C, W1, W2, b2, bngain, bnbias]
    for p in parameters:
        p.requires_grad = True
    emb = C[Xb]
    embcat = emb.view(emb.shape[0], -1)
    hprebn = embcat @ W1
    bndiff = hprebn - 1 / n * hprebn.sum(0, keepdim=True)
    bnvar_inv = (1 / (n - 1) * (bndiff**2).sum(0, keepdim=True) + 1e-5) ** -0.5
    bnraw = bndiff * bnvar_inv
    h = torch.tanh(bngain * bnraw + bnbias)
    logits = h @ W2 + b2
    logit_maxes = logits.max(1, keepdim=True).values
    counts = (logits - logit_maxes).exp()
    probs = counts * counts.sum(1, keepdims=True) ** -1
    logprobs = probs.log()
    loss = -logprobs[range(n), Yb].mean()
    inner = [logprobs, probs, counts, logits, h, bnraw, bnvar_inv, bndiff, hprebn, embcat, emb]
    for t in inner:
        t.retain_grad()
    loss.backward()
    dlogits = F.softmax(logits, 1)
    dlogits[range(n), Yb] -= 1
    dlogits /= n
    dhpreact = (1.0 - h**2) * (dlogits @ W2.T)
    spread = dhpreact.sum(0) + n / (n - 1) * bnraw * (dhpreact * bnraw).sum(0)
    dhprebn = bngain * bnvar_inv / n * (n * dhpreact - spread)
    dC = torch.zeros_like(C)
    for k in range(Xb.shape[0]):
        for j in range(Xb.shape[1]):
            dC[Xb[k, j]] += (dhprebn @ W1.T).view(emb.shape)[k, j]
    for name, mine, t in (("logits", dlogits, logits), ("hprebn", dhprebn, hprebn), ("C", dC, C)):
        close, worst = torch.allclose(mine, t.grad, atol=1e-5), (mine - t.grad).abs().max().item()
        print(f"{name:8s} | approximate: {close!s:5s} | {worst < 1e-6}")
    return [loss, *(t.grad for t in inner), *(p.grad for p in parameters)]


def skip_grams(torch: Any) -> Any:
    """word2vec with negative samples: two embeddings, bmm, logsigmoid, the nearest words by cosine."""
    nn, F = torch.nn, torch.nn.functional

    class SkipGram(nn.Module):
        def __init__(self, vocab, dim):
            super().__init__()
            self.center, self.context = nn.Embedding(vocab, dim), nn.Embedding(vocab, dim)

        def forward(self, center, context, negatives):
            v = self.center(center)
            positive = F.logsigmoid((v * self.context(context)).sum(-1))
            negative = F.logsigmoid(-torch.bmm(self.context(negatives), v.unsqueeze(2)).squeeze(2)).sum(1)
            return -(positive + negative).mean()

    model = same_start(torch, SkipGram(10, 4))
    optimizer = torch.optim.Adagrad(model.parameters(), lr=0.1)
    center, context, negatives = classes(torch, 10, 6), classes(torch, 10, 6, seed=1), classes(torch, 10, 6, 3, seed=2)
    for _ in range(3):
        optimizer.zero_grad()
        loss = model(center, context, negatives)
        loss.backward()
        optimizer.step()
    vectors = F.normalize(model.center.weight.detach(), dim=1)
    similar = vectors @ vectors.T
    similar.fill_diagonal_(-1)
    return loss, model.center.weight.grad, similar.max(dim=1), F.cosine_similarity(vectors[:1], vectors)
