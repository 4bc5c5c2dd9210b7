"""The gRPC edge: the boundary of every call, and servicers."""
