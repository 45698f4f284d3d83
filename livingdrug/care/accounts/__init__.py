"""Who may do what: accounts, roles, sessions, second factors, signatures, invitations and break-glass."""
