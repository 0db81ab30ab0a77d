"""Texts of Django and django-allauth whose Indonesian Niaga says in its own words.

Nothing reads this list at run time: it brings the texts into the translations, which come first.
"""

from django.utils.translation import gettext_noop as noop

TEXTS = (
    noop("A user is already registered with this email address."),
    noop("Add Email"),
    noop("Add Email Address"),
    noop("Already have an account? Then please %(link)ssign in%(end_link)s."),
    noop("Change Password"),
    noop("Current Password"),
    noop("Email address"),
    noop("Email Addresses"),
    noop("Forgot your password?"),
    noop(
        "Forgotten your password? Enter your email address below, and we'll send you an email"
        " allowing you to reset it."
    ),
    noop("If you have not created an account yet, then please %(link)ssign up%(end_link)s first."),
    noop("Make Primary"),
    noop("New Password"),
    noop("New Password (again)"),
    noop("Password Reset"),
    noop("Please contact us if you have any trouble resetting your password."),
    noop("Re-send Verification"),
    noop("Remember Me"),
    noop("Reset My Password"),
    noop("The email address and/or password you specified are not correct."),
    noop("The following email addresses are associated with your account:"),
    noop("Your password can\u2019t be a commonly used password."),
    noop("Your password can\u2019t be entirely numeric."),
    noop("Your password can\u2019t be too similar to your other personal information."),
)
