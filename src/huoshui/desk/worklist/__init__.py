"""Tasks: what a colleague or a team is to do, until when, and about whom.

A task keeps every change that was made to it, so that two people who edit at once lose nothing and the last act can be
taken back. Rooms that make tasks by rule give each a key, and a task of that key is never made twice. A colleague sees
the tasks they own or made, those their record scope opens, and what their teams have to share out.
"""
