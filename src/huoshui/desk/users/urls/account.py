"""Addresses of signing in and of one's own account."""

from django.urls import path

from huoshui.desk.users.views import doors, own

app_name = "account"

urlpatterns = [
    path("sign-in/", doors.sign_in, name="login"),
    path("sign-in/code/", doors.code, name="code"),
    path("sign-out/", doors.sign_out, name="logout"),
    path("forgot/", doors.forgot, name="forgot"),
    path("link/<str:secret>/", doors.link, name="link"),
    path("kept/", doors.kept, name="kept"),
    path("confirm/", doors.confirm, name="confirm"),
    path("", own.home, name="home"),
    path("password/", own.password, name="password"),
    path("second-step/", own.second_step, name="second_step"),
    path("second-step/codes/", own.recovery_codes, name="recovery_codes"),
    path("second-step/remove/", own.remove_second_step, name="remove_second_step"),
    path("sessions/end/", own.end_sessions, name="end_sessions"),
    path("tokens/", own.tokens, name="tokens"),
    path("tokens/revoke/", own.revoke_token, name="revoke_token"),
]
