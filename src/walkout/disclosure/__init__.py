"""What the shop says of itself in public: the report, the proofs that everybody was counted, the sign at the door."""
