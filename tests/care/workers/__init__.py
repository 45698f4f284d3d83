"""What the tests of faults start beside themselves: a PostgreSQL of their own, servers, clients."""
