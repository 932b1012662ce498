"""Words every reader shares: those that carry nothing, those that join a list, and the directions."""

from __future__ import annotations

from typing import Final

__all__ = ["DIRECTIONS", "FILLER", "JOINERS", "MOVES", "NEGATIONS", "STAYS", "STOPS", "VERBS", "words"]


def words(text: str) -> frozenset[str]:
    """Return the words of ``text`` as a set."""
    return frozenset(text.split())


FILLER: Final = words("""
a an the this that these those it its they them their he she his her him we our us you your i my me itself himself
is are was were be been being am do does did doing done has have had having will would shall should could may might
must can of in on at to from with within without into onto inside through throughout over across for by as and or but
nor so then than if while when where who whom whose which what how why there here also too very just only even still
yet again please kindly thank thanks hello hi hey create make build design generate write give produce model develop
construct define describe specify need want let like using use used agent agents robot bot creature animal mouse rat
simulate simulation simulated active inference gmn generative pomdp discrete world environment env setting space
domain problem task scenario universe simple basic small little big large medium tiny huge new good nice sensible
appropriate some any each every all both either other another one two-way certain several various different same
such called named explore exploration exploring roam wander walk move movement live act action behave behaviour
behavior operate able capable try attempt know learn understand choose decide pick select between among amongst
about around along up-to out off own self now always often usually sometimes mostly mainly whole entire total
single size sized sizes dimension dimensional consist contain include comprise feature provide place placed located
stand sit begin get go goes going come do time times turn step based type kind sort way per more less most least
possible available its different standard typical ordinary normal regular plain classic please step-by-step case
example instance thing things something anything everything state observation system given following follow etc
end well intelligent smart autonomous virtual artificial human person player character explorer general agentic
being able through whose until because since after before during upon toward towards first then finally next
carefully nicely properly correctly simply really quite rather fully freely take have expert let's lets ok okay
allow allows allowed enable support supports capability capabilities ability abilities
face survey scout against factor factors variable variables handle deal cope inhabit occupy reside traverse cross
adapt respond react interact
adventure journey mission job goal purpose objective aim
""")

JOINERS: Final = words("and or , / 、  & + und et y")
NEGATIONS: Final = words("not never cannot without no neither")
STAYS: Final = words("stay wait rest remain idle pause stop hold noop nothing still stand")
DIRECTIONS: Final = (
    "up",
    "down",
    "left",
    "right",
    "north",
    "south",
    "west",
    "east",
    "northeast",
    "northwest",
    "southeast",
    "southwest",
    "forward",
    "back",
    "clockwise",
    "counterclockwise",
)
MOVES: Final = words("move go walk step travel drive fly swim head turn navigate roam crawl run slide steer wander")
VERBS: Final = (
    words("""
buy sell hold short cover trade jump duck hop crouch attack defend flee hide fight eat drink sleep work study heat
cool warm open close push pull lift drop grab pick charge recharge dock observe listen look search scan call assign
delegate broadcast negotiate approve reject inspect alarm patrol report brainstorm combine refine advance prepare
rotate fire shoot block bet fold raise check cooperate defect invest save spend water prune harvest plant brake
accelerate signal increase decrease lower explore exploit ask answer reply ignore accept decline feed clean repair
build mine dig climb descend kick throw catch pass sort pack load unload deliver send wash cook serve test measure
treat diagnose order restock ship warn escalate support rebalance review allocate sample compare conclude switch
toggle press release warn lock unlock light dim speed slow speak talk listen read write cut join split breathe
""")
    | STAYS
    | MOVES
)
STOPS: Final = words("""
in on at to from with within into inside through over across for by as but while when where who whom whose which
that if until because since after before want wish prefer avoid see hear smell feel sense perceive observes start
begin try plan aim seek should must has have its is are keep never not cannot without depending each per around
towards toward near and/or so there then than of about between among reach find slip
""")
