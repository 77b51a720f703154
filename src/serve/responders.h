/* What the table of routes calls, by file. For this room alone. */
#ifndef SERVE_RESPONDERS_H
#define SERVE_RESPONDERS_H

struct exchange;
struct workbench;

typedef void responder(struct workbench *workbench, struct exchange *exchange);

/* pages.c */
responder respond_shell, respond_enter, respond_asset, respond_session;

/* runs.c */
responder respond_runs, respond_run, respond_report, respond_workbook, respond_file,
    respond_archive;

/* events.c */
responder respond_events;

/* comparing.c */
responder respond_compare, respond_policies, respond_study, respond_comparison_report,
    respond_comparison_workbook, respond_study_report, respond_study_workbook;

/* history.c, home.c */
responder respond_history, respond_now, respond_headline;

/* control.c */
responder respond_stop, respond_cancel;

/* session_endpoint.c */
responder respond_endpoint, respond_type_endpoint, respond_models;

/* planning.c */
responder respond_plan;

/* starting.c */
responder respond_start, respond_resume;

/* queueing.c */
responder respond_queue, respond_reorder;

/* uploads.c */
responder respond_upload;

/* deletion.c */
responder respond_delete;

#endif
