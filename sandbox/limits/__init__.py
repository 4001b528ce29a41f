"""Block Kit's rules: what Slack refuses in messages and views, with JSON pointers.

`surfaces` is the way in; `layout`, `newer` and `elements` say what a block may hold; `shapes` are
the few kinds of rule that they are written in.
"""

from sandbox.limits.report import Problem, Surface
from sandbox.limits.surfaces import message_problems, option_problems, view_problems

__all__ = ["Problem", "Surface", "message_problems", "option_problems", "view_problems"]
