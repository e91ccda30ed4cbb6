"""What a node and an op are, the one place that records, the backward pass, modes, anomaly detection."""
