"""How a task moves."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from niaga.kernel.transitions import table


class TaskState(models.TextChoices):
    """Whether somebody looks after what a machine can't decide."""

    OPEN = "open", _("Nobody's yet")
    TAKEN = "taken", _("Somebody looks after it")
    DONE = "done", _("Done")


# A colleague may take over what somebody took; the machine closes what settled itself.
TASK_TRANSITIONS = table(open="taken done", taken="taken done", done="")
