"""What every test may use; the database server is started by tests/support/database.py."""
