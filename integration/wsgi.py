"""The door for web servers."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integration.settings")
application = get_wsgi_application()

from base.rights import refuse_excess_rights  # noqa: E402 - settings first

refuse_excess_rights()
