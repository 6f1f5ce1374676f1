from django.shortcuts import render
def overview(request):
    return render(request, "huoshui/search.html", {"words": "", "kinds": []})
