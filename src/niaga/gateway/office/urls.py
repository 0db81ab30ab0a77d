"""The office's addresses."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from niaga.gateway.office import views

urlpatterns = [
    path("", views.overview, name="overview"),
    path("authorizations/", views.authorizations, name="authorizations"),
    path("authorizations/<uuid:authorization_id>/", views.authorization, name="authorization"),
    path("batches/", views.batches, name="batches"),
    path("batches/<uuid:batch_id>/", views.batch, name="batch"),
    path("messages/", views.messages, name="messages"),
    path("certificates/", views.certificates, name="certificates"),
    path("certificates/<uuid:order_id>/", views.decide, name="decide"),
    path("payer-simulator/", views.payer, name="payer"),
    path("sign-in/", LoginView.as_view(template_name="office/sign_in.html"), name="sign-in"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
]
