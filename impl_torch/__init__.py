"""Autoencoders and character models in PyTorch: public names, arguments and meaning as in the reference, on any device.

Formulas take and return `torch.Tensor`, are differentiable in every tensor, and keep its dtype; half precisions are computed in
float32. Checks read static facts only (type, dtype, shape, device, Python numbers), so everything compiles with `torch.compile`.

What a file of a room lists in its `__all__` is public here, so that a new formula or model is one file and nothing else.
"""

import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

_modules = [importlib.import_module(module.name) for module in pkgutil.walk_packages(__path__, f"{__name__}.") if not module.ispkg]
_public = {name: getattr(module, name) for module in _modules for name in getattr(module, "__all__", ())}

__all__ = sorted(_public)  # pyright: ignore[reportUnsupportedDunderAll]
globals().update(_public)

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...
