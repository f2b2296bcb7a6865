"""Cases, questions, leases, answers, agreement, audit and the running certificate."""
