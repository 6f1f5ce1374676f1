"""Addresses of comments, files, versions and sign-offs."""

from django.urls import path

from huoshui.desk.threads.views import comments, files, versions

app_name = "threads"

urlpatterns = [
    path("inbox/", comments.show_inbox, name="inbox"),
    path("inbox/read/", comments.read_all, name="read_all"),
    path("inbox/wish/", comments.wish, name="wish"),
    path("inbox/<int:mention_id>/open/", comments.open_mention, name="open"),
    path("about/<str:subject>/", comments.show, name="about"),
    path("about/<str:subject>/comment/", comments.add, name="comment"),
    path("about/<str:subject>/attach/", files.attach, name="attach"),
    path("about/<str:subject>/versions/", versions.show, name="versions"),
    path("about/<str:subject>/versions/<int:number>/restore/", versions.restore, name="restore_version"),
    path("about/<str:subject>/versions/<int:number>/ask/", versions.ask, name="ask"),
    path("about/<str:subject>/versions/<int:number>/answer/", versions.answer, name="answer"),
    path("comments/<int:comment_id>/edit/", comments.edit, name="edit"),
    path("comments/<int:comment_id>/delete/", comments.delete, name="delete"),
    path("comments/<int:comment_id>/restore/", comments.restore, name="restore"),
    path("files/<int:file_id>/", files.download, name="file"),
    path("files/<int:file_id>/delete/", files.delete, name="delete_file"),
    path("files/<int:file_id>/restore/", files.restore, name="restore_file"),
]
