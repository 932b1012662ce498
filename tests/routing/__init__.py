"""Tests of the Router behind the gateway, on real wires."""
