"""The gRPC edge: interceptors and servicers."""
