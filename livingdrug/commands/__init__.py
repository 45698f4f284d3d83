"""What the verbs of the command line do, one file per verb or group; `livingdrug.cli` mounts them by name."""
