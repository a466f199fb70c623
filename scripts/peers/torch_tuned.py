"""PyTorch, eager, as an expert writes it: channels-last images, fused optimizers, one-hot convolutions as lookups, denormals flushed."""
import common
import torch_eager


def lookup_conv(torch, conv):
    """conv1d on the one-hot of ids [n, length] as a sum of table rows, one lookup per kernel cell."""
    def call(ids):
        outputs = ids.shape[1] - conv.kernel_size[0] + 1
        tables = conv.weight.permute(2, 1, 0)          # [kernel, depth, filters]
        parts = [torch.nn.functional.embedding(ids[:, k:k + outputs], table) for k, table in enumerate(tables)]
        return (sum(parts) + conv.bias).transpose(1, 2)
    return call


class Model(torch_eager.Model):
    def __init__(self, spec, threads, device):
        super().__init__(spec, threads, device, compiled=False)
        self.torch.set_flush_denormal(True)

    def prepare(self, x):
        torch, layers = self.torch, self.spec["model"]["layers"]
        super().prepare(x)
        self.network = self.network.to(memory_format=torch.channels_last)
        if [layer["type"] for layer in layers[:2]] == ["one_hot", "conv1d"]:
            conv = lookup_conv(torch, self.network.parts[0])
            relu = torch.relu if layers[1]["activation"] == "relu" else lambda x: x
            self.network.calls[:2] = [lambda ids: relu(conv(ids))]
        kind = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[self.spec["optimizer"]["type"]]
        more = {"eps": self.spec["optimizer"]["epsilon"]} if kind is torch.optim.Adam else {"momentum": self.spec["optimizer"]["momentum"]}
        self.optimizer = kind(self.network.parameters(), self.spec["optimizer"]["learning_rate"], fused=True, **more)
        self.forward = lambda x: self.network(x.contiguous(memory_format=torch.channels_last) if x.dim() == 4 else x)


if __name__ == "__main__":
    common.main(Model)
