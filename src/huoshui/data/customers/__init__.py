"""Who people are: customers with their identities, names, phones and e-mails, company accounts, attributes, tags.

Promises that one identity of one source means one customer, that the same person resolved again gets the same random
id, and that what tells who somebody is stays in the database: the lake knows people by that id and by their ordinary
attributes only. Keeps the history of what was said about a person, so that a load can be taken back. Does not know
what they bought or did, which are facts, nor what they agreed to, which is privacy.
"""
