"""PyTorch with torch.compile."""
import common
import torch_eager

if __name__ == "__main__":
    common.main(lambda *place: torch_eager.Model(*place, compiled=True))
