"""Addresses of the settings of colleagues and teams."""

from django.urls import path

from huoshui.desk.users.views import people

app_name = "people"

urlpatterns = [
    path("colleagues/", people.show_list, name="list"),
    path("colleagues/invite/", people.invite, name="invite"),
    path("colleagues/<int:user_id>/", people.person, name="person"),
    path("colleagues/<int:user_id>/invite/", people.invite_again, name="invite_again"),
    path("colleagues/<int:user_id>/disable/", people.disable, name="disable"),
    path("colleagues/<int:user_id>/enable/", people.enable, name="enable"),
    path("colleagues/<int:user_id>/end-sessions/", people.end_sessions, name="end_sessions"),
    path("colleagues/<int:user_id>/reset-second-step/", people.reset_second_step, name="reset_second_step"),
    path("teams/", people.teams, name="teams"),
    path("teams/<int:team_id>/", people.team, name="team"),
]
