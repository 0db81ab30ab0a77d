"""The addresses merchants speak to."""

from django.urls import path

from niaga.gateway.payments import views

urlpatterns = [
    path("authorize", views.authorize),
    path("operations", views.operations),
    path("inquiry", views.inquiry),
    path("codes", views.codes),
    path("receipts", views.receipts),
    path("batches", views.batches),
    path("certificates", views.certificates),
]
