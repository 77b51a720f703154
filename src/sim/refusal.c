#include "sim/refusal.h"

#include <stdarg.h>
#include <stdio.h>

bool refuse(struct refusal *refusal, int status, const char *code, const char *param,
            const char *format, ...)
{
    va_list arguments;

    refusal->status = status;
    refusal->code = code;
    snprintf(refusal->param, sizeof refusal->param, "%s", param ? param : "");
    va_start(arguments, format);
    vsnprintf(refusal->message, sizeof refusal->message, format, arguments);
    va_end(arguments);
    return false;
}
