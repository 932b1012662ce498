"""JSON Schemas in the dialect of each provider, and the fold that undoes what the translation changed."""

from gmn_llm.gmn.provider_schema.compiled import CompiledSchema, compile_schema
from gmn_llm.gmn.provider_schema.dialects import Dialect

__all__ = ["CompiledSchema", "Dialect", "compile_schema"]
