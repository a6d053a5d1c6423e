"""Telling a database that is away from something that is wrong with the one thing that was being done."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

#: What is raised while the database is away. A `DBAPIError` may be about one statement: `is_outage` tells.
LOST = (DBAPIError, PoolTimeout, OSError, TimeoutError)


def is_outage(error: BaseException) -> bool:
    """Whether whatever else is tried now will fail too."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(error, OperationalError | InterfaceError)
    return isinstance(error, LOST)
