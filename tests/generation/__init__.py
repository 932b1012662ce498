"""From a task to a document: drafts, prompts, the loop."""
