"""Synthetic head-CT slices with bleeds of five kinds, and what a network sees of a slice.

Shapes and numbers are invented and owe nothing to real images. Values are Hounsfield units (HU), rows run from the front of
the head to its back, columns from the patient's right to the left. A generator with a fixed seed gives fixed slices.
"""
import numpy as np

AIR, SCALP, SKULL, BRAIN, FLUID = -1000.0, 40.0, 1000.0, 30.0, 8.0
INNER = 0.86  # of the head's radius: where the skull ends and the brain begins
KINDS = ["epidural", "intraparenchymal", "intraventricular", "subarachnoid", "subdural"]
LABELS = KINDS + ["any"]
WINDOWS = {"brain": (40, 80), "subdural": (80, 200), "bone": (600, 2800)}


class Head:
    """Where things are in one head of `side` x `side` pixels; the same head can be cut several times."""

    def __init__(self, rng, side=128):
        self.side = side
        rows, cols = (np.mgrid[0:side, 0:side] + 0.5) / side - 0.5
        turn = rng.normal(0, 0.06)
        rows, cols = rows - rng.normal(0, 0.012), cols - rng.normal(0, 0.012)
        self.y = (rows * np.cos(turn) + cols * np.sin(turn)) / rng.uniform(0.42, 0.46)
        self.x = (cols * np.cos(turn) - rows * np.sin(turn)) / rng.uniform(0.34, 0.39)
        self.radius = np.hypot(self.y, self.x)
        self.angle = np.arctan2(self.y, self.x)
        self.brain = rng.normal(BRAIN, 1.5)
        self.ventricles = [self.ellipse(-0.02, side_of * rng.uniform(0.13, 0.17), 0.26, 0.075, side_of * 0.25) for side_of in (-1, 1)]
        n_sulci = rng.integers(14, 20)
        angles = (np.arange(n_sulci) + rng.uniform(-0.25, 0.25, n_sulci)) * 2 * np.pi / n_sulci
        self.sulci = [self.sulcus(angle, INNER - rng.uniform(0.12, 0.22)) for angle in angles]
        slow = rng.normal(0, 1, (5, 5))
        grid = np.linspace(0, 4, side)
        slow = np.array([np.interp(grid, range(5), row) for row in slow])
        self.slow = np.array([np.interp(grid, range(5), column) for column in slow.T]).T

    def ellipse(self, y, x, half_y, half_x, turn=0.0):
        """Distance from (y, x) in half axes: below 1 inside."""
        dy, dx = self.y - y, self.x - x
        return np.hypot((dy * np.cos(turn) + dx * np.sin(turn)) / half_y, (dx * np.cos(turn) - dy * np.sin(turn)) / half_x)

    def away(self, angle):
        """Angle from that direction, -pi to pi."""
        return (self.angle - angle + np.pi) % (2 * np.pi) - np.pi

    def sulcus(self, angle, depth):
        """A thin line from the skull into the brain."""
        return (np.abs(self.away(angle)) * self.radius < 0.035) & (self.radius > depth) & (self.radius < INNER)

    def clear(self):
        """The head without any bleed, without noise."""
        hu = np.where(self.radius < 1.06, SCALP, AIR)
        hu = np.where(self.radius < 1.0, SKULL, hu)
        hu = np.where(self.radius < INNER, self.brain + 1.5 * self.slow, hu)
        for sulcus in self.sulci:
            hu[sulcus] = FLUID
        for ventricle in self.ventricles:
            hu[ventricle < 1] = FLUID
        return hu

    def bleed(self, kind, rng):
        """Which pixels one bleed of that kind takes."""
        side_of = rng.choice([-1, 1])
        if kind == "intraparenchymal":
            place = self.ellipse(rng.uniform(-0.35, 0.35), side_of * rng.uniform(0.42, 0.52), *rng.uniform(0.12, 0.2, 2), rng.uniform(0, 3))
            return (place + 0.06 * self.slow < 1) & (self.radius < INNER - 0.1)
        if kind == "intraventricular":
            level = rng.uniform(-0.3, 0.05)
            both = rng.random() < 0.4
            which = self.ventricles if both else [self.ventricles[(side_of + 1) // 2]]
            return np.any([(v < 1) & (self.y > level) for v in which], axis=0)
        if kind == "subarachnoid":
            first, n = rng.integers(len(self.sulci)), rng.integers(4, 7)
            return np.any([self.sulci[(first + i) % len(self.sulci)] for i in range(n)], axis=0)
        angle = (0 if side_of > 0 else np.pi) + rng.uniform(-0.6, 0.6)
        width, depth = (rng.uniform(0.38, 0.55), rng.uniform(0.16, 0.24)) if kind == "epidural" else (rng.uniform(1.0, 1.4), rng.uniform(0.09, 0.14))
        power = 2 if kind == "epidural" else 4  # a lens; a crescent of even thickness
        thickness = depth * (1 - np.clip(np.abs(self.away(angle)) / width, 0, 1) ** power)
        return (self.radius < INNER) & (self.radius > INNER - thickness)

    def slice(self, bleeds, rng):
        """The head with these bleeds (masks of pixels), blurred a little and with noise: HU, int16."""
        hu = self.clear()
        for mask in bleeds:
            hu[mask] = rng.uniform(60, 75)
        hu = blurred(hu) + rng.normal(0, 2.5, hu.shape)
        return np.clip(np.round(hu), -1024, 3071).astype(np.int16)


def blurred(image):
    """Mean of a pixel (weight 2) and its neighbours (weight 1), along rows, then columns."""
    for axis in (0, 1):
        pad = [(1, 1) if a == axis else (0, 0) for a in (0, 1)]
        wide = np.pad(image, pad, mode="edge")
        n = image.shape[axis]
        image = (wide.take(range(0, n), axis) + 2 * image + wide.take(range(2, n + 2), axis)) / 4
    return image


def window(hu, level, width):
    """A window of HU as 0 to 1: clip((hu - (level - width / 2)) / width, 0, 1), in f32."""
    low = np.float32(level - width / 2)
    return np.clip((hu.astype(np.float32) - low) / np.float32(width), np.float32(0), np.float32(1))


def network_input(declared, slices, index=0):
    """What a declaration's `input` makes of slice `index` of `slices` (HU): f32 [channels, rows, cols].

    Beyond the ends of `slices` the slice at the end stands for its neighbour.
    """
    channels = []
    low, high = np.float32(declared.get("range", [0, 1]))
    for channel in declared["channels"]:
        at = min(max(index + channel.get("slice", 0), 0), len(slices) - 1)
        if "hounsfield" in channel:
            channels.append(np.clip(slices[at].astype(np.float32), *np.float32(channel["hounsfield"])))
        else:
            w = channel["window"]
            v = window(slices[at], *(WINDOWS[w] if isinstance(w, str) else w))
            channels.append(v if "range" not in declared else low + v * (high - low))
    x = np.stack(channels)
    if "mean" in declared:
        x = (x - np.float32(declared["mean"])[:, None, None]) / np.float32(declared["std"])[:, None, None]
    return x
