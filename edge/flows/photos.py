"""One photo of an enrollment: judged by vision, compared, and kept as a template or refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from edge.domain import Consent, Member, PhotoFault, Probe, Session, Template, new_id
from edge.errors import Conflict, NotFound
from edge.flows.look_alikes import LookAlikes
from edge.flows.thresholds import CurrentThresholds
from edge.rules.consent import TEMPLATES_MAX
from edge.rules.identity import look_alikes, same_person
from edge.store import Reader, Store, Transaction
from edge.vision.link import Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoResult:
    """One photo's fate. ``templates`` counts those kept for the member now."""

    accepted: bool
    fault: PhotoFault | None
    templates: int
    look_alikes: tuple[Member, ...] = ()


class Photos:
    """Keeps templates under active consents, and nothing else of a photo.

    Whom a member's photos resembled goes to ``look_alikes`` and is never written down.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        thresholds: CurrentThresholds,
        alike: LookAlikes,
    ) -> None:
        self._store = store
        self._clock = clock
        self._thresholds = thresholds
        self._look_alikes = alike

    async def keep(self, guide: Session, consent: Consent, judged: Judged) -> PhotoResult:
        """Keep the template of a usable photo that shows the person of the earlier ones.

        Raises ``Conflict`` where the templates are complete, or the consent has ended while
        vision was judging: the store takes no template without a consent in force.
        """
        probe = judged.probe
        if probe is None:
            count = await self._store.read(lambda r: r.templates.count_of(consent.member_id))
            return PhotoResult(accepted=False, fault=judged.fault, templates=count)
        alike = look_alikes(consent.member_id, judged.candidates, self._thresholds.now)

        result = await self._store.write(lambda tx: self._record(tx, guide, consent, probe, alike))
        if result.accepted:
            self._look_alikes.enrolled(consent.member_id, (m.id for m in result.look_alikes))
        return result

    def _record(
        self,
        tx: Transaction,
        guide: Session,
        consent: Consent,
        probe: Probe,
        alike: tuple[str, ...],
    ) -> PhotoResult:
        own = [t for t in tx.templates.of(consent.member_id) if t.model == probe.model]
        if len(own) >= TEMPLATES_MAX:
            raise Conflict(f"there are {TEMPLATES_MAX} photos already, and that is enough")
        if not same_person(probe.vector, (t.vector for t in own), self._thresholds.now):
            return PhotoResult(accepted=False, fault=PhotoFault.OTHER_PERSON, templates=len(own))
        tx.templates.add(
            Template(
                id=new_id(),
                member_id=consent.member_id,
                consent_id=consent.id,
                model=probe.model,
                vector=probe.vector,
                quality=probe.quality,
                made_at=self._clock(),
            )
        )
        tx.audit.append(
            actor=guide.guide_name,
            action="template_added",
            subject=consent.member_id,
            reason=f"consent {consent.id}",
        )
        found = (tx.members.get(id_) for id_ in alike if tx.consents.active_of(id_))
        return PhotoResult(
            accepted=True,
            fault=None,
            templates=tx.templates.count_of(consent.member_id),
            look_alikes=tuple(member for member in found if member is not None),
        )


def active_consent(reader: Reader, consent_id: str) -> Consent:
    """Raises ``NotFound``, or ``Conflict`` where it has ended."""
    consent = reader.consents.get(consent_id)
    if consent is None:
        raise NotFound("there is no such consent; open the member's card again")
    if not consent.active:
        raise Conflict("this consent has ended; ask the member for consent again")
    return consent
