"""The review desk of a running shop: what may not settle alone becomes a case, and answers become receipts.

All of it is in the database, and all of it may be done again: `work` looks at what is there (cases with answers, time
that is up, audits and disputes that people are done with) and does what is not done yet, so a kill costs nothing.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, exists, insert, select

from walkout.checkout.fallback import only_shown
from walkout.checkout.ledger import Issued
from walkout.checkout.receipt import Asked, HumanWork, Line, Receipt
from walkout.inference.belief import Belief
from walkout.live.cashier import DECIDED, UNANSWERED, Cashier, Made
from walkout.live.freeze import FreezeError, freeze, thaw
from walkout.live.otherwise import change_of, is_agreed, reentered, said
from walkout.live.watch import Watch
from walkout.review import tables
from walkout.review.audit import WORDS, basket_key
from walkout.review.case import Body, body_from
from walkout.review.cases import case_of, end, go_on, human_work, open_case, reenter
from walkout.review.queues import Queues
from walkout.review.slots import last_resolution
from walkout.store.shop import Store

log = logging.getLogger(__name__)
ANSWERED = "a person answered"
ONLY_SHOWN = "people could not tell all of it: only what is shown is charged"
HELPLESS = "no question would help: only what is shown is charged"
TRIMMED = (UNANSWERED, ONLY_SHOWN, HELPLESS)
"""Reasons of receipts with less on them than was decided."""
HELD = "for a minute the answer can be taken back; nothing is charged before"
TAKEN_BACK = "an answer was taken back: a person is asked again"
AUDITED = "audited"
WHOLE_NS = 2 * 1_000_000_000
"""So often all that is open is looked at."""
KEEP_NS = 86_400 * 1_000_000_000
"""A belief is forgotten so long after its case should have ended."""


@dataclass(frozen=True, slots=True)
class _Last:
    """The case's last answer: when, and whether somebody still has to answer."""

    t_ns: int = 0
    pending: bool = False


