"""What every page stands in: the shell with menu and search, components, charts, sentences for what went wrong.

Promises that a page reads and its forms work without JavaScript, that nothing inline needs an exception from the
content security policy, and that every word stands in both languages. Knows no room: rooms declare their pages,
menu lines and finds in ``kernel/plugs``.
"""
