"""The words of the OpenAPI document that stand nowhere else: about the service, tags and fields."""

from collections.abc import Mapping

TITLE = "owroute route engine"
SUMMARY = "Where an open-weight model should run, whether it fits, what it costs, how it is stopped"
DESCRIPTION = """\
One question, answered from data with sources: given a team's constraints, where should this model
run, which model and weight format, with which runtime, does it fit, what does it cost, how is it
switched off, what must be written down, and what was rejected and why?

* **Deterministic.** Same card, day, data and engine version: same bytes. Bodies are canonical JSON
  (sorted keys, UTF-8, one trailing newline), the `ETag` is their sha256.
* **Refusals are answers**: 200 with `status` `refused`, a code, a reason and alternatives.
* **Errors** are problem documents (RFC 9457) with a stable `code` and a JSON pointer to each
  defect.
* **Units.** Memory is integer bytes, parameters are counts, money is USD and, like every decimal,
  a JSON string. Codes and ids are stable; texts follow `lang` (`en` or `zh`) and may change.
"""
TAGS: Mapping[str, str] = {
    "Decisions": "A constraint card in, a decision card out.",
    "Memory": "The memory model by itself.",
    "Evidence": "Whether an experiment is written down completely.",
    "Catalogue": "The data that decide, page by page, with version, checksum and day.",
    "Service": "For load balancers and operators.",
}

_CARD: Mapping[str, str] = {
    "task": "What the model is for, one line; it becomes the name of the plan.",
    "privacy": "How the data may be handled.",
    "available_route": "Where it may run; `undecided` compares all and takes the best.",
    "needs_service_api": "Whether others call it over HTTP, not only its owner.",
    "needs_fine_tuning": "Whether the model's behaviour must change.",
    "budget_level": "Budget class; its caps are in the rules.",
    "model_repo": "`owner/name` on the hub; without it the engine chooses.",
    "revision": "Commit of `model_repo`, 40 hexadecimal digits.",
    "architecture": "Shape of a model outside the catalogue, from its config.json.",
    "license_id": "Licence of a model outside the catalogue.",
    "license_review": "What a person concluded about a licence that needs review.",
    "price_seen": "A price somebody has just read; it replaces the table's in this plan.",
    "hardware": "The machine there is, or that shall be rented.",
    "context_tokens": "Prompt and answer together, of one request.",
    "concurrency": "Requests at once, each with the whole context.",
    "kv_dtype": "Type of the KV cache's elements.",
    "session_hours": "Hours until one session is stopped.",
    "hours_per_day": "Hours per day that are paid; by default the session's, at most 24.",
    "days_per_month": "Days per month that are paid.",
    "always_on": "Never stopped; then a review date and a monthly cap are due.",
    "review_date": "When an always-on service is looked at again.",
    "max_hourly": "Cap in USD per hour; tightens the budget class.",
    "max_monthly": "Cap in USD per month; tightens the budget class.",
    "commercial_use": "Whether the use is commercial, for licences.",
    "monthly_active_users": "For licences with a limit of users.",
    "eu_entity": "Whether the company sits in the European Union, for licences.",
    "distributes_model": "Whether weights are passed on, for licences.",
    "region": "Region of a rented machine, by its name or how it begins.",
    "providers_allowed": "Providers that may be rented from; empty is all.",
    "regulated_providers": "Providers approved for regulated data.",
    "eval_failures_recorded": "Whether a baseline evaluation has recorded failures; opens LoRA.",
    "access_rule": "Who may read private documents.",
    "tenancy": "Kind of rented host that is wanted.",
    "public_endpoint": "Asks to listen beyond this machine; refused on a rented one.",
    "machine_name": "Name of a rented machine in the commands.",
    "fallback_route": "Where to go when the route fails; by default the route's own.",
    "as_of": "The day on which prices are judged; by default today in UTC.",
}
_FIT: Mapping[str, str] = {
    "model_repo": "A model of the catalogue.",
    "architecture": "Or the shape of any model, from its config.json.",
    "scheme": "Weight format, one that the runtime runs: see `/v1/runtimes`.",
    "kv_dtype": "Type of the KV cache's elements.",
    "context_tokens": "Prompt and answer together, of one request.",
    "prefill_tokens": "Tokens of a prompt; by default the whole context.",
    "chunk_tokens": "Tokens of prompts read at once; by default the runtime's.",
    "concurrency": "Requests at once, each with the whole context.",
    "runtime": "Id of a runtime: see `/v1/runtimes`.",
    "phase": "`peak` counts what reading the prompt needs, `steady` does not.",
    "hardware": "The machine to fit into; without `gpu_id` its memory.",
    "capacity_bytes": "Or the bytes on each GPU that may be filled.",
    "utilization": "Share of the memory to fill; by default the runtime's.",
}
_HARDWARE: Mapping[str, str] = {
    "gpu_id": "Id of a GPU or a name it goes by: see `/v1/hardware`; without it a CPU.",
    "gpu_count": "GPUs in the machine.",
    "ram_gib": "The machine's memory, GiB.",
    "disk_gib": "Free disk, GiB.",
}
FIELDS: Mapping[str, Mapping[str, str]] = {
    "ConstraintCard": _CARD,
    "FitRequest": _FIT,
    "HardwareSpec": _HARDWARE,
}
"""What the fields of a request mean, by schema."""
