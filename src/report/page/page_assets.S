/* The files of assets/, and Chart.js as Debian's libjs-chart.js brings it, as texts that end with a
 * zero byte. The script is in parts, which share what they define: first to last as they stand. */
    .section .rodata

    .macro asset name
    .global \name
    .type \name, %object
\name:
    .endm

    asset page_html
    .incbin "src/report/page/assets/page.html"
    .byte 0

    asset page_css
    .incbin "src/report/page/assets/page.css"
    .byte 0

    asset page_js
    .incbin "src/report/page/assets/words.js"
    .incbin "src/report/page/assets/draw.js"
    .incbin "src/report/page/assets/headline.js"
    .incbin "src/report/page/assets/table.js"
    .incbin "src/report/page/assets/step.js"
    .incbin "src/report/page/assets/run.js"
    .incbin "src/report/page/assets/rows.js"
    .incbin "src/report/page/assets/study.js"
    .incbin "src/report/page/assets/search.js"
    .incbin "src/report/page/assets/mixes.js"
    .incbin "src/report/page/assets/turns.js"
    .incbin "src/report/page/assets/ranks.js"
    .incbin "src/report/page/assets/qualification.js"
    .incbin "src/report/page/assets/page.js"
    .byte 0

    asset page_chart
    .incbin CHART_JS
    .byte 0

    .section .note.GNU-stack, "", %progbits
