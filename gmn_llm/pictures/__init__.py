"""Pictures and diagrams that describe an agent: read, checked, and made into what a model can be shown."""

from gmn_llm.pictures.diagram import Diagram
from gmn_llm.pictures.looking import NOTHING, Seen, look
from gmn_llm.pictures.reading import diagrams_in, may_draw
from gmn_llm.pictures.source import Image

__all__ = ["NOTHING", "Diagram", "Image", "Seen", "diagrams_in", "look", "may_draw"]
