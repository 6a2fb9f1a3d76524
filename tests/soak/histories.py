"""Histories: drawn from a seed, lived, concluded, and made smaller when one goes wrong."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from unittest import mock

from kjreport.drift import list_looks
from kjreport.payments import reconciling
from kjreport.payments.models import StripeEvent
from tests.soak.deeds import DEEDS, WEIGHTS, Life, sweep
from tests.soak.dice import Dice
from tests.soak.truth import Broken, check_after_a_scan, check_in_the_end, check_meanwhile
from tests.soak.world import BEGINNING, World

DIGITS = 1 << 30
_LENGTHS, _SHARES = ((1, 3), (4, 8), (9, 20)), (70, 25, 5)  # mostly short ones: they are lived by the hundred thousand
_DAY, _HOUR = 86_400, 3_600
_LEFT_TO_THE_WORKER = 400  # seconds after which the sweeper sends what a worker has not


@dataclass(frozen=True)
class Step:
    """Something that happens: what, to whom, exactly how, and how post and worker fare afterwards (nought: well)."""

    deed: str
    who: int = 0
    how: int = 0
    then: int = 0


@dataclass(frozen=True)
class History:
    """A whole history: everything that follows, follows from this."""

    steps: tuple[Step, ...]
    begins_on: int = 0  # days after the beginning; month ends lie among them
    seed: int = 0


def draw(seed: int) -> History:
    """Draw the history of a seed."""
    chance = random.Random(f"history {seed}")  # noqa: S311 - to be repeated, not to be secret
    length = chance.randint(*chance.choices(_LENGTHS, _SHARES)[0])
    is_calm, others = chance.random() < 0.3, chance.random() < 0.15
    names = chance.choices(list(WEIGHTS), list(WEIGHTS.values()), k=length)
    begins = "subscribe" if chance.random() < 0.7 else names[0]
    steps = [
        Step(
            name,
            int(others and chance.random() < 0.4),
            chance.randrange(DIGITS),
            0 if is_calm or chance.random() < 0.4 else chance.randrange(1, DIGITS),
        )
        for name in [begins, *names[1:]]
    ]
    return History(tuple(steps), chance.choice([0, 0, 28, 29, 30, 58, 89, 364]), seed)


def begin(world: World, *, begins_on: int, seed: int) -> Life:
    """Begin a history in an empty world."""
    world.begin(seed, moment=BEGINNING + begins_on * _DAY + 12 * _HOUR)
    keys = random.Random(f"keys {seed}")  # noqa: S311 - to be repeated, not to be secret
    return Life(world, keys, swept_at=world.clock.moment)


def take(life: Life, step: Step) -> None:
    """Let a step happen, a little time pass, and check what must be so at any moment."""
    life.say(f"{step}")
    DEEDS[step.deed](life, life.reader(step.who), Dice(step.how))
    life.world.pass_time(1 + step.how % 50)
    life.world.settle(step.then)
    check_meanwhile(life)


def conclude(life: Life, *, late: int) -> None:
    """Let the weather clear and a worker's time pass; reconcile by letters, or by the scan alone; check everything."""
    life.say("the end")
    life.world.weather.clear()
    if late % 5 == 4:
        _conclude_by_scan(life)
    else:
        _conclude_by_letters(life, late)


def _conclude_by_letters(life: Life, late: int) -> None:
    """Late letters come before the reconciler or after it; a scan must then find nothing to mend."""
    world = life.world
    if late % 2:
        world.settle(late)
    world.worker.do_all()
    waits = [event.next_attempt_at for event in StripeEvent.objects.unprocessed() if event.next_attempt_at]
    longest = max([(each - world.clock.now()).total_seconds() for each in waits], default=0)
    world.pass_time(max(int(longest) + 1, _LEFT_TO_THE_WORKER))
    if late % 3:
        world.settle(0)
    reconcile(life)
    world.settle(0)
    check_in_the_end(life)


def _conclude_by_scan(life: Life) -> None:
    """What is on its way is lost, and Stripe's list of letters is not read: the nightly scan alone must mend it."""
    world = life.world
    world.worker.do_all()
    world.pass_time(_LEFT_TO_THE_WORKER)
    world.collect_letters()
    world.post.waiting.clear()
    with mock.patch.object(reconciling, "fetch_missing_letters", return_value=(0, 0)):
        sweep(life)
        world.worker.do_all()
        for look in list_looks().values():
            for _, drifts in look():
                for drift in drifts:
                    if drift.mend is not None:
                        drift.mend()
    world.worker.do_all()
    check_after_a_scan(life)


def reconcile(life: Life) -> None:
    """Do what `reconcile_stripe` and the sweeper do, and the worker after them."""
    reconciling.fetch_missing_letters()
    life.world.worker.do_all()
    sweep(life)
    life.world.worker.do_all()


def live(world: World, history: History) -> Life:
    """Live a history from its beginning to its end.

    Raises:
        Broken: something that must be so was not.
        Exception: whatever the site raised where it must raise nothing.
    """
    life = begin(world, begins_on=history.begins_on, seed=history.seed)
    try:
        for step in history.steps:
            take(life, step)
        conclude(life, late=history.seed)
    except Exception as error:
        error.add_note("\n".join(life.told))
        raise
    return life


def goes_wrong(world: World, history: History) -> Exception | None:
    """Live a history; return what went wrong, or None."""
    try:
        live(world, history)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        return error
    return None


def make_smaller(world: World, history: History, *, rounds: int = 4) -> History:
    """Return a smaller history that goes wrong too: without needless steps, each as plain as it can be."""
    for _ in range(rounds):
        before = history
        history = _drop_steps(world, history)
        history = _make_plain(world, history)
        if history == before:
            break
    return history


def _drop_steps(world: World, history: History) -> History:
    place = len(history.steps) - 1
    while place >= 0:
        fewer = _with_steps(history, [*history.steps[:place], *history.steps[place + 1 :]])
        if goes_wrong(world, fewer) is not None:
            history = fewer
        place -= 1
    return history


def _make_plain(world: World, history: History) -> History:
    for place in range(len(history.steps)):
        for field in ("then", "who", "how"):
            step = history.steps[place]
            for value in (0, 1, 2, 3):
                if getattr(step, field) <= value:
                    break
                plainer = Step(**{**vars(step), field: value})
                trial = _with_steps(history, [*history.steps[:place], plainer, *history.steps[place + 1 :]])
                if goes_wrong(world, trial) is not None:
                    history = trial
                    break
    return history


def _with_steps(history: History, steps: Sequence[Step]) -> History:
    return History(tuple(steps), history.begins_on, history.seed)


__all__ = ["Broken", "History", "Step", "draw", "goes_wrong", "live", "make_smaller"]
