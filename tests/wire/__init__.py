"""Real servers on the loopback: one that speaks the providers' wire protocols, one with a real model."""
