"""What a password has to be, said in both languages: Django's own sentences have no Thai."""

from django.contrib.auth import password_validation
from django.utils.translation import gettext as _


class LongEnough(password_validation.MinimumLengthValidator):
    """Ask for a least length."""

    def get_error_message(self) -> str:
        return _("This password is too short. Take at least %(least)s characters.") % {"least": self.min_length}


class NotOnesName(password_validation.UserAttributeSimilarityValidator):
    """Refuse what is nearly the person's own name, user name or e-mail."""

    def get_error_message(self) -> str:
        return _("This password is too much like your name, user name or e-mail.")


class NotCommon(password_validation.CommonPasswordValidator):
    """Refuse the passwords that are tried first."""

    def get_error_message(self) -> str:
        return _("This password is one of the most common ones. Take another.")
