"""What this side tells: `emitting.emit` writes a row in the transaction of the fact, the relay sends it."""
