"""A real model of 135 million parameters, scored over descriptions of agents."""
