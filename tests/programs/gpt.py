"""A small GPT-2, trained on a rhyme and then asked to continue it: a program written for PyTorch.

It prints the loss every ten steps, and at the end what the model says.
"""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader, Dataset

TEXT = """Row, row, row your boat, gently down the stream.
Merrily, merrily, merrily, merrily, life is but a dream.
""" * 8
CONTEXT, EMBEDDING, HEADS, LAYERS, STEPS = 32, 32, 4, 2, 16


class Characters(Dataset):
    """Pieces of the text, and the same pieces one character later."""

    def __init__(self, text):
        self.letters = sorted(set(text))
        self.index = {letter: i for i, letter in enumerate(self.letters)}
        self.data = self.encode(text)

    def encode(self, text):
        return torch.tensor([self.index[letter] for letter in text], dtype=torch.long)

    def decode(self, indices):
        return "".join(self.letters[i] for i in indices.tolist())

    def __len__(self):
        return len(self.data) - CONTEXT

    def __getitem__(self, i):
        return self.data[i:i + CONTEXT], self.data[i + 1:i + 1 + CONTEXT]


class CausalSelfAttention(nn.Module):
    """Each position looks at itself and those before it: (N, T, E) -> (N, T, E)."""

    def __init__(self):
        super().__init__()
        self.qkv = nn.Linear(EMBEDDING, 3 * EMBEDDING)
        self.proj = nn.Linear(EMBEDDING, EMBEDDING)
        self.dropout = nn.Dropout(0.1)
        mask = torch.tril(torch.ones(CONTEXT, CONTEXT, dtype=torch.bool))
        self.register_buffer("mask", mask.view(1, 1, CONTEXT, CONTEXT), persistent=False)

    def forward(self, x):
        N, T, E = x.shape
        q, k, v = (part.view(N, T, HEADS, E // HEADS).transpose(1, 2)  # (N, HEADS, T, E / HEADS)
                   for part in self.qkv(x).split(E, dim=2))
        scores = q @ k.transpose(-2, -1) / math.sqrt(k.size(-1))  # (N, HEADS, T, T)
        scores = scores.masked_fill(~self.mask[:, :, :T, :T], float("-inf"))
        mixed = self.dropout(F.softmax(scores, dim=-1)) @ v  # (N, HEADS, T, E / HEADS)
        return self.proj(mixed.transpose(1, 2).contiguous().view(N, T, E))


class Block(nn.Module):
    """Attention, then two layers for each position, both added to what comes in."""

    def __init__(self):
        super().__init__()
        self.ln1, self.ln2 = nn.LayerNorm(EMBEDDING), nn.LayerNorm(EMBEDDING)
        self.attention = CausalSelfAttention()
        self.mlp = nn.Sequential(nn.Linear(EMBEDDING, 4 * EMBEDDING), nn.GELU(approximate="tanh"),
                                 nn.Linear(4 * EMBEDDING, EMBEDDING), nn.Dropout(0.1))

    def forward(self, x):
        x = x + self.attention(self.ln1(x))
        return x + self.mlp(self.ln2(x))


class GPT(nn.Module):
    """Indices (N, T) -> scores of the next character (N, T, letters), and the loss where targets are given."""

    def __init__(self, letters):
        super().__init__()
        self.transformer = nn.ModuleDict({
            "wte": nn.Embedding(letters, EMBEDDING), "wpe": nn.Embedding(CONTEXT, EMBEDDING),
            "drop": nn.Dropout(0.1), "h": nn.ModuleList([Block() for _ in range(LAYERS)]),
            "ln_f": nn.LayerNorm(EMBEDDING)})
        self.head = nn.Linear(EMBEDDING, letters, bias=False)
        self.head.weight = self.transformer.wte.weight  # tied: one table for reading and for writing
        self.apply(self._init_weights)
        for name, p in self.named_parameters():
            if name.endswith("proj.weight"):
                nn.init.normal_(p, mean=0.0, std=0.02 / math.sqrt(2 * LAYERS))

    @staticmethod
    def _init_weights(module):
        if isinstance(module, (nn.Linear, nn.Embedding)):
            nn.init.normal_(module.weight, mean=0.0, std=0.02)
        if isinstance(module, nn.Linear) and module.bias is not None:
            nn.init.zeros_(module.bias)

    def forward(self, indices, targets=None):
        positions = torch.arange(indices.size(1), device=indices.device)  # (T)
        x = self.transformer.drop(self.transformer.wte(indices) + self.transformer.wpe(positions))  # (N, T, E)
        for block in self.transformer.h:
            x = block(x)
        logits = self.head(self.transformer.ln_f(x))  # (N, T, letters)
        if targets is None:
            return logits, None
        return logits, F.cross_entropy(logits.view(-1, logits.size(-1)), targets.view(-1))

    def optimizer(self, learning_rate):
        """AdamW; matrices decay, biases and norms do not."""
        parameters = [p for p in self.parameters() if p.requires_grad]
        return torch.optim.AdamW([
            {"params": [p for p in parameters if p.dim() >= 2], "weight_decay": 0.1},
            {"params": [p for p in parameters if p.dim() < 2], "weight_decay": 0.0}],
            lr=learning_rate, betas=(0.9, 0.95))

    @torch.no_grad()
    def generate(self, indices, length, temperature=1.0, top_k=None):
        """`length` more characters, drawn from the `top_k` likeliest: (N, T) -> (N, T + length)."""
        for _ in range(length):
            logits, _ = self(indices[:, -CONTEXT:])
            logits = logits[:, -1, :] / temperature  # (N, letters)
            if top_k is not None:
                values, _ = torch.topk(logits, min(top_k, logits.size(-1)))
                logits[logits < values[:, [-1]]] = -float("inf")
            chosen = torch.multinomial(F.softmax(logits, dim=-1), num_samples=1)  # (N, 1)
            indices = torch.cat((indices, chosen), dim=1)
        return indices


def schedule(step, warmup=5):
    """The learning rate rises to 1 in `warmup` steps, then falls along a cosine to 0.1."""
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / (STEPS - warmup)
    return 0.1 + 0.9 * 0.5 * (1.0 + math.cos(math.pi * progress))


def main():
    torch.manual_seed(1337)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    data = Characters(TEXT)
    model = GPT(len(data.letters)).to(device)
    print(f"{sum(p.numel() for p in model.parameters())} parameters")
    optimizer = model.optimizer(learning_rate=1e-2)
    scheduler = LambdaLR(optimizer, schedule)
    batches = DataLoader(data, batch_size=12, shuffle=True, drop_last=True)
    model.train()
    step = 0
    while step < STEPS:
        for x, y in batches:
            _, loss = model(x.to(device), y.to(device))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            norm = torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            scheduler.step()
            if step % 10 == 0 or step == STEPS - 1:
                print(f"step {step}: loss {loss.item():.4f}, gradient {norm.item():.3f}, "
                      f"learning rate {scheduler.get_last_lr()[0]:.5f}")
            step += 1
            if step == STEPS:
                break
    model.eval()
    start = data.encode("Row, ").unsqueeze(0).to(device)  # (1, T)
    print(repr(data.decode(model.generate(start, 40, temperature=0.8, top_k=3)[0])))


if __name__ == "__main__":
    main()
