"""What a reader sees: figures today; every number comes in as plain data, and nothing here computes one."""
