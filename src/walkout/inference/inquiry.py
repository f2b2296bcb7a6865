"""What is known of the shelf events of one moment, each gathered once and weighed once against each past.

Whether a change is told as one event, as its steps, or joined with others is asked of the same few events again and
again; the answers do not change meanwhile. An inquiry lives no longer than that, since it holds people's tracks.
"""

from collections.abc import Callable
from functools import cache

from walkout.inference.choice import Evidence, Options, options
from walkout.inference.goods import Goods
from walkout.inference.hypothesis import Hypotheses, past_of
from walkout.sensing.event import ShelfEvent


class Inquiry:
    """Finds the evidence of events and the explanations that pasts allow."""

    def __init__(self, gather: Callable[[ShelfEvent], Evidence], shop: Goods) -> None:
        """`gather` finds the evidence of any event, one that is made of several or a part of one included."""
        self.shop = shop
        self.evidence = cache(gather)
        self.options = cache(self._options)

    def _options(self, event: ShelfEvent, pasts: Hypotheses) -> Options:
        return options(self.evidence(event), past_of(pasts), self.shop)
