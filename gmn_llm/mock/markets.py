"""Markets: prices and regimes that move by themselves, and a trader's holding."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from gmn_llm.mock.factors import level_labels
from gmn_llm.mock.plan import Control, Factor, Plan, Sense, Wish, copy_of, numbered, rule, staying

if TYPE_CHECKING:
    from gmn_llm.mock.plan import Rule
    from gmn_llm.mock.request import Request

__all__ = ["market"]


_GOOD: Final = frozenset({"bull", "bullish", "up", "rising", "boom", "growth", "good", "high"})


def market(request: Request) -> Plan:
    """Price and regime move by themselves; the trader's holding follows its orders; profit rests on both."""
    if request.regimes is not None and request.prices is None:
        return _regimes(request)
    levels = request.prices or 5
    prices = level_labels("price", levels) if levels <= 3 else numbered("price", levels)
    orders = request.actions.labels or ("buy", "sell", "hold")
    holdings = ("short", "flat", "long") if "short" in orders else ("flat", "long")
    price = Factor(
        id="price",
        size=levels,
        labels=prices,
        noun="price",
        kind="walk",
        asked=request.prices is not None,
        start=None,
        lost=True,
    )
    held = _holding(holdings)
    third = max(levels // 3, 1)
    high, low = list(prices[-third:]), list(prices[:third])
    outcome = Sense(
        id="outcome",
        about=("price", "holding"),
        kind="rules",
        labels=("loss", "even", "gain"),
        otherwise="even",
        rules=(
            rule({"gain": 0.9, "even": 0.1}, holding="long", price=high),
            rule({"loss": 0.9, "even": 0.1}, holding="long", price=low),
            rule({"loss": 0.9, "even": 0.1}, holding="short", price=high),
            rule({"gain": 0.9, "even": 0.1}, holding="short", price=low),
        ),
    )
    senses = [copy_of("price", 0.9), copy_of("holding", spare=True), outcome]
    factors = [price, held]
    if request.regimes is not None:
        factors.append(_regime(request.regimes))
        senses.append(
            Sense(
                id="trend",
                about=("regime",),
                kind="rules",
                labels=("falling", "steady", "rising"),
                rules=_trend(_regime(request.regimes).labels),
            )
        )
    return Plan(
        name="market_trader",
        description=(
            f"A trader on a market of {levels} price levels: it sees the price with some noise and "
            "orders; the price moves by itself."
        ),
        factors=tuple(factors),
        senses=tuple(senses),
        control=Control(id="order", labels=tuple(orders), asked=bool(request.actions.labels)),
        wishes=(Wish(sense="outcome", values={"loss": -2.0, "even": 0.0, "gain": 2.0}),),
        horizon=2,
    )


def _holding(labels: tuple[str, ...]) -> Factor:
    rules = [
        rule({"long": 1.0}, order="buy"),
        rule({"flat": 1.0}, order="sell"),
        rule({"short": 1.0}, order="short"),
        rule({"flat": 1.0}, order=["cover", "close", "exit"]),
    ]
    return Factor(id="holding", size=len(labels), labels=labels, kind="rules", driven=True, rules=tuple(rules))


def _regime(size: int) -> Factor:
    labels = {2: ("bear", "bull"), 3: ("bear", "sideways", "bull")}.get(size) or numbered("regime", size)
    return Factor(id="regime", size=size, labels=labels, noun="regime", kind="sticky", asked=True, lost=True)


def _named_regime(request: Request, size: int) -> Factor:
    """Return the regimes by the names and with the chances that were told."""
    usual = _regime(size)
    told = request.regime_names if len(request.regime_names) == size else ()
    told = told[::-1] if told and told[0] in _GOOD else told  # the worst comes first
    rules = staying(told, usual.id, request.stays)
    return replace(usual, labels=told or usual.labels, kind="rules" if rules else usual.kind, rules=rules)


def _trend(labels: tuple[str, ...]) -> tuple[Rule, ...]:
    return tuple(
        rule(
            {"falling": round(0.8 - 0.7 * share, 6), "steady": 0.1, "rising": round(0.1 + 0.7 * share, 6)},
            regime=label,
        )
        for label, share in zip(labels, (place / max(len(labels) - 1, 1) for place in range(len(labels))), strict=True)
    )


def _regimes(request: Request) -> Plan:
    size = request.regimes or 3
    regime = _named_regime(request, size)
    orders = request.actions.labels or ("buy", "sell", "hold")
    outcome = Sense(
        id="outcome",
        about=("regime", "holding"),
        kind="rules",
        labels=("loss", "even", "gain"),
        otherwise="even",
        rules=(
            rule({"gain": 0.7, "even": 0.2, "loss": 0.1}, holding="long", regime=regime.labels[-1]),
            rule({"loss": 0.7, "even": 0.2, "gain": 0.1}, holding="long", regime=regime.labels[0]),
            rule({"gain": 0.3, "even": 0.4, "loss": 0.3}, holding="long"),
        ),
    )
    return Plan(
        name="regime_trader",
        description=f"A trader on a market of {size} hidden regimes, seen only by the trend of the price.",
        factors=(regime, _holding(("flat", "long"))),
        senses=(
            Sense(
                id="trend",
                about=("regime",),
                kind="rules",
                labels=("falling", "steady", "rising"),
                rules=_trend(regime.labels),
            ),
            copy_of("holding", spare=True),
            outcome,
        ),
        control=Control(id="order", labels=tuple(orders), asked=bool(request.actions.labels)),
        wishes=(Wish(sense="outcome", values={"loss": -2.0, "even": 0.0, "gain": 2.0}),),
        horizon=2,
    )
