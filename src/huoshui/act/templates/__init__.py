"""What is said: templates of messages in both languages, their fields, and what is done with the links in them.

A template is Markdown with merge fields: ``{{ monetary : money | 0 }}`` is a field, how it is written, and what stands
there where nothing is known. It is no language: nothing can be computed, nothing is looked up but the listed fields,
and what a field says is never read again. A version never changes once it is saved.
"""
