/* The files of page/ as texts that end with a zero byte. */
    .section .rodata

    .macro asset name, file
    .global \name
    .type \name, %object
\name:
    .incbin "src/serve/page/\file"
    .byte 0
    .endm

    asset serve_shell, "shell.html"
    asset serve_enter, "enter.html"
    asset serve_locked, "locked.html"
    asset serve_style, "style.css"
    asset serve_enter_js, "enter.js"
    asset serve_main_js, "main.js"
    asset serve_api_js, "api.js"
    asset serve_dom_js, "dom.js"
    asset serve_runs_js, "runs.js"
    asset serve_run_js, "run.js"
    asset serve_new_css, "new.css"
    asset serve_new_js, "new.js"
    asset serve_new_text_js, "new_text.js"
    asset serve_new_fields_js, "new_fields.js"
    asset serve_new_modes_js, "new_modes.js"
    asset serve_new_rows_js, "new_rows.js"
    asset serve_new_files_js, "new_files.js"
    asset serve_new_editor_js, "new_editor.js"
    asset serve_new_endpoint_js, "new_endpoint.js"
    asset serve_new_plan_js, "new_plan.js"
    asset serve_queue_js, "queue.js"
    asset serve_watch_style, "watch.css"
    asset serve_watch_js, "watch.js"
    asset serve_watch_chart_js, "watch_chart.js"
    asset serve_watch_state_js, "watch_state.js"
    asset serve_events_js, "events.js"
    asset serve_units_js, "units.js"
    asset serve_compare_js, "compare.js"
    asset serve_choosing_js, "choosing.js"
    asset serve_home_js, "home.js"
    asset serve_history_js, "history.js"
    asset serve_history_chart_js, "history_chart.js"
    asset serve_chat_css, "chat.css"
    asset serve_chat_js, "chat.js"
    asset serve_chat_column_js, "chat_column.js"
    asset serve_chat_stream_js, "chat_stream.js"

    .section .note.GNU-stack, "", %progbits
