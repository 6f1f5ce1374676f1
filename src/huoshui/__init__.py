"""Huoshui 活水: know your customers, plan their growth, act on the plan and measure what it added."""

__version__ = "0.1.0"
