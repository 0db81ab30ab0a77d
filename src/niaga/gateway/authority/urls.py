"""The authority's addresses."""

from django.urls import path

from niaga.gateway.authority import views

urlpatterns = [
    path("root", views.root),
    path("status/<str:thumbprint>", views.status),
    path("gateway", views.gateway),
    path("nonce", views.nonce),
    path("orders", views.orders),
    path("orders/<str:order_id>", views.order),
    path("renewals", views.renewals),
    path("enrolments/challenge", views.challenge),
    path("enrolments", views.enrolments),
]
