"""The record of real patients: an append-only store under the same rules as the simulator, and the service on top of it."""
