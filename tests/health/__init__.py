"""The health view, figure by figure."""
