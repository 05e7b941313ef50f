"""Classification tasks: bundled, from files and synthetic, split by seed."""

from .load import TASKS, load_task
from .task import Task

__all__ = ["TASKS", "Task", "load_task"]
