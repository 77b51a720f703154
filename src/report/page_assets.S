/* The files of page/, and Chart.js as Debian's libjs-chart.js brings it, as texts that end with a
 * zero byte. The script is in parts, which share what they define: first to last as they stand. */
    .section .rodata

    .macro asset name
    .global \name
    .type \name, %object
\name:
    .endm

    asset page_html
    .incbin "src/report/page/page.html"
    .byte 0

    asset page_css
    .incbin "src/report/page/page.css"
    .byte 0

    asset page_js
    .incbin "src/report/page/words.js"
    .incbin "src/report/page/draw.js"
    .incbin "src/report/page/table.js"
    .incbin "src/report/page/step.js"
    .incbin "src/report/page/run.js"
    .incbin "src/report/page/study.js"
    .incbin "src/report/page/qualification.js"
    .incbin "src/report/page/page.js"
    .byte 0

    asset page_chart
    .incbin CHART_JS
    .byte 0

    .section .note.GNU-stack, "", %progbits
