"""Reading a text in one pass with all its mistakes: a parser fed token by token, brought back after each.

Each token is fed or skipped once, so the time is in proportion to the text; the stack is the parser's own,
so that depth costs no recursion. After a mistake the reader does what keeps most of the rest: it puts in a
comma, a brace or a value that was left out, closes what was left open, or skips to the next field, line or
statement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from lark import Token, UnexpectedToken

from gmn_llm.findings import Finding, quote
from gmn_llm.gmn.limits import MOST_PROPERTIES
from gmn_llm.gmn.notation.bounds import Bounds
from gmn_llm.gmn.notation.building import grammar
from gmn_llm.gmn.notation.expected import complaint, hint_for
from gmn_llm.gmn.notation.tokens import (
    ARGUMENTS,
    CLOSERS,
    CLOSING,
    DECODED,
    KEYS,
    STARTERS,
    VALUES,
    Frame,
    decode_token,
    key_of,
    place_of,
)
from gmn_llm.gmn.notation.unclosed import before_unclosed
from gmn_llm.gmn.notation.words import SURROGATE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gmn_llm.gmn.limits import Limits
    from gmn_llm.gmn.notation.parsed import Field, Place, Statement

__all__ = ["MOST_FINDINGS", "Reading", "read_statements"]

MOST_FINDINGS = 100
MOST_GAPS = 3  # no statement or value lacks more before it can end


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says.

    Attributes:
        statements: Header, nodes, edges and, in the section notation, fields of the document, in order.
        value_places: Where the value of a field begins, by the place of its key.
        findings: The mistakes.
    """

    statements: tuple[Statement | Field, ...]
    value_places: dict[Place, Place]
    findings: tuple[Finding, ...]


def read_statements(text: str, notation: Literal["brace", "section"], limits: Limits) -> Reading:
    """Read the statements of ``text``; never raises for what it holds."""
    # What is blank at the end is looked at once for each sign that may begin a line.
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").rstrip(" \t\n")
    return _Reader(before_unclosed(text, nesting=limits.nesting), notation, limits).read()


class _StopReadingError(Exception):
    """Raised where reading on makes no sense; the last finding says why."""


