"""From pairs to examples: each document checked again, told as a draft, and no example twice.

An example is the conversation that the package really has: the system's and the user's message are those of a
``Task``, and the assistant's is the compact draft that is asked for there.
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gmn_llm.dataset.drafting import draft_of
from gmn_llm.dataset.pairs import LeftOut, Pair
from gmn_llm.errors import GMNValidationError, InputError
from gmn_llm.generation import Task
from gmn_llm.gmn import GMNSpec, Limits, validate_gmn
from gmn_llm.gmn.constraints import checked_constraints
from gmn_llm.messages import LLMMessage, LLMRole

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Example", "Exporter"]

DIGEST = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One conversation to learn from.

    Attributes:
        messages: System, user and assistant.
        validation: Whether it belongs to the part a model is validated with, and not to the one it is trained on.
    """

    messages: tuple[LLMMessage, ...]
    validation: bool


class Exporter:
    """Makes examples of pairs; of all that it was given it keeps digests of 16 bytes and counts.

    Args:
        agent_types: Name to what a model is told about that kind of agent; a pair of another kind is left out.
        split: The share that is for validation, from 0 to 1.
        seed: Another one splits otherwise.
        limits: What is too large.

    Raises:
        InputError: ``split`` is no share.
    """

    def __init__(
        self, *, agent_types: Mapping[str, str], split: float = 0.0, seed: int = 0, limits: Limits | None = None
    ) -> None:
        if not 0 <= split < 1:
            raise InputError(f"the split is {split}", hint="the share for validation: 0 or more, and less than 1")
        self._agent_types = agent_types
        self._split = split
        self._seed = seed
        self._limits = limits or Limits()
        self._prompts: set[bytes] = set()
        self._documents: set[bytes] = set()
        self.left_out: Counter[str] = Counter()
        self.training = 0
        self.validation = 0

    def examples(self, found: Iterable[Pair | LeftOut]) -> Iterator[Example]:
        """Yield an example for each pair that is one; the rest is counted in ``left_out``, by the reason."""
        for pair in found:
            told = self._told(pair) if isinstance(pair, Pair) else pair
            if isinstance(told, LeftOut):
                self.left_out[told.why] += 1
                continue
            self.validation += told.validation
            self.training += not told.validation
            yield told

    def _told(self, pair: Pair) -> Example | LeftOut:
        if pair.agent_type not in self._agent_types:
            return LeftOut("of an unknown agent type")
        prompt, document = _prompt_digest(pair), _document_digest(pair.document)
        if prompt in self._prompts or document in self._documents:
            return LeftOut("there twice")
        draft = self._draft(pair)
        if isinstance(draft, LeftOut):
            return draft
        self._prompts.add(prompt)
        self._documents.add(document)
        task = Task(
            description=pair.prompt,
            agent_type=pair.agent_type,
            guidance=self._agent_types[pair.agent_type],
            constraints=pair.constraints,
            examples=pair.examples,
        )
        answer = LLMMessage(LLMRole.ASSISTANT, json.dumps(draft, ensure_ascii=False))
        return Example(messages=(*task.ask().messages, answer), validation=self._is_validation(prompt))

    def _draft(self, pair: Pair) -> Mapping[str, object] | LeftOut:
        try:
            spec = GMNSpec.parse(pair.document, limits=self._limits)
            if not validate_gmn(spec, checked_constraints(pair.constraints)).ok:
                return LeftOut("not valid")
        except (InputError, GMNValidationError, RecursionError):
            return LeftOut("not valid")
        return draft_of(spec) or LeftOut("more than a draft can say")

    def _is_validation(self, prompt: bytes) -> bool:
        """Return where a prompt belongs: by its own digest alone, so that further pairs move none."""
        digest = hashlib.blake2b(prompt, digest_size=8, key=str(self._seed).encode()).digest()
        return int.from_bytes(digest) < self._split * 2**64


def _prompt_digest(pair: Pair) -> bytes:
    """Return what a prompt is known again by, however it is spaced, and in capitals or not."""
    words = " ".join(unicodedata.normalize("NFKC", pair.prompt).casefold().split())
    said = json.dumps([words, pair.agent_type, dict(pair.constraints)], sort_keys=True, default=repr)
    return hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=DIGEST).digest()


def _document_digest(document: Mapping[str, object]) -> bytes:
    """Return what a graph is known again by; its name, description and metadata do not count."""
    said = json.dumps([document.get("nodes"), document.get("edges")], sort_keys=True, default=repr)
    return hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=DIGEST).digest()
