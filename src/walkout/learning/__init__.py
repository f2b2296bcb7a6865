"""Labels to datasets, training, registry, promotion, rollback."""
