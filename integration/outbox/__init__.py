"""What this side tells: a row per event, written in the transaction of the fact (`emitting.emit`), sent by the relay."""