class Desk:
    """Cases of one shop. Its methods run where the till runs, one after another."""

    def __init__(
        self,
        queues: Queues,
        cashier: Cashier,
        store: Store,
        watch: Watch,
        evidence: Callable[[str], Mapping[str, Any] | None],
        *,
        now_ns: Callable[[], int],
    ) -> None:
        """`evidence`: what is kept of a visit (checkout.evidence), for the mass of what was named."""
        self.queues, self.cashier, self.store, self.watch, self._now_ns = queues, cashier, store, watch, now_ns
        self._evidence = evidence
        self._looked_ns = 0
        """When all cases were last looked at, not only those that wait for nobody."""
        cashier.settling = watch.settling()

    def decided(self, belief: Belief) -> None:
        """A visit was decided: draw it for an audit, or open its case; said again it does nothing."""
        visit = belief.visit.id
        issued = self.cashier.ledger.receipts(visit)
        first = next((one for one in issued if one.final), None)
        if first is not None:
            if first.reason == DECIDED and first.receipt.decided_by == "software":
                self.watch.draw(first.receipt)
            return
        if not issued or self.cashier.answer_within_ns <= 0:
            return  # nobody is asked here
        receipt = issued[-1].receipt
        blind = self.watch.state == "shadow" and self.watch.wants_labels
        if receipt.status != "asks" or not (receipt.questions or blind):
            return
        self._keep(belief, issued[-1])
        asked = replace(receipt, questions=(_whole(receipt),)) if blind else receipt
        deadline_ns = self._deadline_ns(issued[-1])
        open_case(self.queues, asked, deadline_ns=deadline_ns, queue="audit" if blind else "settle")

    def work(self) -> tuple[Made, ...]:
        """Do what is due: answers that came, time that is up, audits that are done. Gives the receipts made."""
        now_ns = self._now_ns()
        whole = abs(now_ns - self._looked_ns) >= WHOLE_NS
        made = [found for visit in self._open(whole=whole) if (found := self.advance(visit)) is not None]
        if not whole:
            return tuple(made)
        self._looked_ns = now_ns
        made += self._helpless()
        for visit in self.watch.listen():
            found = self._audited(visit)
            made += [] if found is None else [found]
        self.cashier.settling = self.watch.settling()
        with self.queues.engine.begin() as connection:
            connection.execute(delete(tables.beliefs).where(tables.beliefs.c.until_ns < now_ns))
        return tuple(made)

    def advance(self, visit: str) -> Made | None:
        """Bring an open case as far as its answers carry: the next question, or the receipt.

        A receipt that answers settle is shown at once. It is final, and charged, when the last of them can be taken
        back no more: until then it may still become more, and what is final never may.
        """
        case, issued = f"case/{visit}", self.cashier.last(visit)
        if issued is None or issued.final:
            end(self.queues, case, "settled" if issued is not None and issued.reason == ANSWERED else "shown_only")
            return None
        late = case_of(self.queues, case).deadline_ns <= self._now_ns()
        last = self._last(case)
        shown = issued.reason.startswith(HELD)
        waits = not late and last.t_ns + self.queues.undo_ns > self._now_ns()
        if not late and (not shown if last.pending else shown and waits and issued.issued_ns >= last.t_ns):
            return None
        receipt, unclear = self._so_far(visit, issued)
        if last.pending and not late:  # an answer was taken back: the receipt asks again, and says so
            return self.cashier.hold(receipt, reason=TAKEN_BACK)
        if unclear is not None and not late:
            if not waits:
                self.queues.another(unclear)
            return None
        if receipt.status != "settled" and receipt.questions and not late:
            go_on(self.queues, case, receipt)
            return None
        reason = ANSWERED
        if receipt.status != "settled":
            # `only_shown` counts the revision up by itself.
            whole, receipt = receipt, only_shown(replace(receipt, revision=receipt.revision - 1))
            dropped = len(receipt.lines) < len(whole.lines)
            reason = UNANSWERED if late else ONLY_SHOWN if dropped else ANSWERED
        if waits:
            return self.cashier.hold(receipt, reason=f"{HELD}: {reason}")
        made = self.cashier.issue(receipt, reason=reason)
        end(self.queues, case, "settled" if reason == ANSWERED else "shown_only")
        return made

    def looked(self, visit: str) -> Made | None:
        """Issue the receipt anew where more people looked at the visit than it says."""
        issued = self.cashier.last(visit)
        if issued is None or not issued.final:
            return None
        human = self.human(visit, issued.receipt.human)
        if human == issued.receipt.human:
            return None
        again = replace(issued.receipt, revision=issued.revision + 1, human=human)
        return self.cashier.issue(again, reason="more people have looked at it since")

    def human(self, visit: str, before: HumanWork) -> HumanWork:
        """How much people looked, at the desk and elsewhere (`before`: what a receipt said that counted others)."""
        found = human_work(self.queues, visit)
        with self.queues.reading.begin() as connection:
            of = tables.views.c
            query = select(of.clip).join(tables.leases, tables.leases.c.token == of.token)
            clips = len(connection.execute(query.where(tables.leases.c.visit == visit)).all())
        return HumanWork(
            max(found.viewers, before.viewers),
            max(clips, before.clips),
            max(found.seconds, before.seconds),
            tuple(sorted({*found.purposes, *before.purposes})),
            max((t for t in (found.last_at, before.last_at) if t is not None), default=None),
        )

    def viewed(self, token: str, clip: int) -> bool:
        """A clip was opened under a lease; False, and nothing is done, where that was said before."""
        with self.queues.engine.begin() as connection:
            of = tables.views.c
            if connection.execute(select(of.clip).where((of.token == token) & (of.clip == clip))).first() is not None:
                return False
            connection.execute(insert(tables.views).values(token=token, clip=clip, t_ns=self._now_ns()))
            return True

    def belief(self, visit: str) -> Belief | None:
        """What inference believed of a visit whose case is or was open; None: it is forgotten."""
        with self.queues.reading.begin() as connection:
            query = select(tables.beliefs.c.body).where(tables.beliefs.c.visit == visit)
            body = connection.execute(query).scalar_one_or_none()
        if body is None:
            return None
        try:
            found = thaw(body)
        except FreezeError:  # of another release
            log.warning("the belief of a case cannot be read any more; only what is shown will be charged")
            return None
        return found if isinstance(found, Belief) else None

    def _so_far(self, visit: str, issued: Issued) -> tuple[Receipt, str | None]:
        """The next revision as the answers so far make it, and a question that one more person should see."""
        belief, before = self.belief(visit), issued.receipt
        resolved = case_of(self.queues, f"case/{visit}").resolved
        human, number = self.human(visit, before.human), issued.revision + 1
        looked = any(key is not None for _, key in resolved)
        if belief is None:
            return replace(before, revision=number, questions=(), human=human), None
        unclear, kept = None, self._evidence(visit)
        receipt = self._made(belief)
        for name, key in resolved:
            body = self._body(name)
            if body.kind == "basket":
                if key is not None:
                    return self._counted(before, key, number, human), None
                continue
            asked = Asked(body.event, body.start_ns, body.end_ns, body.kind, body.words, (), 0.0)
            named = said(belief, body, key)
            with self.queues.reading.begin() as connection:
                last = last_resolution(connection, name)
                agreed = is_agreed(connection, name)
            after = None
            if named is not None:
                change_g = change_of(kept, body.event)
                after = reentered(belief, body.event, named, change_g, self.store.products, agreed=agreed)
                if after is None and (last is None or last.how != "third"):
                    unclear = name
            try:
                belief = after or reenter(belief, asked, key, self.cashier.settling)[0]
            except ValueError:  # an event that this belief has no more
                continue
            receipt = self._made(belief)
        decided_by = "person" if looked else before.decided_by
        if receipt.status == "settled" and not looked:
            receipt = replace(receipt, status="asks")  # what only became settled because the guard moved stays asked
        due = None if receipt.status == "settled" else receipt.due
        return replace(receipt, revision=number, human=human, decided_by=decided_by, due=due), unclear

    def _made(self, belief: Belief) -> Receipt:
        return self.cashier.receipt(belief)

    def _counted(self, before: Receipt, key: str, revision: int, human: HumanWork) -> Receipt:
        """The receipt of a basket that two people found apart from one another."""
        was = {line.gtin: line for line in before.lines}
        lines = []
        for part in [one for one in key.split(";") if one]:
            gtin, _, count = part.partition("*")
            product = self.store.products.get(gtin)
            if product is None:
                continue
            line = was.get(gtin, Line(gtin, product.name, 1, product.price, 1.0, "People looked at it", ()))
            lines.append(replace(line, quantity=int(count), shown=True))
        total = sum((line.unit_price * line.quantity for line in lines), Decimal(0))
        return replace(
            before,
            lines=tuple(lines),
            total=total,
            due=total,
            revision=revision,
            human=human,
            decided_by="person",
            status="settled",
            questions=(),
        )

    def _audited(self, visit: str) -> Made | None:
        """What an audit found: what was charged and not taken is given back; nothing is ever added."""
        issued = self.cashier.last(visit)
        with self.queues.reading.begin() as connection:
            last = last_resolution(connection, f"audit/{visit}")
        if issued is None or not issued.final:
            return None
        if last is None or last.key is None or last.how == "undone":
            return self.looked(visit)
        found = dict(part.split("*") for part in last.key.split(";") if part)
        kept = []
        for line in issued.receipt.lines:
            count = min(line.quantity, int(found.get(line.gtin, 0)))
            kept += [replace(line, quantity=count)] if count else []
        if basket_key(kept) == basket_key(issued.receipt.lines):
            return self.looked(visit)
        total = sum((line.unit_price * line.quantity for line in kept), Decimal(0))
        human = self.human(visit, issued.receipt.human)
        changed = replace(
            issued.receipt, lines=tuple(kept), total=total, due=total, revision=issued.revision + 1,
            human=human, decided_by="person",
        )  # fmt: skip
        return self.cashier.issue(changed, reason=f"{AUDITED}: what was not taken is given back")

    def _helpless(self) -> list[Made]:
        """Final receipts of visits that nobody can be asked about."""
        if self.cashier.answer_within_ns <= 0:
            return []
        made = []
        for visit in self.cashier.ledger.visits("waiting"):
            issued = self.cashier.last(visit)
            if issued is None or issued.final or issued.receipt.questions or not self.cashier.is_decision(issued):
                continue
            with self.queues.reading.begin() as connection:
                known = select(tables.cases.c.case).where(tables.cases.c.visit == visit)
                if connection.execute(known).first() is not None:
                    continue
            if self.watch.state == "shadow" and self.watch.wants_labels:
                continue  # its case is about to be opened
            found = self.cashier.issue(only_shown(issued.receipt), reason=HELPLESS)
            made += [] if found is None else [found]
        return made

    def _open(self, *, whole: bool) -> list[str]:
        """The visits of open cases; not `whole`: of those that wait for nobody, or whose time is up."""
        of, asked = tables.cases.c, tables.questions.c
        query = select(of.visit).where(of.state == "open").order_by(of.deadline_ns)
        if not whole:
            waits = exists().where((asked.case == of.case) & (asked.state == "open"))
            query = query.where(~waits | (of.deadline_ns <= self._now_ns()))
        with self.queues.reading.begin() as connection:
            return list(connection.execute(query).scalars())

    def _last(self, case: str) -> _Last:
        """How far the questions of a case are."""
        of = tables.questions.c
        newest = 0
        with self.queues.reading.begin() as connection:
            rows = connection.execute(select(of.question, of.state).where((of.case == case) & of.of.is_(None))).all()
            for row in rows:
                last = last_resolution(connection, row.question)
                standing = last is not None and last.how != "undone"
                if row.state == "open" or (row.state == "closed" and not standing):
                    return _Last(pending=True)
                third = (of.of == row.question) & (of.state == "open")
                if connection.execute(select(of.question).where(third)).first() is not None:
                    return _Last(pending=True)
                newest = max(newest, last.t_ns if last is not None else 0)
        return _Last(newest)

    def _body(self, question: str) -> Body:
        with self.queues.reading.begin() as connection:
            query = select(tables.questions.c.body).where(tables.questions.c.question == question)
            return body_from(connection.execute(query).scalar_one())

    def _deadline_ns(self, issued: Issued) -> int:
        return issued.issued_ns + self.cashier.answer_within_ns

    def _keep(self, belief: Belief, issued: Issued) -> None:
        visit, until_ns = belief.visit.id, self._deadline_ns(issued) + KEEP_NS
        with self.queues.engine.begin() as connection:
            known = select(tables.beliefs.c.visit).where(tables.beliefs.c.visit == visit)
            if connection.execute(known).first() is None:
                row: dict[str, Any] = {"visit": visit, "body": freeze(belief), "until_ns": until_ns}
                connection.execute(insert(tables.beliefs).values(**row))


def _whole(receipt: Receipt) -> Asked:
    return Asked("", receipt.entered_ns, receipt.left_ns, "basket", WORDS, (), 0.0)
