"""The lineage explorer."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from catalog.models import Dataset, Product
from portal.reading import lineage
from portal.viewer import viewer


def lineage_page(request: HttpRequest) -> HttpResponse:
    """Follow data from `?focus=product:12` or `?focus=dataset:5`; without a focus, offer some."""
    user = viewer(request)
    focus = request.GET.get("focus", "")
    context: dict[str, object] = {"area": "lineage", "focus": focus}
    if focus:
        kind, _, number = focus.partition(":")
        if not number.isdecimal() or len(number) > 18:
            raise Http404("A focus is product:<number> or dataset:<number>.")
        if kind == "product":
            products = Product.objects.visible_to(user).select_related("domain")
            product = get_object_or_404(products, pk=int(number))
            context |= {"subject": product} | lineage.of_product(request, product)
        elif kind == "dataset":
            dataset = get_object_or_404(Dataset.objects.visible_to(user), pk=int(number))
            context |= {"subject": dataset} | lineage.of_dataset(request, dataset)
        else:
            raise Http404("A focus is product:<number> or dataset:<number>.")
    else:
        most = Product.objects.visible_to(user).select_related("domain")
        context["starts"] = list(most.order_by("-consumer_count", "name")[:12])
    return render(request, "pages/lineage/page.html", context)
