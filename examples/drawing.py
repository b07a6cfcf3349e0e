"""The look of the figures: one style, images side by side, and PNG files small enough to commit."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

# 7.2 inches at 140 dots are 1,008 pixels: sharp at the width of a README.
WIDTH = 7.2
_DOTS = 140
_COLOURS = 96
# Told apart by readers with any colour vision. Source: M. Okabe & K. Ito, Color Universal Design, 2008.
BLUE, ORANGE, GREEN, PURPLE, GREY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#6B7280"
_STYLE: Mapping[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.titlesize": 9.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E5E7EB",
    "xtick.color": "#374151",
    "ytick.color": "#374151",
    "legend.frameon": False,
}


def figure(height: float) -> Figure:
    """An empty figure, `height` inches high, which no window shows."""
    matplotlib.rcParams.update(_STYLE)
    return Figure(figsize=(WIDTH, height), dpi=_DOTS, layout="constrained", facecolor="white")


def save(drawn: Figure, folder: Path, name: str) -> Path:
    """Write NAME.png with a palette in place of full colour, a third of the size, and say where it is."""
    path = folder / f"{name}.png"
    buffer = io.BytesIO()
    drawn.savefig(buffer, format="png")
    image = Image.open(buffer).convert("RGB").quantize(_COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    image.save(path, optimize=True)
    print(f"saved {path}")
    return path


def tiles(images: np.ndarray, gap: int = 1) -> np.ndarray:
    """Images (rows, columns, height, width) as one, apart by `gap` pixels of NaN, which are drawn as nothing."""
    rows, columns, height, width = images.shape
    sheet = np.full((rows * (height + gap) - gap, columns * (width + gap) - gap), np.nan)
    for row in range(rows):
        for column in range(columns):
            top, left = row * (height + gap), column * (width + gap)
            sheet[top : top + height, left : left + width] = images[row, column]
    return sheet


def show(axes: Axes, sheet: np.ndarray) -> None:
    """Draw what `tiles` made: ink on white, without axes."""
    axes.imshow(sheet, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
    axes.grid(False)
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_visible(False)
