"""Names for identifiers, so that a channel is never passed for a person."""

from typing import NewType

TeamId = NewType("TeamId", str)
"""A Slack workspace, `T...`."""

ChannelId = NewType("ChannelId", str)
"""Where a message goes: `C...`, `D...`, or a `U...` for a direct message not opened yet."""

UserId = NewType("UserId", str)
"""A person in Slack, `U...` or `W...`."""

ExperimentId = NewType("ExperimentId", int)
"""The row of an experiment. People see its number within the workspace, OW-n, instead."""

GpuId = NewType("GpuId", int)
"""The row of a GPU run: one machine at one provider, through all its generations."""

DueId = NewType("DueId", int)
OutboxId = NewType("OutboxId", int)
