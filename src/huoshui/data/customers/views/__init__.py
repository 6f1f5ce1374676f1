"""The pages of customers: the list, acts on many, one customer's form, saved views."""
