"""The whole of the library's `client.v1`, call by call: done here, or answered 501 by name, and nothing in between."""

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, Literal, Union, get_args, get_origin

import pytest
import stripe  # noqa: TID251  these tests put the real library before the stand-in
from typing_extensions import is_typeddict

from kjreport.standin import parameters
from kjreport.standin.errors import Refusal
from kjreport.standin.kinds import KINDS
from kjreport.standin.routes import ROUTES, find
from kjreport.standin.server import StandIn

# Sent to another place than the API, or not sent at all.
NOT_CALLS = {"files.create"}


def _calls(service: Any, name: str = "") -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield every call of the library's tree of services by its dotted name."""
    home = sys.modules[type(service).__module__]
    for inner, (module, kind) in getattr(home, "_subservices", {}).items():
        inside = getattr(importlib.import_module(module), kind)(service._requestor)
        yield from _calls(inside, f"{name}{inner}.")
    for method, _ in inspect.getmembers(type(service), inspect.isfunction):
        if not method.startswith(("_", "request")) and not method.endswith("_async"):
            yield f"{name}{method}", getattr(service, method)


def _try(call: Callable[..., Any], standin: StandIn) -> tuple[str, int, str]:
    """Make a call with invented ids and no parameters; return what was asked, the status and what was said."""
    arguments: list[Any] = []
    for parameter in inspect.signature(call).parameters.values():
        if parameter.name not in ("params", "options") and parameter.default is inspect.Parameter.empty:
            arguments.append("id_none")
        elif parameter.name == "params" and parameter.default is inspect.Parameter.empty:
            arguments.append({})
    before = len(standin.engine.log)
    try:
        call(*arguments)
    except stripe.StripeError as error:
        return standin.engine.log[-1], error.http_status or 0, str(error)
    assert len(standin.engine.log) > before, call
    return standin.engine.log[-1], 200, ""


@pytest.fixture(scope="module")
def tree() -> dict[str, tuple[str, int, str, str]]:
    """Every call made once: the address asked, the status, what was said, and the parameter type's name."""
    standin = StandIn(deliver="hold", seed=1)
    client = stripe.StripeClient("sk_test_1", http_client=standin.direct(), max_network_retries=0)
    made = {}
    for name, call in _calls(client.v1):
        if name not in NOT_CALLS:
            params = inspect.signature(call).parameters.get("params")
            made[name] = (*_try(call, standin), "" if params is None else str(params))
    assert "customer" not in standin.dump() or len(standin.dump()["customer"]) == 1
    standin.stop()
    return made


def test_the_library_has_a_call_for_every_route(tree: dict[str, Any]) -> None:
    assert len(tree) > 400
    assert {route.name for route in ROUTES} <= set(tree)


def test_every_call_is_done_under_its_own_name_or_answers_501_naming_it(tree: dict[str, Any]) -> None:
    done = {route.name for route in ROUTES}
    for name, (asked, status, said, _) in tree.items():
        method, path = asked.split()
        found = find(method, path)
        if name in done:
            assert found is not None, name
            assert found[0].name == name, asked
            assert status in (200, 400, 404) or f"does not do {name} " in said, (name, said)
        else:
            assert found is None, f"{name} is answered by {found}"
            assert status == 501, (name, status, said)
            assert f"The stand-in does not do {asked}." in said, (name, said)


def test_every_route_checks_its_parameters_by_the_calls_own_type(tree: dict[str, Any]) -> None:
    for route in ROUTES:
        assert f"'{route.params.rpartition('.')[2]}'" in tree[route.name][3], route.name


def _sample(hint: Any) -> Any:
    """Return a raw value that a parameter type takes, everything in it that can be given."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin in (Union, type(int | str)):
        plain = [part for part in parts if part is not str and not parameters._is_untyped(part)]
        return _sample(next((part for part in plain if get_args(part) != ("",)), parts[-1]))
    if origin is Literal:
        return next((part for part in parts if part != ""), "")
    if is_typeddict(hint):
        return {name: _sample(inner) for name, (inner, _) in parameters._fields(hint).items()}
    if origin is list:
        return {"0": _sample(parts[0])}
    if origin is dict:
        return {"key": _sample(parts[1])}
    return {int: "1", bool: "true", float: "1.5", Decimal: "1"}.get(hint, "x")


def _leaves(raw: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(raw, dict) and raw:
        for name, inner in raw.items():
            yield from _leaves(inner, (*path, name))
    else:
        yield path, raw


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_parameter_is_acted_on_or_answers_501_naming_it(route: Any) -> None:
    kind = parameters.named(route.params)
    whole = {name: _sample(hint) for name, (hint, _) in parameters._fields(kind).items()}
    parameters.check(kind, whole)
    for path, value in _leaves(whole):
        names = [part for part in path if not part.isdigit() and part != "key"]
        prefixes = {".".join(names[: count + 1]) for count in range(len(names))}
        given = value
        for part in reversed(path):
            given = [given] if part.isdigit() else {part: given}
        if not path or prefixes & route.does:
            parameters.refuse_undone(route.name, given if path else {}, route.does)
            continue
        with pytest.raises(Refusal, match=rf"^The stand-in does not do {route.name} with {path[0]}") as caught:
            parameters.refuse_undone(route.name, given, route.does)
        assert (caught.value.status, caught.value.code) == (501, "not_implemented")


def test_a_route_acts_on_no_parameter_that_the_library_does_not_have() -> None:
    for route in ROUTES:
        kind: Any = parameters.named(route.params)
        whole = {name: _sample(hint) for name, (hint, _) in parameters._fields(kind).items()}
        known = {"expand"}
        for path, _ in _leaves(whole):
            names = [part for part in path if not part.isdigit() and part != "key"]
            known |= {".".join(names[: count + 1]) for count in range(len(names))}
        assert route.does <= known, (route.name, route.does - known)


def test_every_list_that_can_be_searched_by_moment_is_and_goes_by_page() -> None:
    for route in ROUTES:
        fields = parameters._fields(parameters.named(route.params))
        if "starting_after" in fields:
            assert {"limit", "starting_after", "ending_before"} <= route.does, route.name
            assert ("created" in fields) == ("created" in route.does), route.name


def test_every_letter_is_one_that_the_library_knows() -> None:
    known = {kind for part in get_args(stripe.Event.__annotations__["type"]) for kind in get_args(part)}
    known |= set(get_args(stripe.Event.__annotations__["type"]))
    assert known >= KINDS
