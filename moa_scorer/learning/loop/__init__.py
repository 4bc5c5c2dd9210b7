"""What happens to snapshots in service: gate, promotion, drift, transfer."""
