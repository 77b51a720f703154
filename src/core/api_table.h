/* The kinds of endpoints, one line each: core/api.h defines API(id, word, …) and includes this for
 * each thing that it makes of them. So there is no guard against being included twice. */
/* clang-format off */
API(SNCLOUD, "sncloud",
    .dialect = "openai",
    .environment = {.address = {"SAMBANOVA_API_BASE", "SAMBANOVA_URL"},
                    .key = "SAMBANOVA_API_KEY",
                    .fallback = "https://api.sambanova.ai/v1"})
API(SAMBASTUDIO, "sambastudio",
    .environment = {.address = {"SAMBASTUDIO_URL"},
                    .parts = {"SAMBASTUDIO_BASE_URL", "SAMBASTUDIO_BASE_URI",
                              "SAMBASTUDIO_PROJECT_ID", "SAMBASTUDIO_ENDPOINT_ID"},
                    .key = "SAMBASTUDIO_API_KEY"})
API(OPENAI, "openai",
    .dialect = "openai",
    .environment = {.address = {"OPENAI_API_BASE", "OPENAI_BASE_URL"}, .key = "OPENAI_API_KEY"})
API(OPENAI_COMPLETIONS, "openai-completions",
    .dialect = "openai-completions",
    .environment = {.address = {"OPENAI_API_BASE", "OPENAI_BASE_URL"}, .key = "OPENAI_API_KEY"})
API(OPENAI_RESPONSES, "openai-responses",
    .dialect = "openai-responses",
    .environment = {.address = {"OPENAI_API_BASE", "OPENAI_BASE_URL"}, .key = "OPENAI_API_KEY"})
API(ANTHROPIC, "anthropic",
    .dialect = "anthropic",
    .environment = {.address = {"ANTHROPIC_API_BASE", "ANTHROPIC_BASE_URL"},
                    .key = "ANTHROPIC_API_KEY",
                    .fallback = "https://api.anthropic.com/v1"})
API(OLLAMA, "ollama",
    .dialect = "ollama",
    .environment = {.address = {"OLLAMA_HOST"}, .fallback = "http://127.0.0.1:11434",
                    .port = "11434"})
API(TGI, "tgi",
    .dialect = "tgi",
    .environment = {.address = {"TGI_API_BASE"}, .key = "TGI_API_KEY"})
API(LITELLM, "litellm",
    .dialect = "openai",
    .environment = {.address = {"OPENAI_API_BASE", "OPENAI_BASE_URL"}, .key = "OPENAI_API_KEY"},
    .note = "llm_api: litellm means a LiteLLM proxy, which is spoken to as openai; its model names "
            "are those of the proxy's list")
/* clang-format on */
