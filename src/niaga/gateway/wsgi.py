"""The gateway's entry for its web servers; NIAGA_GATEWAY_FRONT says which front it is."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
