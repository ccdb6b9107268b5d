"""All addresses of the portal."""

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.i18n import set_language

from agreements.views.linked_accounts import answer, start
from agreements.views.sign_in import SignIn, second_step, sign_in_with_code

urlpatterns = [
    path("", include("agreements.urls")),
    path("", include("reports.urls")),
    path("sign-in/", SignIn.as_view(), name="sign-in"),
    path("sign-in/code/", sign_in_with_code, name="sign-in-code"),
    path("sign-in/second-step/", second_step, name="second-step"),
    path("sign-in/openid/", start, name="openid"),
    path("sign-in/openid/answer/", answer, name="openid-answer"),
    path("sign-out/", LogoutView.as_view(), name="sign-out"),
    path("language/", login_not_required(set_language), name="set_language"),
]
