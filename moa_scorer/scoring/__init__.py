"""The use case: plan, collect within the budget, reconcile, decide."""
