"""Django's admin with a site of ours."""

from django.contrib.admin.apps import AdminConfig


class AdminApp(AdminConfig):
    """Puts our site where Django looks for one: `admin.site` and `@admin.register` mean it."""

    default = False
    default_site = "dashtam.admin.site.the_site"
