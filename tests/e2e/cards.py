"""Constraint cards that stories fill in, by the labels people see."""

COURSE = {
    "Task": "course Q&A assistant",
    "Privacy": "Private documents",
    "Available route": "Rented GPU",
    "Needs a service API": "Yes",
    "Needs fine-tuning": "No",
    "Budget": "Small",
}
"""The lesson's default card: private documents, a service, a rented GPU."""

LAPTOP = {**COURSE, "Available route": "Local CPU", "Needs a service API": "No", "Budget": "Zero"}
"""A pipeline proof on one's own machine: Go at once."""

SERVICE = {**COURSE, "Privacy": "Public", "Stop after": "4 h"}
"""A public service on a rented GPU for an afternoon: Go at once."""

OWN_GPU = {**LAPTOP, "Available route": "Private GPU", "Budget": "Small"}
"""An experiment on a GPU that is there already, once it is named."""
