"""The Active Inference Institute's GNN, written and read."""
