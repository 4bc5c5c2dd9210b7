"""MoA Scorer: a panel of judges behind gRPC, reconciled into one calibrated score."""
