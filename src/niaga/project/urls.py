"""Every address of the market."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from niaga.doors.look import views as look

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("theme/", look.set_theme, name="set_theme"),
    path("media/<path:path>", look.public_media, name="media"),
    path("seller/", include("niaga.doors.seller_portal.urls")),
    path("office/", include("niaga.doors.back_office.urls")),
    path("", include("niaga.doors.storefront.urls")),
]

handler400 = "niaga.doors.look.views.bad_request"
handler403 = "niaga.doors.look.views.forbidden"
handler404 = "niaga.doors.look.views.not_found"
handler500 = "niaga.doors.look.views.server_error"
