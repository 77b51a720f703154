/* The page's own files, put into the program when it is built (page_assets.S). */
#ifndef REPORT_PAGE_PAGE_ASSETS_H
#define REPORT_PAGE_PAGE_ASSETS_H

/* Each ends with a zero byte. */
extern const char page_html[], page_css[], page_js[], page_chart[];

#endif
