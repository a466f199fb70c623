"""PyTorch, eager (and compiled, see torch_compile.py): the model as a user of torch.nn writes it."""
import common


def same_pool1d(torch, size, stride):
    """Max pooling with TensorFlow's SAME rule."""
    def pool(x):
        total = max((-(-x.shape[-1] // stride) - 1) * stride + size - x.shape[-1], 0)
        x = torch.nn.functional.pad(x, (total // 2, total - total // 2), value=float("-inf"))
        return torch.nn.functional.max_pool1d(x, size, stride)
    return pool


def make_network(torch, spec, vocabulary):
    nn, f = torch.nn, torch.nn.functional
    activations = {"none": lambda x: x, "relu": f.relu, "tanh": torch.tanh}

    class Network(nn.Module):
        def __init__(self):
            super().__init__()
            self.parts = nn.ModuleList()
            self.calls = []
            for layer in spec["model"]["layers"]:
                self.calls.append(getattr(self, "add_" + layer["type"])(layer))

        def keep(self, module):
            self.parts.append(module)
            return module

        def add_conv2d(self, layer):
            conv, act = self.keep(nn.LazyConv2d(layer["filters"], tuple(layer["kernel"]))), activations[layer["activation"]]
            return lambda x: act(conv(x))

        def add_conv1d(self, layer):
            conv, act = self.keep(nn.LazyConv1d(layer["filters"], layer["kernel"])), activations[layer["activation"]]
            return lambda x: act(conv(x))

        def add_max_pool2d(self, layer):
            return nn.MaxPool2d(tuple(layer["size"]), tuple(layer["stride"]))

        def add_max_pool1d(self, layer):
            return same_pool1d(torch, layer["size"], layer["stride"])

        def add_flatten(self, layer):
            return nn.Flatten()

        def add_dense(self, layer):
            return self.keep(nn.LazyLinear(layer["units"]))

        def add_dropout(self, layer):
            return self.keep(nn.Dropout(layer["rate"]))

        def add_one_hot(self, layer):
            return lambda x: f.one_hot(x, layer["depth"]).float().transpose(1, 2)

        def add_embedding(self, layer):
            table = self.keep(nn.Embedding(vocabulary, layer["units"]))
            return lambda x: table(x).transpose(1, 2)

        def recurrent(self, kind, layer):
            holder = nn.Module()
            self.parts.append(holder)

            def call(x):
                if not hasattr(holder, "cell"):
                    holder.cell = kind(x.shape[1], layer["units"], batch_first=True)
                out = holder.cell(x.transpose(1, 2))[0]
                return out[:, -1] if layer["return"] == "last" else out.transpose(1, 2)
            return call

        def add_gru(self, layer):
            return self.recurrent(nn.GRU, layer)

        def add_lstm(self, layer):
            return self.recurrent(nn.LSTM, layer)

        def add_rnn(self, layer):
            return self.recurrent(nn.RNN, layer)

        def forward(self, x):
            for call in self.calls:
                x = call(x)
            return x

    return Network()


def make_optimizer(torch, spec, parameters):
    settings = spec["optimizer"]
    if settings["type"] == "adam":
        return torch.optim.Adam(parameters, settings["learning_rate"], eps=settings["epsilon"])
    return torch.optim.SGD(parameters, settings["learning_rate"], momentum=settings["momentum"])


class Model:
    def __init__(self, spec, threads, device, compiled):
        import torch
        torch.set_num_threads(threads)
        torch.manual_seed(0)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = spec["training"]["precision"] == "tf32"
        self.torch, self.spec, self.device, self.compiled, self.network = torch, spec, device, compiled, None

    def prepare(self, x):
        self.network = make_network(self.torch, self.spec, vocabulary=self.spec["vocabulary"])
        with self.torch.no_grad():
            self.network(x.cpu())               # the lazy layers take their shapes
        self.network.to(self.device)
        self.optimizer = make_optimizer(self.torch, self.spec, self.network.parameters())
        mode = "max-autotune" if self.device == "cuda" else "default"
        self.forward = self.torch.compile(self.network, mode=mode) if self.compiled else self.network

    def load(self, x, y):
        return self.torch.from_numpy(x).to(self.device), self.torch.from_numpy(y).long().to(self.device)

    def run(self, data):
        torch, losses = self.torch, []
        for xs, ys in zip(*data):
            xs = xs.float() / 255 if xs.dtype == torch.uint8 else xs.long()
            if self.network is None:
                self.prepare(xs)
            self.optimizer.zero_grad(set_to_none=True)
            loss = torch.nn.functional.cross_entropy(self.forward(xs), ys)
            loss.backward()
            self.optimizer.step()
            losses.append(loss.detach().clone())
        return torch.stack(losses).tolist()


if __name__ == "__main__":
    common.main(lambda *place: Model(*place, compiled=False))
