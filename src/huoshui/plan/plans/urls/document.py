"""Addresses of the list of plans, of the document, and of sharing."""

from django.urls import path

from huoshui.plan.plans.views import document, editing, keeping, sharing

urlpatterns = [
    path("", document.show_list, name="list"),
    path("new/", keeping.new, name="new"),
    path("templates/<int:template_id>/forget/", keeping.forget_template, name="forget_template"),
    path("shared/<str:secret>/", sharing.shared, name="shared"),
    path("<int:plan_id>/", document.show, name="plan"),
    path("<int:plan_id>/share/", sharing.share, name="share"),
    path("<int:plan_id>/share/<int:link_id>/end/", sharing.end, name="end_share"),
    path("<int:plan_id>/settings/", keeping.settings, name="settings"),
    path("<int:plan_id>/template/", keeping.keep_template, name="keep_template"),
    path("<int:plan_id>/to/<str:act>/", keeping.to, name="to"),
    path("<int:plan_id>/edit/parts/", editing.add_part, name="add_part"),
    path("<int:plan_id>/edit/parts/<str:slug>/", editing.part, name="part"),
    path("<int:plan_id>/edit/parts/<str:slug>/add/", editing.add, name="add"),
    path("<int:plan_id>/edit/<str:key>/", editing.block, name="block"),
    path("<int:plan_id>/edit/<str:key>/shown/", editing.shown, name="shown"),
    path("<int:plan_id>/edit/<str:key>/act/", editing.act, name="act"),
    path("<int:plan_id>/edit/<str:key>/back/", editing.put_back, name="put_back"),
]
