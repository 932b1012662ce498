"""Which nodes of a document feedback in words speaks of.

It speaks of a node by its id or a part of it, by one of its labels, by the kind of its matrix, by a word of its
description, or by a word for what its type is about (``goal`` for a preference, ``noisy`` for a likelihood). Words are
compared by their beginnings, so that ``batteries`` is ``battery``. An id with an underscore speaks of its node alone,
and a word that is the whole of one id not of the others of which it is a part: ``position`` is not ``position_start``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

__all__ = ["Spoken", "words_of"]

Object = Mapping[str, object]
TOKEN: Final = re.compile(r"\w+")
WORD: Final = re.compile(r"[^\W\d_]+")
SHORTEST: Final = 4
"""Letters by which two words have to begin alike to count as one."""


def _words(said: str) -> frozenset[str]:
    return frozenset(said.split())


COMMON: Final = _words("""
a about add after agent all also always an and another any are as at be because been but by can change changes could
do does each else even every for from get give given has have he her his how i if in instead into is it its just keep
leave let like make makes may me model more much must my never new next no not nothing now of off on one only or other
our out please put remove set shall she should so some still than thanks that the their them then there these they
thing this those to too under up use very was we well what when where which while who will with without would you your
""")
NOTHING: Final = _words("""
all as everything excellent fine good great is it keep leave looks nice no nothing ok okay perfect stay thank thanks
that the this very well works yes you are i like alright change changes changed not do don t please
""")
"""Words of which feedback is made that asks for nothing."""
TAKING: Final = _words("""
away delete deleted discard drop dropped eliminate erase forget forgets go gone instead lose merge no not only out
remove removed replace replaced rid stop take without
""")
"""Words without which no node is to be taken away."""
ABOUT: Final[Mapping[str, frozenset[str]]] = {
    name: _words(said)
    for name, said in {
        "state": "state states factor factors size larger bigger smaller grow shrink cells levels",
        "observation": "observation observations observe modality outcome outcomes sense senses sensor sensors "
        "see sees hear hears smell smells camera notice notices",
        "action": "action actions move moves control controls option options choice choices",
        "likelihood": "likelihood accuracy accurate accurately noise noisy noisier reliable reliably precise sensor "
        "sensors camera vision sight perceive perception mistake mistakes blurry sharp",
        "transition": "transition transitions dynamics slip slips slippery wall walls obstacle obstacles wrap torus "
        "drift drifts itself uncontrolled grid board line ring",
        "preference": "goal goals prefer prefers preference preferences want wants wish wishes likes avoid avoids "
        "reach reward rewards utility target seek seeks hates dislikes head heads heading aim aims favour favours "
        "favor favors love loves attracted repelled worth",
        "belief": "belief beliefs start starts starting begin begins beginning initial initially prior",
        "policy": "policy policies plan plans planning horizon ahead curious curiosity cautious careful bold "
        "bolder explore explores exploring precision gamma alpha habit habits greedy deliberate steps",
        "llm_query": "query queries llm prompt",
    }.items()
}
"""What a word speaks of besides ids and labels."""
CHOSEN: Final = ("preferred_observation", "state")
"""Properties that are one label of another node."""


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a text, in small letters."""
    return tuple(WORD.findall(text.casefold()))


@dataclass(frozen=True)
class Spoken:
    """What the feedback says.

    Attributes:
        tokens: What stands between blanks and marks, in small letters: words, numbers and ids.
    """

    tokens: tuple[str, ...]

    @classmethod
    def of(cls, feedback: str) -> Spoken:
        """Read feedback."""
        return cls(tuple(TOKEN.findall(feedback.casefold())))

    @property
    def asks_for_nothing(self) -> bool:
        """Whether it only approves (``looks good, thanks``)."""
        return bool(self.tokens) and NOTHING.issuperset(self.tokens)

    @property
    def takes_away(self) -> bool:
        """Whether there may be something that is to go."""
        return not TAKING.isdisjoint(self.tokens)

    def nodes(self, nodes: Iterable[Object]) -> frozenset[str]:
        """Return the ids of the nodes that it speaks of."""
        there = list(nodes)
        ids = {str(node.get("id")) for node in there}
        written = {name.casefold(): name for name in ids if "_" in name}
        exact = {written[token] for token in self.tokens if token in written}
        said = words_of(" ".join(token for token in self.tokens if token not in written).replace("_", " "))
        words = frozenset(said) - COMMON
        parts = {name: words_of(name.replace("_", " ")) for name in ids}
        spent = {word for word in words for part in parts.values() if part and all(_alike(p, word) for p in part)}
        found = set(exact)
        for node in there:
            name = str(node.get("id"))
            about = words & ABOUT.get(str(node.get("type")), frozenset())
            if about or _is_named(parts[name], words, spent) or _has(_vocabulary(node), words):
                found.add(name)
        return frozenset(found)

    def says(self, *names: str) -> bool:
        """Return whether one of these words is among its own."""
        return any(_alike(name, word) for name in names for word in self.tokens)


def _is_named(parts: tuple[str, ...], words: frozenset[str], spent: set[str]) -> bool:
    """Whether words name all parts of an id, or one of them that is not the whole of another id."""
    if parts and all(any(_alike(part, word) for word in words) for part in parts):
        return True
    return _has(parts, words - spent)


def _has(vocabulary: Iterable[str], words: frozenset[str]) -> bool:
    return any(_alike(one, word) for one in vocabulary if one not in COMMON for word in words)


def _vocabulary(node: Object) -> Iterator[str]:
    """Yield the words of a node's labels, of those it has values for, of its matrix's kind and of its description."""
    properties = node.get("properties")
    if not isinstance(properties, Mapping):
        return
    labels, matrix, told = properties.get("labels"), properties.get("matrix"), properties.get("description")
    for label in labels if isinstance(labels, list) else ():
        yield from words_of(str(label).replace("_", " "))
    values = properties.get("values")
    for label in (*(values if isinstance(values, Mapping) else ()), *(properties.get(key) for key in CHOSEN)):
        if isinstance(label, str):
            yield from words_of(label.replace("_", " "))
    if isinstance(matrix, Mapping):
        yield from words_of(str(matrix.get("kind")).replace("_", " "))
    if isinstance(told, str):
        yield from (word for word in words_of(told) if len(word) >= SHORTEST)


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    shorter = min(len(one), len(other))
    if shorter < SHORTEST:
        return False
    length = max(SHORTEST, shorter - 2)
    return one[:length] == other[:length] and abs(len(one) - len(other)) <= SHORTEST
