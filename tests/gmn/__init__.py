"""The language core: documents against the page that describes them."""
