"""Pure decisions: values in, values out; clock, thresholds and policies come in as arguments."""
