"""Pages of a list, walked by a cursor."""

from rest_framework.pagination import CursorPagination


class Cursor(CursorPagination):
    """Walk a list in a stable order: `?cursor=…&pageSize=…`."""

    ordering = "id"
    page_size_query_param = "pageSize"
    max_page_size = 500
