"""Studies on rated data: what panels are worth, written down with everything that it rests on."""
