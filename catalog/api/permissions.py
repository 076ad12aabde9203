"""Who may call the API at all; what they may do is in `catalog.people.policies`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.permissions import SAFE_METHODS, BasePermission
from rest_framework.request import Request

from catalog.models import ApiToken, TokenScope

if TYPE_CHECKING:
    from rest_framework.views import APIView


class DryOrToken(BasePermission):
    """As everywhere, but what writes nothing (`dryRun=true`) is asked with a token that reads, too."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Tell whether the call may go on to the view's own rules."""
        is_dry = request.query_params.get("dryRun") == "true"
        if is_dry and request.user.is_authenticated:
            return True
        return ReadOrToken().has_permission(request, view)


class ReadOrToken(BasePermission):
    """Anyone reads what is visible to them; writing needs a session or a token that may write."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Tell whether the call may go on to the view's own rules."""
        if request.method in SAFE_METHODS:
            return True
        if not request.user.is_authenticated:
            return False
        return not isinstance(request.auth, ApiToken) or request.auth.scope == TokenScope.WRITE
