"""The models whose training steps are measured, each of library T: minitorch or torch, from the same seed."""


def lenet(T):
    """LeNet-5 for images of 32x32."""
    nn = T.nn
    return nn.Sequential(
        nn.Conv2d(1, 6, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10))


def resnet18(T):
    """ResNet-18 as it is for images of 32x32: the first convolution is 3x3, and no pooling follows it."""
    nn = T.nn

    class Block(nn.Module):
        def __init__(self, inputs, outputs, stride):
            super().__init__()
            self.residual = nn.Sequential(
                nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(),
                nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs))
            self.shortcut = nn.Sequential()
            if stride > 1:
                self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False),
                                              nn.BatchNorm2d(outputs))

        def forward(self, x):
            return T.relu(self.residual(x) + self.shortcut(x))

    sizes = [(64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)]
    blocks = [block for a, b, stride in sizes for block in (Block(a, b, stride), Block(b, b, 1))]
    return nn.Sequential(nn.Conv2d(3, 64, 3, 1, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(), *blocks,
                         nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10))


def gpt(T, letters=65, length=64, width=128, heads=4, blocks=4):
    """A GPT of letters: (N, T) -> (N*T, letters)"""
    nn = T.nn

    class Attention(nn.Module):
        def __init__(self):
            super().__init__()
            self.query_key_value, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)

        def forward(self, x):                                                           # (N, T, E)
            N, steps, _ = x.shape
            qkv = self.query_key_value(x).view(N, steps, 3, heads, width // heads).permute(2, 0, 3, 1, 4)
            y = nn.functional.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], is_causal=True)
            return self.out(y.transpose(1, 2).reshape(N, steps, width))

    class Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.attend = nn.Sequential(nn.LayerNorm(width), Attention())
            self.think = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 4 * width), nn.GELU(),
                                       nn.Linear(4 * width, width))

        def forward(self, x):
            x = x + self.attend(x)
            return x + self.think(x)

    class GPT(nn.Module):
        def __init__(self):
            super().__init__()
            self.letter, self.place = nn.Embedding(letters, width), nn.Embedding(length, width)
            self.blocks = nn.Sequential(*[Block() for _ in range(blocks)], nn.LayerNorm(width),
                                        nn.Linear(width, letters))

        def forward(self, x):                                                           # (N, T)
            return self.blocks(self.letter(x) + self.place(T.arange(x.shape[1]))).view(-1, letters)

    return GPT()


def recurrent(T, layer):
    """`layer` is "LSTM" or "GRU": (N, T, 64) -> (N*T, 10)"""
    nn = T.nn

    class Tagger(nn.Module):
        def __init__(self):
            super().__init__()
            self.recurrent = getattr(nn, layer)(64, 128, batch_first=True)
            self.out = nn.Linear(128, 10)

        def forward(self, x):
            return self.out(self.recurrent(x)[0]).view(-1, 10)

    return Tagger()
