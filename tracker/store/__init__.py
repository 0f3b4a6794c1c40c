"""Records and events to rows and back, on SQLite and PostgreSQL alike; the only folder that knows SQLAlchemy."""
