"""Django's admin with a site of ours."""

from django.contrib.admin.apps import AdminConfig


class AdminApp(AdminConfig):
    """Makes our site the default one, to which `admin.site` and `@admin.register` refer."""

    default = False
    default_site = "dashtam.admin.site.the_site"
