"""The tests of the package and the servers they run against."""