class _Reader:
    def __init__(self, text: str, notation: Literal["brace", "section"], limits: Limits) -> None:
        self._parser = grammar(notation).parse_interactive(text)
        self._text = text
        self._nesting = limits.nesting
        self._bounds = Bounds(limits)
        self._frames: list[Frame] = []
        self._findings: list[Finding] = []
        self._value_places: dict[Place, Place] = {}
        self._key: Place | None = None  # the field that waits for its value
        self._repeated = 0
        self._last: Token | None = None
        self._skipped: list[str] | None = None  # while skipping: closers of the brackets opened since

    def read(self) -> Reading:
        try:
            self._look_for_surrogates()
            for token in self._tokens():
                if self._findings or token.type in STARTERS or token.type in KEYS:  # the others do not count
                    self._count(token)
                if token.type in DECODED:
                    self._decode(token)
                self._take(token)
                self._last = token
            self._end()
        except _StopReadingError:
            self._finish_statement()
        statements = self._parser.feed_eof()  # type: ignore[no-untyped-call]  # as below
        return Reading(statements, self._value_places, tuple(self._findings))

    def _tokens(self) -> Iterator[Token]:
        state = self._parser.parser_state
        return cast("Iterator[Token]", self._parser.lexer_thread.lex(state))  # type: ignore[no-untyped-call]  # lark's

    def _count(self, token: Token) -> None:
        excess = self._bounds.excess(token, within=bool(self._frames), mistaken=bool(self._findings))
        if excess is not None:
            code, message, hint = excess
            self._stop(code, place_of(token), message, hint)

    # What is wrong with the signs themselves

    def _look_for_surrogates(self) -> None:
        if not self._text.isascii() and SURROGATE.search(self._text):
            for number, line in enumerate(self._text.split("\n"), start=1):
                for found in SURROGATE.finditer(line):
                    place = number, found.start() + 1
                    self._add(place, "a lone surrogate is no character", "write whole characters")

    def _decode(self, token: Token) -> None:
        try:
            decode_token(token)
        except ValueError as error:
            self._add(place_of(token), str(error), r"escapes are those of JSON: \", \\, \n, \t, \u00e9")

    # Feeding

    def _take(self, token: Token) -> None:
        quiet = False
        if self._skipped is not None:
            if not self._ends_skipping(token):
                return
            quiet = not self._is_fresh(token) or (token.type in STARTERS and not self._frames)
            self._skipped = None
        if not self._feed(token):
            self._recover(token, quiet=quiet)

    def _accepts(self, kind: str) -> bool:
        return kind in self._choices()

    def _choices(self) -> set[str]:
        """Return the kinds of token that can come next; costly, so asked only after a mistake."""
        return cast("set[str]", self._parser.accepts())  # type: ignore[no-untyped-call]  # as above

    def _may_come(self, kind: str) -> bool:
        # Cheap, and never wrong where it says no.
        return kind in self._parser.choices()  # type: ignore[no-untyped-call]  # as above

    def _feed(self, token: Token) -> bool:
        """Hand a token to the parser and keep count of the brackets; say whether it was taken."""
        kind = token.type
        if kind in ("STRAY", "UNCLOSED") or not self._may_come(kind):
            return False
        try:
            self._parser.feed_token(token)
        except UnexpectedToken:
            return False
        if self._key is not None:
            self._value_places[self._key] = place_of(token)
            self._key = None
        if kind in CLOSERS:
            self._open(token)
        elif kind in CLOSING:
            self._frames.pop()
        elif kind in KEYS or kind in ARGUMENTS:
            self._note_key(token)
        elif kind == "FLAT":
            self._look_at_depth(token, len(self._frames) + 1)
        return True

    def _open(self, token: Token) -> None:
        is_body = token.type == "LBRACE" and not self._frames
        keys = {"kind"} if token.type == "CALL" else set[str]()  # the name of a call is its kind
        self._frames.append(Frame(token, CLOSERS[token.type], keys, is_body))
        self._look_at_depth(token, len(self._frames))

    def _look_at_depth(self, token: Token, depth: int) -> None:
        if depth > self._nesting:
            self._stop("size-limit", place_of(token), f"nested deeper than {self._nesting} levels", "flatten it")

    def _note_key(self, token: Token) -> None:
        if len(self._frames) <= 1 and token.type in KEYS:
            self._key = place_of(token)
        if not self._frames:
            return
        keys, key = self._frames[-1].keys, key_of(token)
        if self._frames[-1].is_body:
            self._note_field(token, keys)
        elif key in keys:
            self._add(place_of(token), f"the key {quote(key)} stands twice", "keep one of them", code="duplicate-key")
        else:
            keys.add(key)

    def _note_field(self, token: Token, keys: set[str]) -> None:
        """Count the fields that a statement says again by the letter; each is told when its meaning is known."""
        self._repeated += str(token) in keys
        if self._repeated > MOST_FINDINGS:
            message = f"more than {MOST_FINDINGS} fields are given twice; the text was read no further"
            self._stop("duplicate-key", place_of(token), message, "keep one of each")
        keys.add(str(token))
        if len(keys) > MOST_PROPERTIES:
            hint = "`metadata` is the place for anything else"
            self._stop("size-limit", place_of(token), f"more than {MOST_PROPERTIES} fields", hint)

    def _put(self, kind: str) -> bool:
        """Feed a token that the text should have had."""
        return self._feed(Token.new_borrow_pos(kind, "", self._last or Token(kind, "", 0, 1, 1)))

    # Coming back after a mistake

    def _recover(self, token: Token, *, quiet: bool) -> None:
        kind = token.type
        if kind in STARTERS and self._frames:
            self._report_open(f"before {quote(token.strip())}")
        elif not quiet:
            self._report(token)
        if kind in STARTERS:
            self._finish_statement()
            taken = self._feed(token)
        elif kind in CLOSING:
            taken = self._take_closer(token)
        elif kind in KEYS:
            taken = self._take_key(token)
        elif kind in VALUES:
            taken = self._take_value(token)
        else:
            taken = kind == "UNCLOSED" and self._accepts("WORD") and self._put("GAP")
        if not taken:
            self._skipped = []
            if kind in CLOSERS:
                self._skipped.append(CLOSERS[kind])

    def _take_closer(self, token: Token) -> bool:
        """Close up to the bracket ``token`` is for; one for none is taken for the innermost, or left out."""
        matching = [depth for depth, frame in enumerate(self._frames) if frame.closer == token.type]
        if matching:
            self._close_to(matching[-1] + 1)
            self._settle(token.type)
            return self._feed(token)
        if self._frames and self._frames[-1].closer != "RBRACE":
            self._close_to(len(self._frames) - 1)
        return True

    def _take_key(self, token: Token) -> bool:
        """Close what the field before left open, or put in the brace missing before the first field."""
        inside = self._frames[-1].closer if self._frames else ""
        if inside == "RPAR" and self._accepts("ARG"):
            return self._feed(Token.new_borrow_pos(token.type.replace("KEY", "ARG"), token.value, token))
        if inside == "RSQB" and not self._is_fresh(token) and not self._accepts("COMMA"):
            return False
        objects = [depth for depth, frame in enumerate(self._frames) if frame.closer == "RBRACE"]
        if objects:
            self._close_to(objects[-1] + 1)
            self._settle(token.type)
        elif self._accepts("LBRACE") and not self._accepts("WORD"):
            self._put("LBRACE")
        elif self._is_fresh(token):
            self._finish_statement()
        return self._feed(token)

    def _take_value(self, token: Token) -> bool:
        """Put in the comma that is missing before a value, unless it looks like a text without quotes."""
        listed = bool(self._frames) and self._frames[-1].closer == "RSQB" and self._accepts("COMMA")
        if listed and (token.type != "WORD" or self._is_fresh(token)):
            self._put("COMMA")
            return self._feed(token)
        return False

    def _ends_skipping(self, token: Token) -> bool:
        """Tell whether reading goes on with ``token``: a field, a closing bracket, a line or a statement."""
        kind, skipped = token.type, self._skipped or []
        if kind in STARTERS:
            return True
        if kind in CLOSING and kind not in skipped:
            return any(frame.closer == kind for frame in self._frames)
        if kind in CLOSING:
            while skipped.pop() != kind:
                pass
            return False
        if not skipped and self._resumes(token):
            return True
        if kind in CLOSERS:
            skipped.append(CLOSERS[kind])
            self._skipped = skipped
            self._look_at_depth(token, len(skipped) + len(self._frames))
        return False

    def _resumes(self, token: Token) -> bool:
        inside = self._frames[-1].closer if self._frames else ""
        if inside in ("RSQB", "RPAR"):
            return token.type == "COMMA" or (token.type in KEYS and self._is_fresh(token))
        if self._is_fresh(token):
            self._settle(inside or "$END")
            return True
        return bool(inside) and (token.type in KEYS or token.type == "COMMA")

    def _is_fresh(self, token: Token) -> bool:
        return self._last is None or place_of(token)[0] > (self._last.end_line or 1)

    def _settle(self, kind: str) -> None:
        """Fill what the text left out until ``kind`` fits."""
        for _ in range(MOST_GAPS):
            if self._accepts(kind) or not self._put("GAP"):
                return

    def _close_to(self, depth: int) -> None:
        while len(self._frames) > depth:
            closer = self._frames[-1].closer
            self._settle(closer)
            if not self._put(closer):
                raise RuntimeError(f"the grammar has no way to {closer} from here")

    def _finish_statement(self) -> None:
        self._close_to(0)
        self._settle("$END")

    def _end(self) -> None:
        if self._frames:
            self._report_open("before the end")
        elif self._last is not None and self._skipped is None and not self._accepts("$END"):
            end = Token.new_borrow_pos("$END", "the end of the text", self._last)
            end.column = self._last.end_column
            end.line = self._last.end_line
            self._report(end)
        self._finish_statement()

    # Telling

    def _report(self, token: Token) -> None:
        choices = self._choices()
        self._add(place_of(token), complaint(token, choices), hint_for(token, choices, self._last))

    def _report_open(self, where: str) -> None:
        for frame in self._frames:
            sign = quote(frame.token.strip() or "{")
            self._add(place_of(frame.token), f"the bracket of {sign} is not closed {where}", "close it")

    def _add(self, place: Place, message: str, hint: str, *, code: str = "text-syntax") -> None:
        if len(self._findings) >= MOST_FINDINGS:
            message = f"more than {MOST_FINDINGS} mistakes; the text was read no further"
            self._stop("text-syntax", place, message, "mend these first")
        self._findings.append(Finding(code, "", message, hint, *place))

    def _stop(self, code: str, place: Place, message: str, hint: str) -> None:
        self._findings.append(Finding(code, "", message, hint, *place))
        raise _StopReadingError
