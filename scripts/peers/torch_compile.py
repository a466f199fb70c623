"""PyTorch with torch.compile."""
import common
import torch_eager

if __name__ == "__main__":
    common.main(lambda spec, threads: torch_eager.Model(spec, threads, compiled=True))
