"""What is known of things that have levels: their names, how they move, which actions drive them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["ALIASES", "KINDS", "Kind", "kind_of", "level_labels"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known of a thing that has levels.

    Attributes:
        labels: Names of its usual levels.
        dynamics: ``drain``, ``walk``, ``sticky``, ``cycle``, ``toggle`` or ``steer`` (driven by the agent).
        up: Actions that raise it by one level.
        down: Actions that lower it.
    """

    labels: tuple[str, ...] = ()
    dynamics: str = "walk"
    up: tuple[str, ...] = ()
    down: tuple[str, ...] = ()


KINDS: Final = {
    "battery": Kind(("empty", "half", "full"), "drain", up=("charge", "recharge", "dock")),
    "energy": Kind(("empty", "half", "full"), "drain", up=("rest", "eat", "sleep", "charge", "recharge")),
    "fuel": Kind(("empty", "half", "full"), "drain", up=("refuel", "fill")),
    "hunger": Kind(("sated", "peckish", "hungry"), "need", down=("eat", "feed")),
    "thirst": Kind(("quenched", "thirsty", "parched"), "need", down=("drink",)),
    "tiredness": Kind(("fresh", "tired", "exhausted"), "need", down=("rest", "sleep")),
    "health": Kind(("poor", "fair", "good"), "walk", up=("heal", "rest", "treat")),
    "temperature": Kind(("cold", "mild", "hot"), "steer", up=("heat", "warm"), down=("cool",)),
    "speed": Kind(
        ("slow", "cruising", "fast"), "steer", up=("accelerate", "speed_up"), down=("brake", "slow_down", "decelerate")
    ),
    "light": Kind(
        ("dark", "dim", "bright"), "steer", up=("light", "brighten", "switch_on"), down=("dim", "darken", "switch_off")
    ),
    "volume": Kind(("low", "medium", "high"), "steer", up=("increase", "raise"), down=("decrease", "lower")),
    "inventory": Kind(("empty", "low", "full"), "drain", up=("order", "restock", "buy")),
    "water": Kind(("low", "medium", "high"), "drain", up=("water", "irrigate", "fill", "pour")),
    "moisture": Kind(("dry", "moist", "wet"), "drain", up=("water", "irrigate")),
    "mood": Kind(("sad", "neutral", "happy"), "walk"),
    "stress": Kind(("calm", "tense", "stressed"), "walk", down=("rest", "relax", "breathe")),
    "trust": Kind(("low", "medium", "high"), "walk"),
    "demand": Kind(("low", "medium", "high"), "walk"),
    "queue": Kind(("empty", "short", "long"), "need", down=("serve", "process")),
    "workload": Kind(("light", "normal", "heavy"), "walk"),
    "price": Kind(("low", "medium", "high"), "walk"),
    "weather": Kind(("sunny", "cloudy", "rainy"), "sticky"),
    "wind": Kind(("calm", "breeze", "storm"), "walk"),
    "season": Kind(("spring", "summer", "autumn", "winter"), "cycle"),
    "tide": Kind(("low", "medium", "high"), "walk"),
    "traffic": Kind(("light", "moderate", "heavy"), "walk"),
    "signal": Kind(("red", "green"), "sticky"),
    "daytime": Kind(("day", "night"), "cycle"),
    "regime": Kind(("bear", "sideways", "bull"), "sticky"),
    "door": Kind(
        ("closed", "open"), "toggle", up=("open", "unlock", "open_door"), down=("close", "lock", "close_door")
    ),
    "lamp": Kind(("off", "on"), "toggle", up=("switch_on", "light", "switch", "toggle"), down=("switch_off",)),
    "switch": Kind(("off", "on"), "toggle", up=("toggle", "press", "push"), down=("release",)),
    "key": Kind(("missing", "held"), "toggle", up=("pick", "pick_up", "grab", "take"), down=("drop", "put_down")),
    "cargo": Kind(
        ("absent", "loaded"), "toggle", up=("pick_up", "load", "grab", "pick"), down=("drop", "unload", "deliver")
    ),
    "opponent": Kind(("passive", "neutral", "aggressive"), "sticky"),
    "predator": Kind(("far", "near", "close"), "walk"),
    "threat": Kind(("calm", "suspicious", "attack"), "sticky"),
}


ALIASES: Final = {
    "lightbulb": "lamp",
    "heat": "temperature",
    "charge": "battery",
    "stock": "inventory",
    "gate": "door",
    "parcel": "cargo",
    "package": "cargo",
    "object": "cargo",
    "item": "cargo",
    "enemy": "opponent",
    "wolf": "predator",
    "cat": "predator",
    "stamina": "energy",
    "thermometer": "temperature",
    "prices": "price",
    "tiger": "predator",
    "hungry": "hunger",
    "fatigue": "tiredness",
    "climate": "weather",
    "gas": "fuel",
}


_LOWEST_ARE: Final = {2: ("low", "high"), 3: ("low", "medium", "high")}


def kind_of(name: str) -> Kind:
    """Return what is known of a thing; something unknown wanders between levels."""
    return KINDS.get(name, Kind())


def level_labels(name: str, size: int) -> tuple[str, ...]:
    """Return ``size`` labels for the levels of ``name``, lowest first."""
    usual = kind_of(name).labels
    if len(usual) == size:
        return usual
    if size == 2 and len(usual) > 2:
        return (usual[0], usual[-1])
    if not usual and size in _LOWEST_ARE:
        return _LOWEST_ARE[size]
    return tuple(f"level_{number}" for number in range(size))
