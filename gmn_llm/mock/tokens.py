"""A text cut into tokens that readers can claim.

Everything here is linear in the length of the text: no pattern can be made to backtrack, and what lies past
``MAX_TOKENS`` is not looked at (``Text.cut`` says so).
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gmn_llm.mock.lexicon import CJK, CJK_LONGEST, LANGUAGES, plain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

__all__ = ["MAX_TOKENS", "Text", "Token", "lemma", "tokenise"]

MAX_TOKENS = 4000
_PIECE = re.compile(r"\d+(?:\.\d+)?|[^\W\d_]+(?:['\u2019][^\W\d_]+)?|\S")
_SENTENCE_ENDS = frozenset(".!?;。")
_APOSTROPHE = "\u2019"
_HUGE = 10.0**9
_DIGITS_READ = 12
_SUFFIXES = (
    ("ies", "y"),
    ("s", ""),
    ("es", ""),
    ("ing", ""),
    ("ing", "e"),
    ("ed", ""),
    ("ed", "e"),
    ("d", ""),
)
_SHORT_TAILS = frozenset({"d", "m", "ve", "ll", "re"})


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes:
        text: As written, in Unicode's compatibility form (full-width digits become plain ones).
        word: The English lemma in lower case, or the symbol itself.
        number: The value of a token of digits, else None; capped at 1e9.
        sentence: Number of the sentence it stands in, from 0.
    """

    text: str
    word: str
    number: float | None
    sentence: int


class Text:
    """Tokens, which of them a reader has used, and what was doubtful about them."""

    def __init__(self, tokens: Iterable[Token], *, known: Collection[str], cut: bool = False) -> None:
        self.tokens = tuple(tokens)
        self.cut = cut
        self.known = known
        self.doubts: list[str] = []
        self._used = bytearray(len(self.tokens))

    def __len__(self) -> int:
        return len(self.tokens)

    def word(self, index: int) -> str:
        """Return the lemma at ``index``, or "" outside the text."""
        return self.tokens[index].word if 0 <= index < len(self.tokens) else ""

    def sentence(self, index: int) -> int:
        """Return the number of the sentence at ``index``, or -1 outside the text."""
        return self.tokens[index].sentence if 0 <= index < len(self.tokens) else -1

    def mark(self, start: int, stop: int) -> None:
        """Claim the tokens from ``start`` up to ``stop``."""
        for index in range(max(start, 0), min(stop, len(self.tokens))):
            self._used[index] = 1

    def free(self, index: int) -> bool:
        """Return whether no reader has claimed the token."""
        return 0 <= index < len(self.tokens) and not self._used[index]

    def doubt(self, sentence: str) -> None:
        """Note what was assumed; the same sentence is kept once."""
        if sentence not in self.doubts:
            self.doubts.append(sentence)

    def has(self, words: Collection[str]) -> bool:
        """Return whether any lemma of the text is among ``words``."""
        return any(token.word in words for token in self.tokens)

    def claim(self, words: Collection[str]) -> bool:
        """Claim every token whose lemma is among ``words``; return whether there was one."""
        found = False
        for index, token in enumerate(self.tokens):
            if token.word in words:
                self._used[index] = 1
                found = True
        return found

    def places(self, words: Collection[str]) -> list[int]:
        """Return where the lemmas of ``words`` stand, in order."""
        return [index for index, token in enumerate(self.tokens) if token.word in words]


def tokenise(raw: str, *, known: Collection[str]) -> Text:
    """Cut ``raw`` into tokens.

    Args:
        raw: Any text; lone surrogates become question marks.
        known: The lemmas some reader knows: inflected words are led back to them.

    Returns:
        The text, nothing of it claimed yet.
    """
    clean = unicodedata.normalize("NFKC", raw.encode("utf-8", "replace").decode("utf-8"))
    pieces: list[str] = []
    cut = False
    for match in _PIECE.finditer(clean):
        if len(pieces) >= MAX_TOKENS:
            cut = True
            break
        pieces.extend(_segments(match.group()))
    table = _language(pieces, known)
    tokens = []
    sentence = 0
    for piece in pieces[:MAX_TOKENS]:
        tokens.append(_token(piece, sentence, known, table))
        sentence += piece in _SENTENCE_ENDS
    return Text(tokens, known=known, cut=cut)


def lemma(word: str, known: Collection[str]) -> str:
    """Return the form of ``word`` that is in ``known``, or ``word`` itself where none is."""
    if word in known or len(word) > 24:
        return word
    for suffix, ending in _SUFFIXES:
        if not word.endswith(suffix) or len(word) - len(suffix) < 2:
            continue
        stem = word[: -len(suffix)]
        if stem + ending in known:
            return stem + ending
        if not ending and len(stem) > 2 and stem[-1] == stem[-2] and stem[:-1] in known:
            return stem[:-1]
    return word


def _token(piece: str, sentence: int, known: Collection[str], table: Mapping[str, str]) -> Token:
    if piece[0].isdigit():
        return Token(piece, piece, _value(piece), sentence)
    if piece in CJK:
        return Token(piece, CJK[piece], None, sentence)
    word = _uncontracted(piece.casefold().replace(_APOSTROPHE, "'"))
    bare = plain(word)
    if bare in table:
        return Token(piece, table[bare], None, sentence)
    return Token(piece, lemma(word, known), None, sentence)


def _value(digits: str) -> float:
    whole, _, _ = digits.partition(".")
    return _HUGE if len(whole) > _DIGITS_READ else min(float(digits[:40]), _HUGE)


def _uncontracted(word: str) -> str:
    head, mark, tail = word.partition("'")
    if not mark:
        return word
    if tail == "t":
        return "cannot" if head == "can" else "not"
    if tail == "s" or tail in _SHORT_TAILS:
        return head
    return tail if len(head) <= 2 else head


def _language(pieces: Iterable[str], known: Collection[str]) -> Mapping[str, str]:
    """Return the word table of the language the text is written in; an empty one for English."""
    words = [plain(_uncontracted(piece.casefold().replace(_APOSTROPHE, "'"))) for piece in pieces if piece[0].isalpha()]
    strange = [word for word in words if lemma(word, known) not in known]
    best: Mapping[str, str] = {}
    most = 0
    for table in LANGUAGES.values():
        hits = sum(word in table for word in strange)
        if hits > most:
            best, most = table, hits
    return best if most >= 2 or most * 5 > len(words) else {}


def _segments(piece: str) -> list[str]:
    """Cut a run of Chinese or Japanese into known words; unknown characters stay together."""
    if piece[0].isascii() or not any("\u3040" <= char <= "\u9fff" for char in piece):
        return [piece]
    parts: list[str] = []
    unknown = ""
    index = 0
    while index < len(piece):
        size = next((n for n in range(CJK_LONGEST, 0, -1) if piece[index : index + n] in CJK), 0)
        if not size:
            unknown += piece[index]
            index += 1
            continue
        if unknown:
            parts.append(unknown)
            unknown = ""
        parts.append(piece[index : index + size])
        index += size
    return [*parts, unknown] if unknown else parts
