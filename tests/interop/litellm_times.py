"""What LiteLLM's proxy took from a request's arrival to the first chunk of its response: written down by a callback of
its own, in INTEROP_TIMES. When it had the last chunk it does not tell; its end comes later.

Loaded by the proxy, which wants `instance` (litellm_settings.callbacks)."""

import json
import os

from litellm.integrations.custom_logger import CustomLogger


class Times(CustomLogger):
    async def async_log_success_event(self, kwargs, response_obj, start_time, end_time):
        first = kwargs.get("completion_start_time") or end_time
        metadata = kwargs["litellm_params"].get("metadata") or {}
        waited_s = metadata.get("queue_time_seconds") or 0  # from the arrival to start_time: the key was looked at
        with open(os.environ["INTEROP_TIMES"], "a", encoding="utf-8") as file:
            file.write(json.dumps({"prompt_s": waited_s + (first - start_time).total_seconds()}) + "\n")


instance = Times()
