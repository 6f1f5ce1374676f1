"""The API: what the pages do, for programs, under ``/api/``.

One NinjaAPI whose operations make one domain call each. Whoever holds a token acts as its colleague, with those rights
of the token that the colleague has now and with the colleague's record scope; a session of a browser opens nothing
here, so that no page of another site can ask in somebody's name. Every refusal is a problem of RFC 9457 in the language
that the caller asks for.
"""
