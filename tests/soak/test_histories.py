"""Random lives end well: a short profile, the same each time; `make soak` lives them by the hundred thousand."""

from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from tests.soak import histories
from tests.soak.deeds import DEEDS, WEIGHTS
from tests.soak.histories import History, Step
from tests.soak.world import World

_HOW = st.integers(0, histories.DIGITS - 1)
_THEN = st.just(0) | _HOW
SHORT = settings(
    max_examples=6,
    stateful_step_count=6,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],  # to make a finding smaller takes minutes; `make soak` does it quicker
    suppress_health_check=list(HealthCheck),
)


class Lives(RuleBasedStateMachine):
    """Every deed is a rule. Once nothing more happens all is reconciled, and everything must be so."""

    world: World

    def __init__(self) -> None:
        """Begin with nobody."""
        super().__init__()
        self.life: Any = None
        self.late = 0

    @initialize(begins_on=st.sampled_from([0, 28, 29, 30, 58, 364]), seed=st.integers(0, 5), how=_HOW, then=_THEN)
    def begin(self, begins_on: int, seed: int, how: int, then: int) -> None:
        """Begin on some day; somebody presses “Subscribe”."""
        self.late = seed
        self.life = histories.begin(self.world, begins_on=begins_on, seed=seed)
        histories.take(self.life, Step("subscribe", 0, how, then))

    def teardown(self) -> None:
        """Reconcile, and check everything."""
        if self.life is not None:
            histories.conclude(self.life, late=self.late)


def _rule_for(name: str) -> Any:
    def happen(self: Lives, who: int, how: int, then: int) -> None:
        histories.take(self.life, Step(name, who, how, then))

    happen.__name__ = name
    begun = precondition(lambda self: self.life is not None)
    return rule(who=st.sampled_from([0, 0, 0, 1]), how=_HOW, then=_THEN)(begun(happen))


for _name in DEEDS:
    setattr(Lives, _name, _rule_for(_name))


def test_random_lives_end_well(world: World) -> None:
    Lives.world = world
    run_state_machine_as_test(Lives, settings=SHORT)


@pytest.mark.parametrize("first", [1, 101])
def test_the_first_histories_of_the_soak_end_well(world: World, first: int) -> None:
    for seed in range(first, first + 10):
        histories.live(world, histories.draw(seed))


def test_a_history_is_the_same_each_time(world: World) -> None:
    told = [histories.live(world, histories.draw(7)).told for _ in range(2)]
    assert told[0] == told[1]


def test_every_deed_happens_among_the_first_histories() -> None:
    drawn = {step.deed for seed in range(400) for step in histories.draw(seed).steps}
    assert drawn == set(DEEDS) == set(WEIGHTS)


def test_a_history_that_goes_wrong_is_made_smaller(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(histories, "check_in_the_end", _complain_of_gifts)
    steps = (Step("subscribe", 0, 5, 9), Step("give_once", 1, 0, 77), Step("time_passes", 0, 3, 4))
    small = histories.make_smaller(world, History(steps))
    assert [step.deed for step in small.steps] == ["give_once"]
    assert small.steps[0].then == 0


def _complain_of_gifts(life: Any) -> None:
    assert not life.world.dump().get("payment_intent"), "somebody gave"
