"""Commands for whoever runs servers."""
