"""Choices drawn from one number, so that a step of a history is data: kept, repeated and made smaller."""

from collections.abc import Sequence


class Dice:
    """Draws one choice after another from a number's digits; nought always draws the first, which is the plainest."""

    def __init__(self, number: int) -> None:
        """Begin with the last digit."""
        self._left = number

    def pick[T](self, options: Sequence[T]) -> T:
        """Draw one of these."""
        self._left, place = divmod(self._left, len(options))
        return options[place]

    def below(self, bound: int) -> int:
        """Draw a number from nought up to, and without, `bound`."""
        self._left, drawn = divmod(self._left, bound)
        return drawn
