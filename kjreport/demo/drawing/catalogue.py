"""Every demo picture by its key."""

from collections.abc import Callable

from PIL import Image

from kjreport.demo.drawing import (
    charts_money,
    charts_resources,
    maps_africa,
    maps_frontiers,
    maps_trade,
    patterns_moving,
    patterns_still,
    portraits,
)

DRAWINGS: dict[str, Callable[[], Image.Image]] = {
    "map-south-caucasus": maps_frontiers.south_caucasus,
    "map-nile": maps_africa.nile,
    "map-red-sea-routes": maps_trade.red_sea_routes,
    "map-middle-corridor": maps_trade.middle_corridor,
    "map-arctic": maps_frontiers.arctic,
    "map-reservoir": maps_frontiers.reservoir,
    "map-nickel": maps_trade.nickel,
    "map-horn": maps_africa.horn,
    "map-grid": maps_trade.grid,
    "chart-moldova-power": charts_resources.moldova_power,
    "chart-kenya-debt": charts_money.kenya_debt,
    "chart-rerouting": charts_money.rerouting,
    "chart-poland-spending": charts_money.poland_spending,
    "chart-nickel-share": charts_resources.nickel_share,
    "chart-reservoir-levels": charts_resources.reservoir_levels,
    "chart-lithium": charts_resources.lithium,
    "chart-remittances": charts_money.remittances,
    "chart-price-cap": charts_money.price_cap,
    "pattern-summit": patterns_still.summit,
    "pattern-columns": patterns_still.columns,
    "pattern-crowd": patterns_moving.crowd,
    "pattern-flightlines": patterns_moving.flightlines,
    "pattern-table": patterns_still.table,
    "pattern-swarm": patterns_moving.swarm,
    "pattern-balance": patterns_moving.balance,
    "pattern-signal": patterns_moving.signal,
    "pattern-arches": patterns_still.arches,
    "pattern-threads": patterns_moving.threads,
    "portrait-leila-sarkis": portraits.leila_sarkis,
    "portrait-tomas-reyne": portraits.tomas_reyne,
    "portrait-ifeoma-bright": portraits.ifeoma_bright,
    "portrait-marcus-hale": portraits.marcus_hale,
    "portrait-anahit-terzian": portraits.anahit_terzian,
    "portrait-priya-raman": portraits.priya_raman,
}

KEYS: tuple[str, ...] = tuple(DRAWINGS)


def draw(key: str) -> Image.Image:
    """Draw one picture: RGB, 1800 by 1200, or 900 square for a portrait; takes up to a second."""
    return DRAWINGS[key]()
