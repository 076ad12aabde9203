"""What one owns and follows."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Follow, Product
from catalog.outbound.follows import follow, unfollow
from catalog.people import policies
from catalog.people.policies import Action
from catalog.registry.edit import edit
from portal.paging import paginate
from portal.viewer import person

PER_PAGE = 50
ORDERS = {
    "name": ("name", "id"),
    "quality": ("quality_score", "name"),
    "updated": ("-updated_at", "name"),
    "use": ("-consumer_count", "name"),
}


@login_required
@require_safe
def my_products(request: HttpRequest) -> HttpResponse:
    """List the products of the own teams, and those one follows."""
    user = person(request)
    rows = (
        Product.objects.filter(pk__in=policies.my_products(user).values("pk"))
        .with_summary()
        .annotate(
            waiting=Count(
                "ports__access_requests",
                filter=Q(ports__access_requests__state="open"),
                distinct=True,
            ),
            failing=Count(
                "served_datasets__checks",
                filter=Q(
                    served_datasets__checks__last_outcome="failed",
                    served_datasets__checks__retired_at__isnull=True,
                ),
                distinct=True,
            ),
        )
    )
    order = request.GET.get("sort", "name")
    if text := request.GET.get("q", "").strip():
        rows = rows.filter(Q(name__icontains=text) | Q(tags__name__icontains=text)).distinct()
    page = paginate(request, rows.order_by(*ORDERS.get(order, ORDERS["name"])), PER_PAGE)
    followed = (
        Product.objects.visible_to(user)
        .filter(Exists(Follow.objects.filter(product=OuterRef("pk"), user=user)))
        .with_summary()
        .order_by("name")[:100]
    )
    context = {
        "page": page,
        "sort": order,
        "q": text,
        "followed": followed,
        "may_create": policies.may(user, Action.EDIT_PRODUCT),
        "waiting": policies.requests_to_decide(user).count(),
    }
    return render(request, "pages/mine/my_products.html", context)


@login_required
@require_POST
def tag_many(request: HttpRequest) -> HttpResponse:
    """Add or remove one tag on all chosen products."""
    user = person(request)
    pks = [int(pk) for pk in request.POST.getlist("product") if pk.isdigit()]
    tag = request.POST.get("tag", "").strip()
    remove = request.POST.get("what") == "remove"
    if not pks or not tag or len(tag) > 64:
        messages.error(
            request, "Choose at least one product and write a tag of up to 64 characters."
        )
        return redirect("my-products")
    products = list(Product.objects.visible_to(user).filter(pk__in=pks).with_summary())
    if len(products) != len(set(pks)):
        raise Http404
    changed = 0
    for product in products:
        if not policies.may(user, Action.EDIT_PRODUCT, product):
            messages.error(request, f"You may not edit {product}.")
            continue
        names = {t.name for t in product.tags.all()}
        wanted = names - {tag} if remove else names | {tag}
        if wanted != names:
            outcome = edit(product, changes={"tags": sorted(wanted)}, by=user)
            changed += outcome.status != "refused"
    verb = "removed from" if remove else "added to"
    messages.success(request, f"“{tag}” {verb} {changed} product{'' if changed == 1 else 's'}.")
    return redirect("my-products")


@login_required
@require_POST
def follow_product(request: HttpRequest, domain: str, key: str) -> HttpResponse:
    """Follow a product, or stop following it."""
    user = person(request)
    product = Product.objects.visible_to(user).filter(domain__key=domain, key=key).first()
    if product is None:
        raise Http404
    if Follow.objects.filter(user=user, product=product).exists():
        unfollow(product, by=user)
        messages.success(request, f"You no longer follow {product}.")
    else:
        follow(product, by=user)
        messages.success(request, f"You follow {product}: its changes reach your notifications.")
    return redirect("product", domain=domain, key=key)
