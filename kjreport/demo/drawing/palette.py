"""The house colours, and what lies between two of them."""

INK = "#14213d"
NIGHT = "#0c1529"
SLATE = "#55637a"
MIST = "#b9c3cc"
PAPER = "#f6f1e7"
LINEN = "#e9e0cf"
OXBLOOD = "#7a1f23"
VERMILION = "#c8402b"
OCHRE = "#d39a35"
SAGE = "#8a9f83"
PINE = "#3d5a50"
SEA = "#c9d6d8"
SAND = "#d9cbb0"


def mix(first: str, second: str, share: float) -> str:
    """Return the colour `share` of the way from the first to the second."""
    pairs = [(int(first[i : i + 2], 16), int(second[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


RIVER = mix("#4f7f94", INK, 0.12)
TINT_SAGE = mix(LINEN, SAGE, 0.55)
TINT_OCHRE = mix(LINEN, OCHRE, 0.5)
TINT_RED = mix(LINEN, VERMILION, 0.34)
TINT_SAND = mix(LINEN, SAND, 0.75)
TINT_BLUE = mix(LINEN, SLATE, 0.3)
