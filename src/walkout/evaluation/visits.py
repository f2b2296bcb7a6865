"""Who was in the shop together and when, for reference methods: the visits that our own replay finds."""

from walkout.inference.visit import Visit, VisitBook
from walkout.recording.gate import GateEvent
from walkout.recording.people import PeopleFrame
from walkout.recording.reader import Recording


def visits_of(recording: Recording) -> tuple[Visit, ...]:
    """The visits of a whole recording, in order of their end, from gates and sights in order of event time."""
    seen = [item for item in recording.observations() if isinstance(item, PeopleFrame | GateEvent)]
    book = VisitBook(gated=any(isinstance(item, GateEvent) for item in seen))
    found: list[Visit] = []
    for item in sorted(seen, key=lambda item: (item.t_ns, isinstance(item, PeopleFrame))):
        while (close_ns := book.next_close_ns()) is not None and close_ns < item.t_ns:
            found += book.close(close_ns)
        if isinstance(item, GateEvent):
            book.pass_gate(item)
        else:
            book.see(item)
    return (*found, *book.close(None))
