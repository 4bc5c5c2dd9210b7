"""Generated protobuf code and the descriptor set; `make gen` writes everything here."""
