#!/bin/sh
# Leaves workerd's pid behind before becoming it, so that a start can end the one an earlier, killed start left holding the port.
echo $$ > "$BATON_WORKERD_PID"
exec "$BATON_WORKERD" "$@"
