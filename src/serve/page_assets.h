/* The workbench's own pages, put into the program when it is built (page_assets.S): HTML, style and
 * modules of plain JavaScript, which load nothing from elsewhere. */
#ifndef SERVE_PAGE_ASSETS_H
#define SERVE_PAGE_ASSETS_H

/* Each ends with a zero byte. */
extern const char serve_shell[], serve_enter[], serve_locked[], serve_style[];
extern const char serve_enter_js[], serve_main_js[], serve_api_js[], serve_dom_js[],
    serve_runs_js[], serve_run_js[];
extern const char serve_chat_css[], serve_chat_js[], serve_chat_column_js[], serve_chat_stream_js[];
extern const char serve_new_css[];
extern const char serve_new_js[], serve_new_text_js[], serve_new_fields_js[], serve_new_modes_js[],
    serve_new_rows_js[], serve_new_files_js[], serve_new_editor_js[], serve_new_endpoint_js[],
    serve_new_plan_js[], serve_queue_js[];

extern const char serve_watch_style[];
extern const char serve_watch_js[], serve_watch_chart_js[], serve_watch_state_js[],
    serve_events_js[], serve_units_js[], serve_compare_js[], serve_choosing_js[], serve_home_js[],
    serve_history_js[], serve_history_chart_js[];

#endif
