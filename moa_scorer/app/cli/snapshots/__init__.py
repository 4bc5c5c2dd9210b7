"""Commands about calibration snapshots: how one takes over from another."""
