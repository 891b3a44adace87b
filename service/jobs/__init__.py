"""Jobs: what the worker does by itself, and how it is asked to.

The inbox, the items and the outbox are the truth; a job is only the nudge to look at them. Its arguments
are ids, it may be lost or come twice, and the sweep asks again for whatever still waits.
"""
