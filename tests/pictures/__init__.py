"""Pictures and diagrams: from bytes, files, addresses and text to what a model can be shown."""
