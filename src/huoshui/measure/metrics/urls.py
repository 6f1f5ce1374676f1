"""Addresses of the metrics."""

from django.urls import path

from huoshui.measure.metrics.views import alerting, defining, entering, grouping, showing

app_name = "metrics"

urlpatterns = [
    path("metrics/", showing.show_list, name="list"),
    path("metrics/new/", defining.edit, name="new"),
    path("metrics/preview/", defining.preview, name="preview"),
    path("metrics/schema.json", defining.schema, name="schema"),
    path("metrics/in/<str:group>/", grouping.show, name="group"),
    path("metrics/alerts/", alerting.alerts, name="alerts"),
    path("metrics/alerts/new/", alerting.choose, name="choose_alert"),
    path("metrics/alerts/<int:alert_id>/", alerting.alert, name="alert"),
    path("metrics/alerts/<int:alert_id>/edit/", alerting.edit_alert, name="edit_alert"),
    path("metrics/alerts/<int:alert_id>/end/", alerting.end_alert, name="end_alert"),
    path("metrics/alerts/<int:alert_id>/restore/", alerting.restore_alert, name="restore_alert"),
    path("metrics/<slug:slug>/", showing.show, name="metric"),
    path("metrics/<slug:slug>/alerts/", alerting.alerts_of, name="alerts_of"),
    path("metrics/<slug:slug>/values/", entering.values, name="values"),
    path("metrics/<slug:slug>/values/<int:entry_id>/withdraw/", entering.withdraw, name="withdraw_value"),
    path("metrics/<slug:slug>/values/<int:entry_id>/put-back/", entering.put_back, name="put_back_value"),
    path("metrics/<slug:slug>/edit/", defining.edit, name="edit"),
    path("metrics/<slug:slug>/retire/", defining.retire, name="retire"),
    path("metrics/<slug:slug>/bring-back/", defining.bring_back, name="bring_back"),
]
