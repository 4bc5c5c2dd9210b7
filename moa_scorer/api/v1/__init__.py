"""Package `moa_scorer.api.v1` of the contract."""
